# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be known of an NFS server before anything is mounted. PRIVATE to the collection."""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._nfs import rpc
from ansible_collections.openimage.glance.plugins.module_utils._nfs.bounded import Note, TooLate, bounded
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError, Wish, tidy

CONNECT_SECONDS = 5.0
"""A server that does not take a connection in this time is not there; a busy one takes it and answers later."""
SHOWN_EXPORTS = 20


@dataclass(frozen=True)
class Server:
    """What a server told of itself."""

    name: str
    addresses: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    """Empty when it did not say."""
    exports: tuple[rpc.Export, ...] = ()
    silence: str = ""
    """Why it did not list its exports."""
    pseudo: tuple[str, ...] = field(default=())
    """What NFS 4 shows below its root, when the mount daemon does not answer."""

    def offer(self) -> str:
        """Return in words what it exports."""
        if self.exports:
            listed = [str(export) for export in self.exports]
        elif self.pseudo:
            listed = list(self.pseudo)
        elif self.silence:
            return f"what it exports, it does not tell ({self.silence})"
        else:
            return "it exports nothing"
        more = f" and {len(listed) - SHOWN_EXPORTS} more" if len(listed) > SHOWN_EXPORTS else ""
        return f"it exports {', '.join(listed[:SHOWN_EXPORTS])}{more}"

    def exported(self, path: str) -> rpc.Export | None:
        """Return the export that a path is, or is inside of."""
        found = [e for e in self.exports if f"{tidy(path)}/".startswith(f"{tidy(e.path)}/".replace("//", "/"))]
        return max(found, key=lambda export: len(export.path), default=None)


def option_port(wish: Wish) -> int:
    """Return the port that the options name, 0 when they name none."""
    value = next((option[5:] for option in wish.options.mount if option.startswith("port=")), "")
    return int(value) if value.isdigit() else 0


def over_tcp(wish: Wish) -> bool:
    """Return whether the server is spoken to over TCP, so that it can be asked beforehand."""
    proto = next((option[6:] for option in wish.options.mount if option.startswith("proto=")), "tcp")
    return proto in ("tcp", "tcp6") and "udp" not in wish.options.mount and "rdma" not in wish.options.mount


def ask(wish: Wish, seconds: float) -> Server:
    """Return what the server tells, or say why nothing can be mounted from it."""
    if not over_tcp(wish):
        return Server(wish.server, silence="it is not spoken to over TCP")
    patience = min(CONNECT_SECONDS, seconds / 2)
    try:
        told = bounded(lambda note: _asked(wish.server, option_port(wish), patience, note), seconds)
    except TooLate as error:
        raise NfsError("unreachable", f"Cannot mount {wish.asked}: {wish.server} gave {error}", _LOOK) from error
    server = Server(
        wish.server,
        tuple(told["addresses"]),
        tuple(told["versions"]),
        tuple(rpc.Export(path, tuple(clients)) for path, clients in told["exports"]),
        told["silence"],
    )
    check_version(wish, server)
    return server


_LOOK = "look at the server's address, the route to it and firewalls between (TCP 2049; with NFS 3 also 111)"


def _asked(name: str, port: int, patience: float, note: Note) -> dict[str, Any]:
    """Ask in a child; the resolver knows no time limit either."""
    note(f"asking for the address of {name}")
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        wrong = f"the name {name} of the NFS server cannot be resolved on this host: {error.strerror}"
        raise NfsError("unknown_host", wrong[0].upper() + wrong[1:], "correct it, or the host's resolver") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    note(f"connecting to {name}")
    host, port = _reached(name, addresses, port, patience)
    note(f"asking {name} for its versions")
    versions, exports, silence = [], [], ""
    try:
        versions = rpc.versions((host, port), patience)
    except (rpc.RpcError, OSError) as error:
        silence = str(error)
    note(f"asking {name} for its exports")
    try:
        exports = [[export.path, list(export.clients)] for export in rpc.exports(host, min(patience, 3.0))]
    except rpc.RpcError as error:
        silence = str(error)
    except OSError as error:
        silence = f"port 111 or its mount daemon: {error.strerror or error}"
    return {"addresses": addresses, "versions": versions, "exports": exports, "silence": silence}


def _reached(name: str, addresses: list[str], port: int, patience: float) -> tuple[str, int]:
    """Return address and port of NFS on a server."""
    failures: list[tuple[str, OSError]] = []
    for address in addresses:
        try:
            with socket.create_connection((address, port or rpc.NFS_PORT), timeout=patience / len(addresses)):
                return address, port or rpc.NFS_PORT
        except OSError as error:
            failures.append((address, error))
    tried = port or rpc.NFS_PORT
    address, last = next(((a, e) for a, e in failures if e.errno == errno.ECONNREFUSED), failures[0])
    if last.errno != errno.ECONNREFUSED:
        why = last.strerror or os.strerror(errno.ETIMEDOUT)
        shown = ", ".join(addresses)
        raise NfsError(
            "unreachable", f"The NFS server {name} ({shown}) cannot be reached on TCP port {tried}: {why}", _LOOK
        )
    elsewhere = 0 if port else _other_port(address, patience)
    if elsewhere not in (0, rpc.NFS_PORT):
        return address, elsewhere
    raise NfsError(
        "no_nfs_server",
        f"{name} ({address}) is up, but no NFS server listens on its TCP port {tried} (connection refused)",
        "start the NFS service there (systemctl status nfs-server), or correct the server in the inventory",
    )


def _other_port(address: str, patience: float) -> int:
    """Return where the portmapper says that NFS 3 is; 0 when it does not say."""
    try:
        return rpc.port_of(address, patience, rpc.NFS, 3)
    except (rpc.RpcError, OSError):
        return 0


def speaks(versions: tuple[str, ...], asked: str) -> bool:
    """Return whether a server that speaks these versions serves what is asked."""
    if not versions or not asked:
        return True
    return any(known == asked or (asked == "4" and known.startswith("4")) for known in versions)


def check_version(wish: Wish, server: Server) -> None:
    """Refuse a version that the server does not speak."""
    if speaks(server.versions, wish.version):
        return
    known = ", ".join(server.versions)
    newest = server.versions[-1]
    raise NfsError(
        "version",
        f"{server.name} does not speak NFS {wish.version}, which was asked for; it speaks {known}",
        f'write version: "{newest}", or let the server speak {wish.version} (Linux: /etc/nfs.conf, [nfsd])',
    )
