"""The example for one real server is right, but for the secrets that its reader must write. No host is touched here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[3]
INVENTORY = REPOSITORY / "inventories" / "allinone"
VAULT = yaml.safe_load((INVENTORY / "group_vars" / "all" / "vault.yml").read_text())


def play(*arguments: str, inventory: Path = INVENTORY) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "openimage.glance.site", "-i", str(inventory)]
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
    assert f"hosts: {group}\n" in (REPOSITORY / "playbooks" / "site.yml").read_text()
