"""What Ceph answers, recorded from real clusters, and what is concluded from it."""

from __future__ import annotations

import errno
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._access import rbd_side
from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import Stop, leftover, probe_name
from hypothesis import given
from hypothesis import strategies as st

# From librados 16.2 with debug_ms=1 and debug_monc=1. The monitor answers each for itself; only what is in it differs.
REFUSED_KEY = (
    "1 -- 10.89.2.2:0/417287342 <== mon.0 v1:10.89.2.2:6789/0 2 ==== auth_reply(proto 2 -13 (13) Permission denied) v1 "
    "==== 24+0+0 (unknown 2545765150 0 0) 0x7f6f98003400 con 0x21ae9280\n"
)
NO_MON_CAP = REFUSED_KEY.replace("24+0+0", "206+0+0")
GOOD = (
    "1 -- 10.89.2.2:0/1 <== mon.0 v1:10.89.2.2:6789/0 1 ==== auth_reply(proto 2 0 (0) Success) v1 ==== 33+0+0 (unknown "
    "1 0 0) 0x7f con 0x2\n"
)
ONLY_SECOND_PROTOCOL = (
    "-1 monclient(hunting): handle_auth_bad_method server allowed_methods [2] but i only support [2]\n"
)


@pytest.mark.parametrize(
    ("log", "verdict"),
    [
        (GOOD + REFUSED_KEY, "key"),
        (GOOD + NO_MON_CAP, "mon_cap"),
        (GOOD + REFUSED_KEY.replace("-13 (13) Permission denied", "-1 (1) Operation not permitted"), "key"),
        (ONLY_SECOND_PROTOCOL, "denied"),
        (ONLY_SECOND_PROTOCOL + NO_MON_CAP, "mon_cap"),
        (GOOD, ""),
        ("", ""),
    ],
)
def test_the_length_of_a_refusal_tells_the_key_from_the_cap(log: str, verdict: str) -> None:
    assert rbd_side.judged(log) == verdict


@pytest.mark.parametrize(
    ("monitors", "found"),
    [
        ("10.0.0.1", [("10.0.0.1", 3300), ("10.0.0.1", 6789)]),
        ("10.0.0.1:6789, mon-b", [("10.0.0.1", 6789), ("mon-b", 3300), ("mon-b", 6789)]),
        ("[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]", [("10.0.0.1", 3300), ("10.0.0.1", 6789)]),
        ("v1:10.0.0.1", [("10.0.0.1", 6789)]),
        (
            "[fd00::1]:6790 [v2:[fd00::2]:3300,v1:[fd00::2]:6789]",
            [("fd00::1", 6790), ("fd00::2", 3300), ("fd00::2", 6789)],
        ),
        ("", []),
    ],
)
def test_addresses_of_monitors(monitors: str, found: list[tuple[str, int]]) -> None:
    assert rbd_side.addresses(monitors) == found


@given(st.text(alphabet="v12:[]fd0.,; /monabc", max_size=60))
def test_strange_addresses_do_no_harm(monitors: str) -> None:
    assert all(host and port >= 0 for host, port in rbd_side.addresses(monitors))


class Client:
    """As much of rados.Rados as the functions here need."""

    def __init__(
        self, options: dict[str, str] | None = None, answers: dict[str, tuple[int, bytes]] | None = None
    ) -> None:
        self.options = options or {}
        self.answers = answers or {}
        self.asked: list[dict[str, str]] = []

    def conf_get(self, name: str) -> str:
        return self.options.get(name, "")

    def conf_set(self, name: str, value: str) -> None:
        self.options[name] = value

    def mon_command(self, text: str, data: bytes) -> tuple[int, bytes, str]:
        self.asked.append(json.loads(text))
        code, output = self.answers.get(json.loads(text)["prefix"], (-errno.EINVAL, b""))
        return code, output, ""

    mgr_command = mon_command


@pytest.fixture
def keyring(tmp_path: Path) -> Path:
    path = tmp_path / "ceph.client.glance.keyring"
    path.write_text("[client.glance]\n\tkey = AQ==\n")
    return path


def test_the_first_readable_keyring_counts(keyring: Path) -> None:
    client = Client({"keyring": f"/nowhere/keyring,{keyring},/etc/ceph/keyring"})
    assert rbd_side.keyring(client, "glance", {}) == str(keyring)
    assert client.options["keyring"] == str(keyring)


