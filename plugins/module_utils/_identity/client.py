# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""A thin client of Keystone's version 3 API: reads what the plan compares, takes the plan's steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ansible_collections.openimage.glance.plugins.module_utils._api_errors import AuthenticationError, explain
from ansible_collections.openimage.glance.plugins.module_utils._identity.plan import (
    Action,
    Found,
    Grant,
    Granted,
    Plan,
    Ref,
    Wanted,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from keystoneauth1.adapter import Adapter

PATHS = {
    "project": "/projects",
    "user": "/users",
    "role": "/roles",
    "service": "/services",
    "endpoint": "/endpoints",
}


class IdentityError(Exception):
    """Keystone said no, or not what was expected. The text is for the operator and holds no secret."""


class Identity:
    """One session with Keystone."""

    def __init__(self, adapter: Adapter, url: str) -> None:
        self._adapter = adapter
        self._url = url

    # --- reading --------------------------------------------------------------------------------------------------

    def read(self, wanted: Wanted) -> Found:
        """Return what Keystone holds of what is wanted."""
        domain = self._domain(wanted.domain)
        project = self._named("project", wanted.project, domain)
        user = self._named("user", wanted.user, domain)
        roles = self._roles(set(wanted.all_roles()))
        held: set[str] = set()
        system: set[str] = set()
        if user and project:
            held = self._held(user, project)
        if user and wanted.system_roles:
            system = {role["id"] for role in self._list("roles", f"/system/users/{user['id']}/roles")}
        services = self._list("services", "/services", type=wanted.service_type)
        endpoints = [endpoint for service in services for endpoint in self._endpoints(service)]
        login = None
        if user and user.get("enabled", True):
            scoped = bool(held) and project is not None and project.get("enabled", True)
            login = self.login(user["id"], wanted.password, project["id"] if scoped and project else None) is None
        return Found(
            domain=domain,
            project=project,
            user=user,
            login=login,
            roles=roles,
            project_roles=frozenset(name for name, role_id in roles.items() if role_id in held),
            system_roles=frozenset(name for name, role_id in roles.items() if role_id in system),
            identity_regions=self._identity_regions() if wanted.endpoints else frozenset(),
            services=tuple(services),
            endpoints=tuple(endpoints),
            granted=tuple(self._granted(grant, roles) for grant in wanted.grants),
        )

    def _endpoints(self, service: dict[str, Any]) -> list[dict[str, Any]]:
        return self._list("endpoints", "/endpoints", service_id=service["id"])

    def _identity_regions(self) -> frozenset[str]:
        """Return the regions in whose catalog Keystone itself is: what is disabled is in none."""
        enabled = [item for item in self._list("services", "/services", type="identity") if item.get("enabled", True)]
        endpoints = [endpoint for service in enabled for endpoint in self._endpoints(service)]
        return frozenset(
            endpoint["region_id"]
            for endpoint in endpoints
            if endpoint.get("enabled", True) and endpoint.get("region_id")
        )

    def _granted(self, grant: Grant, roles: dict[str, str]) -> Granted:
        domain = self._domain(grant.domain)
        user = self._named("user", grant.user, domain)
        project = self._named("project", grant.project, domain)
        held = self._held(user, project) if user and project else set()
        return Granted(user, project, frozenset(name for name, role_id in roles.items() if role_id in held))

    def _held(self, user: dict[str, Any], project: dict[str, Any]) -> set[str]:
        """Return the ids of the user's roles in the project."""
        terms = {"user.id": user["id"], "scope.project.id": project["id"]}
        return {item["role"]["id"] for item in self._list("role_assignments", "/role_assignments", **terms)}

    def login(self, user_id: str, password: str, project_id: str | None) -> str | None:
        """Return None when Keystone accepts the password, else why it does not.

        Without a project only the password is tested: a login to a project in which the user has no role (yet) fails
        with the best password.
        """
        identity = {"methods": ["password"], "password": {"user": {"id": user_id, "password": password}}}
        scope: Any = {"project": {"id": project_id}} if project_id else "unscoped"
        body = {"auth": {"identity": identity, "scope": scope}}
        answer = self._request(
            "POST", "/auth/tokens?nocatalog", json=body, authenticated=False, log=False, accept={401}
        )
        if answer.status_code != 401:
            return None
        try:
            return str(answer.json()["error"]["message"])
        except (ValueError, KeyError, TypeError):
            return "HTTP 401"

    def _domain(self, name: str) -> dict[str, Any] | None:
        domain = _by_name(self._list("domains", "/domains", name=name), name)
        if domain is None:
            # What clouds.yaml calls project_domain_id is often written where a name is asked for.
            answer = self._request("GET", f"/domains/{quote(name, safe='')}", accept={404})
            domain = answer.json().get("domain")
        return domain

    def _named(self, kind: str, name: str, domain: dict[str, Any] | None) -> dict[str, Any] | None:
        if domain is None:
            return None
        return _by_name(self._list(f"{kind}s", PATHS[kind], name=name, domain_id=domain["id"]), name)

    def _roles(self, names: set[str]) -> dict[str, str]:
        known = self._list("roles", "/roles")
        found = {name: role["id"] for name in names for role in [_by_name(known, name)] if role}
        # Keystone may cut long lists short ([DEFAULT] list_limit), so what is missing is asked for by its name.
        for name in names - set(found):
            role = _by_name(self._list("roles", "/roles", name=name), name)
            if role:
                found[name] = role["id"]
        return found

    def _list(self, key: str, path: str, **terms: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self._request("GET", path, params=terms).json()[key]
        return items

    # --- changing -------------------------------------------------------------------------------------------------

    def apply(self, plan: Plan, wanted: Wanted) -> dict[tuple[str, str], str]:
        """Take the steps in order; return the ids of all that is then there, by (kind, name)."""
        ids = dict(plan.ids)
        for action in plan.actions:
            try:
                self._take(action, wanted, ids)
            except (AuthenticationError, IdentityError) as error:
                raise IdentityError(f"Could not {action.sentence}: {error}") from None
        return ids

    def _take(self, action: Action, wanted: Wanted, ids: dict[tuple[str, str], str]) -> None:
        body = {
            key: ids[value.kind, value.name] if isinstance(value, Ref) else value for key, value in action.body.items()
        }
        if action.verb == "grant" and body:
            self._request("PUT", f"/projects/{body['project']}/users/{body['user']}/roles/{body['role']}")
            return
        if action.verb == "grant":
            user, role = ids["user", wanted.user], ids["role", action.name]
            where = "/system" if action.kind == "system_role" else f"/projects/{ids['project', wanted.project]}"
            self._request("PUT", f"{where}/users/{user}/roles/{role}")
            return
        method, path = "POST", PATHS[action.kind]
        if action.id:
            method, path = "PATCH", f"{path}/{action.id}"
        # A password may be in it.
        answer = self._request(method, path, json={action.kind: body}, log=False)
        ids[action.kind, action.name] = answer.json()[action.kind]["id"]

    def _request(self, method: str, path: str, accept: Collection[int] = (), **options: Any) -> Any:
        from keystoneauth1 import exceptions

        try:
            answer = self._adapter.request(path, method, raise_exc=False, **options)
        except exceptions.ClientException as error:
            raise explain(error, self._url + path) from None
        if answer.status_code < 400 or answer.status_code in accept:
            return answer
        raise IdentityError(_refusal(method, self._url + path.partition("?")[0], answer))


def _refusal(method: str, url: str, answer: Any) -> str:
    try:
        message = str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        message = str(answer.reason)
    advice = {
        403: " Log in as an administrator of the whole cloud (role admin), and mind that users of an LDAP domain "
        "cannot be written.",
        409: " Something of that name appeared meanwhile or exists in another domain; run again.",
    }.get(answer.status_code, "")
    return f"{method} {url} answered HTTP {answer.status_code}: {message}{advice}"


def _by_name(items: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """Prefer the exact name; MySQL also treats names that differ only in case as equal, and would refuse a second."""
    exact = [item for item in items if item["name"] == name]
    alike = [item for item in items if item["name"].casefold() == name.casefold()]
    return next(iter(exact or alike), None)
