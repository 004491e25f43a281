# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs under Glance's interpreter, as far as it needs no Glance."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._schema import (
    child_side,
    config_side,
    glance_side,
    metadefs_side,
)
from ansible_collections.openimage.glance.plugins.module_utils._schema.config_side import Json, Trouble
from ansible_collections.openimage.glance.plugins.module_utils._schema.state_side import State, marker_for


def test_child_hands_back_its_value_and_output() -> None:
    assert child_side.in_child(lambda: (os.write(2, b"said"), {"a": 1})[1]) == {
        "rc": 0,
        "output": "said",
        "value": {"a": 1},
    }


@pytest.mark.parametrize(("reason", "code", "said"), [(3, 3, ""), ("text", 1, "text\n"), (None, 0, "")])
def test_child_exits_as_glance_manage_does(reason: str | int | None, code: int, said: str) -> None:
    result = child_side.in_child(lambda: sys.exit(reason))
    assert (result["rc"], result["value"]) == (code, None)
    assert result["output"] == said


def test_childs_exception_stays_in_the_child() -> None:
    def work() -> None:
        raise Trouble("database", "inside")

    result = child_side.in_child(work)
    assert result["rc"] == 1 and "Trouble: inside" in result["output"]


def test_child_that_hangs_or_is_killed() -> None:
    result = child_side.in_child(lambda: time.sleep(20), seconds=1)
    assert result["rc"] == -signal.SIGALRM and "no answer within 1 s" in result["output"]
    assert child_side.in_child(lambda: os.kill(os.getpid(), signal.SIGKILL))["rc"] == -signal.SIGKILL


@pytest.mark.parametrize("secret", ["p@ss:/w%rd#'\"", "plain", "a b"])
def test_password_is_masked_in_every_spelling(secret: str) -> None:
    url = SimpleNamespace(password=secret)
    text = f"{secret} {config_side.quote(secret)} {config_side.quote(secret, safe='')} {config_side.quote_plus(secret)}"
    assert config_side.mask(text, url) == "******** ******** ******** ********"
    assert config_side.mask("nothing", SimpleNamespace(password=None)) == "nothing"


def definitions(path: Path) -> None:
    """Write two namespaces."""
    first = {
        "namespace": "OS::One",
        "properties": {"P": {}},
        "objects": [{"name": "o"}],
        "tags": [{"name": "t"}],
        "resource_type_associations": [{"name": "OS::Glance::Image"}],
    }
    (path / "one.json").write_text(json.dumps(first))
    (path / "two.json").write_text(json.dumps({"namespace": "OS::Two"}))
    (path / "README").write_text("no definition")


def test_released_definitions(tmp_path: Path) -> None:
    definitions(tmp_path)
    assert metadefs_side.released(str(tmp_path)) == {
        "os::one": {("property", "p"), ("object", "o"), ("tag", "t"), ("resource type", "os::glance::image")},
        "os::two": set(),
    }


def test_broken_or_no_definitions(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="holds no metadata definition"):
        metadefs_side.released(str(tmp_path))
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(Trouble, match=r"x\.json: "):
        metadefs_side.released(str(tmp_path))


def test_without_a_database_all_is_missing(tmp_path: Path) -> None:
    definitions(tmp_path)
    seen = metadefs_side.compare(None, metadefs_side.released(str(tmp_path)))
    assert seen == {"total": 2, "missing": ["os::one", "os::two"], "incomplete": []}


def test_digest_follows_content_and_names(tmp_path: Path) -> None:
    definitions(tmp_path)
    first = metadefs_side.digest(str(tmp_path))
    (tmp_path / "README").write_text("still no definition")
    assert metadefs_side.digest(str(tmp_path)) == first
    (tmp_path / "two.json").rename(tmp_path / "three.json")
    second = metadefs_side.digest(str(tmp_path))
    (tmp_path / "three.json").write_text("{}")
    assert len({first, second, metadefs_side.digest(str(tmp_path))}) == 3


def test_state_file(tmp_path: Path) -> None:
    request = {"state_file": str(tmp_path / "s.json"), "lock_timeout": 0}
    assert State(request, create=False).read() is None
    assert not (tmp_path / "s.json").exists()  # to look changes nothing
    state = State(request, create=True)
    assert state.read() is None
    state.write({"digest": "a long one"})
    state.write({"digest": "d"})
    assert state.read() == {"digest": "d"}
    state.write(None)
    assert state.read() is None
    (tmp_path / "s.json").write_text('{"dig')  # torn by a full disk
    assert state.read() is None


