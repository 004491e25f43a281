"""What is delegated to the setup host never asks it for another user, whatever the inventory says of all hosts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

VARIABLES = {
    # As it is written for API hosts that are reached by an ordinary user, and applies to the controller, too.
    "ansible_become": True,
    "ansible_become_exe": "/nonexistent/sudo-was-asked-for",
    "ansible_python_interpreter": sys.executable,
    # Nobody answers there.
    "glance_keystone_url": "http://127.0.0.1:1/v3",
    "glance_keystone_admin_password": "4dmin",
    "glance_service_password": "s3rvice",
    "glance_database_password": "d4tabase",
    "glance_database_login_host": "127.0.0.1",
    "glance_database_login_port": 1,
    "glance_object_store_public_url": "http://127.0.0.1:2/v1",
    "glance_object_store_password": "0bject",
    "glance_stores": [{"id": "web", "type": "http", "default": True}],
    "glance_images": [{"name": "seed", "src": "/nonexistent", "disk_format": "qcow2"}],
    "__glance_pending": False,
    "__glance_verify_nodes": {"one": "http://127.0.0.1:1"},
    "__glance_plan": {"expected": [{"id": "web", "type": "http"}], "canary": []},
}


@pytest.mark.parametrize("role", ["identity", "database", "object_store_identity", "verify", "images"])
def test_the_setup_host_is_not_asked_for_root(tmp_path: Path, role: str) -> None:
    inventory, playbook, variables = tmp_path / "hosts.yml", tmp_path / "play.yml", tmp_path / "variables.yml"
    everywhere = {name: value for name, value in VARIABLES.items() if not name.startswith("__")}
    inventory.write_text(yaml.safe_dump({"all": {"vars": everywhere}, "glance_api": {"hosts": {"one": {}}}}))
    variables.write_text(yaml.safe_dump({name: value for name, value in VARIABLES.items() if name.startswith("__")}))
    play: dict[str, Any] = {"hosts": "glance_api", "gather_facts": False, "become": True}
    playbook.write_text(yaml.safe_dump([{**play, "roles": [f"openimage.glance.{role}"]}]))
    program = Path(sys.executable).with_name("ansible-playbook")
    command = [program, "-i", inventory, playbook, "-e", f"@{variables}"]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert done.returncode == 2 and "sudo-was-asked-for" not in output, output
    # It went as far as to the service that is not there, or to the file.
    assert any(words in output for words in ("127.0.0.1", "127.0.0.1:1", "/nonexistent")), output
