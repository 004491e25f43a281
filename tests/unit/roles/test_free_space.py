"""A host without room is refused before anything is installed: the site's own playbook, on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

SECRETS = {f"glance_{name}": "s3cret" for name in ("database_password", "service_password", "memcached_secret")}


def check_hosts(directory: Path, **variables: Any) -> tuple[int, str]:
    """Return exit status and output of what is done in every run: the inventory and the hosts are checked."""
    node = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    site = {**SECRETS, "glance_keystone_admin_password": "s3cret", **variables}
    (directory / "hosts.yml").write_text(yaml.safe_dump({"glance_api": {"hosts": {"api1": node}, "vars": site}}))
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [program, "openimage.glance.site", "-i", directory / "hosts.yml", "--tags", "only-what-is-always-done"],
        env={**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_a_host_without_room_is_refused_and_one_that_runs_is_warned(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    stores = [
        {
            "id": "new",
            "type": "file",
            "default": True,
            "path": str(tmp_path / "new"),
            "minimum_free_space": "999999 TiB",
        },
        {"id": "old", "type": "file", "path": str(tmp_path / "there"), "minimum_free_space": "999998 TiB"},
    ]
    status, output = check_hosts(tmp_path, glance_stores=stores, glance_minimum_free_space=0)
    assert status == 2, output
    assert f"glance_stores[0].path: {tmp_path}/new of store new on api1 is on the file system mounted at" in output
    assert "of the 999999 TiB that glance_stores[0].minimum_free_space wants; free space" in output
    assert "of store old" not in output
    status, output = check_hosts(tmp_path, glance_stores=[{**stores[1], "default": True}], glance_minimum_free_space=0)
    assert status == 0, output
    assert "Show what may not work on this host" in output and "of store old on api1 is on the file system" in output


def test_with_room_nothing_is_said(tmp_path: Path) -> None:
    stores = [{"id": "new", "type": "file", "default": True, "path": str(tmp_path / "new")}]
    status, output = check_hosts(tmp_path, glance_stores=stores, glance_minimum_free_space="1 KiB")
    assert status == 0, output
    assert "file system mounted at" not in output
