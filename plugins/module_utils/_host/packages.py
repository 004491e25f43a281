# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What dpkg knows of a host's packages. PRIVATE to the collection: can change at any time."""

from __future__ import annotations

from collections.abc import Iterable

# As dpkg-query(1) has it: the second letter is the state, the third tells an error.
QUERY = ("--show", "--showformat", "${db:Status-Abbrev}${Package}\\n")
# Begun and not ended: unpacked, half configured, half installed, awaiting another package's trigger, one's own pending.
UNFINISHED = "UFHWt"


def installed(listing: str, journal: Iterable[str]) -> list[str]:
    """Return the names of the packages that are wholly installed; none when dpkg has work of an earlier run to end.

    Whoever asks whether something must be installed then asks apt, which knows how to go on.

    :param listing: what dpkg-query prints for :data:`QUERY`.
    :param journal: the names in dpkg's directory ``updates``; a number is a change that its status lacks.
    """
    if any(name.isdigit() for name in journal):
        return []
    found = []
    for line in listing.splitlines():
        state, error, name = line[1:2], line[2:3], line[3:]
        if state in UNFINISHED or error == "R":
            return []
        if state == "i":
            found.append(name)
    return sorted(set(found))
