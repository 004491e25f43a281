"""The examples to start from are right, but for the secrets that their reader must write. No host is touched here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[3]
INVENTORY = REPOSITORY / "inventories" / "allinone"

example = pytest.mark.parametrize(
    "inventory", [INVENTORY, REPOSITORY / "inventories" / "multinode"], ids=lambda path: path.name
)


def vault(inventory: Path) -> list[str]:
    """Return the names of what the reader must write."""
    return list(yaml.safe_load((inventory / "group_vars" / "all" / "vault.yml").read_text()))


def own_secrets(inventory: Path) -> tuple[str, str]:
    """Return the arguments that give each of them a value."""
    return "-e", json.dumps({name: f"own secret {number}" for number, name in enumerate(vault(inventory))})


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
        timeout=600,
    )


@example
def test_placeholders_are_all_that_is_refused(inventory: Path) -> None:
    run = play(inventory=inventory)
    assert run.returncode != 0
    assert "UNREACHABLE" not in run.stdout, "refusals come before any host is touched"
    told = [line for line in run.stdout.splitlines() if "is a placeholder" in line and "[ERROR]" not in line]
    expected = {name.removeprefix("vault_") for name in vault(inventory)}
    assert {line.split(":")[0].strip(" -'\"") for line in told} == expected


@example
def test_with_secrets_of_ones_own_it_goes_to_the_hosts(inventory: Path) -> None:
    run = play(*own_secrets(inventory), inventory=inventory)
    assert "No mistake in the inventory" in run.stdout
    assert "UNREACHABLE" in run.stdout


@example
def test_inventory_has_no_group_that_the_playbooks_do_not_name(inventory: Path) -> None:
    groups = yaml.safe_load((inventory / "hosts.yml").read_text())["all"]["children"]
    plays = yaml.safe_load((REPOSITORY / "playbooks" / "site.yml").read_text())
    named = {name for play in plays for name in re.findall(r"glance_\w+", play.get("hosts", ""))}
    assert "glance_api" in groups and set(groups) <= named
    assert all(content["hosts"] for content in groups.values())


def test_the_host_may_have_another_name_and_no_address(tmp_path: Path) -> None:
    """A host that ssh or the DNS knows by its name."""
    site = tmp_path / "site"
    shutil.copytree(INVENTORY, site)
    (site / "hosts.yml").write_text(
        "{glance_api: {hosts: {images.invalid: }}, glance_all_in_one: {hosts: {images.invalid: }}}\n"
    )
    run = play(*own_secrets(INVENTORY), inventory=site)
    assert "No mistake in the inventory" in run.stdout, run.stdout
    assert "UNREACHABLE" in run.stdout


def test_a_lab_host_without_api_is_checked_too(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(INVENTORY, site)
    (site / "hosts.yml").write_text(
        "{glance_api: {hosts: {api1: {ansible_host: 192.0.2.11}}}, glance_all_in_one: {hosts: {lab1:"
        " {ansible_host: 192.0.2.10, glance_all_in_one_keystone_bind: '[::]'}}}}\n"
    )
    run = play(*own_secrets(INVENTORY), inventory=site)
    words = " ".join(run.stdout.split())
    assert run.returncode == 2 and "glance_all_in_one_keystone_bind: '[::]' is not an address" in words, run.stdout
    assert "UNREACHABLE" not in run.stdout
