"""The role identity against a real Keystone, with each way to give the administrator's login."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from keystone_server import ADMIN_PASSWORD, Keystone
from keystoneauth1.adapter import Adapter

_numbers = itertools.count(1)


@pytest.fixture
def run(keystone: Keystone, tmp_path: Path) -> Any:
    """Return a function: variables, environment -> (exit status, output) of the role, for a user of this test."""
    inventory, playbook = tmp_path / "hosts.yml", tmp_path / "play.yml"
    number = next(_numbers)
    site = {
        "ansible_python_interpreter": sys.executable,
        "glance_keystone_url": f"{keystone.url}/v3",
        "glance_service_user": f"role{number}",
        "glance_service_password": "s3rvice",
        "glance_service_project": f"role{number}",
        "glance_stores": [{"id": "web", "type": "http"}],
    }
    play = {"hosts": "glance_api", "gather_facts": False, "roles": ["openimage.glance.identity"]}
    playbook.write_text(yaml.safe_dump([play]))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}

    def call(*arguments: str, environment: dict[str, str] | None = None, **variables: Any) -> tuple[int, str]:
        everything = {"glance_api": {"hosts": {"api1": {}}}, "all": {"vars": {**site, **variables}}}
        inventory.write_text(yaml.safe_dump(everything))
        program = Path(sys.executable).with_name("ansible-playbook")
        command = [str(program), "-i", str(inventory), str(playbook), *arguments]
        done = subprocess.run(
            command, env={**clean, **(environment or {})}, capture_output=True, text=True, check=False
        )
        output = done.stdout + done.stderr
        assert ADMIN_PASSWORD not in output and json.dumps(ADMIN_PASSWORD)[1:-1] not in output
        return done.returncode, output

    return call


def test_role_identity_logs_in_with_a_cloud_that_is_injected_as_awx_does(
    run: Any, keystone: Keystone, admin: Adapter, tmp_path: Path
) -> None:
    auth = {**keystone.auth(), "project_domain_name": "Default", "domain_name": "Default"}
    clouds = tmp_path / "tmp3zk9"
    clouds.write_text(yaml.safe_dump({"clouds": {"devstack": {"auth": auth, "verify": True}}}))
    environment = {"OS_CLIENT_CONFIG_FILE": str(clouds)}
    status, output = run("-vvv", glance_cloud="devstack", environment=environment)
    assert status == 0 and "changed=1" in output, output
    assert admin.get("/services?type=image").json()["services"]
    status, output = run(glance_cloud="devstack", environment=environment)
    assert status == 0 and "changed=0" in output, output


def test_role_identity_logs_in_with_the_environment(run: Any, keystone: Keystone) -> None:
    names = {"auth_url": "OS_AUTH_URL", "username": "OS_USERNAME", "password": "OS_PASSWORD"}
    login = {names[key]: value for key, value in keystone.auth().items() if key in names}
    domains = {"OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default", "OS_PROJECT_NAME": "admin"}
    status, output = run("--check", glance_cloud="envvars", environment={**login, **domains})
    assert status == 0, output


def test_role_identity_logs_in_with_user_and_password_whatever_the_environment_says(run: Any) -> None:
    elsewhere = {"OS_AUTH_URL": "http://127.0.0.1:9/v3", "OS_USERNAME": "nobody", "OS_PASSWORD": "x"}
    status, output = run("--check", glance_keystone_admin_password=ADMIN_PASSWORD, environment=elsewhere)
    assert status == 0, output


def test_role_identity_refuses_a_region_without_identity_endpoint(run: Any) -> None:
    for arguments in ((), ("--check",)):
        status, output = run(*arguments, glance_keystone_admin_password=ADMIN_PASSWORD, glance_region="RegionOnne")
        assert status == 2 and "no identity endpoint in 'RegionOnne'" in output and "'RegionOne'" in output, output
