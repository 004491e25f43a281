"""Modules that ask an API run within the task's process on the controller, and say the same as anywhere else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COLLECTION = Path(__file__).parents[4]
SECRET = "s3cret of the administrator"
AUTH = {"auth_url": "http://127.0.0.1:9/v3", "username": "admin", "password": SECRET, "project_name": "admin"}
TASKS: dict[str, dict[str, Any]] = {
    "stores_info": {"auth": AUTH},
    "store_canary": {"auth": AUTH, "stores": [{"id": "local"}]},
    "image": {"auth": AUTH, "name": "x", "state": "absent"},
    "service_identity": {
        "auth": AUTH,
        "project": "service",
        "user": "glance",
        "password": SECRET,
        "service_name": "glance",
        "service_type": "image",
        "region": "RegionOne",
    },
}
# What makes Ansible start a program, because the process would not be the same.
ELSEWHERE: list[dict[str, Any]] = [
    {"environment": {"LANG": "C.UTF-8"}},
    {"vars": {"ansible_python_interpreter": f"{sys.executable}3"}},
    {"async": 60, "poll": 1},
]


def run(tmp_path: Path, module: str, arguments: dict[str, Any], **task: Any) -> tuple[dict[str, Any], str]:
    """Return the result of a task and what Ansible prints of it."""
    report = tmp_path / "report.json"
    keep = {"dest": str(report), "content": "{{ result | to_json }}"}
    tasks = [
        {f"openimage.glance.{module}": arguments, "register": "result", "ignore_errors": True, **task},
        {"ansible.builtin.copy": keep},
    ]
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    environment = {**os.environ, "ANSIBLE_CONFIG": str(COLLECTION / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-vvv", "-i", "/dev/null", str(playbook)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert report.exists(), done.stdout + done.stderr
    return json.loads(report.read_text()), done.stdout + done.stderr


def program(printed: str, module: str) -> bool:
    """Tell whether Ansible started a program for a module."""
    return any("Using module file" in line and f"/{module}.py" in line for line in printed.splitlines())


@pytest.mark.parametrize("module", TASKS)
def test_the_result_is_that_of_a_program(tmp_path: Path, module: str) -> None:
    here, printed = run(tmp_path, module, TASKS[module])
    assert not program(printed, module)
    elsewhere, printed_elsewhere = run(tmp_path, module, TASKS[module], **ELSEWHERE[0])
    assert program(printed_elsewhere, module)
    assert here == elsewhere
    assert here["failed"] and "connection refused" in here["msg"]
    assert SECRET not in printed + printed_elsewhere + json.dumps(here)


@pytest.mark.parametrize("task", ELSEWHERE, ids=lambda task: next(iter(task)))
def test_another_environment_python_or_process_is_not_this_one(tmp_path: Path, task: dict[str, Any]) -> None:
    result, printed = run(tmp_path, "stores_info", TASKS["stores_info"], **task)
    assert program(printed, "stores_info")
    assert "connection refused" in result["msg"]


def test_a_mistake_in_the_arguments_is_said_in_the_same_words(tmp_path: Path) -> None:
    wrong = {"auth": AUTH, "levell": "loaded"}
    here, printed = run(tmp_path, "stores_info", wrong)
    elsewhere, printed_elsewhere = run(tmp_path, "stores_info", wrong, **ELSEWHERE[0])
    assert (program(printed, "stores_info"), program(printed_elsewhere, "stores_info")) == (False, True)
    assert here == elsewhere and "levell" in here["msg"]


def test_each_round_of_a_loop_says_its_own_warnings(tmp_path: Path) -> None:
    """They are said in check mode only, so that this shows that it reaches the module, too."""
    wanted = {**TASKS["service_identity"], "auth": {**AUTH, "auth_url": "{{ item }}"}, "assume_absent": True}
    rounds = {"check_mode": True, "loop": ["http://127.0.0.1:9/v3", "http://127.0.0.1:8/v3"]}
    here, printed = run(tmp_path, "service_identity", wanted, **rounds)
    elsewhere, printed_elsewhere = run(tmp_path, "service_identity", wanted, **rounds, **ELSEWHERE[0])
    assert not program(printed, "service_identity")
    assert here == elsewhere

    def warnings(text: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith("[WARNING]: Predicted")]

    assert warnings(printed) == warnings(printed_elsewhere) and len(warnings(printed)) == 2
