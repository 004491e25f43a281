"""Glance starts and lists a store that cannot be written; the deployment must not be green then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import CANARY, state
from live_site import LiveSite, Run
from openstack.connection import Connection
from streams import ImageApi

DIRECTORY = "/var/lib/glance/images"
STAGING = "/var/lib/glance/os_glance_staging_store"
pytestmark = pytest.mark.usefixtures("no_canaries")


@contextmanager
def covered(site: LiveSite, *options: str, directory: str = DIRECTORY) -> Iterator[None]:
    """Lay an empty file system over a store's directory, with the right owner and mode: there is nothing to mend."""
    rights = "mode=0750,uid=$(id -u glance),gid=$(id -g glance)"
    site.shell(f"mount -t tmpfs -o size=512k,{rights} tmpfs {directory}")
    try:
        for option in options:
            site.shell(f"mount -o remount,{option} {directory}")
        site.shell("systemctl restart glance-api")
        yield
    finally:
        site.shell(f"umount {directory} && systemctl restart glance-api")


def test_a_full_disk(site: LiveSite, refused: Callable[..., Run]) -> None:
    with covered(site):
        run = refused()
        assert site.shell(f"find {DIRECTORY} -type f") == ""
    assert "Store local on glance-default failed at level writable" in run.prose
    assert "HTTP 413" in run.prose and "is full on glance-default" in run.prose


def test_a_host_without_room_for_a_new_store(site: LiveSite, refused: Callable[..., Run], directory: Path) -> None:
    """Refused before anything is changed; the store that is there already is only doubted."""
    site.shell("mkdir -p /srv/small && mount -t tmpfs -o size=512k tmpfs /srv/small")
    more = {"id": "more", "type": "file", "path": "/srv/small/images"}
    before = state(site)
    try:
        run = refused(glance_stores=[*site.variables["glance_stores"], more])
        for words in (
            "glance_stores[3].path: /srv/small/images of store more on glance-default",
            "on the file system mounted at /srv/small, which has 512 KiB free of the 1 GiB that",
            "choose another path",
        ):
            assert words in run.prose, words
        assert state(site) == before
        assert site.shell("ls -A /srv/small") == ""
    finally:
        site.shell("umount /srv/small && rmdir /srv/small")
    with covered(site):
        run = site.play("--check", directory=directory)
    assert run.code == 0, run.output
    assert "/var/lib/glance/images of store local on glance-default is on the file system mounted at" in run.prose


def test_a_directory_that_cannot_be_written(site: LiveSite, refused: Callable[..., Run], images: ImageApi) -> None:
    with covered(site, "ro"):
        status, body = images.request("GET", "/v2/info/stores")
        assert status == 200 and b'"local"' in body, "Glance itself starts and lists the store"
        run = refused()
    assert "Store local on glance-default failed at level writable" in run.prose
    assert "Adding images to store is disabled" in run.prose
    # Listed, loaded, not writable; the other stores are proven all the same.
    table = run.output.rpartition("\nStores\n")[2].splitlines()
    rows = {line.split()[0]: line.split() for line in table if line.strip()}
    assert rows["local"].count("yes") == 2 and "NO" in rows["local"]
    assert rows["archive"].count("yes") == 3 and "NO" not in rows["archive"]


def test_a_staging_directory_that_cannot_be_written(
    site: LiveSite, refused: Callable[..., Run], cloud: Connection
) -> None:
    """Glance starts, takes images, and can neither import nor delete one."""
    try:
        with covered(site, "ro", directory=STAGING):
            # A deletion is tried again for so long.
            run = refused(glance_verify_timeout=5)
    finally:
        for image in cloud.image.images():
            if image.name.startswith(CANARY):
                cloud.image.delete_image(image)
    for store, what in (("os_glance_staging_store", "staging its data"), ("local", "deleting the canary image")):
        assert f"Store {store} on glance-default failed at level writable: {what} failed" in run.prose
    assert run.prose.count("glance_staging_path") >= 3
