"""A run that is limited to one node leaves the others and the catalog alone, and proves its node."""

from __future__ import annotations

from pathlib import Path

from live_site import LiveSite
from openstack.connection import Connection

testinfra_hosts = ["ansible://glance-multinode-1"]


def catalog(cloud: Connection) -> list[tuple[str, str, str]]:
    (service,) = (service for service in cloud.identity.services() if service.type == "image")
    return sorted((entry.id, entry.interface, entry.url) for entry in cloud.identity.endpoints(service_id=service.id))


def test_the_catalog_names_the_first_node(cloud: Connection, one: LiveSite) -> None:
    assert {(interface, url) for _, interface, url in catalog(cloud)} == {
        (interface, one.url) for interface in ("admin", "internal", "public")
    }


def test_the_other_node_alone(cloud: Connection, one: LiveSite, two: LiveSite, tmp_path: Path) -> None:
    before = catalog(cloud), one.main_pid(), two.main_pid()
    # The schema is looked at through the first host of a run, so this one notes now that the definitions are complete.
    run = two.play("--limit", two.name, directory=tmp_path)
    assert run.code == 0 and run.changed <= 1, run.output
    assert "2 stores proven through 1 nodes" in run.prose
    run = two.play("--limit", two.name, directory=tmp_path)
    assert (run.code, run.changed) == (0, 0), run.output
    assert (catalog(cloud), one.main_pid(), two.main_pid()) == before
