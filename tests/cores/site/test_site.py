"""Deploy the example site "allinone" to a bare lab host, run it again, prove it, and break a store.

The tests build on each other in this order. CORES_HOST names the host's address; this user may log in to it as root.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from controller import Controller, Run
from lab import LabHost

STORE, DIRECTORY = "archive", "/srv/glance/archive"
IMAGES = """\
---
glance_images:
  - name: seed
    src: "{{ inventory_dir }}/seed.raw"
    disk_format: raw
    stores: [archive]
"""


@pytest.fixture(scope="module")
def site(controller: Controller, host: LabHost) -> None:
    """Copy the example inventory and fill in what README.md asks for."""
    inventory = controller.folder / "inventory"
    shutil.copytree(controller.collection / "inventories/allinone", inventory)
    hosts, vault = inventory / "hosts.yml", inventory / "group_vars/all/vault.yml"
    text = hosts.read_text()
    assert text.count("192.0.2.10") == text.count("ansible_user: debian") == 1
    hosts.write_text(text.replace("192.0.2.10", host.address).replace("ansible_user: debian", "ansible_user: root"))
    text = vault.read_text()
    for number in range(text.count("CHANGEME")):
        text = text.replace("CHANGEME", f"secret-{number}-of-the-tests", 1)
    vault.write_text(text)
    (inventory / "group_vars/all/images.yml").write_text(IMAGES)
    (inventory / "seed.raw").write_bytes(bytes(1 << 20))


def play(controller: Controller, playbook: str) -> Run:
    return controller.run("ansible-playbook", f"openimage.glance.{playbook}", "-i", "inventory")


@pytest.mark.usefixtures("site")
def test_site_deploys(controller: Controller) -> None:
    run = play(controller, "site")
    assert run.code == 0
    assert run.changed > 0


@pytest.mark.usefixtures("site")
def test_second_run_changes_nothing(controller: Controller) -> None:
    run = play(controller, "site")
    assert (run.code, run.changed) == (0, 0)


@pytest.mark.usefixtures("site")
def test_verify_proves_the_stores(controller: Controller) -> None:
    run = play(controller, "verify")
    assert (run.code, run.changed) == (0, 0)


@pytest.mark.usefixtures("site")
def test_verify_names_a_broken_store(controller: Controller, host: LabHost) -> None:
    """Glance starts and lists a store whose file system is read-only."""
    rights = "mode=0750,uid=$(id -u glance),gid=$(id -g glance)"
    host.shell(f"mount -t tmpfs -o ro,size=1m,{rights} tmpfs {DIRECTORY} && systemctl restart glance-api")
    run = play(controller, "verify")
    assert run.code != 0
    assert f"Store {STORE} on image1 failed at level writable" in run.prose


def test_no_run_warned(controller: Controller, record_property: Callable[[str, object], None]) -> None:
    """Last: all that the tests of this folder have run with this controller."""
    record_property("warnings", len(controller.warnings))
    assert controller.runs
    assert controller.warnings == []