def test_note_stays_beside_the_marker(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    request = {"state_file": str(path), "lock_timeout": 0}
    State(request, create=False).note({"code": "c"})
    assert not path.exists()  # to look makes no file
    path.write_text(json.dumps({"digest": "d", "database": {"host": "db1"}}))
    state = State(request, create=False)
    state.note({"code": "c"})
    assert state.read() == {"digest": "d", "database": {"host": "db1"}, "current": {"code": "c"}}
    assert marker_for(state.read(), {"host": "db1"}) == state.read()
    assert marker_for(state.read(), {"host": "db2"}) is None
    os.utime(path, (1, 1))
    state.note({"code": "c"})
    assert path.stat().st_mtime == 1  # what is noted already is not written again
    state.note({"code": "other"})
    assert state.read() == {"digest": "d", "database": {"host": "db1"}, "current": {"code": "other"}}


def test_note_alone_is_no_marker(tmp_path: Path) -> None:
    (tmp_path / "s.json").touch()
    state = State({"state_file": str(tmp_path / "s.json"), "lock_timeout": 0}, create=False)
    state.note({"code": "c"})
    assert marker_for(state.read(), {"host": "db1"}) is None
    state.write(None)
    assert state.read() is None


def test_full_disk_does_not_matter_to_a_look(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"digest": "d"}')

    def work() -> str:
        state = State({"state_file": str(tmp_path / "s.json"), "lock_timeout": 0}, create=False)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        state.note({"code": "c"})
        return "went on"

    assert child_side.in_child(work)["value"] == "went on"
    assert (tmp_path / "s.json").read_text() == '{"digest": "d"}'


class Session:
    """Stands where Glance would be asked."""

    noteworthy = True
    check = 0

    def __init__(self, request: Json) -> None:
        self.where = {"dialect": "mysql"}

    def look(self, state: State) -> Json:
        return {"check": self.check, "heads": ["c"], "identity": {"host": "db1"}}


@pytest.fixture
def without_glance(monkeypatch: pytest.MonkeyPatch) -> type[Session]:
    """Let the full look run without Glance; return what it asks."""
    modules = {name: ModuleType(name) for name in ("glance", "glance.cmd", "glance.cmd.manage", "glance.version")}
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
        parent, _dot, child = name.rpartition(".")
        if parent:
            setattr(modules[parent], child, module)
    version = SimpleNamespace(version_string=lambda: "30.0.0")
    monkeypatch.setattr(modules["glance.version"], "version_info", version, raising=False)
    stand_in = type("StandIn", (Session,), {})
    monkeypatch.setattr(glance_side, "Session", stand_in)
    return stand_in


@pytest.mark.parametrize(
    ("code", "may_note", "check", "noteworthy", "noted"),
    [
        ("c0de", True, 0, True, True),
        ("", True, 0, True, False),
        ("c0de", False, 0, True, False),
        ("c0de", True, 3, True, False),
        ("c0de", True, 0, False, False),
    ],
    ids=["current", "unknown code", "check mode", "outdated", "no PyMySQL"],
)
def test_when_a_full_look_leaves_a_note(
    tmp_path: Path,
    without_glance: type[Session],
    code: str,
    may_note: bool,
    check: int,
    noteworthy: bool,
    noted: bool,
) -> None:
    path = tmp_path / "s.json"
    path.touch()
    without_glance.check, without_glance.noteworthy = check, noteworthy
    request = {"state_file": str(path), "lock_timeout": 0, "steps": [], "may_note": may_note}
    reply = glance_side.answer_in_full(request, code)
    assert reply["state"]["check"] == check and "trouble" not in reply
    note = {"code": "c0de", "release": "30.0.0", "database": {"host": "db1"}, "revisions": ["c"]}
    assert path.read_text() == (json.dumps({"current": note}, indent=1, sort_keys=True) if noted else "")


def test_state_file_is_locked(tmp_path: Path) -> None:
    request = {"state_file": str(tmp_path / "s.json"), "lock_timeout": 0}
    with (tmp_path / "s.json").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Trouble, match="another run"):
            State(request, create=False)
    State(request, create=False)


def test_state_file_out_of_reach(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as caught:
        State({"state_file": str(tmp_path / "no" / "s.json"), "lock_timeout": 0}, create=True)
    assert caught.value.kind == "state"


def test_nothing_is_kept_in_the_home_of_the_service() -> None:
    """A look in check mode once left stevedore's cache there, and a share could not be mounted any more."""

    def environment() -> dict[str, str]:
        config_side.prepare()
        return dict(os.environ)

    assert child_side.in_child(environment)["value"]["XDG_CACHE_HOME"] == "/dev/null"
