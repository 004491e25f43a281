"""clouds_info with the real openstacksdk, as Ansible runs it: in an environment with files of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROD = "clouds: {prod: {auth: {auth_url: 'http://192.0.2.5:5000/v3', username: admin, password: s3cret}}}"
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return a function: cloud, environment variables -> result of the module. HOME is a folder of the test."""
    home = tmp_path / "home"
    home.mkdir()

    def call(cloud: str | None = None, **environment: str) -> dict[str, Any]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "XDG_"))}
        program = str(Path(sys.executable).with_name("ansible"))
        arguments = ["-a", f"cloud={cloud}"] if cloud else []
        command = [program, "localhost", "-m", "openimage.glance.clouds_info", *arguments]
        own = {
            "HOME": str(home),
            "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.oneline",
        }
        done = subprocess.run(
            [*command, "-e", f"ansible_python_interpreter={sys.executable}"],
            env={**clean, **own, **environment},
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert "s3cret" not in done.stdout + done.stderr
        line = next(line for line in done.stdout.splitlines() if "=> " in line)
        return dict(json.loads(line.partition("=> ")[2]))

    return call


def test_a_named_cloud_is_found_in_the_home_directory(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "home/.config/openstack/clouds.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(PROD)
    result = run("prod")
    assert result["clouds"] == ["prod"] and result["searched"][str(path)] == "used" and not result["changed"]


def test_a_missing_cloud_is_reported_with_names_found_and_files_searched(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home/.config/openstack/clouds.yaml"
    home.parent.mkdir(parents=True)
    home.write_text("clouds: {other: {}}")
    injected = tmp_path / "injected.yaml"
    injected.write_text(PROD)
    message = run("stage", OS_CLIENT_CONFIG_FILE=str(injected))["msg"]
    assert "Cloud 'stage'" in message and "clouds: 'prod'." in message
    assert f"{injected} (used)" in message and f"{home} (ignored, an earlier file is used)" in message
    assert "Not there:" in message and "/etc/openstack/clouds.yaml" in message


def test_a_file_that_is_not_yaml_or_not_there_is_named_with_the_reason(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home/.config/openstack/clouds.yaml"
    home.parent.mkdir(parents=True)
    home.write_text("clouds: [unclosed")
    message = run("prod", OS_CLIENT_CONFIG_FILE="clouds-of-mine.yaml")["msg"]
    assert "has the clouds: none" in message and f"{home} (ignored, it cannot be parsed)" in message
    assert "OS_CLIENT_CONFIG_FILE is the relative path 'clouds-of-mine.yaml'; make it absolute" in message


def test_a_file_that_is_no_mapping_is_an_error_that_names_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("- prod")
    assert str(path) in run("prod", OS_CLIENT_CONFIG_FILE=str(path))["msg"]


def test_the_environment_is_the_cloud_envvars(run: Run) -> None:
    login = {"OS_AUTH_URL": "http://192.0.2.5:5000/v3", "OS_USERNAME": "admin", "OS_PASSWORD": "s3cret"}
    assert run("envvars", **login)["clouds"] == ["envvars"]
    assert "No OS_* environment variables with a login are set" in run("envvars")["msg"]
    assert run()["clouds"] == []
