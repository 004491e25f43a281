"""What lies in the directory of a file store has the mode and the holes that the inventory asks for."""

from __future__ import annotations

import os

from live_site import LiveSite
from streams import MIB, ImageApi


def stored(site: LiveSite, images: ImageApi, store: str) -> tuple[str, int, int]:
    """Return mode, size and allocated bytes of an image that is zeros but for its end."""
    data = bytes(8 * MIB) + os.urandom(MIB)
    image = images.create(f"thin-{store}")
    try:
        headers = {"Content-Type": "application/octet-stream", "X-Image-Meta-Store": store}
        status, body = images.request("PUT", f"/v2/images/{image}/file", data, headers)
        assert status == 204, body
        status, body = images.request("GET", f"/v2/images/{image}/file")
        assert status == 200 and body == data
        path = f"{site.stores[store]['path']}/{image}"
        mode, size, blocks, block = site.shell(f"stat --format '%a %s %b %B' {path}").split()
        return mode, int(size), int(blocks) * int(block)
    finally:
        images.delete(image)


def test_a_thin_store_has_holes_and_its_mode(site: LiveSite, images: ImageApi) -> None:
    mode, size, allocated = stored(site, images, "archive")
    assert (mode, size) == ("660", 9 * MIB)
    assert allocated < 4 * MIB


def test_another_store_has_neither(site: LiveSite, images: ImageApi) -> None:
    mode, size, allocated = stored(site, images, "local")
    assert mode != "660" and size == 9 * MIB
    assert allocated >= 9 * MIB
