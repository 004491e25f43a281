"""All hosts together: each mistake once, with the hosts that have it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible_collections.openimage.glance.plugins.module_utils._site.inventory import merged, problems_of
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import KNOWN

ROLES = Path(__file__).parents[5] / "roles"
SITE: dict[str, Any] = {
    "glance_stores": [{"id": "local", "type": "file", "default": True, "path": "/srv/images", "shared": True}],
    "glance_database_password": "one-secret",
    "glance_service_password": "another-secret",
    "glance_keystone_admin_password": "a-third-secret",
    "glance_memcached_secret": "a-fourth-secret",
}


def inventory_problems(sites: dict[str, dict[str, Any]]) -> list[str]:
    return merged({host: problems_of(site, len(sites)) for host, site in sites.items()})


def test_a_right_site_has_no_problem() -> None:
    assert inventory_problems({"api1": SITE, "api2": SITE}) == []


def test_a_mistake_of_all_hosts_is_told_once() -> None:
    wrong = {**SITE, "glance_api_port": 99999}
    (text,) = inventory_problems({"api1": wrong, "api2": wrong})
    assert text.startswith("glance_api_port: ") and "(on" not in text


def test_a_mistake_of_one_host_names_it() -> None:
    (text,) = inventory_problems({"api1": SITE, "api2": {**SITE, "glance_api_port": 99999}})
    assert text.endswith("(on api2)")


def test_hosts_are_counted_for_what_they_must_share() -> None:
    private = {**SITE, "glance_stores": [{**SITE["glance_stores"][0], "shared": False}]}
    assert inventory_problems({"api1": private}) == []
    (text,) = inventory_problems({"api1": private, "api2": private})
    assert text.startswith("glance_stores[0].shared: ")


def test_a_misspelt_variable_is_named_with_the_right_one() -> None:
    texts = inventory_problems({"api1": {**SITE, "glance_databse_port": 3306}})
    assert texts == ["glance_databse_port: is no variable of this collection; write glance_database_port"]


def test_variables_of_the_inventory_itself_are_left_alone() -> None:
    assert inventory_problems({"api1": {**SITE, "glance_quickstart": {}, "glance_quickstart_state": "x"}}) == []


def test_known_variables_are_exactly_those_of_the_roles() -> None:
    """A misspelt name can only be told from a right one while this list is complete."""
    defaults: set[str] = set()
    for file in ROLES.glob("*/defaults/main.yml"):
        defaults |= set(yaml.safe_load(file.read_text()) or {})
    assert sorted(defaults - {"glance_preflight_hosts"}) == sorted(KNOWN)
