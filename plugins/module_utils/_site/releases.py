# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The supported releases of Glance: where each comes from, on which hosts it runs, and how it is started.

PRIVATE to the collection: can change at any time.

This is the one place where a release decides what is installed and run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong, nearest, shown

METHODS = ("package", "venv")
_METHOD_ALIASES = {"packages": "package", "deb": "package", "apt": "package", "pip": "venv", "pypi": "venv"}


@dataclass(frozen=True)
class Host:
    """An operating system that Glance is deployed on."""

    distribution: str
    major: str
    # The release that the system's own packages carry.
    release: str

    @property
    def name(self) -> str:
        return f"{self.distribution} {self.major}"


@dataclass(frozen=True)
class Release:
    """A release of Glance. Its packages, if any, are those of the hosts that name it."""

    name: str
    # Whether the collection carries a lock file to install it from PyPI.
    venv: bool


# In order of appearance: `knows` compares positions.
RELEASES = (Release("zed", False), Release("2025.1", True), Release("2026.1", True), Release("2026.2", True))
HOSTS = (Host("Debian", "12", "zed"), Host("Debian", "13", "2025.1"))

VENV_RELEASES = tuple(release.name for release in RELEASES if release.venv)
_NAMES = tuple(release.name for release in RELEASES)


def knows(release: str, since: str) -> bool:
    """Return whether a release has what came with another one. An unknown release is given the benefit of the doubt."""
    return not since or release not in _NAMES or _NAMES.index(release) >= _NAMES.index(since)


def release_name(value: Any) -> str:
    """Return a supported release, or "" for whatever the host's packages carry."""
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


def combination(release: str, method: str) -> Wrong | None:
    """Return why a release cannot be installed by a method on any host."""
    if not release or not method:
        return None
    packaged_on = [host.name for host in HOSTS if host.release == release]
    if method == "package" and not packaged_on:
        return Wrong(f"no supported system has packages of {release}", "write venv or leave it empty")
    if method == "venv" and release not in VENV_RELEASES:
        return Wrong(
            f"{release} is not installed from PyPI",
            f"write package (on {' and '.join(packaged_on)}) or leave it empty, "
            f"or set glance_release to one of {', '.join(VENV_RELEASES)}",
        )
    return None
