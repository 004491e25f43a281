"""A refused change leaves alone what the running API reads: it is written once, by the call that judges all of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).resolve().parents[3] / "roles"
WRITER = "openimage.glance.config_files"


def tasks(path: Path) -> list[dict[str, Any]]:
    """Return the tasks of a file, those of blocks among them."""

    def each(listed: Any) -> Iterator[dict[str, Any]]:
        for task in listed or []:
            yield task
            for part in ("block", "rescue", "always"):
                yield from each(task.get(part))

    return list(each(yaml.safe_load(path.read_text())))


STORES = [task for path in (ROLES / "stores" / "tasks").glob("*.yml") for task in tasks(path)]
BECOMING = [
    task for path in ROLES.glob("*/tasks/*.yml") for task in tasks(path) if task.get("become_user", "root") != "root"
]


def test_preparing_the_stores_writes_and_removes_no_file() -> None:
    written = [set(task[WRITER]) for task in STORES if WRITER in task]
    assert written and all(arguments == {"directories"} for arguments in written)


def test_the_call_that_judges_the_configuration_writes_the_stores_files_and_their_secrets() -> None:
    (task,) = [task for task in tasks(ROLES / "api" / "tasks" / "configure.yml") if WRITER in task]
    arguments = task[WRITER]
    assert arguments["validate"] and arguments["secrets"] == "{{ __glance_secrets }}"
    assert "__glance_stores_files" in arguments["files"]
    assert "__glance_stores_file_directories" in arguments["directories"]
    assert "__glance_stores_absent" in arguments["absent"]
    # Its arguments hold keys, which no journal may have.
    assert task["vars"]["ansible_no_target_syslog"] is True


def test_mounts_are_given_up_after_the_api_has_let_go_of_them() -> None:
    names = [str(task) for task in tasks(ROLES / "api" / "tasks" / "main.yml")]
    order = [
        next(number for number, name in enumerate(names) if part in name)
        for part in ("configure", "run.yml", "unmount")
    ]
    assert order == sorted(order) and order[-1] == len(names) - 1


@pytest.mark.parametrize("task", BECOMING, ids=lambda task: task["name"])
def test_a_task_of_another_user_needs_no_file_of_the_one_who_logs_in(task: dict[str, Any]) -> None:
    assert task["vars"]["ansible_pipelining"] is True


def test_there_are_such_tasks() -> None:
    assert BECOMING
