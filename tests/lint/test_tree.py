"""What must not be in any file, and what lock files must hold."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# Somebody's own machine; marks of unfinished work; a merge that went wrong.
UNWANTED = re.compile(r"(?<![\w.{}-])/(?:home|Users|work|workspace)/\w|# ?(?:TODO|FIXME|XXX)\b|^(?:<{7}|>{7}) ", re.M)


def files() -> list[Path]:
    """Return the files that are committed, or would be."""
    command = ["git", "-C", str(REPOSITORY), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return [REPOSITORY / name for name in sorted(set(names)) if name and (REPOSITORY / name).is_file()]


def requirements(path: Path) -> dict[str, str]:
    """Return name and version of what a lock file pins."""
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", path.read_text(), re.M))


def test_no_file_holds_what_does_not_belong_there() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}: {match.group()}"
        for path in files()
        if path != Path(__file__).resolve()
        for match in UNWANTED.finditer(path.read_bytes().decode(errors="replace"))
    ]
    assert found == []


def test_locks_hold_what_they_are_made_from() -> None:
    locks = [path for path in files() if path.suffix == ".txt" and path.with_suffix(".in").exists()]
    assert locks, "no lock file found"
    for lock in locks:
        wanted = re.findall(r"^([A-Za-z0-9._-]+)", lock.with_suffix(".in").read_text(), re.M)
        names = {re.sub(r"[-_.]+", "-", name).lower() for name in wanted if not name.startswith("-")}
        assert names - set(requirements(lock)) == set(), f"{lock.name}: run uv pip compile again"


def test_tests_use_the_versions_that_users_get() -> None:
    locks = {path.stem: requirements(path) for path in (REPOSITORY / "requirements").glob("*.txt")}
    controls = {name: lock for name, lock in locks.items() if name.startswith("control-")}
    assert set(controls) >= {"control-2.19", "control-2.20", "control-2.21"}
    for name, lock in controls.items():
        assert f"control-{lock['ansible-core']}".startswith(f"{name}."), name
        for other in ("unit", "test"):
            shared = (lock.keys() & locks[other].keys()) - {"ansible-core"}
            assert {key: locks[other][key] for key in shared} == {key: lock[key] for key in shared}, (name, other)
    for name in ("control-2.19", "unit"):
        assert locks["test"].items() >= locks[name].items(), name


def test_locks_of_ansible_core_name_the_python_that_they_are_for() -> None:
    """scripts/venvs.sh reads it there, to choose the newest core that this machine's Python allows."""
    for lock in (REPOSITORY / "requirements").glob("control-*.txt"):
        head = "\n".join(lock.read_text().splitlines()[:3])
        assert re.search(r"^# .* --python-version 3\.\d+ ", head, re.M), lock.name
