# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a host has room for what is to lie on its file systems: told before anything is changed there.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils._site.checks import read_stores
from ansible_collections.openimage.glance.plugins.module_utils._stores import plan
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import inside
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong, in_units, size

VARIABLE = "glance_minimum_free_space"


class Space(NamedTuple):
    """What is to be said about the room on one host."""

    problems: list[Problem]
    doubts: list[Problem]


def rooms(site: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """Return the directories of a site that want room, each with how much and who says so.

    A site that is wrong wants none: that is told elsewhere, and first.
    """
    reading = read_stores(site)
    try:
        minimum = size(site.get(VARIABLE, 0))
    except Wrong:
        return []
    found = []
    for room in [] if reading.problems else plan.rooms(reading):
        wanted = minimum if room.minimum is None else room.minimum
        said = VARIABLE if room.minimum is None else f"{room.store}.minimum_free_space"
        if wanted:
            found.append(
                {
                    "path": room.path,
                    "owner": room.owner,
                    "origin": room.origin,
                    "mount": room.mount,
                    "wanted": wanted,
                    "said": said,
                }
            )
    return found


def judge(wanted: Iterable[Mapping[str, Any]], file_systems: Iterable[Mapping[str, Any]], host: str) -> Space:
    """Compare what is wanted with what a host has.

    Refused is what would be begun on a file system without room. A directory that is there already belongs to a site
    that runs: its disk may be nearly full of images, and no other change must wait for that.

    :param file_systems: what the module host_facts says of the paths.
    """
    space = Space([], [])
    known = {found["path"]: found for found in file_systems}
    for room in wanted:
        found = known.get(room["path"])
        if found is None or found["free"] is None or found["free"] >= room["wanted"]:
            continue
        # An export that is still to be mounted there; what is beneath it says nothing.
        if room["mount"] and not inside(found["mount_point"], room["mount"]):
            continue
        wrong = (
            f"{room['path']} of {room['owner']} on {host} is on the file system mounted at {found['mount_point']}, "
            f"which has {in_units(found['free'])} free of the {in_units(room['wanted'])} that {room['said']} wants"
        )
        advice = f"free space or add some there, choose another path, or lower {room['said']}, which 0 switches off"
        (space.doubts if found["exists"] else space.problems).append(Problem(room["origin"], wrong, advice))
    return space
