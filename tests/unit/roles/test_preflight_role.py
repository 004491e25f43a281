"""The role preflight sees every host's variables as that host has them, and touches none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

SECRETS = {
    "glance_database_password": "d4tabase",
    "glance_service_password": "s3rvice",
    "glance_memcached_secret": "m3mcached",
    "glance_keystone_admin_password": "4dmin",
}
ENVIRONMENT = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}
STORES = [{"id": "local", "type": "file", "default": True, "path": "/srv/images", "shared": True}]


# Of the range that documentation may use, and no wait for it.
UNREACHABLE = {"ansible_host": "192.0.2.1", "ansible_timeout": 3}


@pytest.fixture
def run_playbook(tmp_path: Path) -> Any:
    """Return a function: playbook, inventory -> (exit status, output)."""

    def run(playbook: str, inventory: dict[str, Any], *arguments: str) -> tuple[int, str]:
        hosts = tmp_path / "hosts.yml"
        hosts.write_text(yaml.safe_dump(inventory))
        command = [Path(sys.executable).with_name("ansible-playbook"), "-i", hosts, playbook, *arguments]
        done = subprocess.run(command, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def preflight(tmp_path: Path, run_playbook: Any) -> Any:
    """Return a function: hosts and their variables -> (exit status, output) of the role on all of them."""
    playbook = tmp_path / "play.yml"
    play = {"hosts": "glance_api", "gather_facts": False, "roles": ["openimage.glance.preflight"]}
    playbook.write_text(yaml.safe_dump([play]))

    def run(hosts: dict[str, dict[str, Any]], *arguments: str, **shared: Any) -> tuple[int, str]:
        shared = {**SECRETS, "glance_stores": STORES, **shared}
        return tuple(run_playbook(playbook, {"glance_api": {"hosts": hosts, "vars": shared}}, *arguments))

    return run


def test_variables_may_refer_to_other_hosts(preflight: Any) -> None:
    """An address of another host in a URL is the commonest reference in inventories."""
    hosts = {"one": {"ansible_host": "192.0.2.1"}, "two": {"ansible_host": "192.0.2.2"}}
    url = "http://{{ hostvars['one'].ansible_host }}:5000/v3"
    status, output = preflight(hosts, glance_keystone_url=url)
    assert status == 0, output


def test_a_mistake_on_a_host_that_is_not_the_first_is_found(preflight: Any) -> None:
    url = "{{ hostvars['one'].place }}"
    hosts = {"one": {"place": "http://192.0.2.1:5000/v3"}, "two": {"glance_api_port": "ninety"}}
    # On behalf of the second host Ansible cannot resolve the URL; that must not hide what else is wrong there.
    status, output = preflight(hosts, glance_keystone_url=url)
    assert status == 2 and "glance_api_port" in output and "(on two)" in output


def test_a_run_limited_to_one_host_knows_that_there_are_others(preflight: Any) -> None:
    stores = [{"id": "local", "type": "file", "default": True, "path": "/srv/images"}]
    status, output = preflight({"one": {}, "two": {}}, "--limit", "one", glance_stores=stores)
    assert status == 2 and "glance_stores[0].shared" in output


def test_what_is_doubtful_is_shown_and_nothing_stops(preflight: Any) -> None:
    share = {"server": "nas.example.org", "export": "/var/nfs", "mount": "/var/lib/glance"}
    stores = [{"id": "nfs", "type": "file", "default": True, "path": "/var/lib/glance/images", "nfs": share}]
    status, output = preflight({"one": {}, "two": {}}, glance_stores=stores)
    words = " ".join(output.split())
    assert status == 0, output
    assert "glance_staging_path: /var/lib/glance/os_glance_staging_store lies on the NFS export of store nfs" in words
    status, output = preflight({"one": {}})
    assert status == 0 and "Show what works" in output and "glance_staging_path" not in output


def test_lists_may_refer_to_other_hosts(preflight: Any) -> None:
    hosts = {"one": {"ansible_host": "192.0.2.1"}, "two": {"ansible_host": "192.0.2.2"}}
    addresses = ["localhost", "{{ hostvars['two'].ansible_host }}"]
    status, output = preflight(hosts, glance_database_allowed_hosts=addresses)
    assert status == 0, output


def test_a_reference_to_nothing_is_told_by_its_name(preflight: Any) -> None:
    status, output = preflight({"one": {}}, glance_service_password="{{ vault_glance_servce_password }}")
    assert status == 2 and "vault_glance_servce_password" in output


def test_all_mistakes_of_an_inventory_are_told_in_one_run_that_touches_no_host(
    tmp_path: Path, run_playbook: Any
) -> None:
    stores = [
        {"id": "one", "type": "file", "path": "/srv/one"},
        {"id": "one", "type": "file", "path": "/srv/two"},
        {"id": "os_glance_mine", "type": "file", "path": "/srv/one/"},
        {"id": "three", "type": "file", "path": "/var/lib/glance/os_glance_tasks_store"},
        {"id": "four", "type": "flie", "path": "/srv/four"},
        {"id": "five", "type": "file", "pth": "/srv/five"},
        {"id": "six", "type": "file", "path": "/srv/six", "options": {"filesystem_store_chunk_size": "big"}},
        {"id": "web", "type": "http"},
        {"id": "more-web", "type": "http"},
    ]
    variables = {
        **SECRETS,
        "glance_stores": stores,
        "glance_database_password": "CHANGE_ME",
        "glance_service_password": "",
        "glance_release": "2031.1",
        "glance_install_method": "docker",
        "glance_api_port": "ninety",
        "glance_regoin": "RegionTwo",
        "glance_images": [{"name": "seed", "disk_format": "qcow2"}],
    }
    inventory = {"glance_api": {"hosts": {"one": UNREACHABLE}, "vars": variables}}
    status, output = run_playbook("openimage.glance.site", inventory)
    # No task but those of the controller: the host cannot even be reached.
    assert status == 2 and "UNREACHABLE" not in output, output
    words = " ".join(output.split())
    for mistake in (
        ("glance_stores[1].id", "one"),
        ("glance_stores[2].id", "os_glance_"),
        ("glance_stores[2].path", "/srv/one"),
        ("glance_stores[3].path", "glance_tasks_path"),
        ("glance_stores[4].type", "flie", "write file"),
        ("glance_stores[5].pth", "write path"),
        ("glance_stores[6].options.filesystem_store_chunk_size", "big"),
        ("glance_stores[8]", "http"),
        ("glance_stores:", "default"),
        ("glance_database_password", "placeholder"),
        ("glance_service_password", "missing"),
        ("glance_release", "2031.1", "2026.2"),
        ("glance_install_method", "docker", "venv"),
        ("glance_api_port", "ninety"),
        ("glance_regoin", "write glance_region"),
        ("glance_images[0].src",),
    ):
        assert all(word in words for word in mistake), mistake
