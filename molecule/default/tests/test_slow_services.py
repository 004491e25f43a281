"""Services that are slow to start, under a real systemd: one that works is waited for, an idle one is given up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_site import LiveSite, Run, dump

UNIT = "slow-start"
URL = "http://127.0.0.1:9199/"
# It uses the processor, or sleeps, for some seconds before it listens.
SERVICE = """
import http.server, os, socket, sys, time
kind, what, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
end = time.monotonic() + seconds
while time.monotonic() < end:
    if what == "sleeps":
        time.sleep(1)
server = http.server.HTTPServer(("127.0.0.1", 9199), http.server.SimpleHTTPRequestHandler)
if kind == "notify":
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
server.serve_forever()
"""
# Enough to be given some processor time on a machine that is busy with other things.
IDLE = 5


@pytest.fixture
def slow(site: LiveSite) -> Iterator[LiveSite]:
    """Return the host with the program of the slow service, and remove the service afterwards."""
    site.shell(f"cat >/usr/local/lib/{UNIT}.py", SERVICE)
    yield site
    site.shell(f"systemctl kill --signal KILL {UNIT} || true; systemctl stop {UNIT}")
    site.shell(f"rm /usr/local/lib/{UNIT}.py /etc/systemd/system/{UNIT}.service; systemctl daemon-reload")


def run(site: LiveSite, directory: Path, kind: str, what: str, seconds: int, **limits: int) -> Run:
    """Write a unit of this type, and have the module start it."""
    start = f"ExecStart=/usr/bin/python3 /usr/local/lib/{UNIT}.py {kind} {what} {seconds}"
    unit = f"[Service]\nType={kind}\nTimeoutStartSec=infinity\nWorkingDirectory=/\n{start}\n"
    site.shell(f"cat >/etc/systemd/system/{UNIT}.service", unit)
    names = {name: f"the_{name}" for name in limits}
    service: dict[str, Any] = {"name": UNIT, "url": URL, "enabled": False, "variables": names, **limits}
    tasks = [{"openimage.glance.service_running": service}]
    playbook = directory / "start.yml"
    playbook.write_text(dump([{"hosts": site.name, "gather_facts": False, "tasks": tasks}]))
    return site.play(playbook=str(playbook), directory=directory)


# "activating" for systemd, and "active" without listening.
@pytest.mark.parametrize("kind", ["notify", "exec"])
def test_slow_service_is_waited_for_when_it_uses_the_processor(slow: LiveSite, tmp_path: Path, kind: str) -> None:
    """It takes three times as long as it would be given without using the processor."""
    done = run(slow, tmp_path, kind, "works", 3 * IDLE, idle_timeout=IDLE)
    assert done.code == 0 and done.changed == 1, done.output


def test_service_is_given_up_when_it_is_idle(slow: LiveSite, tmp_path: Path) -> None:
    done = run(slow, tmp_path, "notify", "sleeps", 10000, idle_timeout=IDLE)
    assert done.code == 2 and f"no processor time for {IDLE} s (the_idle_timeout)" in done.prose, done.output


def test_service_is_given_up_at_the_hard_limit_when_it_spins(slow: LiveSite, tmp_path: Path) -> None:
    done = run(slow, tmp_path, "exec", "works", 10000, timeout=2 * IDLE, idle_timeout=IDLE)
    assert done.code == 2 and f"was not ready within {2 * IDLE} s (the_timeout)" in done.prose, done.output
