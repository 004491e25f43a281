# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a unit is started, restarted and given up."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._service.decisions import (
    Wish,
    death,
    decide,
    newer,
    predicted,
    shown,
)
from ansible_collections.openimage.glance.plugins.module_utils._service.unit import parse

UP = parse(
    "LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=1\nUnitFileState=enabled\nInvocationID=a\n"
    "ExecMainStartTimestamp=Fri 2026-11-20 09:08:42.997761 UTC"
)
DOWN = replace(UP, active="inactive", sub="dead", pid=0)
NEW = parse("LoadState=not-found\nActiveState=inactive\nSubState=dead")
WISH = Wish("t.service", "started", True, False)


def test_running_as_wished() -> None:
    orders = decide(UP, WISH, [])
    assert orders.verbs == orders.actions == []


@pytest.mark.parametrize(
    ("unit", "wish", "changed", "verbs"),
    [
        (NEW, WISH, [], ["enable", "start"]),
        (DOWN, WISH, [], ["start"]),
        (DOWN, replace(WISH, restart=True), [], ["start"]),  # a start is enough
        (UP, replace(WISH, restart=True), ["/c"], ["restart"]),
        (UP, WISH, ["/c"], ["restart"]),
        (replace(UP, stale=True), WISH, [], ["daemon-reload"]),
        (replace(UP, stale=True), WISH, ["/unit"], ["daemon-reload", "restart"]),
        (replace(UP, enabled="disabled"), WISH, [], ["enable"]),
        (replace(UP, enabled="static"), WISH, [], []),
        (UP, replace(WISH, enabled=False), [], ["disable"]),
        (replace(UP, enabled="static"), replace(WISH, enabled=False), [], []),
        (replace(UP, active="failed"), WISH, [], ["start"]),
        (replace(UP, active="activating", sub="start"), WISH, [], []),  # it is on its way
        (replace(UP, active="activating", sub="auto-restart"), WISH, [], ["restart"]),
        (replace(UP, active="deactivating", sub="stop"), WISH, [], ["start"]),
        (UP, replace(WISH, state="stopped"), ["/c"], ["stop"]),
        (replace(UP, active="activating", sub="auto-restart"), replace(WISH, state="stopped"), [], ["stop"]),
        (DOWN, replace(WISH, state="stopped"), [], []),
        (NEW, replace(WISH, state="stopped", enabled=False), [], []),
    ],
)
def test_orders(unit: object, wish: Wish, changed: list[str], verbs: list[str]) -> None:
    orders = decide(unit, wish, changed)  # type: ignore[arg-type]
    assert orders.verbs == verbs
    assert len(orders.actions) == len(verbs)


def test_reason_names_the_file() -> None:
    assert "/etc/c, /etc/d" in decide(UP, WISH, ["/etc/c", "/etc/d"]).actions[0]


def test_newer_files(tmp_path: Path) -> None:
    old, new, absent = tmp_path / "old", tmp_path / "new", tmp_path / "absent"
    old.touch()
    new.touch()
    written = old.stat().st_ctime
    os.utime(new, (1, 1))  # an archive's old times do not hide that the file was just written
    watched = [str(old), str(new), str(absent)]
    assert newer(watched, written - 60) == [str(old), str(new)]
    assert newer(watched, written + 60) == []


def test_newer_within_the_clock_s_grain(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.touch()
    assert newer([str(path)], path.stat().st_ctime + 0.004) == [str(path)]


def test_directory_counts_with_its_own_entries(tmp_path: Path) -> None:
    inside = tmp_path / "d" / "file"
    inside.parent.mkdir()
    inside.touch()
    entered = inside.parent.stat().st_ctime
    while True:  # until the file's time differs from the directory's
        inside.write_text("x")
        if inside.stat().st_ctime > entered + 0.05:
            break
    assert newer([str(inside.parent)], entered + 0.02) == []


@pytest.mark.parametrize(
    ("unit", "first", "says"),
    [
        (UP, UP, ""),
        (replace(DOWN, job=True), None, ""),
        (replace(UP, job=True), None, ""),  # the old process is still stopping
        (replace(UP, active="deactivating", job=True), None, ""),
        (replace(UP, active="activating", sub="start"), UP, ""),
        (replace(DOWN, result="success"), None, "ended by itself"),
        (replace(DOWN, code="exited", status=3), UP, "exit code 3"),
        (replace(UP, active="failed", code="killed", status=9, result="signal"), UP, "failed (killed by signal 9)"),
        (replace(UP, active="failed", result="start-limit-hit"), UP, "start-limit-hit"),
        (replace(UP, active="activating", sub="auto-restart", code="exited", status=1), UP, "start it again"),
        (replace(UP, restarts=1), UP, "started it again (1 times)"),
        (replace(UP, restarts=7), replace(UP, restarts=7), ""),  # restarts of long ago
    ],
)
def test_death(unit: object, first: object, says: str) -> None:
    reason = death(unit, first)  # type: ignore[arg-type]
    assert says in reason and bool(says) == bool(reason)


def test_prediction() -> None:
    orders = decide(NEW, WISH, [])
    assert shown(NEW) == {"state": "inactive", "enabled": "disabled", "process": ""}
    assert predicted(NEW, WISH, orders) == {"state": "active", "enabled": "enabled", "process": "started anew"}
    assert predicted(UP, WISH, decide(UP, WISH, [])) == shown(UP)
    stop = replace(WISH, state="stopped", enabled=False)
    after = predicted(UP, stop, decide(UP, stop, []))
    assert after == {"state": "inactive", "enabled": "disabled", "process": ""}
