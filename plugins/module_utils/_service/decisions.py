# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be done to a unit, and when waiting for it is over; pure decisions. PRIVATE to the collection."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.openimage.glance.plugins.module_utils._service.unit import ENABLED, Unit, written

CLOCK_GRAIN = 0.01
"""Seconds by which a file's time may lag behind: the kernel stamps files with the clock of its last tick."""


@dataclass(frozen=True)
class Wish:
    """What the operator wants of the unit."""

    name: str
    state: str
    enabled: bool
    restart: bool


@dataclass
class Orders:
    """Verbs for systemctl, in order, and a sentence for each change."""

    verbs: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    def add(self, verb: str, action: str) -> None:
        """Add one."""
        self.verbs.append(verb)
        self.actions.append(action)

    @property
    def starts(self) -> bool:
        """Return whether a process is started anew."""
        return bool({"start", "restart"} & set(self.verbs))


def newer(paths: Iterable[str], started: float) -> list[str]:
    """Return the paths whose content, owner or mode changed after the process was started.

    A directory counts with its own entries only, a path that does not exist does not count.
    """
    found = []
    for path in paths:
        try:
            changed = os.stat(path).st_ctime
        except FileNotFoundError:
            continue
        if changed + CLOCK_GRAIN > started:
            found.append(path)
    return found


def decide(unit: Unit, wish: Wish, changed_since: list[str]) -> Orders:
    """Return what turns the unit into what is wished.

    :param changed_since: what :func:`newer` found; of no matter unless the unit runs.
    """
    orders = Orders()
    if unit.stale:
        orders.add("daemon-reload", f"reloaded systemd (the file of {wish.name} is newer than what it had loaded)")
    if wish.enabled and unit.enabled not in ENABLED:
        orders.add("enable", f"enabled {wish.name}")
    if not wish.enabled and unit.enabled in ("enabled", "enabled-runtime"):
        orders.add("disable", f"disabled {wish.name}")
    if wish.state == "stopped":
        if unit.active not in ("inactive", "failed", ""):
            orders.add("stop", f"stopped {wish.name} (it was {unit.shown})")
    elif unit.looping:
        orders.add("restart", f"restarted {wish.name} (it died and was about to be started again)")
    elif not unit.running and unit.active != "activating":
        orders.add("start", f"started {wish.name} (it was {unit.shown})")
    elif wish.restart:
        orders.add("restart", f"restarted {wish.name} (as told)")
    elif changed_since:
        since = f"changed since it was started at {written(unit.started)}: {', '.join(changed_since)}"
        orders.add("restart", f"restarted {wish.name} ({since})")
    return orders


def shown(unit: Unit) -> dict[str, str]:
    """Return the unit as the diff shows it."""
    enabled = "enabled" if unit.enabled in ENABLED else unit.enabled or "disabled"
    return {
        "state": unit.active or "inactive",
        "enabled": enabled,
        "process": written(unit.started) if unit.pid else "",
    }


def predicted(unit: Unit, wish: Wish, orders: Orders) -> dict[str, str]:
    """Return what :func:`shown` will say after the orders, but for the moment of a start."""
    after = shown(unit)
    if "enable" in orders.verbs or "disable" in orders.verbs:
        after["enabled"] = "enabled" if wish.enabled else "disabled"
    if orders.starts:
        after.update(state="active", process="started anew")
    if "stop" in orders.verbs:
        after.update(state="inactive", process="")
    return after


def death(unit: Unit, first: Unit | None) -> str:
    """Return why waiting any longer is of no use; empty while it is.

    :param first: the unit as it was first seen with the process that is waited for; None until there is one.
    """
    if first is None and unit.job:
        return ""  # the old process is still stopping
    if unit.looping:
        return f"it died ({unit.death}) and systemd is about to start it again"
    if unit.active == "failed":
        result = "" if unit.result in ("", "exit-code", "signal", "core-dump") else f"{unit.result}: "
        return f"it failed ({result}{unit.death})"
    if unit.active == "inactive" and not unit.job:
        return f"it ended by itself ({unit.death})"
    if first and unit.restarts > first.restarts:
        return f"it died and systemd started it again ({unit.restarts - first.restarts} times)"
    return ""
