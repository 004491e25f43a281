# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is right or wrong by where it is said: on which host, beside which others.

PRIVATE to the collection: can change at any time.

An address of loopback is another machine for each host. Left as a default it is a mistake where the service is not
there; written by the operator it is doubtful, because a proxy on each host makes it right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.openimage.glance.plugins.module_utils._config.hosts import in_url, is_loopback
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import host
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong, url

OUTSIDE = "API hosts outside the group glance_all_in_one"


@dataclass(frozen=True)
class Place:
    """Where a host stands in the inventory."""

    name: str
    address: str
    # The hosts with lab services.
    all_in_one: tuple[str, ...] = ()
    # Whether it is the controller itself.
    local: bool = False
    # Whether it has lab services only.
    lab_only: bool = False

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Place:
        """Return what the role has put together."""
        return cls(
            name=str(values["name"]),
            address=str(values["address"]),
            all_in_one=tuple(values.get("all_in_one") or ()),
            local=bool(values.get("local")),
            lab_only=bool(values.get("lab_only")),
        )

    @property
    def has_services(self) -> bool:
        """Whether loopback may be right here, because database and Keystone may be on this very machine."""
        return self.local or self.name in self.all_in_one


def _address(site: Mapping[Any, Any], place: Place) -> list[Problem]:
    """Return what is wrong with the address that URLs are made of by default."""
    needed_by = "glance_all_in_one_keystone_url" if place.lab_only else "glance_api_node_url"
    if needed_by in site:
        return []
    try:
        url(f"http://{in_url(host(place.address))}:9292")
    except Wrong as error:
        wrong = f"cannot stand in the URL that clients reach it at: {error.wrong}"
        return [Problem("ansible_host", wrong, f"write a name or an address, or set {needed_by}")]
    return []


def _login(site: Mapping[Any, Any], place: Place) -> list[Problem]:
    if place.all_in_one or place.local:
        return []
    if site.get("glance_database_login_host") or site.get("glance_database_setup_host"):
        return []
    return [
        Problem(
            "glance_database_login_host",
            "is missing, so the database would be made by a socket on the setup host",
            "name the database server and how to log in to it (glance_database_login_*), or the inventory host that it "
            "runs on in glance_database_setup_host",
        )
    ]


def _strangers_to_keystone(site: Mapping[Any, Any], place: Place) -> list[str]:
    """Return for whom Keystone is not on the own machine, as far as the inventory tells."""
    setup = _said(site, "glance_setup_host", "localhost")
    strangers = [] if place.has_services else [OUTSIDE]
    if not place.local and setup != place.name and setup not in place.all_in_one:
        strangers.append(f"the setup host, {setup}")
    return strangers


def _strangers_to_the_database(site: Mapping[Any, Any], place: Place) -> list[str]:
    at_home = place.has_services or site.get("glance_database_setup_host") == place.name
    return [] if at_home else [OUTSIDE]


def _said(site: Mapping[Any, Any], name: str, default: str) -> str:
    """Return a text of the site; what is none is reported as that."""
    value = site.get(name, default)
    return value if isinstance(value, str) else ""


def _loopback(place: Place, site: Mapping[Any, Any], missing: bool) -> list[Problem]:
    """Return what points at loopback for hosts where the service is not, by default or as it is written."""
    try:
        keystone_host = urlsplit(_said(site, "glance_keystone_url", "http://127.0.0.1:5000/v3")).hostname or ""
    except ValueError:
        keystone_host = ""
    checks = (
        (
            "glance_keystone_url",
            keystone_host,
            _strangers_to_keystone(site, place),
            "Keystone",
            "write the URL by which the API hosts and the setup host reach it, like http://192.0.2.10:5000/v3",
        ),
        (
            "glance_database_host",
            _said(site, "glance_database_host", "127.0.0.1"),
            _strangers_to_the_database(site, place),
            "the database server",
            "write the address by which the API hosts reach it",
        ),
    )
    return [
        Problem(
            name,
            f"{'is missing, and the default' if missing else 'it'} is loopback, where {service} is not for "
            + " and ".join(strangers),
            instead,
        )
        for name, address, strangers, service, instead in checks
        if (name not in site) == missing and is_loopback(address) and strangers
    ]


def place_problems(site: Mapping[Any, Any], place: Place) -> list[Problem]:
    """Return what cannot work where this host stands."""
    if place.lab_only:
        return _address(site, place)
    return [*_address(site, place), *_login(site, place), *_loopback(place, site, missing=True)]


def place_doubts(site: Mapping[Any, Any], place: Place) -> list[Problem]:
    """Return what works there only with something that the inventory does not tell."""
    if place.lab_only:
        return []
    return [
        Problem(doubt.path, doubt.wrong, f"{doubt.instead}, unless a proxy listens on each of them")
        for doubt in _loopback(place, site, missing=False)
    ]
