"""Logins as swift and cinder stores make them, against a real Keystone: each refusal with its own cause."""

from __future__ import annotations

import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._access import keystone as words_of
from ansible_collections.openimage.glance.plugins.module_utils._access import keystone_side
from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import Stop
from keystone_server import REGION, Keystone
from keystoneauth1.adapter import Adapter

PASSWORD = "p@ss:/w%rd#'\""
STORE: dict[str, Any] = {"insecure": False, "cacert": ""}
_numbers = itertools.count(1)


@pytest.fixture
def login(keystone: Keystone, admin: Adapter) -> keystone_side.Login:
    """Return the login of a new user with a role in a new project."""
    name = f"store{next(_numbers)}"
    domain = {"domain_id": "default"}
    project = admin.post("/projects", json={"project": {"name": name, **domain}}).json()["project"]["id"]
    user = admin.post("/users", json={"user": {"name": name, "password": PASSWORD, **domain}}).json()["user"]["id"]
    role = admin.get("/roles?name=member").json()["roles"][0]["id"]
    admin.put(f"/projects/{project}/users/{user}/roles/{role}")
    names = {"user_domain_name": "Default"}, {"project_domain_name": "Default"}
    return keystone_side.Login(f"{keystone.url}/v3", name, PASSWORD, name, *names, "", "")


def refused(login: keystone_side.Login) -> dict[str, Any]:
    with pytest.raises(Stop) as stop:
        keystone_side.log_in(login, STORE, 10)
    words = words_of.explain(stop.value.facts)
    assert words and login.url in words.tried and PASSWORD not in str(words) + str(stop.value.facts)
    return stop.value.facts


def test_a_good_login_and_its_endpoints(login: keystone_side.Login, keystone: Keystone) -> None:
    session, access = keystone_side.log_in(login, STORE, 10)
    assert "member" in access.role_names
    query = {"service_type": "identity", "interface": "publicURL"}
    assert keystone_side.endpoint(session, access, REGION, **query) == f"{keystone.url}/v3"
    with pytest.raises(Stop) as stop:
        keystone_side.endpoint(session, access, "Elsewhere", **query)
    assert stop.value.facts["offered"] == [f"{kind} in {REGION}" for kind in ("admin", "internal", "public")]
    with pytest.raises(Stop) as stop:
        keystone_side.endpoint(session, access, "", service_type="object-store", interface="publicURL")
    assert stop.value.facts["offered"] == []


def test_a_wrong_password_is_not_a_wrong_project(login: keystone_side.Login) -> None:
    assert refused(login._replace(password="wrong"))["kind"] == "password"
    assert refused(login._replace(user="nobody"))["kind"] == "password"
    assert refused(login._replace(user_domain={"user_domain_name": "Elsewhere"}))["kind"] == "password"


@pytest.mark.parametrize("project", ["admin", "there-is-none"])
def test_a_project_without_a_role_names_those_with_one(login: keystone_side.Login, project: str) -> None:
    facts = refused(login._replace(project=project))
    assert (facts["kind"], facts["projects"]) == ("project", [login.project])


def test_application_credentials(login: keystone_side.Login, keystone: Keystone) -> None:
    session, access = keystone_side.log_in(login, STORE, 10)
    url = f"{keystone.url}/v3/users/{access.user_id}/application_credentials"
    made = session.post(url, json={"application_credential": {"name": "glance"}}).json()["application_credential"]
    only = login._replace(user="", password="", project="", credential_id=made["id"], credential_secret=made["secret"])
    _session, same = keystone_side.log_in(only, STORE, 10)
    assert same.project_id == access.project_id
    assert refused(only._replace(credential_secret="wrong"))["kind"] == "application_credential"


def test_what_is_not_keystone(login: keystone_side.Login, keystone: Keystone) -> None:
    assert refused(login._replace(url=f"{keystone.url}/nothing/v3"))["kind"] == "not_keystone"
    assert refused(login._replace(url="http://127.0.0.1:9/v3"))["kind"] == "unreachable"
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as plain:
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        facts = refused(login._replace(url=f"https://127.0.0.1:{plain.server_port}/v3"))
        plain.shutdown()
    words = words_of.explain(facts)
    assert facts["kind"] == "tls" and words and "does not speak TLS" in words.why
