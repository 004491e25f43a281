# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is really mounted, from /proc/self/mountinfo. PRIVATE to the collection."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import split_source

_OCTAL = re.compile(r"\\([0-7]{3})")
_SHOWN_ELSEWHERE = frozenset({"vers", "addr", "clientaddr", "mountaddr", "mountport", "mountvers", "mountproto"})


@dataclass(frozen=True)
class Mount:
    """One mounted filesystem."""

    path: str
    fstype: str
    source: str
    device: str
    options: tuple[str, ...]
    """Those of the mount and of the filesystem."""

    @property
    def is_nfs(self) -> bool:
        """Return whether it is NFS of any version."""
        return self.fstype in ("nfs", "nfs4")

    @property
    def server(self) -> str:
        """Return the server as it was named when it was mounted."""
        return split_source(self.source)[0]

    @property
    def export(self) -> str:
        """Return the exported path."""
        return split_source(self.source)[1]

    @property
    def address(self) -> str:
        """Return the server's address."""
        return self._value("addr")

    @property
    def version(self) -> str:
        """Return the NFS version in effect, like ``4.2``."""
        version, minor = self._value("vers"), self._value("minorversion")
        return f"{version}.{minor}" if minor and "." not in version else version

    @property
    def read_only(self) -> bool:
        """Return whether nothing can be written through it."""
        return "ro" in self.options

    def _value(self, name: str) -> str:
        return next((option.partition("=")[2] for option in self.options if option.startswith(f"{name}=")), "")

    def shown(self) -> dict[str, str]:
        """Return it for the module's result."""
        options = [option for option in self.options if option.partition("=")[0] not in _SHOWN_ELSEWHERE]
        return {
            "server": self.server,
            "export": self.export,
            "version": self.version,
            "options": ",".join(options),
            "fstype": self.fstype,
        }


def unescaped(text: str) -> str:
    """Return a field of the file with its octal escapes (space, tab, line break, backslash) resolved."""
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), text)


def parse(text: str) -> list[Mount]:
    """Return all mounts, in the order in which they were made; lines that are no mounts are passed over."""
    mounts = []
    for line in text.split("\n"):
        fields = line.split(" ")
        # After six fields come optional ones, up to a hyphen.
        if "-" not in fields[6:]:
            continue
        filesystem = fields[fields.index("-", 6) + 1 :]
        if len(filesystem) < 2:
            continue
        own = fields[5].split(",")
        # Without a source (empty) or super options, the fields are missing.
        source = filesystem[1]
        shared = filesystem[2].split(",") if len(filesystem) > 2 else []
        options = tuple(dict.fromkeys(unescaped(option) for option in (*own, *shared) if option))
        if "ro" in options:
            options = tuple(option for option in options if option != "rw")
        mounts.append(Mount(unescaped(fields[4]), unescaped(filesystem[0]), unescaped(source), fields[2], options))
    return mounts


def at(mounts: list[Mount], path: str) -> list[Mount]:
    """Return what is mounted on a path; the last one is what is seen there."""
    return [mount for mount in mounts if mount.path == path]


def below(mounts: list[Mount], path: str) -> list[Mount]:
    """Return what is mounted inside a path."""
    return [mount for mount in mounts if mount.path.startswith(path.rstrip("/") + "/")]
