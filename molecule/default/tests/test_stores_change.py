"""Stores of a running site come, go and change places in one run each, and no image is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from live_site import LiveSite, Run
from openstack.connection import Connection

# What systemd notes when a unit has started.
STARTED = "39f53479d3a045ac8e11786248231fbf"
MORE = {"id": "more", "type": "file", "path": "/srv/glance/more", "description": "Came later"}


def starts(site: LiveSite) -> int:
    """Return how often systemd has started the API since the host was booted."""
    notes = site.shell(f"journalctl --quiet --output=cat UNIT=glance-api.service MESSAGE_ID={STARTED}")
    return len(notes.splitlines())


def checksums(cloud: Connection) -> dict[str, str]:
    """Return name -> SHA-512 of what can be downloaded of each image."""
    images = list(cloud.image.images())
    return {image.name: hashlib.sha512(cloud.image.download_image(image).content).hexdigest() for image in images}


def turned(stores: list[dict[str, Any]], default: str) -> list[dict[str, Any]]:
    """Return the stores with another default."""
    return [{**store, "default": store["id"] == default} for store in stores]


@pytest.mark.usefixtures("no_canaries")
def test_stores_come_and_go(site: LiveSite, cloud: Connection, directory: Path) -> None:
    stores = site.variables["glance_stores"]
    before, started = checksums(cloud), starts(site)
    assert before, "there is an image to lose"

    grown = site.play(directory=directory, glance_stores=turned([*stores, MORE], "archive"))
    assert grown.code == 0 and grown.changed > 0
    assert starts(site) == started + 1, "one restart for all of it"
    assert checksums(cloud) == before

    shrunk = site.play(directory=directory)
    assert shrunk.code == 0 and shrunk.changed > 0
    assert starts(site) == started + 2
    assert checksums(cloud) == before
    assert site.play(directory=directory).changed == 0


@pytest.mark.usefixtures("untouched", "no_canaries")
def test_a_store_that_holds_images_stays(site: LiveSite, refused: Callable[..., Run]) -> None:
    stores = [store for store in site.variables["glance_stores"] if store["id"] != "archive"]
    run = refused(glance_stores=stores, glance_images=[])
    assert "store archive (type file) is no longer declared, but holds 1 image" in run.prose
    assert "nothing was changed" in run.prose
