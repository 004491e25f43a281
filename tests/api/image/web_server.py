"""A web server on this machine, from which Glance fetches images."""

from __future__ import annotations

import contextlib
import hashlib
import os
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Web:
    """Files by path, and every request that came for them."""

    def __init__(self, certificate: Path | None = None) -> None:
        """Serve by HTTP, or by HTTPS with a file that holds a certificate and its key."""
        self.files: dict[str, bytes] = {}
        self.requests: list[tuple[str, str]] = []
        # While this is not set, answers stop halfway.
        self.go_on = threading.Event()
        self.go_on.set()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(body=True)

            def do_HEAD(self) -> None:
                self._answer(body=False)

            def _answer(self, body: bool) -> None:
                path = self.path.partition("?")[0]
                web.requests.append((self.command, path))
                data = web.files.get(path)
                if data is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if body:
                    half = len(data) // 2
                    with contextlib.suppress(OSError):
                        self.wfile.write(data[:half])
                        self.wfile.flush()
                        web.go_on.wait(60)
                        self.wfile.write(data[half:])

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        if certificate:
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate)
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def offer(self, path: str, size: int = 300_000) -> bytes:
        """Put random data under a path and return it."""
        self.files[path] = b"\0" * 512 + os.urandom(size)
        return self.files[path]

    def sha512(self, path: str) -> str:
        return f"sha512:{hashlib.sha512(self.files[path]).hexdigest()}"

    def fetched(self, path: str) -> int:
        return self.requests.count(("GET", path))

    def close(self) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def serving(certificate: Path | None = None) -> Iterator[Web]:
    web = Web(certificate)
    try:
        yield web
    finally:
        web.close()


def filter_options(*ports: int) -> dict[str, dict[str, str]]:
    """Return the configuration that lets Glance fetch from this machine; 2026.2 refuses loopback unless it is named."""
    allowed = ",".join(str(port) for port in (80, 443, *ports))
    return {"import_filtering_opts": {"allowed_ports": f"[{allowed}]", "allowed_hosts": "[127.0.0.1]"}}
