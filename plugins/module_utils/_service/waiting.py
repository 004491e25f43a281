# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides how long to wait for a service: longer while its processes use the processor. PRIVATE to the collection."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.openimage.glance.plugins.module_utils._service.unit import Unit

SAMPLE = 0.5
"""Seconds between two readings of processor time: each one reads a file of every process of the host."""
BUSY = 0.25
"""Seconds of processor time that count as work. Measured in a minute without requests: Glance and Keystone in uWSGI
less than 0.01 s, memcached 0.03 s. One of a hundred processes that compete for two processors gets 0.25 s in 13 s."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Limits:
    """How long to wait, in seconds, and what a message calls these limits."""

    timeout: float
    idle: float
    timeout_name: str = "timeout"
    idle_name: str = "idle_timeout"


@dataclass(frozen=True)
class End:
    """Why a wait ended without success, as parts of a message."""

    when: str
    to_do: str


def used(group: str, proc: str = "/proc") -> float:
    """Return the processor seconds that the processes of a control group and their ended children have used.

    :param group: the path that systemd shows as ControlGroup; empty when the unit has no process.
    """
    ticks = 0
    for directory in glob.glob(f"{proc}/[0-9]*") if group else []:
        try:
            with open(f"{directory}/cgroup") as groups:
                paths = [line.rstrip("\n").split(":", 2)[2] for line in groups]
            if not any(path == group or path.startswith(f"{group}/") for path in paths):
                continue
            with open(f"{directory}/stat") as stat:
                # After the name, which may contain anything: state is field 3, utime to cstime are fields 14 to 17.
                values = stat.read().rsplit(")", 1)[1].split()[11:15]
        except (OSError, IndexError):  # the process ended meanwhile
            continue
        ticks += sum(map(int, values))
    return ticks / TICKS


@dataclass
class Wait:
    """One wait for a unit, with the time that has passed and the processor time that its processes have used."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    read: Callable[[str], float] = used
    spent: float = 0.0
    """Seconds of processor time that were used since the wait began."""
    _began: float = field(init=False)
    _sampled: float = field(init=False)
    _active: float = field(init=False)
    """When the processes were last known to be at work."""
    _counted: float = field(default=0.0, init=False)
    """What :attr:`spent` was then."""
    _before: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._began = self._active = self.clock()
        self._sampled = self._began - SAMPLE

    @property
    def elapsed(self) -> float:
        """Seconds since the wait began."""
        return self.clock() - self._began

    @property
    def left(self) -> float:
        """Seconds until the wait ends if the unit does nothing from now on."""
        now = self.clock()
        return min(self._began + self.limits.timeout, self._active + self.limits.idle) - now

    def over(self, unit: Unit) -> End | None:
        """Return why the wait ends; None while it goes on."""
        self._sample(unit)
        limits = self.limits
        if self.elapsed > limits.timeout:
            return End(
                f"within {limits.timeout:g} s ({limits.timeout_name}), in which its processes used "
                f"{self.spent:.0f} s of processor time",
                f"raise {limits.timeout_name} if the host is only slow; a loop shows by lines that repeat below",
            )
        if self.clock() - self._active > limits.idle:
            return End(
                f"after {self.elapsed:.0f} s, and its processes have used no processor time for {limits.idle:g} s "
                f"({limits.idle_name})",
                f"find below what it waits for; raise {limits.idle_name} if that only takes long to answer",
            )
        return None

    def _sample(self, unit: Unit) -> None:
        """Read what the unit's processes have used, unless that was done a moment ago."""
        now = self.clock()
        if now - self._sampled < SAMPLE:
            return
        self._sampled = now
        if unit.active == "deactivating" or (unit.job and not unit.group):
            # systemd ends this: by TimeoutStopSec, or when the units that it starts before this one are up or failed.
            self._active = now
        after = self.read(unit.group)
        if self._before is not None:
            self.spent += max(0.0, after - self._before)  # less than before: a process ended and took its time along
        self._before = after
        if self.spent - self._counted >= BUSY:
            self._active, self._counted = now, self.spent
