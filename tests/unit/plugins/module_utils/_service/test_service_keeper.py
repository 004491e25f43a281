# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the keeper orders, waits and gives up; systemd's words are played, one look after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._service import keeper as keeper_module
from ansible_collections.openimage.glance.plugins.module_utils._service.decisions import Orders, Wish, decide
from ansible_collections.openimage.glance.plugins.module_utils._service.keeper import Keeper, ServiceError, tail
from ansible_collections.openimage.glance.plugins.module_utils._service.unit import parse
from ansible_collections.openimage.glance.plugins.module_utils._service.waiting import Limits


def says(active: str, sub: str, **more: object) -> str:
    """What systemctl show prints."""
    told = {"LoadState": "loaded", "ActiveState": active, "SubState": sub, "UnitFileState": "enabled", **more}
    return "\n".join(f"{name}={value}" for name, value in told.items())


PATIENT = Limits(1000, 1000)
NONE = Limits(0, 1000, "a_variable")
OLD = says("active", "running", MainPID=1, InvocationID="a")
UP = says("active", "running", MainPID=2, InvocationID="b")
STOPPING = says("deactivating", "stop", MainPID=1, InvocationID="a", Job=7)
LOOP = says("activating", "auto-restart", InvocationID="b", ExecMainCode=1, ExecMainStatus=3)
DOWN = says("inactive", "dead", InvocationID="a")


class Module:
    """Plays what systemctl show says; the last one stays."""

    def __init__(self, *looks: str, code: int = 0) -> None:
        self.looks = list(looks)
        self.code = code
        self.commands: list[list[str]] = []

    def run_command(self, command: list[str], environ_update: dict[str, str]) -> tuple[int, str, str]:
        assert environ_update["LC_ALL"] == "C.UTF-8"
        self.commands.append(command)
        if command[1] == "show":
            return 0, self.looks.pop(0) if len(self.looks) > 1 else self.looks[0], ""
        if command[0] == "journalctl":
            return 0, "the journal says why\n", ""
        return self.code, "", "systemctl says no" if self.code else ""

    @property
    def orders(self) -> list[str]:
        """What was ordered, in words."""
        return [" ".join(command[1:]) for command in self.commands if command[1] not in ("show", "--no-pager")]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "PAUSE", 0.001)


def test_waits_for_the_new_process() -> None:
    module = Module(STOPPING, STOPPING, UP)
    end = Keeper(module, "t", None, PATIENT).ready(parse(OLD), True, None)
    assert (end.unit.pid, end.status) == (2, None)


@pytest.mark.parametrize(
    ("looks", "reason"),
    [
        ([STOPPING, LOOP], r"died \(exit code 3\)"),
        ([UP, UP, LOOP], "start it again"),
        ([UP, UP, UP.replace("InvocationID=b", "InvocationID=c") + "\nNRestarts=1"], "started it again"),
        ([says("failed", "failed", InvocationID="b", ExecMainCode=2, ExecMainStatus=9)], "killed by signal 9"),
        ([DOWN], "ended by itself"),
    ],
)
def test_fails_at_once_with_the_journal(looks: list[str], reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although the time is not up: two looks at most would fit into it otherwise."""
    monkeypatch.setattr(keeper_module, "SETTLED", 1e12)
    with pytest.raises(ServiceError, match=reason) as caught:
        Keeper(Module(*looks), "t", None, PATIENT).ready(parse(OLD), True, None)
    assert "the journal says why" in str(caught.value)


def test_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "SETTLED", 1e12)
    with pytest.raises(
        ServiceError, match=r"not ready within 0 s \(a_variable\).*: it has only just started\. To do: "
    ):
        Keeper(Module(UP), "t", None, NONE).ready(parse(OLD), True, None)
    with pytest.raises(ServiceError, match=r"it is still deactivating \(stop\)"):
        Keeper(Module(STOPPING), "t", None, NONE).ready(parse(OLD), True, None)


def test_orders_are_begun_and_remembered() -> None:
    module = Module(DOWN)
    keeper = Keeper(module, "t", None, PATIENT)
    before = parse(says("failed", "failed", UnitFileState="disabled", NeedDaemonReload="yes"))
    keeper.order(decide(before, Wish(keeper.name, "started", True, False), []), before)
    assert module.orders == [
        "reset-failed t.service",
        "daemon-reload",
        "enable --quiet t.service",
        "--no-block start t.service",
    ]
    assert len(keeper.done) == 3


def test_refused_order_is_named() -> None:
    orders = Orders()
    orders.add("restart", "restarted")
    keeper = Keeper(Module(OLD, code=1), "t", None, PATIENT)
    with pytest.raises(ServiceError, match="systemctl says no"):
        keeper.order(orders, parse(OLD))
    assert keeper.done == []


@pytest.mark.parametrize("state", ["not-found", "bad-setting", "error"])
def test_systemd_is_reloaded_when_it_knows_no_usable_file(state: str) -> None:
    module = Module(f"LoadState={state}", OLD)
    assert Keeper(module, "t", None, PATIENT).known(False).exists
    assert module.orders == ["daemon-reload"]


def test_check_mode_does_not_reload() -> None:
    module = Module("LoadState=not-found")
    assert not Keeper(module, "t", None, PATIENT).known(True).exists
    assert module.orders == []


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        ("LoadState=not-found", "knows no unit t.service"),
        ("LoadState=masked", "masked"),
        ("LoadState=bad-setting", "systemd-analyze verify"),
    ],
)
def test_unit_that_cannot_run(look: str, reason: str) -> None:
    with pytest.raises(ServiceError, match=reason):
        Keeper(Module(look), "t", None, PATIENT).known(False)


def test_stopped() -> None:
    assert Keeper(Module(STOPPING, DOWN), "t.service", None, PATIENT).stopped().active == "inactive"
    with pytest.raises(ServiceError, match=r"did not stop within 0 s \(a_variable\)"):
        Keeper(Module(STOPPING), "t", None, NONE).stopped()


def test_log_file_shows_what_is_new(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\n")
    keeper = Keeper(Module(LOOP), "t", str(log), PATIENT)
    assert tail(str(log), keeper.logged) == "old"
    with log.open("a") as more:
        more.write("new\n")
    with pytest.raises(ServiceError) as caught:
        keeper.ready(parse(OLD), True, None)
    assert str(caught.value).endswith(f"Last lines of {log}:\nnew")
    log.write_text("rotated\n")
    assert tail(str(log), 1000) == "rotated"
    assert "No such file" in tail(str(tmp_path / "none"), 0)


def test_log_lines_are_bounded(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(5000)))
    shown: Any = tail(str(log), 0).splitlines()
    assert len(shown) == keeper_module.LOG_LINES and shown[-1] == "line 4999"
