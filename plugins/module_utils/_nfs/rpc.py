# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of ONC RPC as it takes to ask a server what it offers. PRIVATE to the collection.

Asked this way nothing hangs in the kernel, and no tool need be installed.
"""

from __future__ import annotations

import itertools
import os
import socket
import struct
import time
from dataclasses import dataclass

PORTMAPPER, NFS, MOUNT = 100000, 100003, 100005
PORTMAPPER_PORT, NFS_PORT = 111, 2049
MINOR_VERSION_MISMATCH = 10021
LARGEST = 4 << 20
"""Bytes of an answer that are still believed; a list of ten thousand exports has less."""

_numbers = itertools.count(os.getpid() << 8)


class RpcError(Exception):
    """The server answered, but not with what was asked for."""


class Mismatch(RpcError):
    """The server has the program in other versions."""

    def __init__(self, low: int, high: int) -> None:
        super().__init__(f"it has versions {low} to {high}")
        self.low = low
        self.high = high


@dataclass(frozen=True)
class Export:
    """A path that a server offers, and to whom; to all when the list is empty."""

    path: str
    clients: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path} (for {', '.join(self.clients) or 'all'})"


class Reader:
    """Reads XDR."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def number(self) -> int:
        """Return the next unsigned integer."""
        return int(struct.unpack(">I", self._take(4))[0])

    def opaque(self) -> bytes:
        """Return the next field of variable length."""
        length = self.number()
        value = self._take(length)
        self._take(-length % 4)
        return value

    def text(self) -> str:
        """Return the next string."""
        return self.opaque().decode(errors="replace")

    def _take(self, length: int) -> bytes:
        value = self.data[self.position : self.position + length]
        if len(value) < length:
            raise RpcError("its answer is too short")
        self.position += length
        return value


def packed(*numbers: int) -> bytes:
    """Return unsigned integers as XDR."""
    return struct.pack(f">{len(numbers)}I", *numbers)


def credentials() -> bytes:
    """Return an AUTH_SYS credential of root without a host name."""
    body = packed(0, 0, 0, 0, 0)
    return packed(1, len(body)) + body


def request(number: int, program: int, version: int, procedure: int, arguments: bytes) -> bytes:
    """Return a call as it goes over TCP."""
    call = packed(number, 0, 2, program, version, procedure) + credentials() + packed(0, 0) + arguments
    return packed(0x80000000 | len(call)) + call


def accepted(answer: bytes, number: int) -> Reader:
    """Return a reader that stands at the results of an answer."""
    reader = Reader(answer)
    if reader.number() != number or reader.number() != 1:
        raise RpcError("its answer is none to what was asked")
    if reader.number() != 0:
        raise RpcError("it refuses this kind of login")
    reader.number()
    reader.opaque()
    status = reader.number()
    if status == 2:
        raise Mismatch(reader.number(), reader.number())
    if status != 0:
        raise RpcError("it does not have this program" if status == 1 else f"it answers with status {status}")
    return reader


def call(
    address: tuple[str, int], seconds: float, program: int, version: int, procedure: int, arguments: bytes = b""
) -> Reader:
    """Ask once."""
    number = next(_numbers) & 0xFFFFFFFF
    until = time.monotonic() + seconds
    with socket.create_connection(address, timeout=seconds) as connection:
        connection.sendall(request(number, program, version, procedure, arguments))
        answer, last = b"", False
        while not last:
            mark = struct.unpack(">I", _exactly(connection, 4, until))[0]
            last = bool(mark & 0x80000000)
            if len(answer) + (mark & 0x7FFFFFFF) > LARGEST:
                raise RpcError("its answer is too long to be one")
            answer += _exactly(connection, mark & 0x7FFFFFFF, until)
    return accepted(answer, number)


def _exactly(connection: socket.socket, length: int, until: float) -> bytes:
    data = b""
    while len(data) < length:
        left = until - time.monotonic()
        if left <= 0:
            raise socket.timeout("timed out")
        connection.settimeout(left)
        chunk = connection.recv(length - len(data))
        if not chunk:
            raise RpcError("it closed the connection")
        data += chunk
    return data


def port_of(host: str, seconds: float, program: int, version: int) -> int:
    """Ask the portmapper for the TCP port of a program; 0 when it has none."""
    arguments = packed(program, version, socket.IPPROTO_TCP, 0)
    return call((host, PORTMAPPER_PORT), seconds, PORTMAPPER, 2, 3, arguments).number()


def versions(address: tuple[str, int], seconds: float) -> list[str]:
    """Return the NFS versions that a server speaks."""
    found = []
    for version in (3, 4):
        try:
            call(address, seconds, NFS, version, 0)
        except Mismatch:
            continue
        found += ["3"] if version == 3 else _minors(address, seconds)
    return found


def _minors(address: tuple[str, int], seconds: float) -> list[str]:
    """Return the minor versions of NFS 4: an empty compound is answered by each that the server has."""
    found = []
    for minor in (0, 1, 2):
        answer = call(address, seconds, NFS, 4, 1, packed(0, minor, 0))
        if answer.number() != MINOR_VERSION_MISMATCH:
            found.append(f"4.{minor}")
    return found


def exports(host: str, seconds: float) -> list[Export]:
    """Return what a server's mount daemon says it exports, as showmount does."""
    port = port_of(host, seconds, MOUNT, 3)
    if port == 0:
        raise RpcError("it has no mount daemon")
    reader = call((host, port), seconds, MOUNT, 3, 5)
    found = []
    while reader.number():
        path, clients = reader.text(), []
        while reader.number():
            clients.append(reader.text())
        found.append(Export(path, tuple(client for client in clients if client != "*")))
    return found
