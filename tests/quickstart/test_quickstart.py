"""The quickstart as a reader of the README runs it: once, once more, a look at the images, and away with it.

It has a name of its own, so that one which is in use stays as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from awx_job import Job
from leaks import leaked

CHECKOUT = Path(__file__).parents[2]
NAME = f"glance-quickstart-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:6]}"
STATE = CHECKOUT / ".cache" / NAME


def run(*command: str | Path, **environment: str) -> str:
    """Return what a command says; it must succeed."""
    # Without what the tests' own environment tells Ansible: the quickstart has its own.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    done = subprocess.run(
        command,
        env={**kept, "QUICKSTART_NAME": NAME, **environment},
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def quickstart(*arguments: str) -> str:
    return run("./quickstart.sh", *arguments)


def engine(*arguments: str) -> str:
    """Return what the container engine says."""
    return run("bash", "-c", 'source scripts/lib.sh; as_root "$(find_engine)" "$@"', "engine", *arguments)


@pytest.fixture(scope="module")
def first() -> Iterator[str]:
    """Run it once; whatever comes, nothing stays."""
    quickstart("--destroy")
    try:
        yield quickstart()
    finally:
        quickstart("--destroy")


def test_the_first_run_proves_every_store(first: str) -> None:
    table = first.rpartition("\nStores\n")[2]
    rows = {line.split()[0]: line for line in table.splitlines() if line.strip()}
    assert rows["local"].count("yes") == 3 and rows["archive"].count("yes") == 3 and rows["web"].count("yes") == 2
    assert rows["os_glance_staging_store"].count("yes") == 1 and "NO" not in rows["os_glance_staging_store"]
    assert re.search(r"^Done in ", first, re.MULTILINE)


@pytest.mark.usefixtures("first")
def test_the_second_run_changes_nothing() -> None:
    recap = re.findall(r"^\s*(\S+)\s+: ok=.* changed=(\d+) ", quickstart(), re.MULTILINE)
    assert "glance-quickstart" in dict(recap)
    assert {changed for _host, changed in recap} == {"0"}


@pytest.mark.usefixtures("first")
def test_job_of_ansible_runner_changes_nothing_and_keeps_the_proof(tmp_path: Path) -> None:
    collections = Path(run("scripts/collection.sh").strip())
    example = yaml.safe_load((CHECKOUT / "inventories/quickstart/group_vars/all/main.yml").read_text())
    job = Job(tmp_path, STATE, example["glance_stores"])
    # AWX passes some of a survey's answers as texts, whatever the variable's type.
    answers = {"glance_api_port": "9292", "glance_load_metadefs": "true", "glance_verify_size": "65536"}
    output = job.run("site.yml", collections, answers)
    assert re.findall(r"^image1\s+: ok=.* changed=(\d+) ", re.sub(r"\x1b\[[\d;]*m", "", output), re.MULTILINE) == ["0"]
    rows = {row["id"]: row for row in job.custom_stats("site.yml")["glance_proof"]["stores"]}
    assert {"local", "archive", "web"} <= set(rows)
    assert rows["local"]["declared"] and rows["local"]["loaded"] and rows["local"]["writable"]
    left = "\n".join(
        path.read_text(errors="replace") for path in job.artifacts("site.yml").rglob("*") if path.is_file()
    )
    assert len(left) > 10000
    assert leaked(output + left, job.secrets) == []


@pytest.mark.usefixtures("first")
def test_what_clients_need_is_there_and_for_the_owner_only() -> None:
    for name in ("clouds.yaml", "site.yml", "ssh_key", "report.json"):
        assert stat.S_IMODE((STATE / name).stat().st_mode) == 0o600, name
    client = Path(run("scripts/venvs.sh", "control").strip()) / "bin" / "openstack"
    address = run("scripts/lab.sh", "address", NAME).strip()
    command = (client, "--os-cloud", "quickstart", "image", "list", "--format", "json")
    listed = run(*command, OS_CLIENT_CONFIG_FILE=str(STATE / "clouds.yaml"), no_proxy=address)
    # What the client's libraries say of themselves may stand before it.
    images = json.loads(listed[listed.index("[") :])
    assert [(image["Name"], image["Status"]) for image in images] == [("seed", "active")]


@pytest.mark.usefixtures("first")
def test_nothing_is_left_when_it_is_destroyed() -> None:
    assert NAME in engine("ps", "--all", "--format", "{{.Names}}").split()
    assert NAME in engine("network", "ls", "--format", "{{.Name}}").split()
    quickstart("--destroy")
    assert not STATE.exists()
    assert NAME not in engine("ps", "--all", "--format", "{{.Names}}").split()
    assert NAME not in engine("network", "ls", "--format", "{{.Name}}").split()
