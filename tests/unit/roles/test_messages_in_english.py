"""Tasks that look for an English word in the output of a program run it in English.

ssh hands the operator's language on to the host (SendEnv and AcceptEnv of Debian's configuration).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).parents[3] / "roles"
OUTPUT = (".stderr", ".stdout")
CONDITIONS = ("until", "failed_when")


def tasks(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tasks, those in blocks too."""
    found = []
    for entry in entries:
        found.append(entry)
        for part in ("block", "rescue", "always"):
            found += tasks(entry.get(part, []))
    return found


READERS = [
    pytest.param(path, task, id=f"{path.parts[-3]}: {task['name']}")
    for path in sorted(ROLES.glob("*/tasks/*.yml"))
    for task in tasks(yaml.safe_load(path.read_text()))
    for condition in [" ".join(str(task.get(key, "")) for key in CONDITIONS)]
    if any(word in condition for word in OUTPUT)
]


def test_tasks_that_read_output_are_found() -> None:
    assert len(READERS) >= 2


@pytest.mark.parametrize(("path", "task"), READERS)
def test_task_reads_output_in_english(path: Path, task: dict[str, Any]) -> None:
    variables = yaml.safe_load((path.parents[1] / "vars/main.yml").read_text())
    assert task.get("environment") == "{{ __glance_packages_environment }}"
    assert variables["__glance_packages_environment"] == {"LC_ALL": "C.UTF-8"}
