"""Role defaults, their documentation and the names in them agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
ROLES = sorted(path for path in (REPOSITORY / "roles").iterdir() if path.is_dir())
INTERNAL = re.compile(r"__glance_\w+")
ANY = re.compile(r"(__)?glance_\w+")

pytestmark = pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)


def read(path: Path) -> Any:
    return (yaml.safe_load(path.read_text()) or {}) if path.exists() else {}


def tasks(content: Any) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a file, those in blocks included."""
    for task in content or []:
        yield task
        for branch in ("block", "rescue", "always"):
            yield from tasks(task.get(branch))


def tasks_of(role: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for folder in ("tasks", "handlers"):
        for path in sorted((role / folder).glob("*.yml")):
            for task in tasks(read(path)):
                yield f"{path.relative_to(REPOSITORY)}: {task.get('name')}", task


def test_every_default_is_documented_and_every_documented_default_is_real(role: Path) -> None:
    defaults = read(role / "defaults" / "main.yml")
    options = {
        name: option
        for entry_point in read(role / "meta" / "argument_specs.yml").get("argument_specs", {}).values()
        for name, option in (entry_point.get("options") or {}).items()
    }
    assert sorted(set(defaults) - set(options)) == [], "in defaults/main.yml, but not in meta/argument_specs.yml"
    without_default = {name for name, option in options.items() if not option.get("required")} - set(defaults)
    assert sorted(without_default) == [], "in meta/argument_specs.yml, but neither required nor in defaults/main.yml"
    open_secrets = {name for name, option in options.items() if re.search(r"password|secret", name)}
    assert sorted(name for name in open_secrets if not options[name].get("no_log")) == [], "secrets need no_log: true"
    wrong = {
        name: f"documented as {option['default']!r}, really {defaults.get(name, 'undefined')!r}"
        for name, option in options.items()
        if "default" in option and "{{" not in str(defaults.get(name)) and option["default"] != defaults.get(name)
    }
    assert wrong == {}


def test_variables_have_the_prefix_of_the_product(role: Path) -> None:
    names = set(read(role / "defaults" / "main.yml"))
    assert [name for name in names if not re.fullmatch(r"glance_\w+", name)] == []
    names = {name for path in (role / "vars").glob("*.yml") for name in read(path)}
    assert [name for name in names if not INTERNAL.fullmatch(name)] == []


def test_what_tasks_set_is_internal(role: Path) -> None:
    wrong = []
    for place, task in tasks_of(role):
        facts = task.get("ansible.builtin.set_fact") or {}
        names = [*facts, task.get("register"), (task.get("loop_control") or {}).get("loop_var")]
        wrong += [f"{place}: {name}" for name in names if name and name != "cacheable" and not INTERNAL.fullmatch(name)]
        given = [name for name in task.get("vars") or {} if not name.startswith("ansible_")]
        wrong += [f"{place}: {name}" for name in given if not ANY.fullmatch(name)]
    assert wrong == []


def test_it_has_a_readme_and_says_what_it_takes(role: Path) -> None:
    assert (role / "README.md").exists(), "Galaxy refuses roles without"
    assert (role / "meta" / "argument_specs.yml").exists()
