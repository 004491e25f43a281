# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who keeps a mount busy, from /proc; touches nothing on the mount itself. PRIVATE to the collection."""

from __future__ import annotations

import glob
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Holder:
    """One process that uses something under the path."""

    pid: int
    name: str
    user: str
    what: str

    def __str__(self) -> str:
        return f"process {self.pid} ({self.name}, user {self.user}) has {self.what}"


def holders(path: str, proc: str = "/proc") -> list[Holder]:
    """Return who has a directory, a program or an open or mapped file under a path."""
    found = []
    for directory in sorted(glob.glob(f"{proc}/[0-9]*"), key=lambda name: int(name.rsplit("/", 1)[1])):
        what = next(_uses(directory, path), "")
        if what:
            pid = int(directory.rsplit("/", 1)[1])
            found.append(Holder(pid, _name(directory), _user(directory), what))
    return found


def _uses(directory: str, path: str) -> Iterator[str]:
    for link, words in (("cwd", "its working directory"), ("root", "its root directory"), ("exe", "its program")):
        target = _link(f"{directory}/{link}")
        if _under(target, path):
            yield f"{words} {target}"
    for descriptor in glob.glob(f"{directory}/fd/*"):
        target = _link(descriptor)
        if _under(target, path):
            yield f"{target} open"
    try:
        with open(f"{directory}/maps") as maps:
            for line in maps:
                fields = line.rstrip("\n").split(None, 5)
                if len(fields) == 6 and _under(fields[5], path):
                    yield f"{fields[5]} mapped"
    except OSError:  # it ended meanwhile
        return


def _under(target: str, path: str) -> bool:
    return target == path or target.startswith(path.rstrip("/") + "/")


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:  # closed or ended meanwhile
        return ""


def _name(directory: str) -> str:
    try:
        with open(f"{directory}/comm") as name:
            return name.read().strip()
    except OSError:
        return "ended"


def _user(directory: str) -> str:
    try:
        uid = os.stat(directory).st_uid
    except OSError:
        return "unknown"
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
