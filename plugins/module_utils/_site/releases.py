# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The supported releases of Glance, and how each can be installed.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.systems import SYSTEMS, System
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong, nearest, shown

METHODS = ("package", "venv")
_METHOD_ALIASES = {"packages": "package", "deb": "package", "apt": "package", "pip": "venv", "pypi": "venv"}


@dataclass(frozen=True)
class Release:
    """A release of Glance. Packages of it, if any, are those of the systems that name it."""

    name: str
    # The oldest Python that its lock file covers; None if it is not installed from PyPI.
    python: tuple[int, int] | None


# In order of appearance: `knows` compares positions.
RELEASES = (
    Release("zed", None),
    Release("2025.1", (3, 10)),
    Release("2026.1", (3, 10)),
    Release("2026.2", (3, 11)),
)

VENV_RELEASES = tuple(release.name for release in RELEASES if release.python)
_NAMES = tuple(release.name for release in RELEASES)


def oldest_python(release: str) -> tuple[int, int]:
    """Return the oldest Python that a release's lock file covers."""
    return next(found.python for found in RELEASES if found.name == release and found.python)


def from_pypi(system: System) -> tuple[str, ...]:
    """Return the releases that a system's Python can run in a virtual environment."""
    return tuple(release for release in VENV_RELEASES if oldest_python(release) <= system.python)


def knows(release: str, since: str) -> bool:
    """Return whether a release has what came with another one. An unknown release is given the benefit of the doubt."""
    return not since or release not in _NAMES or _NAMES.index(release) >= _NAMES.index(since)


def release_name(value: Any) -> str:
    """Return a supported release, or "" for that of the host's packages."""
    if value is None or value == "":
        return ""
    # YAML reads 2026.2 without quotes as a number. One decimal is all that a release has.
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    name = f"{value:.1f}" if is_number and 0 < value < 10000 else value
    if not isinstance(name, str) or name not in _NAMES:
        raise Wrong(f"{shown(name)} is not a supported release", nearest(name, _NAMES, 0.9) + ", or leave it empty")
    return str(name)


def method_name(value: Any) -> str:
    """Return an install method, or "" for the one that fits the release."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or value not in METHODS:
        wanted = _METHOD_ALIASES.get(value.lower(), value) if isinstance(value, str) else value
        raise Wrong(f"{shown(value)} is not an install method", nearest(wanted, METHODS) + ", or leave it empty")
    return value


def combination(release: str, method: str, instead: Sequence[str] = VENV_RELEASES) -> Wrong | None:
    """Return why a release cannot be installed by a method on any host.

    :param instead: the releases from PyPI to name as a way out.
    """
    if not release or not method:
        return None
    packaged_on = [system.name for system in SYSTEMS if system.packaged_release == release]
    if method == "package" and not packaged_on:
        return Wrong(f"no supported system has packages of {release}", "write venv or leave it empty")
    if method == "venv" and release not in VENV_RELEASES:
        return Wrong(
            f"{release} is not installed from PyPI",
            f"write package (on {' and '.join(packaged_on)}) or leave it empty, "
            f"or set glance_release to one of {', '.join(instead)}",
        )
    return None
