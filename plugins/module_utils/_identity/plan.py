# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""What must be true in Keystone for a service, and the steps from what is there to that. Nothing here talks to anybody.

Check mode, diff and the real run all use the one plan that :func:`plan` returns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._identity import catalog


@dataclass(frozen=True)
class Grant:
    """Roles of somebody else in a project; user and project must be there already."""

    user: str
    project: str
    domain: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Granted:
    """What Keystone holds of a grant."""

    user: dict[str, Any] | None = None
    project: dict[str, Any] | None = None
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Wanted:
    """The identity of a service, as the operator declares it."""

    domain: str
    project: str
    user: str
    password: str = field(repr=False)
    roles: tuple[str, ...]
    system_roles: tuple[str, ...]
    service_name: str
    service_type: str
    service_description: str | None
    region: str
    endpoints: dict[str, str]
    other_roles: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()

    def all_roles(self) -> list[str]:
        """Return every role that must exist, in the order in which they are created."""
        granted = (role for grant in self.grants for role in grant.roles)
        return list(dict.fromkeys((*self.roles, *self.system_roles, *self.other_roles, *granted)))


@dataclass(frozen=True)
class Found:
    """What Keystone holds of it; the dictionaries are Keystone's own answers."""

    domain: dict[str, Any] | None = None
    project: dict[str, Any] | None = None
    user: dict[str, Any] | None = None
    # Did Keystone accept the password? None when that cannot be asked: no such user, or a disabled one.
    login: bool | None = None
    roles: dict[str, str] = field(default_factory=dict)
    project_roles: frozenset[str] = frozenset()
    system_roles: frozenset[str] = frozenset()
    # The regions in which Keystone has an identity endpoint that is enabled.
    identity_regions: frozenset[str] = frozenset()
    services: tuple[dict[str, Any], ...] = ()
    endpoints: tuple[dict[str, Any], ...] = ()
    # In the order of the wanted grants.
    granted: tuple[Granted, ...] = ()


@dataclass(frozen=True)
class Ref:
    """Stands in a request for the id of something that an earlier step may first have to create."""

    kind: str
    name: str


@dataclass(frozen=True)
class Action:
    """One request that changes Keystone."""

    verb: str
    kind: str
    name: str
    sentence: str
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    id: str | None = None
    before: Any = None
    after: Any = None


@dataclass
class Plan:
    """The steps in the order in which they must be taken, and what the operator should hear.

    :ivar problems: reasons to change nothing at all.
    :ivar ids: by (kind, name), what is there already.
    """

    actions: list[Action] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)

    def sentences(self) -> list[str]:
        return [action.sentence for action in self.actions]

    def diff(self) -> dict[str, Any]:
        """Return before and after of all that changes, and of nothing else."""
        return {
            "before": {f"{action.kind} {action.name}": action.before for action in self.actions},
            "after": {f"{action.kind} {action.name}": action.after for action in self.actions},
        }


def plan(wanted: Wanted, found: Found, assume_absent: bool = False, assume_region: bool = False) -> Plan:
    """Compare and return the steps.

    :param assume_absent: there is no Keystone to ask yet, so its domain is not missed either.
    :param assume_region: an earlier step that was only predicted registers Keystone itself in the region.
    """
    result = Plan(ids={("role", name): role_id for name, role_id in found.roles.items()})
    there = (("domain", wanted.domain, found.domain), ("project", wanted.project, found.project))
    for kind, name, item in (*there, ("user", wanted.user, found.user)):
        if item:
            result.ids[kind, name] = item["id"]
    if found.domain and not found.domain.get("enabled", True):
        result.problems.append(
            f"domain: '{wanted.domain}' is disabled, so nobody in it can log in. "
            f"Enable it: openstack domain set --enable {found.domain['id']}"
        )
    if found.domain is None and not assume_absent:
        result.problems.append(
            f"domain: Keystone has no domain named '{wanted.domain}'. "
            f"Correct the name ('openstack domain list') or create it ('openstack domain create {wanted.domain}')."
        )
    _plan_project(wanted, found, result)
    _plan_user(wanted, found, result)
    _plan_roles(wanted, found, result)
    _plan_grants(wanted, found, result, assume_absent)
    if wanted.endpoints and wanted.region not in found.identity_regions and not (assume_absent or assume_region):
        result.problems.append(_no_identity_endpoint(wanted.region, found.identity_regions))
    _plan_catalog(wanted, found, result)
    return result


