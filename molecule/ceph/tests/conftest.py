"""The Ceph clusters beside the site."""

from __future__ import annotations

import os

import pytest
import testinfra
from live_site import LiveSite, load


def cluster(name: str) -> LiveSite:
    """Return the host that is a cluster; its shell is what counts."""
    host = testinfra.get_host(f"ansible://{name}", ansible_inventory=os.environ["MOLECULE_INVENTORY_FILE"])
    return load(name, host.ansible.get_variables())


@pytest.fixture(scope="session")
def clusters() -> dict[str, LiveSite]:
    """Return the clusters by name."""
    return {name: cluster(name) for name in ("ceph-0", "ceph-1")}
