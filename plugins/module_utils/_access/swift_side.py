# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: try Swift the way Glance uses it. Runs under Glance's own interpreter.

It states facts; ``swift.py`` puts them into words.
"""

from __future__ import annotations

import configparser
from importlib import import_module
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access.keystone_side import Login, endpoint, log_in
from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import (
    CONTENT,
    Json,
    Stop,
    leftover,
    probe_name,
    verify,
)

# The keys of a reference file that Glance reads.
KEYS = ("auth_address", "user", "key", "application_credential_id", "application_credential_secret")
DOMAINS = ("user_domain_id", "user_domain_name", "project_domain_id", "project_domain_name")


def reference(store: Json) -> Login:
    """Return the login that the reference file holds, read as Glance reads it."""
    parser = configparser.ConfigParser()
    try:
        with open(store["config_file"], encoding="utf-8") as file:
            parser.read_file(file)
        section = parser[store["reference"]]
        found = {name: section.get(name, "") for name in (*KEYS, *DOMAINS)}
    except KeyError:
        raise Stop("reference", sections=parser.sections()) from None
    except OSError as error:
        raise Stop("config_file", text=str(error.strerror)) from None
    except configparser.Error as error:
        raise Stop("config_file", text=type(error).__name__) from None
    for name, value in found.items():
        if value[:1] in ("'", '"') and value[-1:] == value[:1] and len(value) > 1:
            found[name] = value[1:-1]
    # As Glance: ids before names, and the domain "default" without either.
    domains = {
        whose: {key: found[key] for key in (f"{whose}_domain_id", f"{whose}_domain_name") if found[key]}
        or {f"{whose}_domain_id": "default"}
        for whose in ("user", "project")
    }
    project, _colon, user = found["user"].partition(":")
    return Login(
        found["auth_address"],
        user,
        found["key"],
        project,
        domains["user"],
        domains["project"],
        found["application_credential_id"],
        found["application_credential_secret"],
    )


class Swift:
    """One connection, with each refusal as a :class:`Stop`."""

    def __init__(self, store: Json, url: str, token: str, roles: list[str], settings: Json) -> None:
        import swiftclient

        self.library = swiftclient
        self.facts: Json = {"url": url, "roles": roles}
        self.tell = settings["tell"]
        self.step = ""
        self.connection = swiftclient.Connection(
            preauthurl=url,
            preauthtoken=token,
            retries=0,
            insecure=store["insecure"],
            cacert=store["cacert"] or None,
            timeout=10,
        )

    def call(self, step: str, name: str, *arguments: Any, **options: Any) -> Any:
        """Do one thing; None when there is no such container or object."""
        import requests

        self.step = step
        self.tell(step)
        try:
            return getattr(self.connection, name)(*arguments, **options)
        except self.library.ClientException as error:
            status = getattr(error, "http_status", 0) or 0
            if status == 404:
                return None
            kind = "refused" if status else "tls" if "CERTIFICATE" in str(error).upper() else "unreachable"
            raise Stop(kind, step=step, status=status, text=str(error), **self.facts) from None
        except requests.exceptions.SSLError as error:
            raise Stop("tls", step=step, text=str(error), **self.facts) from None
        except (requests.exceptions.RequestException, OSError) as error:
            raise Stop("unreachable", step=step, text=str(error), **self.facts) from None

    def probe(self, container: str, name: str) -> None:
        """Write, read and delete a small object."""
        self.call("write an object", "put_object", container, name, CONTENT)
        read = self.call("read an object", "get_object", container, name)
        self.call("delete an object", "delete_object", container, name)
        if read is None or read[1] != CONTENT:
            raise Stop("content", **self.facts)


def examine(store: Json, settings: Json) -> Json:
    """Go through all steps."""
    tell = settings["tell"]
    tell("read the reference file")
    login = reference(store)
    tell("log in")
    session, access = log_in(login, store, max(3.0, settings["seconds"] / 3))
    tell("find the endpoint")
    query = {"service_type": store["service_type"], "interface": store["endpoint_type"]}
    url = store["endpoint"] or endpoint(session, access, store["region"], **query)
    swift = Swift(store, url, access.auth_token, sorted(access.role_names), settings)
    container, removed = store["container"], []
    found = swift.call("ask for the container", "get_container", container, prefix=settings["probe"])
    if found is None and not store["create_container"]:
        listed = swift.call("list the containers", "get_account", limit=20)
        raise Stop("container", containers=[item["name"] for item in (listed[1] if listed else [])], **swift.facts)
    if not settings["write"]:
        return {"removed": []}
    for item in found[1] if found else []:
        if leftover(item["name"], settings):
            swift.call("delete what a killed run left", "delete_object", container, item["name"])
            removed.append(item["name"])
    name = probe_name(settings)
    if found is not None:
        try:
            swift.probe(container, name)
        except Stop as stop:
            stop.facts["left"] = name if swift.step != "write an object" and not tidy(swift, container, name) else ""
            raise
        return {"removed": removed}
    # Whether it may be created: with one that is removed again, because Glance makes its own when it needs it.
    swift.call("create a container", "put_container", name)
    try:
        swift.probe(name, name)
    finally:
        swift.call("remove the container", "delete_container", name)
    return {"removed": removed}


def tidy(swift: Swift, container: str, name: str) -> bool:
    """Remove a probe after a failure; whether that succeeded."""
    try:
        swift.call("delete an object", "delete_object", container, name)
    except Stop:
        return False
    return True


def reach(store: Json) -> Json:
    """See whether the endpoint of a multi-tenant store answers: there is no login of Glance's own to try."""
    import requests

    if not store["endpoint"]:
        return {"untried": "multi_tenant"}
    try:
        requests.get(store["endpoint"], verify=verify(store), timeout=10)
    except requests.exceptions.SSLError as error:
        raise Stop("tls", step="reach the endpoint", url=store["endpoint"], text=str(error)) from None
    except requests.exceptions.RequestException as error:
        raise Stop("unreachable", step="reach the endpoint", url=store["endpoint"], text=str(error)) from None
    return {}


def libraries() -> None:
    """Import what Glance needs for such a store."""
    import_module("keystoneauth1.identity")
    import_module("keystoneauth1.session")
    import_module("keystoneclient.v3.client")
    import_module("swiftclient")


def attempt(store: Json, settings: Json) -> Json:
    """Try one store; return what was found."""
    libraries()
    return reach(store) if store["multi_tenant"] else examine(store, settings)
