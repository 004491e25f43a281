"""How the probe is started and what becomes of its answer."""

from __future__ import annotations

import json
import sys

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config import validation

SECRET = "only-on-standard-input"


def ask(code: int, output: str, errors: str = "") -> tuple[validation.Answer, list[str], dict]:
    seen: list = []

    def run(command: list[str], data: bytes) -> tuple[int, str, str]:
        seen.extend([command, json.loads(data)])
        return code, output, errors

    answer = validation.ask(run, "/opt/python", [("/etc/x.conf", f"password = {SECRET}")], {"a": "file"}, [])
    return answer, seen[0], seen[1]


def test_contents_travel_on_standard_input_only() -> None:
    answer, command, job = ask(0, '{"findings": []}')
    assert answer == ([], [], ())
    assert SECRET not in " ".join(command)
    assert job["files"] == [["/etc/x.conf", f"password = {SECRET}"]]
    assert "def examine(" in job["sources"][-1][1]


def test_missing_namespaces_are_told_apart() -> None:
    assert ask(0, '{"missing": ["glance.api"]}')[0].missing == ["glance.api"]


@pytest.mark.parametrize(
    ("output", "errors", "reason"),
    [
        ("", "Traceback\n  line\nImportError: no x\n", "ImportError: no x"),
        ("not json", "", "no output"),
    ],
)
def test_a_probe_that_breaks_names_the_reason(output: str, errors: str, reason: str) -> None:
    with pytest.raises(validation.ProbeFailed, match=rf"/opt/python could not load .* \(exit status 1\): {reason}"):
        ask(1, output, errors)


def test_given_namespaces_replace_the_defaults() -> None:
    jobs: list[dict] = []

    def run(_command: list[str], data: bytes) -> tuple[int, str, str]:
        jobs.append(json.loads(data))
        return 0, '{"findings": []}', ""

    validation.ask(run, sys.executable, [], {}, ["keystone"])
    assert (jobs[0]["namespaces"], jobs[0]["optional"]) == (["keystone"], [])
