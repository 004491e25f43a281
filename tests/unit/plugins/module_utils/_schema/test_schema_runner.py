# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a plan is carried through, healed and given up."""

from __future__ import annotations

import dataclasses
import json
import os
import pwd
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils import _travel
from ansible_collections.openimage.glance.plugins.module_utils._schema.model import Plan, decide
from ansible_collections.openimage.glance.plugins.module_utils._schema.runner import (
    SIDES,
    Runner,
    SchemaError,
    Settings,
)

ME = pwd.getpwuid(os.geteuid()).pw_name
WHERE = {"dialect": "mysql", "host": "db1", "port": None, "database": "glance", "user": "glance"}
CURRENT = {"check": 0, "heads": ["c"], "target": "c", "tables": {}, "metadefs": None, "marker": None}
EXISTS = "(1050, \"Table 'node_reference' already exists\")"


class Module:
    """Answers in turn what Glance's side would, and keeps the requests."""

    def __init__(self, *replies: dict[str, Any] | tuple[int, str, str]) -> None:
        self.replies = list(replies)
        self.requests: list[dict[str, Any]] = []
        self.commands: list[list[str]] = []

    def run_command(self, command: list[str], **options: Any) -> tuple[int, str, str]:
        request = json.loads(options["data"])
        assert request.pop("sources") and options["binary_data"] and options["cwd"] == "/"
        self.commands.append(command)
        self.requests.append(request)
        reply = self.replies.pop(0)
        return (
            reply if isinstance(reply, tuple) else (0, json.dumps({"where": WHERE, "release": "33.0.0", **reply}), "")
        )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "glance-api.conf").touch()
    (tmp_path / "glance-api.conf.d").mkdir()
    return Settings("/bin/sh", str(tmp_path), ME, "/state", True, "", 5)


def failed(output: str, state: dict[str, Any]) -> dict[str, Any]:
    """A reply in which the first step failed."""
    return {"steps": [{"rc": 1, "output": output}], "state": state}


def sync() -> Plan:
    """The plan to sync."""
    plan = Plan()
    plan.run(["db", "sync"], "why")
    return plan


def test_looks_with_the_api_s_configuration(settings: Settings, tmp_path: Path) -> None:
    module = Module({"steps": [], "state": CURRENT})
    runner = Runner(module, settings)
    assert runner.look().schema == "current" and runner.release == "33.0.0"
    request = module.requests[0]
    assert request["files"] == [str(tmp_path / "glance-api.conf")]
    assert request["dirs"] == [str(tmp_path / "glance-api.conf.d")]
    assert request["steps"] == []
    assert request["may_note"] is True


def test_check_mode_leaves_no_note(settings: Settings) -> None:
    module = Module({"steps": [], "state": CURRENT})
    Runner(module, dataclasses.replace(settings, check_mode=True)).look()
    assert module.requests[0]["may_note"] is False


def test_program_needs_nothing_around_it(settings: Settings) -> None:
    """An interpreter with neither the collection nor Glance can run it, and says what lacks."""
    python, *words = _travel.command(sys.executable)
    luggage = _travel.luggage(SIDES, settings.request([]))
    done = subprocess.run([python, "-S", *words], input=luggage, capture_output=True, timeout=600, check=True)
    assert json.loads(done.stdout) == {"trouble": {"kind": "import", "text": "No module named 'glance'"}}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")
def test_root_becomes_the_service_s_user(settings: Settings) -> None:
    command = Runner(Module(), settings).command()
    assert command[:4] == ["setpriv", "--reuid", ME, "--regid"]
    assert "--init-groups" in command and "-I" in command


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"python": "/nope/python"}, "/nope/python does not exist"),
        ({"config_dir": "/nope"}, "/nope/glance-api.conf does not exist"),
        ({"user": "no-such-user"}, "'no-such-user' does not exist"),
    ],
)
def test_fresh_host(settings: Settings, broken: dict[str, str], says: str) -> None:
    with pytest.raises(SchemaError, match=says) as caught:
        Runner(Module(), Settings(**{**vars(settings), **broken})).look()
    assert caught.value.not_yet


