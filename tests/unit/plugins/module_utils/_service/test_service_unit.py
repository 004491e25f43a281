# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemctl prints, read; outputs of systemd 252 and 257."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._service.unit import (
    Unit,
    moment,
    parse,
    shadowed,
    written,
)

RUNNING = """\
LoadState=loaded
ActiveState=active
SubState=running
MainPID=4711
NRestarts=2
NeedDaemonReload=yes
UnitFileState=enabled
ExecMainStartTimestamp=Fri 2026-11-20 09:08:42.997761 UTC
ExecMainCode=0
ExecMainStatus=0
Result=success
InvocationID=767a89ab668848bfaac625cc1cc1f095
Job=1887
ControlGroup=/system.slice/t.service
FragmentPath=/lib/systemd/system/t.service
DropInPaths=/etc/systemd/system/t.service.d/a.conf /etc/systemd/system/t.service.d/b.conf
"""
ABSENT = """\
LoadState=not-found
ActiveState=inactive
SubState=dead
MainPID=0
NRestarts=0
NeedDaemonReload=no
UnitFileState=
ExecMainStartTimestamp=
Result=success
InvocationID=
Job=
FragmentPath=
DropInPaths=
"""


def test_running_unit() -> None:
    unit = parse(RUNNING)
    assert unit.exists and unit.running and unit.stale and unit.job and not unit.looping
    assert (unit.pid, unit.restarts, unit.shown) == (4711, 2, "active (running)")
    assert unit.group == "/system.slice/t.service"
    assert unit.started == pytest.approx(1795165722.997761)
    assert written(unit.started) == "2026-11-20T09:08:42Z"
    assert unit.files[0] == "/lib/systemd/system/t.service" and len(unit.files) == 3


def test_absent_unit() -> None:
    unit = parse(ABSENT)
    assert not unit.exists and not unit.running and not unit.job
    assert (unit.started, written(unit.started), unit.shown) == (0.0, "", "not installed")


def test_moment_of_what_never_was() -> None:
    assert moment("") == moment("n/a") == 0.0


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [("1", "3", "exit code 3"), ("2", "9", "killed by signal 9"), ("3", "11", "core dumped"), ("0", "0", "timeout")],
)
def test_how_it_died(code: str, status: str, says: str) -> None:
    unit: Unit = parse(f"ExecMainCode={code}\nExecMainStatus={status}\nResult=timeout\n")
    assert unit.death == says


@pytest.mark.parametrize("sub", ["auto-restart", "auto-restart-queued"])
def test_loop(sub: str) -> None:
    assert parse(f"ActiveState=activating\nSubState={sub}\n").looping
    assert not parse("ActiveState=activating\nSubState=start\n").looping


@pytest.mark.parametrize(
    ("fragment", "present", "hidden"),
    [
        ("/lib/systemd/system/x.service", {"/lib/systemd/system/x.service"}, False),
        ("/lib/systemd/system/x.service", {"/etc/systemd/system/x.service", "/lib/systemd/system/x.service"}, True),
        ("/etc/systemd/system/x.service", {"/etc/systemd/system/x.service", "/lib/systemd/system/x.service"}, False),
        ("/run/systemd/generator.late/x.service", set(), False),
        ("", {"/etc/systemd/system/x.service"}, False),
    ],
)
def test_a_file_that_came_to_hide_the_loaded_one_is_noticed(fragment: str, present: set[str], hidden: bool) -> None:
    assert shadowed("x.service", fragment, present.__contains__) is hidden
