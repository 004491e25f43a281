"""What is concluded from Cinder's answers. They are recorded from cinder-api 29.0.0, which is too big to run here."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._access import cinder_side
from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import Stop
from keystoneauth1.session import Session

TYPE = {
    "id": "f86eaacb-843d-4a67-b8f8-d4cc78a1e539",
    "name": "lvm",
    "is_public": True,
    "description": None,
    "extra_specs": {},
    "qos_specs_id": None,
    "os-volume-type-access:is_public": True,
}
SERVICE = {
    "binary": "cinder-volume",
    "host": "a@lvm",
    "zone": "nova",
    "status": "enabled",
    "state": "up",
    "updated_at": "2026-11-20T13:04:21.962942",
    "disabled_reason": None,
    "replication_status": "disabled",
    "active_backend_id": None,
    "frozen": False,
}
DOWN = {**SERVICE, "host": "b@nvme", "state": "down"}
FORBIDDEN = {"forbidden": {"code": 403, "message": "Policy doesn't allow volume_extension:services:index"}}
SETTINGS: dict[str, Any] = {"tell": lambda step: None, "seconds": 10}


class Server(ThreadingHTTPServer):
    """Answers with what it is told."""

    answers: dict[str, tuple[int, Any]]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        status, answer = self.server.answers.get(self.path, (404, {"itemNotFound": {"code": 404}}))
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.answers = {}
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def cinder(server: Server) -> cinder_side.Cinder:
    return cinder_side.Cinder(Session(), f"http://127.0.0.1:{server.server_port}/v3/1/", SETTINGS)


def test_the_volume_type_must_be_seen_by_the_project(server: Server, cinder: cinder_side.Cinder) -> None:
    server.answers["/v3/1/types"] = (200, {"volume_types": [TYPE, {**TYPE, "name": "__DEFAULT__"}]})
    cinder_side.volume_type(cinder, "lvm")
    cinder_side.volume_type(cinder, "")
    with pytest.raises(Stop) as stop:
        cinder_side.volume_type(cinder, "fast")
    assert stop.value.facts == {"kind": "volume_type", "seen": ["lvm", "__DEFAULT__"]}


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [(404, {}, "refused"), (503, "no", "refused"), (200, "<html>", "refused"), (403, FORBIDDEN, "refused")],
)
def test_what_is_not_an_answer_about_types(
    server: Server, cinder: cinder_side.Cinder, status: int, answer: Any, kind: str
) -> None:
    server.answers["/v3/1/types"] = (status, answer)
    with pytest.raises(Stop) as stop:
        cinder_side.volume_type(cinder, "lvm")
    assert stop.value.facts["kind"] == kind


def test_services_are_looked_at_when_that_is_allowed(server: Server, cinder: cinder_side.Cinder) -> None:
    path = "/v3/1/os-services?binary=cinder-volume"
    server.answers[path] = (403, FORBIDDEN)
    assert cinder_side.services(cinder) == []
    server.answers[path] = (200, {"services": [DOWN, SERVICE]})
    assert cinder_side.services(cinder) == ["services"]
    for listed in ([DOWN], [{**SERVICE, "status": "disabled"}], []):
        server.answers[path] = (200, {"services": listed})
        with pytest.raises(Stop) as stop:
            cinder_side.services(cinder)
        assert stop.value.facts["kind"] == "services" and len(stop.value.facts["states"]) == len(listed)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(Stop) as stop:
        cinder_side.volume_type(cinder_side.Cinder(Session(), "http://127.0.0.1:9/v3/1", SETTINGS), "lvm")
    assert stop.value.facts["kind"] == "unreachable"


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ({"user": "glance", "password": "x", "project": "service"}, True),
        ({"application_credential_id": "a", "application_credential_secret": "b"}, True),
        ({"user": "glance", "password": "x"}, False),
        ({"application_credential_id": "a"}, False),
        ({"auth_url": "", "user": "glance", "password": "x", "project": "service"}, False),
    ],
)
def test_whether_glance_logs_in_for_itself(given: dict[str, str], own: bool) -> None:
    empty = ("user", "password", "project", "application_credential_id", "application_credential_secret")
    store = {**dict.fromkeys(empty, ""), "auth_url": "http://keystone:5000/v3", **given}
    assert cinder_side.has_login(store) is own