def _no_identity_endpoint(region: str, regions: frozenset[str]) -> str:
    """Say that the region is unknown to Keystone itself: a misspelt one, as a rule."""
    known = ", ".join(f"'{name}'" for name in sorted(regions)) or "no region"
    return (
        f"region (glance_region in an inventory): Keystone has no identity endpoint in '{region}', so clients of that "
        f"region would not find Keystone. It has identity endpoints in {known}. Correct the region, or register "
        f"Keystone there first: openstack endpoint create --region {region} identity public URL"
    )


def _plan_project(wanted: Wanted, found: Found, result: Plan) -> None:
    name = wanted.project
    if found.project is None:
        shown = {"domain": wanted.domain, "enabled": True}
        body = {"name": name, "domain_id": Ref("domain", wanted.domain), "enabled": True}
        sentence = f"create project '{name}' in domain '{wanted.domain}'"
        result.actions.append(Action("create", "project", name, sentence, body, after=shown))
    elif not found.project.get("enabled", True):
        result.actions.append(_enable("project", name, found.project["id"]))


def _plan_user(wanted: Wanted, found: Found, result: Plan) -> None:
    name, user = wanted.user, found.user
    project = Ref("project", wanted.project)
    if user is None:
        shown = {"domain": wanted.domain, "enabled": True, "default_project": wanted.project, "password": "(new)"}
        body = {
            "name": name,
            "domain_id": Ref("domain", wanted.domain),
            "enabled": True,
            "default_project_id": project,
            "password": wanted.password,
        }
        sentence = f"create user '{name}' in domain '{wanted.domain}'"
        result.actions.append(Action("create", "user", name, sentence, body, after=shown))
        return
    changes: dict[str, Any] = {}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    steps = []
    if not user.get("enabled", True):
        changes["enabled"], before["enabled"], after["enabled"] = True, False, True
        steps.append("enable it")
    if found.project is None or user.get("default_project_id") != found.project["id"]:
        changes["default_project_id"] = project
        before["default_project"] = user.get("default_project_id")
        after["default_project"] = wanted.project
        steps.append(f"make '{wanted.project}' its default project")
    if not found.login:
        changes["password"], before["password"], after["password"] = wanted.password, "(another)", "(new)"
        why = "Keystone refuses the login with it" if found.login is False else "it cannot be checked while disabled"
        steps.append(f"set its password ({why})")
    if steps:
        sentence = f"update user '{name}': {', '.join(steps)}"
        result.actions.append(Action("update", "user", name, sentence, changes, user["id"], before, after))


def _plan_roles(wanted: Wanted, found: Found, result: Plan) -> None:
    for role in wanted.all_roles():
        if role not in found.roles:
            sentence = f"create role '{role}'"
            result.actions.append(Action("create", "role", role, sentence, {"name": role}, after={"name": role}))
    grants = (
        ("project_role", wanted.roles, found.project_roles, f"in project '{wanted.project}'"),
        ("system_role", wanted.system_roles, found.system_roles, "on the system"),
    )
    for kind, roles, held, where in grants:
        for role in dict.fromkeys(roles):
            if role not in held:
                sentence = f"give user '{wanted.user}' the role '{role}' {where}"
                result.actions.append(Action("grant", kind, role, sentence, after={"user": wanted.user}))


