"""The note of what was last found good, and files that are still to be written."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._access import files, note

RBD = {"id": "ceph-0", "type": "rbd", "conf": "/etc/ceph/a.conf", "keyring": "/etc/ceph/a.keyring", "cacert": ""}
FILES = {"/etc/ceph/a.conf": "conf", "/etc/ceph/a.keyring": "key = secret", "/etc/other": "x"}


def made(directory: Path, *context: str) -> note.Note:
    return note.Note(str(directory), context or ("/usr/bin/python3", "glance"))


def test_a_store_is_known_again_until_anything_of_it_changes(tmp_path: Path) -> None:
    first = made(tmp_path)
    first.save(first.after({"ceph-0": first.digest(RBD, FILES)}, [], ["ceph-0"]))
    again = made(tmp_path)
    assert again.known == {"ceph-0": again.digest(RBD, FILES)}
    assert again.digest(RBD, {**FILES, "/etc/other": "y"}) == again.known["ceph-0"], "not a file of this store"
    for changed in ({**RBD, "pool": "other"}, {**RBD, "user": "glance"}):
        assert again.digest(changed, FILES) != again.known["ceph-0"]
    for path in ("/etc/ceph/a.conf", "/etc/ceph/a.keyring"):
        assert again.digest(RBD, {**FILES, path: "changed"}) != again.known["ceph-0"]
    upgraded = made(tmp_path, "/opt/glance/2026.2/bin/python", "glance")
    assert upgraded.digest(RBD, FILES) != again.known["ceph-0"]


def test_a_file_that_is_there_counts_as_well(tmp_path: Path) -> None:
    keyring = tmp_path / "keyring"
    keyring.write_text("old")
    known, store = made(tmp_path), {**RBD, "keyring": str(keyring)}
    before = known.digest(store, {})
    keyring.write_text("new")
    assert known.digest(store, {}) != before


def test_the_note_tells_nothing(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one"), made(tmp_path / "two")
    for known in (one, two):
        os.makedirs(known.directory)
        known.save({"ceph-0": known.digest(RBD, FILES)})
    assert one.known != two.known, "each host has a key of its own"
    for path in (tmp_path / "one").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"secret" not in path.read_bytes()


def test_failed_and_removed_stores_are_forgotten(tmp_path: Path) -> None:
    known = made(tmp_path)
    known.save({"a": "1", "b": "2", "gone": "3"})
    assert known.after({"a": "1", "b": "9", "c": "4"}, ["b"], ["c"]) == {"a": "1", "c": "4"}


@pytest.mark.parametrize("content", [b"", b"{torn", b"[]", b"\xff"])
def test_a_torn_note_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "good.json").write_bytes(content)
    assert made(tmp_path).known == {}


WHO = files.Account("glance", 64062, frozenset({64062}))
OWN = pwd.getpwuid(os.geteuid()).pw_name
GROUP = grp.getgrgid(os.getegid()).gr_name


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "readable"),
    [
        (0o640, 0, 64062, True),
        (0o600, 0, 64062, False),
        (0o640, 0, 0, False),
        (0o644, 0, 0, True),
        (0o400, 64062, 0, True),
        # Of the three, only the one that applies counts.
        (0o044, 64062, 64062, False),
        (0o604, 0, 64062, False),
    ],
)
def test_who_may_read(mode: int, uid: int, gid: int, readable: bool) -> None:
    assert files.may(WHO, mode, uid, gid, 4) is readable


def test_a_file_that_glance_will_not_be_able_to_read(tmp_path: Path) -> None:
    for directory in [tmp_path, *list(tmp_path.parents)[:-1]]:
        if not directory.stat().st_mode & 1:
            directory.chmod(directory.stat().st_mode | 1)
    path = str(tmp_path / "keyring")
    item = {"path": path, "content": "x", "mode": "0600", "owner": OWN, "group": GROUP}
    (words,) = files.obstacles({"keyring": path}, {path: item}, WHO)
    assert "0600" in words.why and path in words.tried
    assert files.obstacles({"keyring": path}, {path: {**item, "mode": "0644"}}, WHO) == []
    assert files.obstacles({"keyring": path}, {path: {**item, "mode": None}}, WHO) == []
    assert files.obstacles({"keyring": "/etc/ceph/other"}, {path: item}, WHO) == [], "not of this store"
    tmp_path.chmod(0o700)
    (words,) = files.obstacles({"keyring": path}, {path: {**item, "mode": "0644"}}, WHO)
    assert f"the directory {tmp_path} is closed" in words.why


def test_secrets_of_stores_and_files() -> None:
    stores = [{"password": "one", "secret_key": "", "application_credential_secret": "two"}]
    items = [
        {"content": "[client.a]\n\tkey = AQ==\n"},
        {"content": 'user = a:b\nkey = "s3kr!t pw"\napplication_credential_secret = three\n'},
    ]
    assert files.secrets(stores, items) == ["one", "two", "AQ==", "s3kr!t pw", "three"]
