# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd says of a unit, and what its states mean. PRIVATE to the collection."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

PROPERTIES = (
    "LoadState",
    "ActiveState",
    "SubState",
    "MainPID",
    "NRestarts",
    "NeedDaemonReload",
    "UnitFileState",
    "ExecMainStartTimestamp",
    "ExecMainCode",
    "ExecMainStatus",
    "Result",
    "InvocationID",
    "Job",
    "ControlGroup",
    "FragmentPath",
    "DropInPaths",
)
ENABLED = frozenset({"enabled", "enabled-runtime", "static", "indirect", "generated", "transient", "alias"})
"""Unit file states in which nothing can or need be enabled."""


@dataclass(frozen=True)
class Unit:
    """One moment of a unit."""

    loaded: str
    active: str
    sub: str
    pid: int
    restarts: int
    stale: bool
    """Its file is newer than what systemd has loaded."""
    enabled: str
    started: float
    """When its main process was started, in seconds since 1970; 0 when it never was."""
    code: str
    status: int
    result: str
    invocation: str
    job: bool
    group: str
    """Path of its control group; empty while it has no process."""
    files: tuple[str, ...]

    @property
    def exists(self) -> bool:
        """Return whether systemd knows its file."""
        return self.loaded not in ("not-found", "")

    @property
    def running(self) -> bool:
        """Return whether it is up with a main process, or without one as a unit of type oneshot."""
        return self.active in ("active", "reloading")

    @property
    def looping(self) -> bool:
        """Return whether systemd is about to start it again after it died."""
        return self.active == "activating" and self.sub.startswith("auto-restart")

    @property
    def shown(self) -> str:
        """Return its state in words."""
        if not self.exists:
            return "not installed"
        return f"{self.active} ({self.sub})"

    @property
    def death(self) -> str:
        """Return how its main process ended."""
        how = {
            "exited": f"exit code {self.status}",
            "killed": f"killed by signal {self.status}",
            "dumped": "core dumped",
        }
        return how.get(self.code, self.result)


# Where systemd looks for a unit's file, the first one wins.
UNIT_DIRECTORIES = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)


def shadowed(name: str, fragment: str, exists: Callable[[str], bool] = os.path.exists) -> bool:
    """Return whether a file has come that hides the one that systemd has loaded.

    NeedDaemonReload only watches the file that is loaded: a unit of ours over a package's is not noticed by it.
    """
    for directory in UNIT_DIRECTORIES:
        path = os.path.join(directory, name)
        if path == fragment:
            return False
        if exists(path):
            return bool(fragment) and os.path.realpath(path) != os.path.realpath(fragment)
    return False


_CODES = {"1": "exited", "2": "killed", "3": "dumped"}  # systemctl prints siginfo's number (CLD_EXITED, …)


def parse(output: str) -> Unit:
    """Return the unit that ``systemctl show --timestamp=us+utc`` prints."""
    said = dict(line.split("=", 1) for line in output.splitlines() if "=" in line)
    return Unit(
        loaded=said.get("LoadState", ""),
        active=said.get("ActiveState", ""),
        sub=said.get("SubState", ""),
        pid=int(said.get("MainPID") or 0),
        restarts=int(said.get("NRestarts") or 0),
        stale=said.get("NeedDaemonReload") == "yes",
        enabled=said.get("UnitFileState", ""),
        started=moment(said.get("ExecMainStartTimestamp", "")),
        code=_CODES.get(said.get("ExecMainCode", ""), ""),
        status=int(said.get("ExecMainStatus") or 0),
        result=said.get("Result", ""),
        invocation=said.get("InvocationID", ""),
        job=said.get("Job", "") not in ("", "0"),
        group=said.get("ControlGroup", ""),
        files=(said.get("FragmentPath", ""), *said.get("DropInPaths", "").split()),
    )


def moment(text: str) -> float:
    """Return seconds since 1970 of systemd's ``Fri 2026-11-20 09:08:42.997761 UTC``; 0 for none."""
    if text in ("", "n/a"):
        return 0.0
    read = datetime.strptime(text.split(" ", 1)[1], "%Y-%m-%d %H:%M:%S.%f UTC")
    return read.replace(tzinfo=timezone.utc).timestamp()


def written(started: float) -> str:
    """Return the same moment as an operator reads it."""
    return datetime.fromtimestamp(started, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if started else ""
