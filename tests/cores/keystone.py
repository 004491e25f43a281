"""A server with the few answers of Keystone and Glance that a login and modules with nothing to do need."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "s3cret of the administrator"
STORE = {"id": "local", "default": "true"}


class Cloud(BaseHTTPRequestHandler):
    """Keystone at /v3, Glance at /v2. A login with another password than PASSWORD is refused."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.rstrip("/")
        name = path.rpartition("/")[2]
        if path == "/v3":
            links = [{"rel": "self", "href": f"{self.root}/v3/"}]
            self.answer(200, {"version": {"id": "v3.14", "status": "stable", "links": links}})
        elif path == "/versions":
            self.answer(300, {"versions": [{"id": "v2.17", "status": "CURRENT", "links": []}]})
        elif path == "/v2/info/stores":
            self.answer(200, {"stores": [STORE]})
        elif path == "/v2/info/stores/detail":
            self.answer(200, {"stores": [{**STORE, "type": "file", "weight": 0, "properties": {}}]})
        elif path == "/v2/info/import":
            self.answer(200, {"import-methods": {"type": "array", "value": ["web-download"]}})
        elif path == "/v3/domains":
            self.answer(200, {"domains": [{"id": "default", "name": "Default", "enabled": True}], "links": {}})
        elif name in ("projects", "users", "roles", "services", "endpoints", "images", "role_assignments"):
            self.answer(200, {name: [], "links": {}})
        else:
            self.answer(404, {"error": {"code": 404, "message": f"no {path}"}})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v3/auth/tokens":
            self.answer(409, {"message": "nothing is made here"})
            return
        if body["auth"]["identity"]["password"]["user"]["password"] != PASSWORD:
            self.answer(401, {"error": {"code": 401, "message": "The request you have made requires authentication."}})
            return
        catalog = [
            {
                "type": kind,
                "name": kind,
                "id": kind,
                "endpoints": [{"id": kind, "interface": "public", "region_id": "R", "region": "R", "url": url}],
            }
            for kind, url in (("identity", f"{self.root}/v3"), ("image", self.root))
        ]
        token = {
            "methods": ["password"],
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "user": {"id": "u", "name": "admin", "domain": {"id": "default", "name": "Default"}},
            "project": {"id": "p", "name": "admin", "domain": {"id": "default", "name": "Default"}},
            "roles": [{"id": "r", "name": "admin"}],
            "catalog": catalog,
        }
        self.answer(201, {"token": token}, {"X-Subject-Token": "token"})

    @property
    def root(self) -> str:
        return "http://{}:{}".format(*self.server.server_address[:2])

    def answer(self, status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@contextmanager
def running() -> Iterator[str]:
    """Start the server; yield its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Cloud)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield "http://{}:{}".format(*server.server_address[:2])
    finally:
        server.shutdown()
        server.server_close()
