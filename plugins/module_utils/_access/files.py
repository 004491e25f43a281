# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: whether the service user will be able to read files that are yet to be written."""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils._access.note import FILES
from ansible_collections.openimage.glance.plugins.module_utils._access.words import Words

Json = dict[str, Any]
_SECRET = re.compile(r"^\s*(?:key|password|[\w]*secret)\s*=\s*[\"']?(.+?)[\"']?\s*$", re.M)


class Account(NamedTuple):
    """The service user."""

    name: str
    uid: int
    gids: frozenset[int]


def account(name: str) -> Account | None:
    """Return the user, None if there is none."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, frozenset(os.getgrouplist(name, entry.pw_gid)))


def may(who: Account, mode: int, uid: int, gid: int, bit: int) -> bool:
    """Whether a mode grants a right (4 to read, 1 to pass through) to the user."""
    if who.uid == 0:
        return True
    shift = 6 if uid == who.uid else 3 if gid in who.gids else 0
    return bool(mode >> shift & bit)


def _id(name: str, by_name: Any, field: str) -> int | None:
    """Return the number of a user or group; None when there is none yet."""
    if name.isdigit():
        return int(name)
    try:
        return int(getattr(by_name(name), field))
    except KeyError:
        return None


def closed_directory(path: str, who: Account) -> str:
    """Return the first directory on the way to a file that the user may not pass; empty when there is none."""
    parts = os.path.dirname(path).split("/")
    for depth in range(1, len(parts) + 1):
        directory = "/".join(parts[:depth]) or "/"
        try:
            found = os.stat(directory)
        except FileNotFoundError:
            return ""  # still to be made, with the mode that the plan says
        if not may(who, stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, 1):
            return directory
    return ""


def obstacle(item: Json, who: Account) -> Words | None:
    """Return what will keep the user from reading a file once it is written."""
    path = item["path"]
    tried = f"whether {who.name} will be able to read {path}"
    directory = closed_directory(path, who)
    if directory:
        return Words(tried, f"the directory {directory} is closed to it", f"run 'chmod o+x {directory}', or chown it")
    if not item.get("mode"):
        return None
    uid, gid = _id(item["owner"], pwd.getpwnam, "pw_uid"), _id(item["group"], grp.getgrnam, "gr_gid")
    if uid is None or gid is None or may(who, int(item["mode"], 8), uid, gid, 4):
        return None
    why = f"it is to be {item['mode']} {item['owner']}:{item['group']}"
    return Words(tried, why, "write it with a group or mode that lets the service read it")


def obstacles(store: Json, files: Mapping[str, Json], who: Account | None) -> list[Words]:
    """Return what will keep the user from reading the files of a store that are to be written."""
    items = [files[store[key]] for key in FILES if store.get(key) in files]
    found = [obstacle(item, who) for item in items] if who else []
    return [words for words in found if words]


def secrets(stores: Sequence[Json], files: Sequence[Json]) -> list[str]:
    """Return what must not be in a message."""
    names = ("password", "secret_key", "application_credential_secret")
    given = [str(store[name]) for store in stores for name in names if store.get(name)]
    return [*given, *(match for item in files for match in _SECRET.findall(item["content"]))]
