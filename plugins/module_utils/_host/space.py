# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is free where directories are, or will be. PRIVATE to the collection: can change at any time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._nfs.bounded import TooLate, bounded
from ansible_collections.openimage.glance.plugins.module_utils._nfs.mountinfo import Mount, parse
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import inside

PATIENCE = 5.0
"""Seconds for each directory: one on a file server may hang, and that is for others to find and to explain."""


def innermost(mounts: Sequence[Mount], path: str) -> str:
    """Return where the file system is mounted that a path is on."""
    return max((mount.path for mount in mounts if inside(path, mount.path)), key=len, default="/")


def nearest(path: str) -> tuple[str, bool]:
    """Return the nearest directory around a path that this user can see, and whether the path itself may be there."""
    there = True
    while True:
        try:
            os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            there = False
        except PermissionError:
            pass
        else:
            return path, there
        path = os.path.dirname(path)


def look(path: str, mounts: Sequence[Mount]) -> dict[str, Any]:
    """Return what is free for a directory that may be still to be made; None where that cannot be told."""
    real = os.path.realpath(path)
    mounted = innermost(mounts, real)
    around, there = nearest(real)
    free = None
    try:
        # What this user may not see can still be asked where it is mounted.
        found = os.statvfs(around if inside(around, mounted) else mounted)
        # Some file systems do not know how large they are.
        free = found.f_bavail * found.f_frsize if found.f_blocks else None
    except OSError:
        pass
    return {"path": path, "exists": there, "mount_point": mounted, "free": free}


def _look_in_time(path: str, mounts: Sequence[Mount]) -> Any:
    return bounded(lambda _note: look(path, mounts), PATIENCE)


def file_systems(paths: Iterable[str], mountinfo: str) -> list[dict[str, Any]]:
    """Return what is free for each directory.

    :param mountinfo: the text of /proc/self/mountinfo.
    """
    mounts = parse(mountinfo)
    found = []
    for path in paths:
        try:
            found.append(_look_in_time(path, mounts))
        except (TooLate, OSError):
            found.append({"path": path, "exists": True, "mount_point": innermost(mounts, path), "free": None})
    return found
