"""What is right or wrong by the host that says it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.checks import site_problems
from ansible_collections.openimage.glance.plugins.module_utils._site.places import Place, place_doubts, place_problems

OUTSIDE = Place("api1", "192.0.2.11", ("lab1",))
INSIDE = Place("lab1", "192.0.2.10", ("lab1",))
ALONE = Place("api1", "192.0.2.11")
RIGHT = {
    "glance_keystone_url": "http://192.0.2.10:5000/v3",
    "glance_database_host": "192.0.2.10",
    "glance_database_login_host": "192.0.2.10",
}


def problems(place: Place, **site: Any) -> list[str]:
    return [str(problem) for problem in place_problems(site, place)]


def doubts(place: Place, **site: Any) -> list[str]:
    return [str(doubt) for doubt in place_doubts(site, place)]


@pytest.mark.parametrize("place", [OUTSIDE, INSIDE, ALONE])
def test_a_site_that_says_where_its_services_are(place: Place) -> None:
    assert problems(place, **RIGHT) == doubts(place, **RIGHT) == []


def test_without_lab_hosts_the_services_are_named() -> None:
    assert [text.partition(":")[0] for text in problems(ALONE)] == [
        "glance_database_login_host",
        "glance_keystone_url",
        "glance_database_host",
    ]
    # Where the server runs on a host of the inventory, its socket will do.
    assert problems(ALONE, glance_keystone_url=RIGHT["glance_keystone_url"], glance_database_setup_host="api1") == []


def test_loopback_is_where_the_lab_services_are() -> None:
    assert problems(INSIDE, glance_setup_host="lab1") == []
    # The controller does not find them there.
    (text,) = problems(INSIDE)
    assert text.startswith(
        "glance_keystone_url: is missing, and the default is loopback, where Keystone is not for the setup"
    )
    assert problems(Place("localhost", "localhost", ("localhost",), local=True)) == []
    assert [text.partition(":")[0] for text in problems(OUTSIDE)] == ["glance_keystone_url", "glance_database_host"]


@pytest.mark.parametrize("name", ["127.0.0.1", "127.0.1.1", "localhost", "::1"])
def test_loopback_that_is_written_may_be_a_proxy(name: str) -> None:
    site = {**RIGHT, "glance_database_host": name}
    assert problems(OUTSIDE, **site) == []
    (text,) = doubts(OUTSIDE, **site)
    assert text.startswith(
        "glance_database_host: it is loopback, where the database server is not for API hosts outside"
    )
    assert text.endswith("unless a proxy listens on each of them")
    assert doubts(INSIDE, **site) == []


def test_a_keystone_on_loopback_that_is_written() -> None:
    site = {**RIGHT, "glance_keystone_url": "http://[::1]:5000/v3"}
    (text,) = doubts(ALONE, **site)
    assert text.startswith("glance_keystone_url: it is loopback") and "the setup host, localhost" in text


@pytest.mark.parametrize("address", ["fd00::1", "image1.example.org", "192.0.2.1"])
def test_addresses_that_urls_are_made_of(address: str) -> None:
    assert problems(Place("api1", address, ("lab1",)), **RIGHT) == []


def test_an_address_that_makes_no_url() -> None:
    (text,) = problems(Place("api1", "image 1"), **RIGHT)
    assert text.startswith("ansible_host: cannot stand in the URL") and "glance_api_node_url" in text
    assert problems(Place("api1", "image 1"), **RIGHT, glance_api_node_url="http://image1:9292") == []


def test_a_lab_host_without_api_needs_what_its_services_need() -> None:
    lab = Place("lab1", "192.0.2.10", ("lab1",), lab_only=True)
    site = {"glance_keystone_admin_password": "4dmin", "glance_api_port": "ninety"}
    assert site_problems(site, 1, lab) == []
    wrong = {**site, "glance_all_in_one_keystone_port": "many", "glance_keystone_admin_password": ""}
    found = site_problems(wrong, 1, lab, {"glance_stores": "x", "glance_region": "y"})
    assert [problem.path for problem in found] == [
        "glance_region",
        "glance_all_in_one_keystone_port",
        "glance_keystone_admin_password",
    ]
    assert place_doubts({"glance_database_host": "127.0.0.1"}, lab) == []
