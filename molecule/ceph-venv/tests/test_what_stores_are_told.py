"""What a store is told is what its storage shows: sizes of parts, thin images, whose account, which copy is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from live_site import LiveSite
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream
from waits import until

# Glance's driver of Swift counts in these.
SWIFT_MB = 1000 * 1024
CLUSTER = "ceph-1"


@dataclass(frozen=True)
class MostlyZeros(Stream):
    """The first block has data, all others have none."""

    def blocks(self) -> Iterator[bytes]:
        """Yield the data, each block as one chunk of the upload."""
        first, *others = super().blocks()
        yield first
        for block in others:
            yield bytes(len(block))


@contextmanager
def uploaded(images: ImageApi, store: str, stream: Stream, sized: bool = False) -> Iterator[str]:
    """Give an image in one store, whose bytes come back as they were sent."""
    image = images.create(f"for {store}")
    try:
        assert images.upload(image, stream, store=store, sized=sized)[0] == 204
        record = images.show(image)
        assert (record["status"], record["stores"], record["size"]) == ("active", store, stream.size)
        assert images.download_sha512(image) == stream.sha512() == record["os_hash_value"]
        yield image
    finally:
        images.delete(image)


@pytest.fixture(scope="module")
def account(site: LiveSite, authority: str) -> Iterator[Connection]:
    """Return the account in which the store with the application credential has its container."""
    owner = {"username": "swift", "password": site.secrets["glance_object_store_password"], "project_name": "service"}
    with site.connect(**owner) as connection:
        connection.session.verify = authority
        yield connection


def containers(account: Connection) -> set[str]:
    """Return the containers of an account."""
    return {found.name for found in account.object_store.containers()}


def objects(account: Connection, container: str, image: str) -> dict[str, int]:
    """Return the objects of an image with their sizes."""
    found = account.object_store.objects(container, prefix=image)
    return {item.name: int(item.content_length) for item in found}


def test_the_stores_are_listed_with_their_weights(images: ImageApi) -> None:
    status, body = images.request("GET", "/v2/info/stores/detail")
    assert status == 200
    found = {store["id"]: (store["type"], store["weight"]) for store in json.loads(body)["stores"]}
    assert found == {
        "ceph-1": ("rbd", 0),
        "swift-0": ("swift", 20),
        "tenants": ("swift", 0),
        "s3-0": ("s3", 10),
    }


def test_the_virtual_environment_has_borrowed_the_libraries_of_ceph(site: LiveSite) -> None:
    """By the running workers, which have mapped them."""
    maps = site.shell(f"cat /proc/$(pgrep --parent {site.main_pid()} | head -n 1)/maps")
    assert "/opt/glance/2026.2/lib" in maps and "/usr/lib/python3/dist-packages/glance" not in maps
    for library in ("rados", "rbd"):
        assert f"/usr/lib/python3/dist-packages/{library}.cpython" in maps, library


def test_zeros_take_no_space_in_a_thin_pool_and_defaults_count(clusters: dict[str, LiveSite], images: ImageApi) -> None:
    stream = MostlyZeros(64 * MIB, 4 * MIB)
    with uploaded(images, "ceph-1", stream) as image:
        facts = json.loads(clusters[CLUSTER].shell(f"rbd info --format json images/{image}"))
        # The object's size is from glance_backend_defaults.
        assert (facts["size"], facts["object_size"]) == (stream.size, 4 * MIB)
        extents = json.loads(clusters[CLUSTER].shell(f"rbd diff --format json images/{image}"))
        held = sum(extent["length"] for extent in extents if extent["exists"] == "true")
        assert held == 4 * MIB, extents


def test_a_large_image_lies_in_swift_in_parts(images: ImageApi, account: Connection) -> None:
    stream = Stream(17 * SWIFT_MB, MIB)
    with uploaded(images, "swift-0", stream) as image:
        sizes = [4 * SWIFT_MB] * 4 + [SWIFT_MB]
        parts = {f"{image}-{number:05}": size for number, size in enumerate(sizes, 1)}
        found = objects(account, "glance", image)
        assert found.keys() == {image, *parts}
        assert {name: size for name, size in found.items() if name != image} == parts
    assert objects(account, "glance", image) == {}


def test_the_store_logs_in_with_the_application_credential(site: LiveSite) -> None:
    login = site.shell("cat /etc/glance/swift-swift-0.conf")
    made = json.loads((Path(site.inventory).parent / "ceph/application-credential.json").read_text())
    assert f"application_credential_id = {made['ID']}\n" in login
    assert "\nuser = " not in login and "\nkey = " not in login
    log = (Path(site.inventory).parent / "ansible.log").read_text()
    assert len(made["Secret"]) > 20 and made["Secret"] in login.replace("%%", "%") and made["Secret"] not in log


def test_a_multi_tenant_store_uses_the_users_own_account(
    cloud: Connection, account: Connection, images: ImageApi
) -> None:
    stream = Stream(3 * MIB, MIB)
    with uploaded(images, "tenants", stream) as image:
        container = f"glance_{image}"
        # Without its size said before, an image lies in parts.
        assert container in containers(cloud) and sum(objects(cloud, container, image).values()) == stream.size
        assert container not in containers(account)
    assert container not in containers(cloud)


def test_a_large_image_goes_to_s3_in_parts(clusters: dict[str, LiveSite], images: ImageApi) -> None:
    def etag(image: str) -> str:
        entries = json.loads(clusters[CLUSTER].shell("radosgw-admin bucket list --bucket glance --max-entries 1000"))
        (found,) = (entry["meta"]["etag"] for entry in entries if entry["name"] == image)
        return str(found)

    # Of five parts of 5 MiB the last is a smaller one; below large_object_size there are none.
    with uploaded(images, "s3-0", Stream(20 * MIB + 1, MIB), sized=True) as image:
        assert etag(image).endswith("-5")
    with uploaded(images, "s3-0", Stream(15 * MIB, MIB), sized=True) as image:
        assert "-" not in etag(image)
    # The driver takes an unknown size for a small one.
    with uploaded(images, "s3-0", Stream(20 * MIB + 1, MIB)) as image:
        assert "-" not in etag(image)


def copy(images: ImageApi, image: str, store: str) -> None:
    """Let Glance copy an image to one more store."""
    body = json.dumps({"method": {"name": "copy-image"}, "stores": [store]})
    status, answer = images.request("POST", f"/v2/images/{image}/import", body, {"Content-Type": "application/json"})
    assert status == 202, answer

    def copied() -> bool:
        record = images.show(image)
        assert not record.get("os_glance_failed_import"), record
        return store in str(record["stores"]).split(",") and not record.get("os_glance_importing_to_stores")

    until(copied, f"a copy in {store}", lambda: images.show(image))


def test_the_heavier_copy_is_read_first(images: ImageApi, account: Connection) -> None:
    """Glance goes to the next copy when one is away, so the heavier is made recognisable: other bytes, as many."""
    stream, other = Stream(2 * MIB, MIB), Stream(2 * MIB, MIB, seed=b"the heavier copy")
    with uploaded(images, "ceph-1", stream) as image:
        copy(images, image, "swift-0")
        account.object_store.upload_object(container="glance", name=image, data=b"".join(other.blocks()))
        assert images.download_sha512(image) == other.sha512()
        # Without the heavier copy there is the lighter one.
        account.object_store.delete_object(image, container="glance")
        assert images.download_sha512(image) == stream.sha512()
