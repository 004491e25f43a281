# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a service over HTTP whether it is up, and finds out who answers. PRIVATE to the collection."""

from __future__ import annotations

import glob
import http.client
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

LISTENING = "0A"
ACCEPTING = "00010000"
PATIENCE = 10
"""Seconds for one request: on a busy host the first answer takes some. Requests are repeated until the wait ends; while
one lasts, nothing notices that the service died and that another process holds its port."""


@dataclass(frozen=True)
class Answer:
    """What came back: an HTTP status, or why there is none."""

    status: int
    reason: str


@dataclass(frozen=True)
class Target:
    """Where to ask."""

    url: str
    validate_certs: bool
    ca_path: str | None
    ready_status: tuple[int, ...]

    @property
    def port(self) -> int:
        """Return the port, also when the URL leaves it out."""
        parts = urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    def ask(self, seconds: float) -> Answer:
        """Ask once: no proxy, no redirection, the answer of this very service."""
        parts = urlsplit(self.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts.hostname or "", max(0.1, min(seconds, PATIENCE)))
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            return Answer(connection.getresponse().status, "")
        except ssl.SSLError as error:
            return Answer(0, f"TLS: {error.reason or error}")
        except OSError as error:
            return Answer(0, error.strerror or str(error))
        except http.client.HTTPException as error:
            return Answer(0, f"not an HTTP answer ({type(error).__name__})")
        finally:
            connection.close()

    def _connection(self, host: str, seconds: float) -> http.client.HTTPConnection:
        if urlsplit(self.url).scheme != "https":
            return http.client.HTTPConnection(host, self.port, timeout=seconds)
        context = ssl.create_default_context(cafile=self.ca_path)
        if not self.validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(host, self.port, timeout=seconds, context=context)

    def satisfied(self, answer: Answer) -> bool:
        """Return whether the answer means ready."""
        if self.ready_status:
            return answer.status in self.ready_status
        return 0 < answer.status < 500


def listening(pid: int) -> dict[str, int]:
    """Return the sockets that listen in a process's network: inode -> TCP port, 0 for a Unix socket."""
    found: dict[str, int] = {}
    for row in _rows(f"/proc/{pid}/net/tcp") + _rows(f"/proc/{pid}/net/tcp6"):
        if row[3] == LISTENING:
            found[row[9]] = int(row[1].rsplit(":", 1)[1], 16)
    found.update((row[6], 0) for row in _rows(f"/proc/{pid}/net/unix") if row[3] == ACCEPTING)
    return found


def _rows(path: str) -> list[list[str]]:
    """Return the table's lines in columns; none when the process is gone or the kernel has no such protocol."""
    try:
        with open(path) as table:
            return [line.split() for line in table][1:]
    except OSError:
        return []


def holds(pid: int, inodes: Iterable[str]) -> bool:
    """Return whether a process has one of the sockets open."""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for descriptor in glob.glob(f"/proc/{pid}/fd/*"):
        try:
            if os.readlink(descriptor) in wanted:
                return True
        except OSError:  # closed meanwhile
            continue
    return False


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as stat:
                parent = int(stat.read().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):  # it ended meanwhile
            continue
        children.setdefault(parent, []).append(int(path.split("/")[2]))
    found = [pid]
    for member in found:
        found += children.get(member, [])
    return found


def intruder(pid: int, port: int) -> str:
    """Return who listens on the port while the process and its children listen nowhere; empty when they do.

    Nowhere, not: on another port. A proxy on the same host may rightly stand between.
    """
    sockets = listening(pid)
    if any(holds(member, sockets) for member in family(pid)):
        return ""
    inodes = [inode for inode, number in sockets.items() if number == port]
    for path in glob.glob("/proc/[0-9]*/comm"):
        other = int(path.split("/")[2])
        if inodes and holds(other, inodes):
            return f"process {other} ({_name(path)})"
    return "another process" if inodes else ""


def _name(path: str) -> str:
    try:
        with open(path) as name:
            return name.read().strip()
    except OSError:  # it ended meanwhile
        return "ended"
