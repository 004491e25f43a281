"""What the tests on real hosts share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import openstack
import pytest
import testinfra
from live_site import LiveSite, load
from streams import ImageApi
from testinfra.host import Host


@pytest.fixture(scope="module")
def site(host: Host) -> LiveSite:
    """Return the scenario's site, by its API host."""
    variables = host.ansible.get_variables()
    (lab,) = variables["groups"]["glance_all_in_one"]
    services = testinfra.get_host(f"ansible://{lab}", ansible_inventory=os.environ["MOLECULE_INVENTORY_FILE"])
    return load(variables["inventory_hostname"], variables, services.ansible.get_variables())


@pytest.fixture(scope="module")
def cloud(site: LiveSite) -> Iterator[openstack.connection.Connection]:
    """Return the administrator's connection."""
    with site.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def images(site: LiveSite, cloud: openstack.connection.Connection) -> ImageApi:
    """Return the image API for raw requests."""
    return ImageApi(site.url, cloud.auth_token)
