"""What the tests on real hosts share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import openstack
import pytest
import testinfra
from live_site import LiveSite, load
from streams import ImageApi
from testinfra.host import Host
from volumes import owner


def variables_of(name: str) -> dict[str, Any]:
    """Return the variables of a host of the scenario."""
    host = testinfra.get_host(f"ansible://{name}", ansible_inventory=os.environ["MOLECULE_INVENTORY_FILE"])
    return dict(host.ansible.get_variables())


def beside(name: str) -> LiveSite:
    """Return another host of the scenario; its shell is what counts."""
    return load(name, variables_of(name))


@pytest.fixture(scope="module")
def clusters(host: Host) -> dict[str, LiveSite]:
    """Return the Ceph clusters beside the site by name."""
    return {name: beside(name) for name in host.ansible.get_variables()["groups"]["ceph"]}


@pytest.fixture(scope="module")
def site(host: Host) -> LiveSite:
    """Return the scenario's site, by its API host."""
    variables = host.ansible.get_variables()
    (lab,) = variables["groups"]["glance_all_in_one"]
    return load(variables["inventory_hostname"], variables, variables_of(lab))


@pytest.fixture(scope="module")
def nodes(site: LiveSite) -> list[LiveSite]:
    """Return the site by each of its API hosts, in the order of the inventory."""
    (lab,) = site.variables["groups"]["glance_all_in_one"]
    return [load(name, variables_of(name), variables_of(lab)) for name in site.variables["groups"]["glance_api"]]


@pytest.fixture(scope="module")
def lab(site: LiveSite) -> LiveSite:
    """Return the site by the host that has database and Keystone."""
    (name,) = site.variables["groups"]["glance_all_in_one"]
    return load(name, variables_of(name))


@pytest.fixture(scope="module")
def cloud(site: LiveSite) -> Iterator[openstack.connection.Connection]:
    """Return the administrator's connection."""
    with site.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def images(site: LiveSite, cloud: openstack.connection.Connection) -> ImageApi:
    """Return the image API for raw requests."""
    return ImageApi(site.url, cloud.auth_token)


@pytest.fixture(scope="module")
def volumes(site: LiveSite) -> Iterator[openstack.connection.Connection]:
    """Return the connection of the user in whose volumes images are."""
    with owner(site) as connection:
        yield connection
