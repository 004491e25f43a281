"""Two API hosts: which is which, and the image API of each."""

from __future__ import annotations

import pytest
from live_site import LiveSite
from openstack.connection import Connection
from streams import ImageApi


@pytest.fixture(scope="module")
def one(nodes: list[LiveSite]) -> LiveSite:
    """Return the node that the catalog names."""
    return nodes[0]


@pytest.fixture(scope="module")
def two(nodes: list[LiveSite]) -> LiveSite:
    """Return the other node."""
    return nodes[1]


@pytest.fixture(scope="module")
def apis(nodes: list[LiveSite], cloud: Connection) -> list[ImageApi]:
    """Return the image API of each node, by its own URL."""
    return [ImageApi(node.url, cloud.auth_token) for node in nodes]
