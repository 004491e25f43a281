# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories that stores write to: which may be used, and which are in each other's way.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong, shown, text, words

# Owner and mode of these would be changed, which takes the host down ...
_NEVER = words(
    """/ /boot /home /media /mnt /opt /root /srv /tmp /var /var/backups /var/cache /var/lib /var/local /var/log
    /var/mail /var/opt /var/spool /var/tmp"""
)
# ... and nothing in these is a place for images.
_NEVER_IN = words(
    """/bin /boot /dev /etc /lib /lib32 /lib64 /proc /run /sbin /sys /usr /var/lib/dpkg /var/lib/mysql
    /var/lib/systemd /var/lock /var/run"""
)


@dataclass(frozen=True)
class Place:
    """A directory, whose it is, and where the operator wrote it."""

    directory: str
    owner: str
    origin: str


def inside(directory: str, other: str) -> bool:
    """Return whether a normalised directory is another one or lies in it."""
    return directory == other or directory.startswith(other.rstrip("/") + "/")


def absolute(value: Any) -> str:
    """Return a normalised absolute path: without ``..``, doubled or trailing slashes."""
    path = text(value)
    if not path.startswith("/"):
        raise Wrong(f"is not an absolute path: {shown(path)}", "begin it with /")
    # POSIX lets normpath keep two leading slashes; Linux does not tell them apart.
    return "/" + posixpath.normpath(path).lstrip("/")


def optional_path(value: Any) -> str:
    """Return a normalised absolute path or nothing."""
    return "" if value is None or value == "" else absolute(value)


def data_directory(value: Any) -> str:
    """Return a directory that may be given to Glance."""
    directory = absolute(value)
    if directory in _NEVER or any(inside(directory, system) for system in _NEVER_IN):
        raise Wrong(
            f"{directory} belongs to the operating system, and a data directory is given to the user glance",
            "write a directory of its own, like /var/lib/glance/images or /srv/glance/images",
        )
    return directory


def overlaps(places: list[Place]) -> list[Problem]:
    """Return the problems of directories that are the same or lie in one another."""
    problems = []
    for number, place in enumerate(places):
        for earlier in places[:number]:
            if place.directory == earlier.directory:
                relation = "is also"
            elif inside(place.directory, earlier.directory):
                relation = "lies inside"
            elif inside(earlier.directory, place.directory):
                relation = "contains"
            else:
                continue
            theirs = "" if place.directory == earlier.directory else f" {earlier.directory},"
            problems.append(
                Problem(
                    place.origin,
                    f"{place.directory} {relation}{theirs} the directory of {earlier.owner} ({earlier.origin})",
                    "give each a directory of its own, beside the other",
                )
            )
    return problems
