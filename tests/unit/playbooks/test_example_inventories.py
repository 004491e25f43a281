"""The example for one real server is right, but for the secrets that its reader must write. No host is touched here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[3]
INVENTORY = REPOSITORY / "inventories" / "allinone"
VAULT = yaml.safe_load((INVENTORY / "group_vars" / "all" / "vault.yml").read_text())


def play(*arguments: str, inventory: Path = INVENTORY, playbook: str = "site") -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, f"openimage.glance.{playbook}", "-i", str(inventory)]
    # The address is one of documentation: whoever tries to reach it fails soon.
    return subprocess.run(
        [*command, "--ssh-common-args", "-o ConnectTimeout=1", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=REPOSITORY,
        timeout=120,
    )


def test_placeholders_are_all_that_is_refused() -> None:
    run = play()
    assert run.returncode != 0
    assert "UNREACHABLE" not in run.stdout, "refusals come before any host is touched"
    told = [line for line in run.stdout.splitlines() if "is a placeholder" in line and "[ERROR]" not in line]
    assert {line.split(":")[0].strip(" -'\"") for line in told} == {name.removeprefix("vault_") for name in VAULT}


def test_with_secrets_of_ones_own_it_goes_to_the_host() -> None:
    run = play("-e", json.dumps({name: f"own secret {number}" for number, name in enumerate(VAULT)}))
    assert "described without contradiction" in run.stdout
    assert "UNREACHABLE" in run.stdout


def test_an_inventory_without_api_hosts_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("all: {children: {glance-api: {hosts: {image1: {}}}}}\n")
    run = play(inventory=tmp_path / "hosts.yml")
    assert run.returncode != 0 and "glance_api" in run.stdout + run.stderr


@pytest.mark.parametrize("group", ["glance_api", "glance_all_in_one"])
def test_its_groups_are_those_that_the_playbook_names(group: str) -> None:
    hosts = yaml.safe_load((INVENTORY / "hosts.yml").read_text())
    assert list(hosts["all"]["children"][group]["hosts"]) == ["image1"]
    plays = yaml.safe_load((REPOSITORY / "playbooks" / "site.yml").read_text())
    assert group in [play["hosts"] for play in plays]


SECRETS = ("-e", json.dumps({name: f"own secret {number}" for number, name in enumerate(VAULT)}))


def test_the_host_may_have_another_name_and_no_address(tmp_path: Path) -> None:
    """A host that ssh or the DNS knows by its name."""
    site = tmp_path / "site"
    shutil.copytree(INVENTORY, site)
    (site / "hosts.yml").write_text(
        "{glance_api: {hosts: {images.invalid: }}, glance_all_in_one: {hosts: {images.invalid: }}}\n"
    )
    run = play(*SECRETS, inventory=site)
    assert "described without contradiction" in run.stdout, run.stdout
    assert "UNREACHABLE" in run.stdout


@pytest.mark.parametrize("playbook", ["site", "verify", "object_store_identity"])
def test_a_limit_that_leaves_no_api_host_is_no_success(tmp_path: Path, playbook: str) -> None:
    hosts = tmp_path / "hosts.yml"
    hosts.write_text("{glance_api: {hosts: {api1: }}, glance_all_in_one: {hosts: {lab1: }}}\n")
    run = play("--limit", "lab1", inventory=hosts, playbook=playbook)
    words = " ".join(run.stdout.split())
    assert run.returncode == 2 and "--limit leaves none of api1" in words, run.stdout + run.stderr
    assert "UNREACHABLE" not in run.stdout


@pytest.mark.parametrize("playbook", ["site", "verify", "object_store_identity"])
def test_a_mistake_stops_all_hosts(playbook: str) -> None:
    plays = yaml.safe_load((REPOSITORY / "playbooks" / f"{playbook}.yml").read_text())
    assert [play["name"] for play in plays if play.get("any_errors_fatal") is not True] == []


def test_a_lab_host_without_api_is_checked_too(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(INVENTORY, site)
    (site / "hosts.yml").write_text(
        "{glance_api: {hosts: {api1: {ansible_host: 192.0.2.11}}}, glance_all_in_one: {hosts: {lab1:"
        " {ansible_host: 192.0.2.10, glance_all_in_one_keystone_bind: '[::]'}}}}\n"
    )
    run = play(*SECRETS, inventory=site)
    words = " ".join(run.stdout.split())
    assert run.returncode == 2 and "glance_all_in_one_keystone_bind: '[::]' is not an address" in words, run.stdout
    assert "UNREACHABLE" not in run.stdout
