# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a server, over real sockets; the server is a few lines of Python that answer what they are told to."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._nfs import rpc, server
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError
from hypothesis import given
from hypothesis import strategies as st
from nfs_samples import wish

Answer = Callable[[int, int, int], bytes]


@contextmanager
def listening(answer: Answer, pieces: int = 1) -> Iterator[tuple[str, int]]:
    """Answer calls by program, version and procedure; in several fragments if told."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _peer = listener.accept()
            except OSError:
                return
            with connection:
                data = connection.recv(65536)
                if not data:  # it only looked whether somebody listens
                    continue
                number, _call, _rpc, program, version, procedure = struct.unpack(">6I", data[4:28])
                body = rpc.packed(number) + answer(program, version, procedure)
                size = -(-len(body) // pieces)
                parts = [body[at : at + size] for at in range(0, len(body), size)]
                for count, part in enumerate(parts, 1):
                    connection.sendall(rpc.packed(len(part) | (0x80000000 if count == len(parts) else 0)) + part)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        listener.close()


def text(value: str) -> bytes:
    data = value.encode()
    return rpc.packed(len(data)) + data + b"\0" * (-len(data) % 4)


def nfs(versions: set[int], minors: set[int]) -> Answer:
    def answer(program: int, version: int, procedure: int) -> bytes:
        if version not in versions:
            return rpc.packed(1, 0, 0, 0, 2, min(versions), max(versions))
        if procedure == 0:
            return rpc.packed(1, 0, 0, 0, 0)
        minor = nfs_calls.pop(0)
        return rpc.packed(1, 0, 0, 0, 0, 0 if minor in minors else rpc.MINOR_VERSION_MISMATCH, 0, 0)

    nfs_calls = [0, 1, 2]
    return answer


@pytest.mark.parametrize(
    ("versions", "minors", "expected"),
    [({3, 4}, {0, 1, 2}, ["3", "4.0", "4.1", "4.2"]), ({3}, set(), ["3"]), ({4}, {1, 2}, ["4.1", "4.2"])],
)
def test_versions(versions: set[int], minors: set[int], expected: list[str]) -> None:
    with listening(nfs(versions, minors)) as address:
        assert rpc.versions(address, 5) == expected


def test_answers_in_fragments() -> None:
    with listening(lambda *_: rpc.packed(1, 0, 0, 0, 0, 2049), pieces=5) as address:
        assert rpc.call(address, 5, rpc.PORTMAPPER, 2, 3).number() == 2049


def test_lists_of_exports(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = b"".join(
        [
            rpc.packed(1, 0, 0, 0, 0),
            rpc.packed(1) + text("/srv/images") + rpc.packed(1) + text("192.0.2.0/24") + rpc.packed(0),
            rpc.packed(1) + text("/srv/all") + rpc.packed(1) + text("*") + rpc.packed(0),
            rpc.packed(0),
        ]
    )
    with listening(lambda *_: listed) as address:
        monkeypatch.setattr(rpc, "port_of", lambda *_: address[1])
        found = rpc.exports(address[0], 5)
    assert [str(export) for export in found] == ["/srv/images (for 192.0.2.0/24)", "/srv/all (for all)"]


@given(st.binary(max_size=200))
def test_nonsense_is_an_error_of_the_server(data: bytes) -> None:
    try:
        reader = rpc.accepted(data, 7)
        reader.text()
    except rpc.RpcError:
        pass


def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(OSError, match="timed out"):
        rpc.call(listener.getsockname(), 0.3, rpc.NFS, 3, 0)


def test_a_server_that_does_not_listen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NfsError) as caught:
        server.ask(wish(f"port={port}", server="127.0.0.1"), 10)
    assert caught.value.cause == "no_nfs_server" and str(port) in str(caught.value)


def test_a_server_that_has_no_name() -> None:
    with pytest.raises(NfsError) as caught:
        server.ask(wish(server="nas.invalid"), 30)
    assert caught.value.cause == "unknown_host" and "nas.invalid" in str(caught.value)


def test_the_version_that_is_missing_is_named() -> None:
    with listening(nfs({3}, set())) as (host, port), pytest.raises(NfsError) as caught:
        server.ask(wish(f"port={port}", server=host, version="4.1"), 20)
    assert caught.value.cause == "version"
    assert "NFS 4.1" in str(caught.value) and "it speaks 3" in str(caught.value)


def test_exports_hold_what_is_inside_of_them() -> None:
    told = server.Server("nas", exports=(rpc.Export("/srv", ()), rpc.Export("/srv/images", ("a",))))
    inner, outer = told.exported("/srv/images/x"), told.exported("/srv/imagesque")
    assert inner and inner.path == "/srv/images"
    assert outer and outer.path == "/srv"
    assert told.exported("/other") is None
    assert told.offer() == "it exports /srv (for all), /srv/images (for a)"
    root = server.Server("nas", exports=(rpc.Export("/", ()),))
    assert root.exported("/anything") is not None


def test_an_offer_can_be_empty_or_secret_or_long() -> None:
    assert server.Server("nas").offer() == "it exports nothing"
    assert "does not tell (no answer)" in server.Server("nas", silence="no answer").offer()
    assert server.Server("nas", silence="x", pseudo=("/srv/a",)).offer() == "it exports /srv/a"
    many = server.Server("nas", exports=tuple(rpc.Export(f"/{number}", ()) for number in range(30)))
    assert many.offer().endswith("and 10 more")
