"""Every playbook begins with the same preflight, which contacts no host."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[3]
PLAYBOOKS = sorted(path.stem for path in (REPOSITORY / "playbooks").glob("*.yml"))
NEEDED = {
    "glance_stores",
    "glance_keystone_url",
    "glance_keystone_admin_password",
    "glance_service_password",
    "glance_database_password",
}
OBJECT_STORE = {"glance_object_store_public_url", "glance_object_store_password"}
# For documentation only: nobody answers there, and a connection fails soon.
ADDRESS = "192.0.2.11"
ENVIRONMENT = {"ANSIBLE_TIMEOUT": "1", "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"}

each_playbook = pytest.mark.parametrize("playbook", PLAYBOOKS)


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function: playbook, inventory, arguments -> (exit status, output), in a folder without ansible.cfg."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    program = str(Path(sys.executable).parent / "ansible-playbook")

    def run(playbook: str, inventory: dict[str, Any], *arguments: str) -> tuple[int, str]:
        hosts = tmp_path / "hosts.yml"
        hosts.write_text(yaml.safe_dump(inventory))
        command = [program, f"openimage.glance.{playbook}", "-i", str(hosts), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=120)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    return run


def site(**variables: Any) -> dict[str, Any]:
    """Return an inventory of one API host with these variables."""
    return {"glance_api": {"hosts": {"api1": {"ansible_host": ADDRESS}}, "vars": variables}}


def plays_by_hosts(output: str) -> dict[str, set[str]]:
    """Return the hosts of each play, as --list-hosts prints them."""
    plays = re.findall(
        r"play #\d+ \([^)]*\): (.*?) TAGS: \[.*?\] pattern: \[.*?\] hosts \(\d+\):((?: \S+)*?)(?= play #|$)", output
    )
    return {name: set(hosts.split()) for name, hosts in plays}


@each_playbook
def test_playbook_names_every_missing_variable_before_any_contact(play: Any, playbook: str) -> None:
    status, output = play(playbook, site())
    needed = NEEDED | (OBJECT_STORE if playbook == "object_store_identity" else set())
    assert status == 2 and "UNREACHABLE" not in output, output
    missing = set(re.findall(r"(glance_\w+): (?:is missing|has no store|no store)", output))
    assert needed <= missing | set(re.findall(r"(glance_stores): ", output)), output


@each_playbook
def test_playbook_names_an_undefined_vault_variable_before_any_contact(play: Any, playbook: str) -> None:
    status, output = play(playbook, site(glance_keystone_admin_password="{{ vault_admin_pasword }}"))
    assert status == 2 and "UNREACHABLE" not in output, output
    assert "glance_keystone_admin_password: cannot be resolved" in output and "vault_admin_pasword" in output


@each_playbook
@pytest.mark.parametrize("inventory", [{}, {"glance-api": {"hosts": {"api1": {}}}}], ids=["empty", "misspelt group"])
def test_playbook_refuses_an_inventory_without_api_host(play: Any, playbook: str, inventory: dict[str, Any]) -> None:
    status, output = play(playbook, inventory)
    assert status == 2 and "The inventory has no host in the group glance_api" in output, output


@each_playbook
def test_playbook_refuses_a_limit_without_api_host(play: Any, playbook: str) -> None:
    inventory = {**site(), "glance_all_in_one": {"hosts": {"lab1": {}}}}
    status, output = play(playbook, inventory, "--limit", "lab1")
    assert status == 2 and "--limit leaves none of api1" in output and "UNREACHABLE" not in output, output


@each_playbook
def test_playbook_does_not_warn_about_a_group_that_a_production_site_lacks(play: Any, playbook: str) -> None:
    status, output = play(playbook, site(), "--list-hosts")
    assert status == 0 and "WARNING" not in output, output
    plays = plays_by_hosts(output)
    assert {"api1"} in plays.values() and not any("lab1" in hosts for hosts in plays.values()), output


def test_site_deploys_lab_services_on_the_hosts_of_their_group_only(play: Any) -> None:
    inventory = {**site(), "glance_all_in_one": {"hosts": {"lab1": {}}}}
    status, output = play("site", inventory, "--list-hosts")
    plays = plays_by_hosts(output)
    assert status == 0 and plays["MariaDB, memcached and Keystone on lab hosts"] == {"lab1"}, output
    assert plays["Shared services and Glance"] == {"api1"}
    assert plays["Check the hosts before anything is changed"] == {"api1", "lab1"}
    _code, limited = play("site", inventory, "--list-hosts", "--limit", "api1")
    plays = plays_by_hosts(limited)
    assert plays["MariaDB, memcached and Keystone on lab hosts"] == set()
    assert plays["Check the hosts before anything is changed"] == plays["Shared services and Glance"] == {"api1"}


@each_playbook
def test_playbook_refuses_a_cloud_that_no_clouds_yaml_has_before_any_contact(
    play: Any, playbook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clouds = tmp_path / "clouds-of-awx"
    clouds.write_text("clouds: {devstack: {auth: {auth_url: 'http://192.0.2.5:5000/v3', username: admin}}}")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))
    inventory = site(
        glance_cloud="prod",
        glance_keystone_url="http://192.0.2.5:5000/v3",
        glance_database_host="192.0.2.6",
        glance_database_login_host="192.0.2.6",
        glance_stores=[{"id": "local", "type": "file", "default": True, "path": "/srv/images"}],
        **dict.fromkeys(["glance_service_password", "glance_database_password"], "s3cret"),
        glance_object_store_public_url="http://192.0.2.3:8080/v1",
        glance_object_store_password="s3cret",
    )
    inventory["all"] = {"vars": {"ansible_python_interpreter": sys.executable, "ansible_become": True}}
    status, output = play(playbook, inventory)
    assert status == 2 and "UNREACHABLE" not in output, output
    assert "Cloud 'prod'" in output and "clouds: 'devstack'" in output and f"{clouds} (used)" in output
    if playbook == "preflight":
        assert play(playbook, inventory, "-e", "glance_cloud=devstack")[0] == 0


@each_playbook
def test_playbook_stops_all_hosts_when_one_fails(playbook: str) -> None:
    plays = yaml.safe_load((REPOSITORY / "playbooks" / f"{playbook}.yml").read_text())
    own = [play for play in plays if "ansible.builtin.import_playbook" not in play]
    assert [play["name"] for play in own if play.get("any_errors_fatal") is not True] == []


@each_playbook
def test_playbook_begins_with_the_shared_preflight(playbook: str) -> None:
    first = yaml.safe_load((REPOSITORY / "playbooks" / f"{playbook}.yml").read_text())[0]
    assert playbook == "preflight" or first["ansible.builtin.import_playbook"] == "preflight.yml"
