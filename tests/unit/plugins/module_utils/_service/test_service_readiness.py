# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real questions to real servers in this process and in others."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._service import readiness
from ansible_collections.openimage.glance.plugins.module_utils._service.readiness import Target


class Server(http.server.BaseHTTPRequestHandler):
    """Answers with the status that the path names, and a way elsewhere."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.split("/")[1]))
        self.send_header("Location", "/500")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def target(port: int, path: str, *ready: int) -> Target:
    """A target on this host."""
    return Target(f"http://127.0.0.1:{port}/{path}", True, None, ready)


@pytest.mark.parametrize(
    ("path", "ready"), [("200", True), ("300", True), ("302", True), ("401", True), ("503", False)]
)
def test_any_answer_below_500_will_do(port: int, path: str, ready: bool) -> None:
    asked = target(port, path)
    answer = asked.ask(5)
    assert answer.status == int(path)  # not that of where it leads
    assert asked.satisfied(answer) == ready


def test_chosen_answers(port: int) -> None:
    assert not target(port, "300", 200).satisfied(target(port, "300").ask(5))
    assert target(port, "503", 503).satisfied(target(port, "503").ask(5))


def test_proxy_of_the_environment_is_not_asked(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert target(port, "200").ask(5).status == 200


def test_nobody_answers() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
        asked = target(number, "200")
        answer = asked.ask(5)
    assert answer.status == 0 and "refused" in answer.reason and not asked.satisfied(answer)


def test_one_who_listens_but_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        answer = target(mute.getsockname()[1], "200").ask(0.2)
    assert answer.status == 0 and "timed out" in answer.reason


def test_no_tls_on_the_other_side(port: int) -> None:
    answer = Target(f"https://127.0.0.1:{port}/200", False, None, ()).ask(5)
    assert answer.status == 0 and answer.reason.startswith("TLS: ")


def test_ports_left_out() -> None:
    assert Target("http://h/", True, None, ()).port == 80
    assert Target("https://h", True, None, ()).port == 443


LISTEN = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); input()"
BEAR = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {LISTEN!r}])"
IDLE = "print(0, flush=True); input()"


@pytest.fixture
def process(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    child = subprocess.Popen(
        [sys.executable, "-c", request.param], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    yield child.pid, int(child.stdout.readline())
    child.communicate("\n")


@pytest.mark.parametrize("process", [LISTEN, BEAR], indirect=True)
def test_own_port_or_a_child_s(process: tuple[int, int]) -> None:
    pid, number = process
    assert readiness.intruder(pid, number) == ""
    assert readiness.intruder(pid, 1) == ""  # behind a proxy: it listens, though elsewhere


@pytest.mark.parametrize("process", [IDLE], indirect=True)
def test_port_of_another(process: tuple[int, int], port: int) -> None:
    pid, _none = process
    assert readiness.intruder(pid, port).startswith(f"process {os.getpid()} (")
    assert readiness.intruder(pid, 1) == ""


def test_family() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        assert child.pid in readiness.family(os.getpid())
        assert readiness.family(child.pid) == [child.pid]
        child.kill()
