"""What the client of the image API understands without a server."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._image_api import client
from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import (
    ImageApi,
    parse_version,
    root_url,
)
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import (
    DeadlineError,
    ImageApiError,
    glance_message,
)
from keystoneauth1.adapter import Adapter
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session

HTML = """<html>
 <head>
  <title>413 Request Entity Too Large</title>
 </head>
 <body>
  <h1>413 Request Entity Too Large</h1>
  Image storage media is full: There is not enough &lt;disk&gt; space.<br /><br />



 </body>
</html>"""


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (HTML, "text/html; charset=UTF-8", "Image storage media is full: There is not enough <disk> space."),
        ("410 Gone\n\nAdding images to store is disabled.\n\n   ", "text/plain", "Adding images to store is disabled."),
        (json.dumps({"message": "Not <b>here</b><br />\n\n", "code": "404 Not Found"}), "application/json", "Not here"),
        (json.dumps({"error": {"message": "No token", "code": 401}}), None, "No token"),
        ("{broken", "application/json", "{broken"),
        ("[1, 2]", "application/json", "[1, 2]"),
        ("<html><body><h1>502 Bad Gateway</h1></body></html>", None, "502 Bad Gateway"),
        ("", None, "no explanation"),
        ("x" * 9000, None, "x" * 500),
    ],
)
def test_the_sentence_is_found_in_any_body(body: str, content_type: str | None, message: str) -> None:
    assert glance_message(body, content_type) == message


@pytest.mark.parametrize(
    ("endpoint", "root"),
    [
        ("http://h:9292", "http://h:9292"),
        ("http://h:9292/", "http://h:9292"),
        ("http://h:9292/v2", "http://h:9292"),
        ("http://h:9292/v2.1/", "http://h:9292"),
        ("https://h/image/v2/", "https://h/image"),
        ("https://h/v2things", "https://h/v2things"),
    ],
)
def test_a_version_behind_the_address_is_dropped(endpoint: str, root: str) -> None:
    assert root_url(endpoint) == root


@pytest.mark.parametrize(("text", "version"), [("v2.15", (2, 15)), ("2.9", (2, 9)), ("v2", (0, 0)), ("None", (0, 0))])
def test_versions_are_numbers(text: str, version: tuple[int, int]) -> None:
    assert parse_version(text) == version


def test_an_error_says_request_answer_and_ends_like_a_sentence() -> None:
    error = ImageApiError("GET http://h/v2/images", 403, "Forbidden")
    assert str(error) == "GET http://h/v2/images answered HTTP 403: Forbidden."
    silent = ImageApiError("GET http://h/v2/images", 0, "h cannot be reached (http://h/v2/images): no answer in time.")
    assert str(silent) == "h cannot be reached (http://h/v2/images): no answer in time."


class Quiet(BaseHTTPRequestHandler):
    """Answers without a word about it."""

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(handler: type[Quiet]) -> Iterator[str]:
    """Run a server on this machine; the value of the block is its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def late() -> Iterator[str]:
    """Return the URL of a server that takes a request only after a second."""

    class Handler(Quiet):
        def do_PUT(self) -> None:
            time.sleep(1)
            # Chunks, until the last one or the end of a client that went away.
            while size := int(self.rfile.readline() or b"0", 16):
                self.rfile.read(size + 2)
            self.send_response(204)
            self.end_headers()

    with serving(Handler) as url:
        yield url


def limited(url: str, silence: float) -> Session:
    """Return a session that connects in 0.2 seconds."""
    session = Session(auth=NoAuth(endpoint=url))
    # As the modules set it.
    session.timeout = (0.2, silence)
    return session


@pytest.mark.parametrize("seconds", [None, 10.0])
def test_a_store_may_take_its_time_before_it_takes_data(
    late: str, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit for connecting is none for sending, which urllib3 makes it."""
    monkeypatch.setattr(client, "CONNECT_SECONDS", 0.2)
    api = ImageApi(Adapter(limited(late, 10.0)), late, seconds)
    # More than what the system takes on behalf of the server.
    api.upload("an-image", (b"x" * 65536 for _piece in range(512)))
    with pytest.raises(ImageApiError, match="broke off during the upload"):
        ImageApi(Adapter(limited(late, 0.2)), late).upload("an-image", (b"x" * 65536 for _piece in range(512)))


@pytest.fixture
def halfway() -> Iterator[str]:
    """Return the URL of a server that sends one byte of each image's data and nothing more, and else nothing at all."""
    enough = Event()

    class Handler(Quiet):
        def do_GET(self) -> None:
            if self.path.endswith("/file"):
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"x")
            enough.wait(60)

    with serving(Handler) as url:
        yield url
        enough.set()


def test_an_answer_that_the_caller_does_not_wait_for_is_no_fault_of_the_network(halfway: str) -> None:
    """What the last request of a series still had of the time says nothing: not "cannot be reached: no answer"."""
    api = ImageApi(Adapter(limited(halfway, 30.0)), halfway)
    with pytest.raises(DeadlineError, match=r"GET .*/v2/images/1 failed: not finished after 0\.5 s"):
        api.within(0.5).get("1")
    with (
        pytest.raises(DeadlineError, match=r"/v2/images/1/file failed: not finished after 0\.5 s"),
        api.within(0.5).download("1") as pieces,
    ):
        list(pieces)


def test_an_answer_that_the_session_does_not_wait_for_is_one(halfway: str) -> None:
    with pytest.raises(ImageApiError, match=r"cannot be reached .*no answer in time") as caught:
        ImageApi(Adapter(limited(halfway, 0.3)), halfway).get("1")
    assert not isinstance(caught.value, DeadlineError)


def test_who_does_not_accept_a_connection_is_not_reached_however_short_the_time() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        # As many as the queue takes; the next one is not answered.
        with contextlib.ExitStack() as waiting:
            for _client in range(2):
                client_socket = waiting.enter_context(socket.socket())
                client_socket.setblocking(False)
                client_socket.connect_ex(address)
            url = f"http://127.0.0.1:{address[1]}"
            with pytest.raises(ImageApiError, match=r"cannot be reached .*no answer in time"):
                ImageApi(Adapter(limited(url, 30.0)), url).within(0.5).get("1")
