"""The steps in forked children: conditions, exit statuses, output, and that no child comes back."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._keystone import runner
from ansible_collections.openimage.glance.plugins.module_utils._keystone.host import has_keys, interpreter
from ansible_collections.openimage.glance.plugins.module_utils._keystone.plan import KeystoneError

if TYPE_CHECKING:
    from pathlib import Path


# Stands in for keystone-manage: does what its argument says.
MANAGE = """
import os, sys
def main():
    what = sys.argv[1]
    if what == "crash":
        raise ValueError("no such thing")
    if what == "killed":
        os.kill(os.getpid(), 9)
    if what == "complain":
        sys.exit("a message instead of a number")
    if what == "print":
        os.write(2, b"from below\\n")
        print("from above")
        return None
    return int(what) or sys.exit(0)
"""


@pytest.fixture
def results(tmp_path: Path) -> Any:
    """Return a function that runs steps as the module does: the source in a Python of its own."""
    package = tmp_path / "keystone" / "cmd"
    package.mkdir(parents=True)
    (package / "manage.py").write_text(MANAGE)

    def call(*steps: dict[str, Any]) -> dict[str, Any]:
        program = f"{inspect.getsource(runner)}\nmain(json.loads({json.dumps(steps)!r}))"
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        run = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )
        outcome: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
        return outcome

    return call


@pytest.mark.parametrize(
    ("what", "rc", "text"),
    [
        ("0", 0, ""),
        ("3", 3, ""),
        ("crash", 1, "ValueError: no such thing"),
        ("killed", 137, ""),
        ("complain", 1, ""),
        ("print", 0, "from below\nfrom above\n"),
    ],
)
def test_exit_status_and_output(results: Any, what: str, rc: int, text: str) -> None:
    outcome = results({"name": "x", "argv": [what]})["x"]
    assert outcome["rc"] == rc and text in outcome["output"]


def test_a_failure_ends_it_unless_it_is_an_answer(results: Any) -> None:
    assert list(results({"name": "a", "argv": ["2"]}, {"name": "b", "argv": ["0"]})) == ["a"]
    assert list(results({"name": "a", "argv": ["2"], "fine": [0, 2]}, {"name": "b", "argv": ["0"]})) == ["a", "b"]


@pytest.mark.parametrize(("answer", "ran"), [("0", ["question", "needs"]), ("2", ["question", "unless"])])
def test_conditions(results: Any, answer: str, ran: list[str]) -> None:
    outcome = results(
        {"name": "question", "argv": [answer], "fine": [0, 2]},
        {"name": "unless", "argv": ["0"], "unless": "question"},
        {"name": "needs", "argv": ["0"], "needs": "question"},
    )
    assert list(outcome) == ran
    # A question that was not asked has no answer.
    assert "b" in results({"name": "b", "argv": ["0"], "unless": "never asked"})
    assert results({"name": "b", "argv": ["0"], "needs": "never asked"}) == {}


def test_keys(tmp_path: Path) -> None:
    assert not has_keys(str(tmp_path / "missing"))
    (tmp_path / "README").touch()
    assert not has_keys(str(tmp_path))
    (tmp_path / "0").touch()
    assert has_keys(str(tmp_path))


def test_interpreter(tmp_path: Path) -> None:
    script = tmp_path / "keystone-manage"
    script.write_text("#! /usr/bin/python3 -s\nprint()\n")
    assert interpreter(str(script)) == ["/usr/bin/python3", "-s"]
    script.write_bytes(b"\x7fELF\xff\n")
    with pytest.raises(KeystoneError, match="interpreter"):
        interpreter(str(script))
