"""A virtual environment is complete, or it is not taken for one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils import _venv
from ansible_collections.openimage.glance.plugins.module_utils._venv import (
    MARKER,
    Venv,
    VenvError,
    build,
    installed_digest,
    link,
    links,
    pins,
)


class Commands:
    """Stands for the host's commands; keeps what was run, fails where told."""

    def __init__(self, venv: Venv, fail: str = "") -> None:
        self.venv, self.fail = venv, fail
        self.calls: list[tuple[list[str], dict[str, str], str | None]] = []

    def __call__(self, command: list[str], environment: dict[str, str], data: str | None) -> tuple[int, str, str]:
        self.calls.append((command, environment, data))
        # uv leaves locks there.
        Path(environment["TMPDIR"], f"uv-{len(self.calls)}.lock").touch()
        if self.fail and self.fail in command:
            return 1, "", "line\nNo space left on device"
        if "-m" in command:
            Path(command[-1], "bin").mkdir(parents=True)
        return 0, "", ""


@pytest.fixture
def venv(tmp_path: Path) -> Venv:
    return Venv(
        str(tmp_path / "opt" / "2026.2"), "glance==33.0.0 \\\n    --hash=sha256:1\n", "uv==1.0 \\\n", "/usr/bin/python3"
    )


def complete(venv: Venv, commands: Commands) -> None:
    Path(venv.path).mkdir(parents=True, exist_ok=True)
    build(venv, "Python 3.13.5", commands)


def test_marker_is_written_last_and_names_lock_and_python(venv: Venv) -> None:
    assert installed_digest(venv) == ""
    complete(venv, Commands(venv))
    assert installed_digest(venv) == venv.digest("Python 3.13.5")
    assert installed_digest(venv) != venv.digest("Python 3.11.2")
    assert installed_digest(venv) != venv._replace(lock="glance==32.0.0").digest("Python 3.13.5")


def test_failed_installation_leaves_no_marker(venv: Venv) -> None:
    complete(venv, Commands(venv))
    changed = venv._replace(lock="glance==32.0.0\n")
    with pytest.raises(VenvError, match="No space left on device"):
        complete(changed, Commands(changed, fail="sync"))
    assert installed_digest(venv) == ""


def test_what_tools_leave_on_the_way_is_removed(venv: Venv) -> None:
    killed = Path(venv.path).parent / ".scratch/uv-of-a-killed-run"
    killed.mkdir(parents=True)
    complete(venv, Commands(venv))
    with pytest.raises(VenvError):
        complete(venv._replace(lock="glance==32.0.0\n"), Commands(venv, fail="sync"))
    tool, environment = sorted(path.name for path in killed.parents[1].iterdir())
    assert (tool, environment) == (Path(venv.tool_directory).name, "2026.2")


def test_what_another_run_has_completed_meanwhile_is_left_alone(venv: Venv) -> None:
    complete(venv, Commands(venv))
    idle = Commands(venv)
    complete(venv, idle)
    assert idle.calls == []


def test_locks_go_through_standard_input_and_the_index_through_the_environment(venv: Venv) -> None:
    commands = Commands(venv)
    complete(venv._replace(index_url="https://mirror.example.org/simple", index_login="me:s3cret"), commands)
    assert all("s3cret" not in " ".join(command) for command, _environment, _data in commands.calls)
    assert [data for _command, _environment, data in commands.calls if data] == [venv.installer, venv.lock]
    address = "https://me:s3cret@mirror.example.org/simple"
    assert all(environment["UV_DEFAULT_INDEX"] == address for _command, environment, _data in commands.calls)


def test_installer_is_kept_out_of_the_environment_and_made_once(venv: Venv) -> None:
    first, second = Commands(venv), Commands(venv)
    complete(venv, first)
    complete(venv, second)
    assert len(first.calls) > len(second.calls)
    assert not venv.tool_directory.startswith(venv.path)
    assert Path(venv.tool_directory, MARKER).exists()


def test_missing_ensurepip_is_explained(venv: Venv) -> None:
    def run(command: list[str], environment: dict[str, str], data: str | None) -> tuple[int, str, str]:
        return 1, "The virtual environment was not created successfully because ensurepip is not available.", ""

    with pytest.raises(VenvError, match="python3-venv"):
        build(venv, "Python 3.13.5", run)


def test_pins_of_a_lock() -> None:
    text = (
        "# made by uv\nglance==33.0.0 \\\n    --hash=sha256:12==34\nzope-interface==1.2 ; python_version < '3.13' \\\n"
    )
    assert pins(text) == {"glance": "33.0.0", "zope-interface": "1.2"}


class System:
    """A system interpreter with modules that are single files, and an environment that is complete."""

    def __init__(self, venv: Venv, directory: Path) -> None:
        self.modules = directory / "dist-packages"
        self.modules.mkdir()
        self.site = Path(venv.path, "lib", "python3.13", "site-packages")
        self.site.mkdir(parents=True)
        Path(venv.marker).write_text("x\n")
        self.found: dict[str, str] = {}

    def install(self, name: str) -> Path:
        path = self.modules / f"{name}.cpython-313.so"
        path.touch()
        self.found[name] = str(path)
        return path

    def __call__(self, command: list[str], environment: dict[str, str], data: str | None) -> tuple[int, str, str]:
        return 0, json.dumps({name: self.found.get(name, "") for name in command[4:]}), ""

    @property
    def linked(self) -> dict[str, str]:
        return {path.name: str(path.readlink()) for path in self.site.iterdir() if path.is_symlink()}


@pytest.fixture
def system(venv: Venv, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    made = System(venv, tmp_path)
    monkeypatch.setattr(_venv, "MODULES_DIRECTORY", str(made.modules))
    return made


def test_modules_are_borrowed_once_and_given_back(venv: Venv, system: System) -> None:
    rbd, rados = system.install("rbd"), system.install("rados")
    ceph = venv._replace(libraries=("rados", "rbd"))
    assert links(ceph, system).changed and system.linked == {}
    assert link(ceph, system)
    assert system.linked == {rbd.name: str(rbd), rados.name: str(rados)}
    assert not links(ceph, system).changed and not link(ceph, system)
    assert link(venv, system) and system.linked == {}
    assert not link(venv, system)


def test_what_runs_with_other_modules_is_older_than_the_marker(venv: Venv, system: System) -> None:
    system.install("rbd")
    before = Path(venv.marker).stat().st_mtime_ns
    link(venv._replace(libraries=("rbd",)), system)
    assert Path(venv.marker).stat().st_mtime_ns > before


def test_other_links_of_the_environment_stay(venv: Venv, system: System) -> None:
    (system.site / "mine").symlink_to("/nowhere")
    assert not link(venv, system)
    assert system.linked == {"mine": "/nowhere"}


def test_a_module_that_the_system_lacks_is_named(venv: Venv, system: System) -> None:
    system.install("rados")
    ceph = venv._replace(libraries=("rados", "rbd"))
    assert links(ceph, system).missing == ["rbd"]
    with pytest.raises(VenvError, match=r"the Python modules rbd: .* Install their packages: python3-rbd"):
        link(ceph, system)
    assert system.linked == {}


def test_the_real_interpreter_is_asked(venv: Venv, tmp_path: Path) -> None:
    def run(command: list[str], environment: dict[str, str], data: str | None) -> tuple[int, str, str]:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    found = links(venv._replace(python=sys.executable, libraries=("json", "no_such_module")), run)
    assert found.missing == ["no_such_module"]
    assert list(found.wanted.values()) == [json.__file__]