def test_a_keyring_that_is_still_to_be_written_is_read_from_memory(keyring: Path) -> None:
    client = Client({"keyring": "/etc/ceph/new.keyring"})
    assert rbd_side.keyring(client, "glance", {"/etc/ceph/new.keyring": str(keyring)}) == "/etc/ceph/new.keyring"
    assert client.options["keyring"] == str(keyring)


def test_a_keyring_of_somebody_else(keyring: Path) -> None:
    with pytest.raises(Stop) as stop:
        rbd_side.keyring(Client({"keyring": str(keyring)}), "other", {})
    assert stop.value.facts == {"kind": "keyring_section", "path": str(keyring), "sections": ["client.glance"]}


def test_no_keyring_names_each_that_was_looked_for() -> None:
    with pytest.raises(Stop) as stop:
        rbd_side.keyring(Client({"keyring": "/nowhere/a,/nowhere/b"}), "glance", {})
    assert list(stop.value.facts["refused"]) == ["/nowhere/a", "/nowhere/b"]


def test_a_key_within_the_configuration_needs_no_keyring() -> None:
    assert rbd_side.keyring(Client({"key": "AQ==", "keyring": "/nowhere/a"}), "glance", {}) == ""


@pytest.mark.parametrize(
    ("code", "allowed"), [(-errno.EINVAL, True), (-errno.EACCES, False), (0, True), (-errno.ETIMEDOUT, True)]
)
def test_the_right_to_shut_out_dead_clients_is_found_without_shutting_out_one(code: int, allowed: bool) -> None:
    client = Client(answers={"osd blocklist": (code, b""), "osd blacklist": (-errno.EINVAL, b"")})
    assert rbd_side.may_blocklist(client) is allowed
    # No address: neither of a client, nor one that could be.
    assert {asked["addr"] for asked in client.asked} == {"none/1"}


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(0, ""), (-errno.EACCES, "denied"), (-errno.EPERM, "denied"), (-errno.ETIMEDOUT, "silent"), (-errno.EINVAL, "")],
)
def test_what_the_manager_says(code: int, verdict: str) -> None:
    assert rbd_side.mgr_rights(Client(answers={"rbd task list": (code, b"[]")})) == verdict


@pytest.mark.parametrize(
    ("cluster", "pool", "found"),
    [
        ("sortbitwise", "hashpspool,selfmanaged_snaps", []),
        ("full,sortbitwise", "hashpspool", ["full"]),
        ("pausewr,pauserd", "hashpspool", ["pausewr", "pauserd"]),
        ("sortbitwise", "hashpspool,full,full_quota,selfmanaged_snaps", ["pool full", "pool full_quota"]),
    ],
)
def test_what_stops_writing(cluster: str, pool: str, found: list[str]) -> None:
    pools = [{"pool_name": "images", "flags_names": pool, "type": 1}, {"pool_name": "other", "flags_names": "full"}]
    dump = json.dumps({"flags": cluster, "pools": pools}).encode()
    assert rbd_side.flags(Client(answers={"osd dump": (0, dump)}), "images") == found


def test_an_erasure_coded_pool() -> None:
    pools = [{"pool_name": "images", "flags_names": "hashpspool", "type": 3}]
    dump = json.dumps({"flags": "", "pools": pools}).encode()
    assert rbd_side.flags(Client(answers={"osd dump": (0, dump)}), "images") == ["erasure"]


def test_who_may_not_ask_for_flags_is_not_stopped_by_them() -> None:
    assert rbd_side.flags(Client(answers={"osd dump": (-errno.EACCES, b"")}), "images") == []


def test_names_of_probes() -> None:
    settings: dict[str, Any] = {"probe": "openimage-glance-probe", "host": "glance-1"}
    name = probe_name(settings)
    # A bucket's name must be one too.
    assert re.fullmatch(r"[a-z0-9-]{3,63}", name)
    assert leftover(name, settings), "of this host: only one run is at it at a time"
    other = {**settings, "host": "glance-2"}
    assert not leftover(name, other), "another host may still be at it"
    assert leftover(re.sub(r"-\d{10}-", f"-{int(time.time()) - 7200}-", name), other)
    assert not leftover("3f1b3a9e-64b1-4d4e-8b5c-6a5d1f4d1c11", settings), "an image"
