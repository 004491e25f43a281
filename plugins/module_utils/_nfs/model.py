# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for, and how it is refused. PRIVATE to the collection."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from ansible_collections.openimage.glance.plugins.module_utils._nfs.options import Options

CAUSES = (
    "argument",  # the module's own options contradict each other
    "host",  # this host lacks something: mount.nfs, systemd, the service user
    "unknown_host",
    "unreachable",
    "no_nfs_server",
    "version",
    "wrong_path",
    "access_denied",
    "mount_options",
    "mount_failed",
    "not_empty",
    "other_mount",
    "foreign_unit",
    "fstab",
    "busy",
    "stale",
    "hanging",
    "root_squash",
    "all_squash",
    "owner",
    "permission",
    "read_only_export",
    "read_only_mount",
    "full",
    "quota",
    "locks",
    "selinux",
    "probe",
)
"""Every name that a failure can have, for playbooks and tests."""


class NfsError(Exception):
    """What the operator must know, under one of the names in CAUSES."""

    def __init__(self, cause: str, message: str, todo: str = "") -> None:
        super().__init__(f"{message}. To do: {todo}." if todo else f"{message}.")
        self.cause = cause
        self.message = message
        self.todo = todo


@dataclass(frozen=True)
class Wish:
    """One mount as it should be."""

    path: str
    server: str
    export: str
    version: str
    options: Options
    state: str
    owner: str
    group: str
    mode: int | None
    probe: bool
    force: bool

    @property
    def source(self) -> str:
        """Return what is mounted, as mount and the kernel write it."""
        return source_of(self.server, self.export)

    @property
    def asked(self) -> str:
        """Return what is mounted where, for messages."""
        version = f" with NFS {self.version}" if self.version else ""
        return f"{self.source} on {self.path}{version}"

    @property
    def mount_options(self) -> tuple[str, ...]:
        """Return the options for mount, the version among them."""
        return (*([f"vers={self.version}"] if self.version else []), *self.options.mount)

    @property
    def major(self) -> int:
        """Return the NFS version's first digit; 0 when the client and the server shall agree on one."""
        return int(self.version[0]) if self.version else 0


def source_of(server: str, export: str) -> str:
    """Return ``server:/export``, an IPv6 address in brackets."""
    return f"[{server}]:{export}" if is_ipv6(server) else f"{server}:{export}"


def is_ipv6(server: str) -> bool:
    """Return whether it is an IPv6 address, which may have a zone."""
    try:
        return ipaddress.ip_address(server.partition("%")[0]).version == 6
    except ValueError:
        return False


def split_source(source: str) -> tuple[str, str]:
    """Return server and export of what the kernel names as a mount's source; no server when it is none of NFS."""
    if source.startswith("[") and "]:/" in source:
        server, export = source[1:].split("]:", 1)
        return server, tidy(export)
    server, colon, export = source.partition(":/")
    return (server, tidy(f"/{export}")) if colon and "/" not in server else ("", source)


def tidy(path: str) -> str:
    """Return a path without doubled and trailing slashes; unlike normpath it leaves ``..`` to the server."""
    return "/" + "/".join(part for part in path.split("/") if part)
