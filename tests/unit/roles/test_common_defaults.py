"""Defaults that many roles read, as Ansible itself resolves them on each host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

NAMES = ("glance_public_url", "glance_internal_url", "glance_admin_url", "glance_api_node_url")


@pytest.fixture
def resolve(tmp_path: Path) -> Any:
    """Return a function: hosts, further arguments -> host -> its URLs, in a play with the role's defaults."""

    def run(hosts: dict[str, dict[str, Any]], *arguments: str, **shared: Any) -> dict[str, dict[str, str]]:
        inventory, playbook = tmp_path / "hosts.yml", tmp_path / "play.yml"
        inventory.write_text(yaml.safe_dump({"glance_api": {"hosts": hosts, "vars": shared}}))
        task = {
            "ansible.builtin.copy": {
                "dest": f"{tmp_path}/{{{{ inventory_hostname }}}}.json",
                "content": "{{ dict(names | zip(query('ansible.builtin.vars', *names))) | to_json }}",
            },
            "vars": {"names": list(NAMES), "ansible_python_interpreter": sys.executable},
            "delegate_to": "localhost",
        }
        role = "openimage.glance.common"
        playbook.write_text(
            yaml.safe_dump([{"hosts": "glance_api", "gather_facts": False, "roles": [role], "tasks": [task]}])
        )
        program = Path(sys.executable).with_name("ansible-playbook")
        command = [program, "-i", inventory, playbook, *arguments]
        done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        answers = {path.stem: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
        for path in tmp_path.glob("*.json"):
            path.unlink()
        return answers

    return run


@pytest.mark.parametrize(
    ("shared", "first"),
    [
        ({}, "http://[fd00::1]:9292"),
        ({"glance_api_port": 8080}, "http://[fd00::1]:8080"),
        (
            {"glance_api_port": 443, "glance_api_node_url": "https://{{ inventory_hostname }}:{{ glance_api_port }}"},
            "https://api1:443",
        ),
    ],
)
def test_a_limited_run_moves_no_endpoint(resolve: Any, shared: dict[str, Any], first: str) -> None:
    hosts = {"api1": {"ansible_host": "fd00::1"}, "api2": {"ansible_host": "192.0.2.2"}}
    whole = resolve(hosts, **shared)
    assert {whole[host][name] for host in hosts for name in NAMES[:3]} == {first}
    assert whole["api1"]["glance_api_node_url"] == first
    assert "192.0.2.2" in whole["api2"]["glance_api_node_url"] or "api2" in whole["api2"]["glance_api_node_url"]
    assert resolve(hosts, "--limit", "api2", **shared) == {"api2": whole["api2"]}


def test_a_host_without_address_has_its_name_also_in_delegated_tasks(resolve: Any) -> None:
    assert resolve({"api1": {}})["api1"] == dict.fromkeys(NAMES, "http://api1:9292")


def test_a_url_that_is_written_stands(resolve: Any) -> None:
    hosts: dict[str, dict[str, Any]] = {"api1": {}, "api2": {}}
    (urls,) = resolve(hosts, "--limit", "api2", glance_internal_url="https://images.example.org").values()
    assert urls["glance_public_url"] == urls["glance_admin_url"] == "https://images.example.org"
    assert urls["glance_api_node_url"] == "http://api2:9292"
