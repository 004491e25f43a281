# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: ask Cinder what Glance will need of it. Runs under Glance's own interpreter.

It states facts; ``cinder.py`` puts them into words. Nothing is created: a volume takes long, and costs quota.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access.keystone_side import Login, endpoint, log_in
from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import Json, Stop


class Cinder:
    """The volume API with a session."""

    def __init__(self, session: Any, url: str, settings: Json) -> None:
        self.session = session
        self.url = url.rstrip("/")
        self.tell = settings["tell"]

    def get(self, step: str, path: str) -> tuple[int, Json]:
        """Return status and answer of a request; 403 and 404 are answers."""
        from keystoneauth1 import exceptions

        self.tell(step)
        url = f"{self.url}{path}"
        try:
            answer = self.session.get(url, headers={"Accept": "application/json"}, raise_exc=False)
        except exceptions.SSLError as error:
            raise Stop("tls", step=step, url=self.url, text=str(error)) from None
        except exceptions.ClientException as error:
            raise Stop("unreachable", step=step, url=self.url, text=str(error)) from None
        if answer.status_code not in (200, 403, 404):
            raise Stop("refused", step=step, url=self.url, status=answer.status_code, text=answer.text[:300])
        try:
            return answer.status_code, answer.json() if answer.status_code == 200 else {}
        except ValueError:
            raise Stop("refused", step=step, url=self.url, status=200, text=answer.text[:100]) from None


def login_of(store: Json) -> Login:
    """Return the store's own login."""
    return Login(
        store["auth_url"],
        store["user"],
        store["password"],
        store["project"],
        {"user_domain_name": store["user_domain"]},
        {"project_domain_name": store["project_domain"]},
        store["application_credential_id"],
        store["application_credential_secret"],
    )


def has_login(store: Json) -> bool:
    """Whether Glance logs in for itself; otherwise it uses the token of whoever calls it."""
    credential = store["application_credential_id"] and store["application_credential_secret"]
    return bool(store["auth_url"] and (credential or (store["user"] and store["password"] and store["project"])))


def volume_type(cinder: Cinder, name: str) -> None:
    """Stop unless the project sees the volume type."""
    status, answer = cinder.get("ask for the volume types", "/types")
    if status != 200:
        raise Stop("refused", step="ask for the volume types", url=cinder.url, status=status, text="")
    seen = [str(entry["name"]) for entry in answer.get("volume_types", [])]
    if name and name not in seen:
        raise Stop("volume_type", seen=seen)


def services(cinder: Cinder) -> list[str]:
    """Return what could be asked of those that make volumes: only an administrator may see the services."""
    status, answer = cinder.get("ask for the services", "/os-services?binary=cinder-volume")
    if status != 200:
        return []
    listed = answer.get("services", [])
    if not listed:
        raise Stop("services", states=[])
    states = [f"{entry['host']}: {entry['state']}, {entry['status']}" for entry in listed]
    if not any(entry["state"] == "up" and entry["status"] == "enabled" for entry in listed):
        raise Stop("services", states=states)
    return ["services"]


def libraries() -> None:
    """Import what Glance needs for such a store."""
    import_module("cinderclient")
    import_module("keystoneauth1.identity")
    import_module("keystoneauth1.session")
    import_module("os_brick")


def attempt(store: Json, settings: Json) -> Json:
    """Try one store; return what was found."""
    tell = settings["tell"]
    libraries()
    if not has_login(store):
        return {"untried": "caller"}
    tell("log in")
    session, access = log_in(login_of(store), store, max(3.0, settings["seconds"] / 3))
    tell("find the endpoint")
    if store["endpoint_template"]:
        words = {"tenant": access.project_id, "project_id": access.project_id, "tenant_id": access.project_id}
        try:
            url = store["endpoint_template"] % words
        except (KeyError, ValueError) as error:
            raise Stop("template", text=str(error)) from None
    else:
        kind, name, interface = [*store["catalog_info"].split(":"), "", ""][:3]
        query = {"service_type": kind, "interface": interface or "publicURL"}
        url = endpoint(session, access, store["region"], **query, **({"service_name": name} if name else {}))
    cinder = Cinder(session, url, settings)
    volume_type(cinder, store["volume_type"])
    return {"asked": services(cinder)}
