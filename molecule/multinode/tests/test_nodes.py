"""Several API hosts are one image service: what came in through one node is there through each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_site import LiveSite
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream
from waits import until

testinfra_hosts = ["ansible://glance-multinode-1"]
STAGING = "/var/lib/glance/os_glance_staging_store"


@contextmanager
def image(api: ImageApi, name: str) -> Iterator[str]:
    """Make an image record, and remove it in the end with all that it has."""
    made = api.create(name)
    try:
        yield made
    finally:
        api.delete(made)


def test_each_node_has_the_release_by_its_own_debian(nodes: list[LiveSite]) -> None:
    found = {node.shell("ls -d /opt/glance/2025.1/lib/python3*/site-packages/glance-30.*.dist-info") for node in nodes}
    assert len(found) == 2, "two Debians have two Pythons"


def test_each_node_names_itself_for_its_peers(nodes: list[LiveSite]) -> None:
    for node in nodes:
        configuration = node.shell("cat /etc/glance/glance-api.conf").splitlines()
        assert f"worker_self_reference_url = {node.url}" in configuration


@pytest.mark.parametrize(("writer", "reader"), [(0, 1), (1, 0)])
def test_an_upload_through_one_node_is_read_through_the_other(apis: list[ImageApi], writer: int, reader: int) -> None:
    stream = Stream(8 * MIB, MIB)
    with image(apis[writer], "for all nodes") as made:
        assert apis[writer].upload(made, stream)[0] == 204
        assert apis[reader].show(made)["stores"] == "cluster"
        assert apis[reader].download_sha512(made) == stream.sha512()


def test_an_import_runs_where_the_data_was_staged(one: LiveSite, two: LiveSite, apis: list[ImageApi]) -> None:
    """Staging directories belong to one node each; the other one hands the call on, by the URL that the first noted."""
    stream = Stream(8 * MIB, MIB)
    with image(apis[0], "staged") as made:
        headers = {"Content-Type": "application/octet-stream", "Transfer-Encoding": "chunked"}
        path = f"/v2/images/{made}"
        assert apis[0].request("PUT", f"{path}/stage", stream.blocks(), headers, chunked=True)[0] == 204
        assert [node.shell(f"ls {STAGING}").split() for node in (one, two)] == [[made], []]

        call = json.dumps({"method": {"name": "glance-direct"}, "stores": ["archive"]})
        status, body = apis[1].request("POST", f"{path}/import", call, {"Content-Type": "application/json"})
        assert status == 202, body
        until(lambda: apis[1].show(made)["status"] == "active", "the import ends", lambda: apis[1].show(made))
        assert apis[1].show(made)["stores"] == "archive"
        assert apis[1].download_sha512(made) == stream.sha512()
        # Its own client is told that it is done before it has tidied up.
        until(lambda: not one.shell(f"ls {STAGING}").split(), "the staged data goes")


def test_the_service_user_has_the_same_number_everywhere(one: LiveSite, two: LiveSite, cloud: Connection) -> None:
    """What one node writes to the shared directory, the other one may read and delete."""
    seed = cloud.image.find_image("seed")
    owners = [node.shell(f"stat -c '%u:%g %U:%G %a' /srv/glance/archive/{seed.id}").strip() for node in (one, two)]
    assert owners == ["64062:64062 glance:glance 640"] * 2


def test_nothing_to_do_is_nothing_done_and_all_is_proven(one: LiveSite, tmp_path: Path) -> None:
    report = tmp_path / "proof.json"
    run = one.play(directory=tmp_path, environment={"GLANCE_PROOF_REPORT": str(report)})
    assert (run.code, run.changed) == (0, 0), run.output
    rows = json.loads(report.read_text())["stores"]
    assert {(row["id"], row["node"]) for row in rows} == {
        (store, node)
        for store in (*one.stores, "os_glance_staging_store")
        for node in one.variables["groups"]["glance_api"]
    }
    assert all(row["writable"] for row in rows)
    assert all(row["declared"] and row["loaded"] for row in rows if row["id"] in one.stores)


def test_a_directory_that_is_not_shared_is_found_out(two: LiveSite, tmp_path: Path) -> None:
    """Each node by itself can use it: without a look from the other one the proof would be green."""
    rights = "mode=0750,uid=$(id -u glance),gid=$(id -g glance)"
    two.shell(f"mount -t tmpfs -o size=16m,{rights} tmpfs /srv/glance/images && systemctl restart glance-api")
    try:
        run = two.play(directory=tmp_path, playbook="openimage.glance.verify")
    finally:
        two.shell("umount /srv/glance/images && systemctl restart glance-api")
    assert run.code == 2, run.output
    for sentence in (
        "Store cluster on glance-multinode-1 failed at level writable",
        "node glance-multinode-2 does not find what node glance-multinode-1 stored",
        "node glance-multinode-1 does not find what node glance-multinode-2 stored",
    ):
        assert sentence in run.prose, sentence
    assert "Store archive" not in run.prose
