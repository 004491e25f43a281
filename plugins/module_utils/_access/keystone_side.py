# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: log in to Keystone as a store does. Runs under Glance's own interpreter.

Keystone answers a wrong password, a wrong project and a missing role with the same 401; a second login without a
project tells them apart.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import Json, Stop, verify


class Login(NamedTuple):
    """Who logs in, and where."""

    url: str
    user: str
    password: str
    project: str
    user_domain: Json
    project_domain: Json
    credential_id: str
    credential_secret: str


def plugin(login: Login, scoped: bool = True) -> Any:
    """Return the login as keystoneauth takes it."""
    from keystoneauth1 import identity

    url = login.url.rstrip("/") + "/"
    if login.credential_id:
        return identity.V3ApplicationCredential(
            auth_url=url,
            application_credential_id=login.credential_id,
            application_credential_secret=login.credential_secret,
        )
    names = {"auth_url": url, "username": login.user, "password": login.password, **login.user_domain}
    if not scoped:
        return identity.V3Password(**names, unscoped=True)
    return identity.V3Password(**names, **login.project_domain, project_name=login.project)


def projects(login: Login, store: Json, timeout: float) -> list[str] | None:
    """Return the projects in which the user has a role; None when the password is refused as well."""
    from keystoneauth1 import exceptions
    from keystoneauth1 import session as sessions

    session = sessions.Session(auth=plugin(login, scoped=False), verify=verify(store), timeout=timeout)
    try:
        answer = session.get(login.url.rstrip("/") + "/auth/projects", authenticated=True)
    except exceptions.Unauthorized:
        return None
    except exceptions.ClientException:
        return []  # it may log in, which is what matters
    return [str(project["name"]) for project in answer.json().get("projects", [])]


def log_in(login: Login, store: Json, timeout: float) -> tuple[Any, Any]:
    """Return session and access, or stop with the reason."""
    from keystoneauth1 import exceptions
    from keystoneauth1 import session as sessions

    session = sessions.Session(auth=plugin(login), verify=verify(store), timeout=timeout)
    facts: Json = {"url": login.url, "user": login.user, "project": login.project}
    try:
        return session, session.auth.get_access(session)
    except exceptions.Unauthorized:
        if login.credential_id:
            raise Stop("application_credential", **facts) from None
        known = projects(login, store, timeout)
        raise Stop("password" if known is None else "project", projects=known or [], **facts) from None
    except exceptions.SSLError as error:
        raise Stop("tls", step="log in", text=str(error), **facts) from None
    except exceptions.ConnectionError as error:
        raise Stop("unreachable", step="log in", text=str(error), **facts) from None
    except (exceptions.NotFound, exceptions.DiscoveryFailure) as error:
        raise Stop("not_keystone", text=str(error), **facts) from None
    except exceptions.ClientException as error:
        raise Stop("login", text=f"{type(error).__name__}: {error}", **facts) from None


def offered(access: Any, service_type: str) -> list[str]:
    """Return what the catalog has for a service: interface and region of each endpoint."""
    entries = (access.service_catalog.catalog if access.has_service_catalog() else None) or []
    return sorted(
        f"{endpoint['interface']} in {endpoint.get('region_id') or endpoint.get('region')}"
        for entry in entries
        if entry["type"] == service_type
        for endpoint in entry.get("endpoints", [])
    )


def endpoint(session: Any, access: Any, region: str, **query: str) -> str:
    """Return the address of a service, or stop with what the catalog has instead."""
    from keystoneauth1 import exceptions

    try:
        url = session.get_endpoint(**query, region_name=region or None)
    except exceptions.ClientException:
        url = None
    if not url:
        raise Stop("endpoint", offered=offered(access, query["service_type"]), query={**query, "region": region})
    return str(url)