@pytest.mark.parametrize(
    ("trouble", "says", "not_yet"),
    [
        ({"kind": "database", "text": '(1045, "Access denied")'}, "wrong password", True),
        ({"kind": "database", "text": '(1040, "Too many connections")'}, "no free connection", False),
        ({"kind": "import", "text": "No module named 'glance'"}, "not installed", True),
        ({"kind": "config", "text": "bad line"}, "bad line", False),
        ({"kind": "unset", "text": "x"}, "names no usable database", True),
        ({"kind": "metadefs", "text": "/md: x"}, "/md: x", False),
        ({"kind": "state", "text": "/s: Permission denied"}, f"as user '{ME}': /s", False),
        ({"kind": "busy", "text": "/s: x"}, "Another run", False),
    ],
)
def test_troubles(settings: Settings, trouble: dict[str, str], says: str, not_yet: bool) -> None:
    with pytest.raises(SchemaError) as caught:
        Runner(Module({"trouble": trouble}), settings).look()
    assert says in str(caught.value) and "To do: " in str(caught.value)
    assert caught.value.not_yet == not_yet


def test_interpreter_that_fails(settings: Settings) -> None:
    with pytest.raises(SchemaError, match=r"exit code 1\): ImportError: bad"):
        Runner(Module((1, "", "Traceback\nImportError: bad: x")), settings).look()


def test_carries_out(settings: Settings) -> None:
    module = Module({"steps": [{"rc": 0, "output": ""}], "state": CURRENT})
    actions, state = Runner(module, settings).carry_out(sync())
    assert actions == ["glance-manage db sync (why)"] and state.schema == "current"


def test_makes_way_for_an_interrupted_migration(settings: Settings) -> None:
    used = {**CURRENT, "check": 3, "heads": ["z"], "tables": {"images": False, "node_reference": True}}
    done = {"rc": 0, "output": ""}
    module = Module(failed(EXISTS, used), {"steps": [done, done], "state": CURRENT})
    actions, state = Runner(module, settings).carry_out(sync())
    assert [step["do"] for step in module.requests[1]["steps"]] == ["drop", "run"]
    assert len(actions) == 2 and "node_reference" in actions[0] and state.schema == "current"


def test_does_not_make_way_over_rows(settings: Settings) -> None:
    used = {**CURRENT, "check": 3, "heads": ["z"], "tables": {"images": False, "node_reference": False}}
    with pytest.raises(SchemaError, match="restore the backup") as caught:
        Runner(Module(failed(EXISTS, used)), settings).carry_out(sync())
    assert caught.value.output == EXISTS and caught.value.actions == []


def test_gives_up_in_the_end(settings: Settings) -> None:
    used = {**CURRENT, "check": 3, "heads": ["z"], "tables": {"images": False, "node_reference": True}}
    again = {"steps": [{"rc": 0, "output": ""}, {"rc": 1, "output": EXISTS}], "state": used}
    with pytest.raises(SchemaError, match="Gave up") as caught:
        Runner(Module(failed(EXISTS, used), *[again] * 5), settings).carry_out(sync())
    assert len(caught.value.actions) == 5


def test_other_failure_tells_what_was_done(settings: Settings) -> None:
    plan = decide(
        Runner(Module({"state": {**CURRENT, "metadefs": METADEFS, "check": 3, "heads": []}}), settings).look(), "sync"
    )
    steps = [{"rc": 0, "output": ""}, {"rc": 0, "output": ""}, {"rc": 1, "output": '(2013, "Lost connection")'}]
    reply = {"steps": steps, "trouble": {"kind": "database", "text": "x"}}
    with pytest.raises(SchemaError, match=r"db load_metadefs.*went away") as caught:
        Runner(Module(reply), settings).carry_out(plan)
    assert caught.value.actions == ["glance-manage db sync (the database is empty)"]


METADEFS = {"path": "/md", "digest": "d", "total": 1, "missing": ["a"], "incomplete": []}
