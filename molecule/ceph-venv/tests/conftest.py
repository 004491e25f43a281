"""Clients that trust whom the site trusts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from live_site import LiveSite
from openstack.connection import Connection


@pytest.fixture(scope="module")
def authority(site: LiveSite) -> str:
    """Return the file with who signed the certificate of the gateway."""
    return str(Path(site.inventory).parent / "ceph/ceph-1.ca.pem")


@pytest.fixture(scope="module")
def cloud(site: LiveSite, authority: str) -> Iterator[Connection]:
    """Return the administrator's connection."""
    with site.connect() as connection:
        connection.session.verify = authority
        yield connection
