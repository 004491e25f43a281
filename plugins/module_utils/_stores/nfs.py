# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key ``nfs`` of file stores: which export is mounted where, and how.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import absolute, data_directory
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Wrong,
    WrongWithin,
    kind,
    nearest,
    shown,
    text,
    texts,
    whole,
)

VERSIONS = ("3", "4", "4.0", "4.1", "4.2")
TIMEOUT = 15
EXAMPLE = "{server: 172.18.0.5, export: /var/nfs}"

_ELSEWHERE = {
    "vers": "write version beside it",
    "nfsvers": "write version beside it",
    "v2": "write version beside it",
    "v3": "write version beside it",
    "v4": "write version beside it",
    "v4.0": "write version beside it",
    "v4.1": "write version beside it",
    "v4.2": "write version beside it",
    "minorversion": "write version beside it, like '4.1'",
    "ro": "remove it: Glance writes to the store",
    "bg": "remove it: Glance must not start before the export is there",
    "bind": "remove it: this is for local directories",
    "rbind": "remove it: this is for local directories",
    "loop": "remove it: this is for local files",
    "remount": "remove it: what is mounted with other options is remounted anyway",
    "defaults": "remove it: it says nothing",
}
# They have a meaning in /etc/fstab only, where these mounts are not.
_FSTAB = re.compile(r"(no)?auto|nofail|_netdev|(no)?user|users|owner|group|x-.*|comment=.*")


@dataclass(frozen=True)
class Nfs:
    """An export, and where it is mounted; an empty ``mount`` is the store's own path."""

    server: str
    export: str
    version: str = ""
    options: tuple[str, ...] = ()
    mount: str = ""
    # Seconds that the server is given to answer.
    timeout: int = TIMEOUT


def nfs_server(value: Any) -> str:
    """Return a host name, an IPv4 address, or an IPv6 address in brackets."""
    name = text(value)
    advice = "write a host name, an IPv4 address, or an IPv6 address in brackets"
    if "/" in name or "@" in name:
        raise Wrong(f"{shown(name)} is more than a server", f"{advice}; the directory goes into export")
    if name.startswith("["):
        try:
            address = ipaddress.ip_address(name[1:-1])
        except ValueError:
            address = None
        if not name.endswith("]") or not isinstance(address, ipaddress.IPv6Address):
            raise Wrong(f"{shown(name)} is not an IPv6 address in brackets", "write it like '[fd00::5]'")
        return name
    if name.count(":") > 1:
        raise Wrong(f"{shown(name)} looks like an IPv6 address without brackets", f"write '[{name[:45]}]'")
    if ":" in name:
        raise Wrong(f"{shown(name)} has a port or a directory in it", f"{advice}; a port goes into options, port=2049")
    if re.fullmatch(r"[0-9.]+", name):
        try:
            ipaddress.IPv4Address(name)
        except ValueError as error:
            raise Wrong(f"{shown(name)} is not an IPv4 address", advice) from error
    elif len(name) > 253 or not re.fullmatch(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.(?!-)[A-Za-z0-9_-]{1,63})*\.?", name):
        raise Wrong(f"{shown(name)} is not a host name", advice)
    return name


def nfs_export(value: Any) -> str:
    """Return the directory that the server exports, as the server names it."""
    path = text(value)
    if ":" in path and not path.startswith("/"):
        raise Wrong(f"{shown(path)} begins with a server", "write the directory only, the server goes into server")
    if ".." in path.split("/"):
        raise Wrong(f"{shown(path)} has .. in it", "write the directory as the server exports it")
    return absolute(path)


def nfs_version(value: Any) -> str:
    """Return an NFS version, or "" for the one that client and server agree on."""
    if value is None or value == "":
        return ""
    # YAML reads 4.1 without quotes as a number.
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    name = str(value) if is_number and 0 < value < 10 else value
    if not isinstance(name, str) or name not in VERSIONS:
        raise Wrong(f"{shown(value)} is not a version of NFS to mount", f"{nearest('', VERSIONS)}, or leave it empty")
    return name


def nfs_options(value: Any) -> tuple[str, ...]:
    """Return mount options, one in each entry."""
    options: list[str] = []
    if isinstance(value, str):
        raise Wrong(f"is the text {shown(value)}", "write a list, like [hard, nconnect=4]")
    for option in texts(value) if value is not None else []:
        name = option.partition("=")[0]
        if re.search(r"[\s,\"']", option):
            raise Wrong(
                f"its entry {shown(option)} is more than one option", "write one option in each entry, unquoted"
            )
        if name in _ELSEWHERE:
            raise Wrong(f"has {shown(option)}", _ELSEWHERE[name])
        if _FSTAB.fullmatch(option):
            raise Wrong(f"has {shown(option)}, which means something in /etc/fstab only", "remove it")
        if name in {other.partition("=")[0] for other in options}:
            raise Wrong(f"has {name} twice", "leave one")
        options.append(option)
    return tuple(options)


_KEYS = {
    "server": nfs_server,
    "export": nfs_export,
    "version": nfs_version,
    "options": nfs_options,
    "mount": data_directory,
    "timeout": whole(1, 3600),
}


def nfs(value: Any) -> Nfs:
    """Return what the key ``nfs`` says."""
    if not isinstance(value, Mapping):
        raise Wrong(f"is {kind(value)}", f"write a mapping like {EXAMPLE}")
    found: dict[str, Any] = {}
    wrong: dict[str, Wrong] = {}
    for name, item in value.items():
        if not isinstance(name, str) or name not in _KEYS:
            wrong[name if isinstance(name, str) else shown(name)] = Wrong("is not a key of nfs", nearest(name, _KEYS))
            continue
        try:
            found[name] = _KEYS[name](item)
        except Wrong as error:
            wrong[name] = error
    for name, example in (("server", "172.18.0.5"), ("export", "/var/nfs")):
        if name not in value:
            wrong[name] = Wrong("is missing", f"write {name}: {example}")
    if wrong:
        raise WrongWithin(wrong)
    return Nfs(**found)


def source(share: Nfs) -> str:
    """Return how mount(8) names the share."""
    return f"{share.server}:{share.export}"


def same_source(share: Nfs) -> tuple[str, str]:
    """Return what two ways to write the same share have in common."""
    return share.server.lower().rstrip("."), posixpath.normpath(share.export)