def _plan_grants(wanted: Wanted, found: Found, result: Plan, assume_absent: bool) -> None:
    for number, grant in enumerate(wanted.grants):
        held = found.granted[number] if number < len(found.granted) else Granted()
        for kind, name, item in (("user", grant.user, held.user), ("project", grant.project, held.project)):
            if item is None and not assume_absent:
                result.problems.append(
                    f"grants[{number}].{kind}: Keystone has no {kind} named '{name}' in domain '{grant.domain}'. "
                    f"Correct the name ('openstack {kind} list --domain {grant.domain}') or create it first."
                )
        for role in dict.fromkeys(grant.roles):
            if role in held.roles:
                continue
            body = {
                "user": held.user["id"] if held.user else None,
                "project": held.project["id"] if held.project else None,
                "role": Ref("role", role),
            }
            name = f"{role} of {grant.user} in {grant.project}"
            sentence = f"give user '{grant.user}' the role '{role}' in project '{grant.project}'"
            after = {"user": grant.user, "project": grant.project, "domain": grant.domain}
            result.actions.append(Action("grant", "role", name, sentence, body, after=after))


def _plan_catalog(wanted: Wanted, found: Found, result: Plan) -> None:
    ours = catalog.Ours(wanted.service_type, wanted.service_name, wanted.region, frozenset(wanted.endpoints))
    choice = catalog.choose_service(found.services, found.endpoints, ours)
    result.problems += choice.problems
    result.warnings += choice.warnings
    if choice.problems:
        return
    _plan_service(wanted, choice.item, result)
    service_id = choice.item["id"] if choice.item else None
    if service_id:
        result.ids["service", wanted.service_name] = service_id
    for interface, url in wanted.endpoints.items():
        same = [
            endpoint
            for endpoint in found.endpoints
            if endpoint["service_id"] == service_id and catalog.serves(endpoint, wanted.region, interface)
        ]
        _plan_endpoint(wanted, interface, url, same, result)


def _plan_service(wanted: Wanted, service: dict[str, Any] | None, result: Plan) -> None:
    name = wanted.service_name
    values: dict[str, Any] = {"name": name, "enabled": True}
    if wanted.service_description is not None:
        values["description"] = wanted.service_description
    if service is None:
        body = {**values, "type": wanted.service_type}
        sentence = f"create service '{name}' of type '{wanted.service_type}'"
        result.actions.append(Action("create", "service", name, sentence, body, after=body))
        return
    # Keystone leaves out what was never set.
    had = {"name": service.get("name", ""), "enabled": service.get("enabled", True)}
    had["description"] = service.get("description") or ""
    body = {key: value for key, value in values.items() if had[key] != value}
    if body:
        before = {key: had[key] for key in body}
        what = ", ".join(f"{key} from {had[key]!r} to {value!r}" for key, value in body.items())
        sentence = f"update service '{had['name']}' of type '{wanted.service_type}': {what}"
        result.actions.append(Action("update", "service", name, sentence, body, service["id"], before, body))


def _plan_endpoint(wanted: Wanted, interface: str, url: str, same: list[dict[str, Any]], result: Plan) -> None:
    place = f"{interface} endpoint of '{wanted.service_type}' in region '{wanted.region}'"
    choice = catalog.choose_endpoint(same, place, url)
    result.problems += choice.problems
    result.warnings += choice.warnings
    if choice.problems:
        return
    endpoint = choice.item
    values = {"url": url, "enabled": True}
    if endpoint is None:
        body = {
            **values,
            "interface": interface,
            "region_id": wanted.region,
            "service_id": Ref("service", wanted.service_name),
        }
        shown = {**values, "region": wanted.region}
        result.actions.append(
            Action("create", "endpoint", interface, f"create the {place}: {url}", body, after=shown),
        )
        return
    result.ids["endpoint", interface] = endpoint["id"]
    had = {"url": endpoint["url"], "enabled": endpoint.get("enabled", True)}
    body = {key: value for key, value in values.items() if had[key] != value}
    if body:
        steps = [f"change its URL from {had['url']} to {url}"] if "url" in body else []
        steps += ["enable it"] if "enabled" in body else []
        before = {key: had[key] for key in body}
        sentence = f"update the {place}: {', '.join(steps)}"
        result.actions.append(Action("update", "endpoint", interface, sentence, body, endpoint["id"], before, body))


def _enable(kind: str, name: str, item_id: str) -> Action:
    after = {"enabled": True}
    return Action("update", kind, name, f"enable {kind} '{name}'", after, item_id, {"enabled": False}, after)
