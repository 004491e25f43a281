# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passes verbs to systemctl and waits for the service. PRIVATE to the collection.

Of the object called ``module`` only ``run_command`` is used.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._service import decisions
from ansible_collections.openimage.glance.plugins.module_utils._service.readiness import Answer, Target, intruder
from ansible_collections.openimage.glance.plugins.module_utils._service.unit import PROPERTIES, Unit, parse, shadowed
from ansible_collections.openimage.glance.plugins.module_utils._service.waiting import End, Limits, Wait

PAUSE = 0.1
"""Seconds between two looks while waiting."""
SETTLED = 1.0
"""Seconds that a service without a URL must stay up after a start: nothing else tells that it did not die at once."""
LOG_LINES = 30
BROKEN = ("bad-setting", "error")
"""Load states of a unit whose file had a mistake when systemd read it, or came back after it was removed."""


class ServiceError(Exception):
    """What the operator must know."""


@dataclass(frozen=True)
class Ready:
    """How the wait ended."""

    unit: Unit
    status: int | None


class Keeper:
    """One unit."""

    def __init__(self, module: Any, name: str, log_file: str | None, limits: Limits) -> None:
        self.module = module
        self.name = name if name.endswith(".service") else f"{name}.service"
        self.log_file = log_file
        self.limits = limits
        self.began = time.time()
        self.done: list[str] = []
        self.logged = os.path.getsize(log_file) if log_file and os.path.exists(log_file) else 0

    def look(self) -> Unit:
        """Return the unit as it is now."""
        unit = parse(self._systemctl("show", "--timestamp=us+utc", f"--property={','.join(PROPERTIES)}", self.name))
        return replace(unit, stale=unit.stale or shadowed(self.name, unit.files[0]))

    def known(self, check_mode: bool) -> Unit:
        """Return the unit, after a reload of systemd when it knew no usable file of the unit."""
        unit = self.look()
        if not check_mode and (not unit.exists or unit.loaded in BROKEN):
            self._systemctl("daemon-reload")
            unit = self.look()
            if not unit.exists:
                raise ServiceError(
                    f"systemd knows no unit {self.name}. To do: install its unit file first, or correct 'name'."
                )
        if unit.loaded == "masked":
            raise ServiceError(
                f"Unit {self.name} is masked. To do: find out who masked it, then 'systemctl unmask {self.name}'."
            )
        if unit.loaded in BROKEN:
            raise ServiceError(
                f"systemd cannot load {self.name}. To do: 'systemd-analyze verify {self.name}' names the line."
            )
        return unit

    def order(self, orders: decisions.Orders, before: Unit) -> None:
        """Give the orders; what starts or stops is only begun."""
        if before.active == "failed" and orders.starts:
            self._systemctl("reset-failed", self.name)  # or systemd may refuse: started too often
        for verb, action in zip(orders.verbs, orders.actions):
            if verb == "daemon-reload":
                self._systemctl(verb)
            elif verb in ("enable", "disable"):
                self._systemctl(verb, "--quiet", self.name)
            else:
                self._systemctl("--no-block", verb, self.name)
            self.done.append(action)

    def stopped(self) -> Unit:
        """Wait until the unit is down."""
        wait = Wait(self.limits)
        while True:
            unit = self.look()
            if unit.active in ("inactive", "failed", "") and not unit.job:
                return unit
            end = wait.over(unit)
            if end:
                raise self._expired("did not stop", end, f"it is {unit.shown}", unit)
            time.sleep(PAUSE)

    def ready(self, before: Unit, ordered: bool, target: Target | None) -> Ready:
        """Wait until the unit is up and answers; raise at once when its process died."""
        wait = Wait(self.limits)
        first = None if ordered else before
        reason = ""
        while True:
            unit = self.look()
            if first is None and unit.invocation != before.invocation:
                first = unit
            fate = decisions.death(unit, first)
            if fate:
                last = f"; before that, {reason}" if reason else ""
                raise ServiceError(f"{self.name} does not run: {fate}{last}.{self._logs(unit)}")
            if unit.running and first:
                answer, reason = self._answers(unit, ordered, target, wait.left)
                if answer and self._same(unit):
                    return Ready(unit, answer.status or None)
            else:
                reason = f"it is still {unit.shown}"
            end = wait.over(unit)
            if end:
                raise self._expired("was not ready", end, reason, unit)
            time.sleep(PAUSE)

    def _expired(self, what: str, end: End, reason: str, unit: Unit) -> ServiceError:
        """Return the error for a wait that ended without success."""
        return ServiceError(f"{self.name} {what} {end.when}: {reason}. To do: {end.to_do}.{self._logs(unit)}")

    def _answers(self, unit: Unit, ordered: bool, target: Target | None, seconds: float) -> tuple[Answer | None, str]:
        """Return the answer that means ready, or why there is none yet."""
        if target is None:
            young = ordered and time.time() - unit.started < SETTLED
            return (None, "it has only just started") if young else (Answer(0, ""), "")
        answer = target.ask(seconds)
        if not target.satisfied(answer):
            return None, f"{target.url} answers {answer.status or answer.reason}"
        other = intruder(unit.pid, target.port) if unit.pid else ""
        if other:
            return None, f"port {target.port} is held by {other}, which is not part of {self.name}"
        return answer, ""

    def _same(self, unit: Unit) -> bool:
        """Return whether it is still the process that was asked; if not, the next look says what became of it."""
        now = self.look()
        return now.running and (now.invocation, now.pid, now.restarts) == (unit.invocation, unit.pid, unit.restarts)

    def _logs(self, unit: Unit) -> str:
        """Return the last lines that the service wrote, ready to be added to a message."""
        since = f"--since=@{int(min(self.began, unit.started or self.began))}"
        lines = self._run(
            ["journalctl", "--no-pager", "--quiet", "--output=short", f"--lines={LOG_LINES}", since, "-u", self.name]
        )
        text = (
            f"\nLast lines of its journal:\n{lines.rstrip()}" if lines.strip() else "\nIts journal has no line since."
        )
        if self.log_file:
            text += f"\nLast lines of {self.log_file}:\n{tail(self.log_file, self.logged)}"
        return text

    def _systemctl(self, *words: str) -> str:
        return self._run(["systemctl", *words])

    def _run(self, command: list[str]) -> str:
        """Run a command and return its output."""
        environment = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "SYSTEMD_COLORS": "0"}
        code, output, error = self.module.run_command(command, environ_update=environment)
        if code:
            said = " ".join((error or output).split())
            raise ServiceError(f"'{' '.join(command[:3])} …' for {self.name} failed (exit code {code}): {said}")
        text: str = output
        return text


def tail(path: str, logged: int, lines: int = LOG_LINES, kept: int = 16384) -> str:
    """Return the last lines of a log file, only those that are new when there are any.

    :param logged: how long the file was before.
    """
    try:
        with open(path, "rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(logged if logged < size else 0, size - kept))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
    except OSError as error:
        return f"({error.strerror})"
