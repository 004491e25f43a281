"""To the next release in place, by the same playbook: the images stay. (The last of the scenario's tests.)"""

from __future__ import annotations

from pathlib import Path

import pytest
from live_site import LiveSite, Run
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream

testinfra_hosts = ["ansible://glance-multinode-1"]
DATA = Stream(2 * MIB, MIB)


@pytest.fixture(scope="module")
def old(apis: list[ImageApi]) -> str:
    """Return an image from before."""
    made = apis[1].create("from before")
    assert apis[1].upload(made, DATA)[0] == 204
    return made


@pytest.fixture(scope="module")
def upgrade(old: str, nodes: list[LiveSite], tmp_path_factory: pytest.TempPathFactory) -> tuple[list[int], Run]:
    """Return the processes of the older release, and the run that brought the newer one."""
    before = [node.main_pid() for node in nodes]
    directory = tmp_path_factory.mktemp("upgrade")
    return before, nodes[0].play(directory=directory, glance_release="2026.1")


def test_the_playbook_does_it_and_proves_it(upgrade: tuple[list[int], Run], nodes: list[LiveSite]) -> None:
    before, run = upgrade
    assert run.code == 0 and "2 stores proven through 2 nodes" in run.prose, run.output
    assert all(node.main_pid() not in (0, old) for node, old in zip(nodes, before, strict=True))


@pytest.mark.parametrize("number", [0, 1])
def test_each_node_runs_the_newer_code(upgrade: object, nodes: list[LiveSite], number: int) -> None:
    node = nodes[number]
    worker = node.shell(f"pgrep --parent {node.main_pid()} | head -n 1").strip()
    mapped = node.shell(f"grep -oE '/opt/glance/[^/]*/lib' /proc/{worker}/maps | sort --unique").split()
    assert mapped == ["/opt/glance/2026.1/lib"]
    node.shell("ls -d /opt/glance/2026.1/lib/python3*/site-packages/glance-32.*.dist-info")
    # The way back stays until the operator removes it.
    assert node.shell("ls /opt/glance").split() == ["2025.1", "2026.1"]


def test_the_schema_is_that_of_the_newer_release(upgrade: object, nodes: list[LiveSite]) -> None:
    for node in nodes:
        manage = "/opt/glance/2026.1/bin/glance-manage --config-file /etc/glance/glance-api.conf"
        told = node.shell(f"runuser -u glance -- {manage} db check")
        assert "up to date" in told


def test_the_images_are_still_there(upgrade: object, old: str, apis: list[ImageApi], cloud: Connection) -> None:
    for api in apis:
        assert api.show(old)["status"] == "active"
        assert api.download_sha512(old) == DATA.sha512()
        assert api.show(cloud.image.find_image("seed").id)["stores"] == "archive"
    apis[0].delete(old)


def test_a_second_run_changes_nothing(upgrade: object, one: LiveSite, tmp_path: Path) -> None:
    run = one.play(directory=tmp_path, glance_release="2026.1")
    assert (run.code, run.changed) == (0, 0), run.output
