"""Two Ceph clusters, Swift and S3 behind one API: listed as declared, and each holds the images that are sent to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from live_site import LiveSite
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream
from testinfra.host import Host

Listing = Callable[[], list[str]]


def test_the_stores_are_listed_as_declared(images: ImageApi) -> None:
    """What the command "glance stores-info" shows."""
    status, body = images.request("GET", "/v2/info/stores")
    assert status == 200
    assert json.loads(body)["stores"] == [
        {"id": "ceph-0", "description": "RBD backend"},
        {"id": "ceph-1", "description": "RBD backend 1", "default": "true"},
        {"id": "swift-0"},
        {"id": "s3-0"},
    ]


@pytest.fixture(scope="module")
def listings(site: LiveSite, clusters: dict[str, LiveSite]) -> dict[str, Listing]:
    """Return for each store how the storage itself lists what it holds, by other means than Glance's."""

    def rbd(name: str) -> list[str]:
        return clusters[name].shell("rbd --pool images ls").split()

    def swift() -> list[str]:
        password = site.secrets["glance_service_password"]
        with site.connect(username="glance", password=password, project_name="service") as owner:
            return [item.name for item in owner.object_store.objects("glance")]

    def s3() -> list[str]:
        return [
            item["name"] for item in json.loads(clusters["ceph-1"].shell("radosgw-admin bucket list --bucket glance"))
        ]

    return {"ceph-0": lambda: rbd("ceph-0"), "ceph-1": lambda: rbd("ceph-1"), "swift-0": swift, "s3-0": s3}


@pytest.mark.parametrize("store", ["ceph-0", "ceph-1", "swift-0", "s3-0"])
def test_an_image_is_where_it_was_sent(images: ImageApi, listings: dict[str, Listing], store: str) -> None:
    stream = Stream(20 * MIB + 1, 4 * MIB)
    image = images.create(f"for {store}")
    try:
        assert images.upload(image, stream, store=store)[0] == 204
        record = images.show(image)
        assert (record["status"], record["stores"], record["size"]) == ("active", store, stream.size)
        assert images.download_sha512(image) == stream.sha512() == record["os_hash_value"]
        assert {name: image in listing() for name, listing in listings.items()} == {
            name: name == store for name in listings
        }
    finally:
        images.delete(image)
    assert image not in listings[store]()


def test_an_image_without_a_choice_goes_to_the_default_store(images: ImageApi, listings: dict[str, Listing]) -> None:
    image = images.create("without a choice")
    try:
        assert images.upload(image, Stream(MIB, MIB))[0] == 204
        assert images.show(image)["stores"] == "ceph-1" and image in listings["ceph-1"]()
    finally:
        images.delete(image)


def test_the_cluster_has_the_bytes_that_were_sent(
    clusters: dict[str, LiveSite], cloud: Connection, images: ImageApi
) -> None:
    stream = Stream(9 * MIB, MIB)
    image = images.create("to be read by Ceph")
    try:
        assert images.upload(image, stream, store="ceph-0")[0] == 204
        digest = clusters["ceph-0"].shell(f"rbd --no-progress export images/{image} - | sha512sum").split()[0]
        assert digest == stream.sha512() == cloud.image.get_image(image).hash_value
    finally:
        images.delete(image)


def test_the_seeded_image_is_in_the_store_that_was_chosen(
    cloud: Connection, images: ImageApi, listings: dict[str, Listing]
) -> None:
    seed = images.show(cloud.image.find_image("seed").id)
    assert (seed["status"], seed["stores"]) == ("active", "swift-0") and seed["id"] in listings["swift-0"]()
    assert images.download_sha512(seed["id"]) == seed["os_hash_value"]


def test_how_to_log_in_is_read_by_glance_and_nobody_else(host: Host, site: LiveSite) -> None:
    for path in (
        "/etc/ceph/ceph-0.conf",
        "/etc/ceph/ceph-0.client.openstack.keyring",
        "/etc/ceph/ceph-1.conf",
        "/etc/ceph/ceph-1.client.openstack.keyring",
        "/etc/glance/swift-swift-0.conf",
    ):
        file = host.file(path)
        assert (file.user, file.group, oct(file.mode)) == ("root", "glance", "0o640"), path
    # Otherwise it would become a part of every image's location.
    assert site.secrets["glance_service_password"] in host.file(
        "/etc/glance/swift-swift-0.conf"
    ).content_string.replace("%%", "%")
    configuration = host.file("/etc/glance/glance-api.conf").content_string
    assert "swift_store_config_file = /etc/glance/swift-swift-0.conf" in configuration
    assert "swift_store_key" not in configuration


def test_keys_of_the_stores_are_in_no_log(site: LiveSite) -> None:
    directory = Path(site.inventory).parent / "ceph"
    keys = [json.loads((directory / "ceph-1.s3.yml").read_text())["secret_key"]]
    keys += [(directory / f"{name}.keyring").read_text().split()[-1] for name in ("ceph-0", "ceph-1")]
    log = (Path(site.inventory).parent / "ansible.log").read_text()
    journal = site.shell("journalctl --all --output=cat --no-pager; cat /var/log/glance/* 2>/dev/null; true")
    assert "ceph-0" in log and len(journal) > 1000
    assert [key[:4] for key in keys if key in log or key in journal] == []
