# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a wait lasts, on a clock of the tests; and the processor time of real processes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._service import waiting
from ansible_collections.openimage.glance.plugins.module_utils._service.unit import Unit, parse
from ansible_collections.openimage.glance.plugins.module_utils._service.waiting import Limits, Wait, used

LIMITS = Limits(600, 60, "start_timeout", "start_idle_timeout")
STEP = 1.0


def unit(active: str = "active", job: str = "", group: str = "/system.slice/t.service") -> Unit:
    """Return a unit in this state."""
    return parse(f"LoadState=loaded\nActiveState={active}\nJob={job}\nControlGroup={group}")


class Host:
    """A clock, and a service whose use of the processor is a function of the time."""

    def __init__(self, share: float = 0.0, until: float = float("inf")) -> None:
        self.share, self.until = share, until
        self.now = 1000.0
        self.wait = Wait(LIMITS, lambda: self.now, lambda _group: self.share * min(self.now, 1000 + self.until))

    def ended(self, seen: Unit) -> tuple[float, str]:
        """Return after how many seconds the wait ends, and the reason."""
        while (end := self.wait.over(seen)) is None:
            self.now += STEP
        return self.now - 1000, end.when


def test_wait_ends_after_the_idle_timeout_when_the_service_is_idle() -> None:
    seconds, reason = Host().ended(unit())
    assert seconds == LIMITS.idle + STEP
    assert "no processor time for 60 s (start_idle_timeout)" in reason


@pytest.mark.parametrize("state", ["activating", "active"])
@pytest.mark.parametrize("share", [0.02, 1.0])
def test_wait_lasts_to_the_hard_limit_when_the_service_is_busy(state: str, share: float) -> None:
    seconds, reason = Host(share).ended(unit(state))
    assert seconds == LIMITS.timeout + STEP
    assert "within 600 s (start_timeout)" in reason and f"used {share * seconds:.0f} s" in reason


def test_wait_ends_soon_when_a_busy_service_falls_idle() -> None:
    seconds, reason = Host(0.5, until=100).ended(unit())
    assert 100 + LIMITS.idle - 1 <= seconds <= 100 + LIMITS.idle + 2 * STEP
    assert "start_idle_timeout" in reason


def test_wait_ends_after_the_idle_timeout_when_an_idle_service_only_polls() -> None:
    assert Host(0.001).ended(unit())[0] < 2 * LIMITS.idle


@pytest.mark.parametrize(
    "seen", [unit("deactivating"), unit("inactive", job="7", group="")], ids=["old process stops", "other units start"]
)
def test_idle_time_does_not_count_while_systemd_waits(seen: Unit) -> None:
    assert Host().ended(seen)[0] > LIMITS.timeout


def test_left_is_what_an_idle_service_has() -> None:
    host = Host()
    host.wait.over(unit())
    host.now += 50
    assert host.wait.left == pytest.approx(10)


def test_processor_time_that_an_ended_process_took_along_is_not_subtracted() -> None:
    host = Host(1.0)
    host.wait.over(unit())
    for _round in range(3):
        host.now += STEP
        host.wait.over(unit())
    host.share = 0.0
    host.now += STEP
    host.wait.over(unit())
    assert host.wait.spent == pytest.approx(3.0)


def process(proc: Path, pid: int, group: str, *ticks: int) -> None:
    """Write what used() reads of a process: state, 10 fields, then utime, stime, cutime, cstime."""
    directory = proc / str(pid)
    directory.mkdir()
    (directory / "cgroup").write_text(f"12:cpu,cpuacct:/\n1:name=systemd:{group}\n0::{group}\n")
    (directory / "stat").write_text(f"{pid} (a) b) S {' '.join('9' * 10)} {' '.join(map(str, ticks))} 20 0\n")


def test_used_counts_the_processes_of_the_group_and_their_ended_children(tmp_path: Path) -> None:
    second = waiting.TICKS
    process(tmp_path, 1, "/init.scope", second, second, second, second)
    process(tmp_path, 7, "/system.slice/t.service", second, 2 * second, 3 * second, 4 * second)
    process(tmp_path, 8, "/system.slice/t.service/worker", 5 * second, 0, 0, 0)
    process(tmp_path, 9, "/system.slice/t.service2", second, 0, 0, 0)
    (tmp_path / "10").mkdir()  # a process that has just ended
    assert used("/system.slice/t.service", str(tmp_path)) == 15
    assert used("", str(tmp_path)) == 0


def test_used_grows_while_a_real_process_works() -> None:
    own = Path("/proc/self/cgroup").read_text().splitlines()[-1].split(":", 2)[2]
    before, began = used(own), time.process_time()
    assert before >= sum(os.times()[:4]) - 2 / waiting.TICKS
    while time.process_time() - began < 0.1:
        pass
    assert used(own) - before >= 0.1 - 2 / waiting.TICKS
