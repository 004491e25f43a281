"""Images that Glance imports: fetched or sent, into one store, into all, copied later, past a store that is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_site import LiveSite, Run
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream
from test_faults_cluster import down

ALL = {"ceph-0", "ceph-1", "swift-0", "s3-0"}


@pytest.fixture(scope="module")
def web(clusters: dict[str, LiveSite]) -> Iterator[tuple[str, str]]:
    """Serve 12 MiB on port 80 of another host of the lab; return the URL and the SHA-512."""
    server = clusters["ceph-1"]
    server.shell(
        "mkdir -p /srv/web && head -c 12582912 /dev/urandom >/srv/web/image.raw && systemd-run --quiet --unit web"
        " python3 -m http.server --directory /srv/web 80"
    )
    try:
        yield f"http://{server.address}/image.raw", server.shell("sha512sum /srv/web/image.raw").split()[0]
    finally:
        server.shell("systemctl stop web; rm -r /srv/web")


@pytest.fixture
def imported(site: LiveSite, tmp_path: Path, web: tuple[str, str], cloud: Connection) -> Iterator[Any]:
    """Return a function that runs the role images for one imported image, which goes at the end."""

    def run(name: str, **more: Any) -> Run:
        url, digest = web
        fetched = {"import_method": "web-download", "url": url, "checksum": f"sha512:{digest}", "disk_format": "raw"}
        wish = {"name": name, **({} if "import_method" in more else fetched), **more}
        return site.play(directory=tmp_path, playbook="openimage.glance.images", glance_images=[wish])

    yield run
    for image in cloud.image.images(name="imported"):
        cloud.image.delete_image(image)


def holders(cloud: Connection, images: ImageApi, digest: str) -> set[str]:
    """Return the stores that hold the image, whose bytes are the right ones."""
    record = images.show(cloud.image.find_image("imported", ignore_missing=False).id)
    assert record["status"] == "active" and images.download_sha512(record["id"]) == digest
    return set(record["stores"].split(","))


def test_into_one_store_and_copied_to_another_later(
    imported: Any, cloud: Connection, images: ImageApi, web: tuple[str, str]
) -> None:
    assert imported("imported", stores=["swift-0"]).code == 0
    assert holders(cloud, images, web[1]) == {"swift-0"}
    assert imported("imported", stores=["swift-0"]).changed == 0

    assert imported("imported", stores=["swift-0", "ceph-0"]).changed == 1
    assert holders(cloud, images, web[1]) == {"swift-0", "ceph-0"}
    assert imported("imported", stores=["swift-0", "ceph-0"]).changed == 0


def test_sent_by_way_of_staging_and_copied_to_another_later(
    imported: Any, site: LiveSite, cloud: Connection, images: ImageApi, clusters: dict[str, LiveSite], tmp_path: Path
) -> None:
    stream = Stream(12 * MIB, MIB)
    source = tmp_path / "image.raw"
    source.write_bytes(b"".join(stream.blocks()))
    sent = {"import_method": "glance-direct", "src": str(source), "disk_format": "raw", "stores": ["ceph-0"]}
    assert imported("imported", **sent).code == 0
    assert holders(cloud, images, stream.sha512()) == {"ceph-0"}
    assert imported("imported", **sent).changed == 0

    copied = {"import_method": "copy-image", "stores": ["swift-0"]}
    assert imported("imported", **copied).changed == 1
    assert holders(cloud, images, stream.sha512()) == {"ceph-0", "swift-0"}
    assert imported("imported", **copied).changed == 0
    # The copy is one of its own: Glance reads it where the first is gone.
    image = cloud.image.find_image("imported", ignore_missing=False).id
    clusters["ceph-0"].shell(
        f"rbd snap unprotect images/{image}@snap && rbd snap purge --no-progress images/{image}"
        f" && rbd rm --no-progress images/{image}"
    )
    assert images.download_sha512(image) == stream.sha512()
    assert site.shell("find /var/lib/glance/os_glance_staging_store -type f") == ""


def test_into_all_stores(imported: Any, cloud: Connection, images: ImageApi, web: tuple[str, str]) -> None:
    assert imported("imported", all_stores=True).code == 0
    assert holders(cloud, images, web[1]) == ALL


def test_a_store_that_is_away_is_named_and_made_good_later(
    imported: Any, cloud: Connection, images: ImageApi, web: tuple[str, str], clusters: dict[str, LiveSite]
) -> None:
    with down(clusters["ceph-0"]):
        run = imported("imported", all_stores=True, all_stores_must_succeed=False)
    assert run.code == 0
    # Of this store and of no other, as a warning.
    named = re.findall(r"\[WARNING\]: (?:[^\[]*? )?Store (\S+) has no copy of image 'imported'", run.prose)
    assert named == ["ceph-0"], run.output
    assert holders(cloud, images, web[1]) == ALL - {"ceph-0"}
    assert imported("imported", all_stores=True, all_stores_must_succeed=False).changed == 1
    assert holders(cloud, images, web[1]) == ALL


def test_a_web_server_that_has_no_such_file_fails_with_the_reason(imported: Any, web: tuple[str, str]) -> None:
    run = imported("imported", url=web[0] + ".gone", stores=["swift-0"])
    assert run.code == 2 and "404" in run.prose and "imported" in run.prose
