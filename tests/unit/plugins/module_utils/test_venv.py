"""A virtual environment is complete, or it is not taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._venv import (
    MARKER,
    Venv,
    VenvError,
    build,
    installed_digest,
    pins,
)


class Commands:
    """Stands for the host's commands; keeps what was run, fails where told."""

    def __init__(self, venv: Venv, fail: str = "") -> None:
        self.venv, self.fail = venv, fail
        self.calls: list[tuple[list[str], dict[str, str], str | None]] = []

    def __call__(self, command: list[str], environment: dict[str, str], data: str | None) -> tuple[int, str, str]:
        self.calls.append((command, environment, data))
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


def test_what_another_run_has_completed_meanwhile_is_left_alone(venv: Venv) -> None:
    complete(venv, Commands(venv))
    idle = Commands(venv)
    complete(venv, idle)
    assert idle.calls == []


def test_locks_go_through_standard_input_and_the_index_through_the_environment(venv: Venv) -> None:
    commands = Commands(venv)
    complete(venv._replace(index_url="https://me:s3cret@mirror.example.org/simple"), commands)
    assert all("s3cret" not in " ".join(command) for command, _environment, _data in commands.calls)
    assert [data for _command, _environment, data in commands.calls if data] == [venv.installer, venv.lock]
    assert all(environment["UV_DEFAULT_INDEX"].endswith("/simple") for _c, environment, _d in commands.calls)


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
