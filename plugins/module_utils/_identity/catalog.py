# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Which of the services and endpoints in Keystone's catalog is ours, when earlier mistakes may have left several.

Keystone accepts any number of services of one type, and of endpoints with one interface and region; clients then take
whichever comes first. Such a catalog is reported with ids and commands. Nothing is deleted here: only the operator
knows which one other people's configuration refers to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Ours:
    """How the wanted service would be recognised."""

    type: str
    name: str
    region: str
    interfaces: frozenset[str]


@dataclass
class Choice:
    """The one to use (None: there is none yet), or the reasons why that cannot be said."""

    item: dict[str, Any] | None = None
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def serves(endpoint: dict[str, Any], region: str, interface: str) -> bool:
    """Return whether the endpoint is this interface's in this region."""
    return endpoint["interface"] == interface and (endpoint.get("region_id") or endpoint.get("region")) == region


def choose_service(services: Sequence[dict[str, Any]], endpoints: Iterable[dict[str, Any]], ours: Ours) -> Choice:
    """Choose among all services of the type.

    The only one of its type is ours whatever its name, unless it serves other regions under that name. Among several
    the name decides, provided that the others cannot be mistaken for ours: they are disabled, or have no endpoint
    in our region. Those without any endpoint are leftovers, which is worth a warning.
    """
    by_service: dict[str, list[dict[str, Any]]] = {service["id"]: [] for service in services}
    for endpoint in endpoints:
        by_service.setdefault(endpoint["service_id"], []).append(endpoint)

    def rivals(service: dict[str, Any]) -> bool:
        return service.get("enabled", True) and any(
            serves(endpoint, ours.region, interface) and endpoint.get("enabled", True)
            for endpoint in by_service[service["id"]]
            for interface in ours.interfaces
        )

    named = [service for service in services if service.get("name") == ours.name]
    if not services:
        return Choice()
    if len(services) == 1:
        only = services[0]
        elsewhere = {endpoint.get("region_id") for endpoint in by_service[only["id"]]} - {ours.region, None}
        if not named and elsewhere:
            return Choice(
                problems=[
                    f"service_name: the only service of type '{ours.type}' is {_describe(only)} and serves "
                    f"{', '.join(sorted(map(repr, elsewhere)))}; it is not renamed to '{ours.name}'. "
                    f"To add endpoints in '{ours.region}' to it, set the service name to '{only.get('name', '')}'."
                ]
            )
        return Choice(only)
    if len(named) != 1:
        count = f"{len(named)} of them have" if named else "none of them has"
        return Choice(problems=[_duplicates(services, by_service, ours.type, f"{count} the name '{ours.name}'")])
    others = [service for service in services if service is not named[0]]
    if any(rivals(service) for service in others):
        hint = f"only {named[0]['id']} has the name '{ours.name}', but others have endpoints in '{ours.region}', too"
        return Choice(problems=[_duplicates(services, by_service, ours.type, hint)])
    leftovers = [service for service in others if not by_service[service["id"]] or not service.get("enabled", True)]
    warnings = [
        f"Service {_describe(service)} of type '{ours.type}' looks like a leftover (it is disabled or has no "
        f"endpoints); {_describe(named[0])} is used. Look: openstack service show {service['id']}; "
        f"delete: openstack service delete {service['id']}"
        for service in leftovers
    ]
    return Choice(named[0], warnings=warnings)


def choose_endpoint(same: Sequence[dict[str, Any]], place: str, url: str) -> Choice:
    """Choose among the endpoints that one service has for one interface and region.

    Disabled ones are not in the catalog, so beside an enabled one they only earn a warning.
    """
    enabled = [endpoint for endpoint in same if endpoint.get("enabled", True)]
    candidates = enabled or list(same)
    if len(candidates) > 1:
        right = [endpoint for endpoint in candidates if endpoint["url"] == url]
        hint = f"only {right[0]['id']} has the wanted URL {url}" if len(right) == 1 else f"the wanted URL is {url}"
        lines = [f"  {e['id']}  {e['url']}{'' if e.get('enabled', True) else '  (disabled)'}" for e in candidates]
        return Choice(
            problems=[
                f"The {place} exists {len(candidates)} times; clients take any of them ({hint}):\n"
                + "\n".join(lines)
                + "\nKeep one. Look: openstack endpoint show ID; delete the others: openstack endpoint delete ID"
            ]
        )
    if not candidates:
        return Choice()
    warnings = [
        f"There is also a disabled {place}, {endpoint['id']} ({endpoint['url']}); delete it with "
        f"openstack endpoint delete {endpoint['id']}"
        for endpoint in same
        if endpoint is not candidates[0]
    ]
    return Choice(candidates[0], warnings=warnings)


def _duplicates(
    services: Sequence[dict[str, Any]],
    by_service: dict[str, list[dict[str, Any]]],
    service_type: str,
    hint: str,
) -> str:
    lines = []
    for service in services:
        endpoints = by_service[service["id"]]
        urls = ", ".join(f"{e['interface']} {e.get('region_id')} {e['url']}" for e in endpoints) or "no endpoints"
        lines.append(f"  {_describe(service)}: {urls}")
    return (
        f"There are {len(services)} services of type '{service_type}' ({hint}); it is not clear which one to use:\n"
        + "\n".join(lines)
        + "\nKeep one. Look: openstack endpoint list --service ID; delete the others: openstack service delete ID "
        "(its endpoints go with it)"
    )


def _describe(service: dict[str, Any]) -> str:
    state = "" if service.get("enabled", True) else ", disabled"
    return f"{service['id']} ('{service.get('name', '')}'{state})"
