"""The store types: their keys against what the real releases offer, and what they render."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.releases import RELEASES, knows
from ansible_collections.openimage.glance.plugins.module_utils._stores import cinder, rbd, s3, swift
from ansible_collections.openimage.glance.plugins.module_utils._stores.file import (
    DEFAULT_CHUNK_SIZE,
    FileStore,
    file_mode,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.http_store import HttpStore, proxies
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan
from ansible_collections.openimage.glance.plugins.module_utils._stores.registry import TYPES
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong
from hypothesis import given
from hypothesis import strategies as st

# What dump_options.py printed for each release.
REAL = json.loads((Path(__file__).parent / "glance_store_options.json").read_text())


def test_every_supported_release_was_asked() -> None:
    assert list(REAL) == [release.name for release in RELEASES]


@pytest.mark.parametrize("release", REAL)
@pytest.mark.parametrize("name", TYPES)
def test_the_model_knows_exactly_the_options_of_each_release(release: str, name: str) -> None:
    known = {key.option for key in TYPES[name].KEYS if key.option and knows(release, key.since)}
    assert known == set(REAL[release][name])


@pytest.mark.parametrize("name", TYPES)
def test_bounds_are_those_of_glance(name: str) -> None:
    for key in TYPES[name].KEYS:
        real = REAL["2026.2"][name].get(key.option, {})
        if real.get("min") is not None:
            assert key.read(real["min"]) == real["min"]
            with pytest.raises(Wrong):
                key.read(real["min"] - 1)
        if real.get("max") is not None:
            assert key.read(real["max"]) == real["max"]
            with pytest.raises(Wrong):
                key.read(real["max"] + 1)


def test_the_chunk_size_that_detail_reports_by_default() -> None:
    assert {real["file"]["filesystem_store_chunk_size"]["default"] for real in REAL.values()} == {DEFAULT_CHUNK_SIZE}


@pytest.mark.parametrize(
    ("name", "option", "default"),
    [
        ("rbd", "rbd_store_pool", rbd.DEFAULT_POOL),
        ("rbd", "rbd_store_chunk_size", rbd.DEFAULT_CHUNK_SIZE),
        ("swift", "swift_store_container", swift.DEFAULT_CONTAINER),
        ("swift", "default_swift_reference", swift.DEFAULT_REFERENCE),
        ("swift", "swift_store_large_object_size", swift.DEFAULT_LARGE_OBJECT_SIZE),
        ("swift", "swift_store_large_object_chunk_size", swift.DEFAULT_LARGE_OBJECT_CHUNK_SIZE),
        ("s3", "s3_store_large_object_size", s3.DEFAULT_LARGE_OBJECT_SIZE),
        ("s3", "s3_store_large_object_chunk_size", s3.DEFAULT_LARGE_OBJECT_CHUNK_SIZE),
        ("s3", "s3_store_thread_pools", s3.DEFAULT_THREAD_POOLS),
        ("cinder", "cinder_catalog_info", cinder.DEFAULT_CATALOG_INFO),
        ("cinder", "rootwrap_config", cinder.ROOTWRAP_CONFIG),
    ],
)
def test_the_defaults_that_the_plan_counts_with_are_those_of_every_release(
    name: str, option: str, default: Any
) -> None:
    assert {real[name][option]["default"] for real in REAL.values()} == {default}


@pytest.mark.parametrize("release", ["zed", "2025.1"])
def test_why_older_releases_are_told_the_version_of_keystone(release: str) -> None:
    assert REAL[release]["swift"]["swift_store_auth_version"]["default"] == "2"


@pytest.mark.parametrize(
    ("written", "mode"),
    [
        ("0640", 640),
        ("640", 640),
        ("0o640", 640),
        ("0", 0),
        ("0755", 755),
        ("0400", 400),
        (416, 640),  # what YAML makes of 0640
        (640, 640),
        (420, 644),
        (644, 644),
        (384, 600),
        (600, 600),
        (0, 0),
    ],
)
def test_file_modes(written: Any, mode: int) -> None:
    assert file_mode(written) == mode


@pytest.mark.parametrize("value", ["0888", "1777", "u=rw", "", "0o", "0240", -1, 400, 777, 99999, True, None, 64.0, []])
def test_what_is_no_file_mode(value: Any) -> None:
    with pytest.raises(Wrong):
        file_mode(value)


@given(st.integers(0o001, 0o777))
def test_a_mode_without_quotes_is_never_taken_for_another_one(mode: int) -> None:
    digits = f"{mode:o}"
    # 0640 without quotes arrives as 416, 640 as 640: either is read as meant or refused, unless nobody would mean it.
    for arrives in (mode, int(digits)):
        try:
            read = file_mode(arrives)
        except Wrong:
            continue
        executes, beyond_owner = mode & 0o111, (mode >> 3 | mode) & 0o7 & ~(mode >> 6)
        assert read == int(digits) or executes or beyond_owner or not mode & 0o400


@given(st.integers(0o001, 0o777))
def test_a_mode_in_quotes_is_itself(mode: int) -> None:
    if mode & 0o400:
        assert file_mode(f"{mode:04o}") == int(f"{mode:o}")
    else:
        with pytest.raises(Wrong, match="read its images"):
            file_mode(f"{mode:04o}")


def test_a_file_store_renders_only_what_is_set() -> None:
    store = FileStore(id="a", origin="glance_stores[0]", path="/srv/a")
    assert store.section() == {"filesystem_store_datadir": "/srv/a"}
    assert store.properties("2026.2") == {"data_dir": "/srv/a", "chunk_size": 65536, "thin_provisioning": False}


def test_a_file_store_renders_everything_that_is_set() -> None:
    store = FileStore(
        id="a",
        origin="glance_stores[0]",
        path="/srv/a",
        description="x",
        weight=0,
        file_perm=640,
        chunk_size=1,
        thin_provisioning=False,
        metadata_file="/etc/glance/m.json",
        shared=True,
        options={"filesystem_store_timeout": 0},
    )
    assert store.section() == {
        "filesystem_store_datadir": "/srv/a",
        "store_description": "x",
        "weight": 0,
        "filesystem_store_file_perm": 640,
        "filesystem_store_chunk_size": 1,
        "filesystem_thin_provisioning": False,
        "filesystem_store_metadata_file": "/etc/glance/m.json",
        "filesystem_store_timeout": 0,
    }


def test_location_metadata_is_written_or_only_named() -> None:
    content = {"id": "nfs-0", "mountpoint": "/srv", "more": {"a": ["b"]}}
    written = FileStore(id="a", origin="o", path="/srv/a", metadata_file=content)
    (file,) = written.files("2026.2")
    assert (file.path, file.owner, file.group, file.mode) == ("/etc/glance/file-a.json", "root", "glance", "0640")
    assert json.loads(file.content) == content and file.content.endswith("\n")
    named = FileStore(id="b", origin="o", path="/srv/b", metadata_file="/srv/m.json")
    assert named.files("2026.2") == []
    for store, path in ((written, file.path), (named, "/srv/m.json")):
        assert store.section()["filesystem_store_metadata_file"] == path
        # Before the restart Glance's own driver judges what is in either.
        assert store.access() == {"path": store.path, "metadata_file": path}
    assert FileStore(id="c", origin="o", path="/srv/c").access() == {}


@pytest.mark.parametrize(("perm", "mode"), [(None, "0750"), (0, "0750"), (640, "0750"), (644, "0751"), (604, "0751")])
def test_the_directory_has_the_mode_that_glance_would_give_it(perm: int | None, mode: str) -> None:
    (directory,) = FileStore(id="a", origin="o", path="/srv/a", file_perm=perm).directories()
    assert (directory.path, directory.owner, directory.group, directory.mode) == ("/srv/a", "glance", "glance", mode)


HTTP = {"id": "web", "type": "http"}


def test_an_http_store_checks_certificates_by_default() -> None:
    assert REAL["2026.2"]["http"]["https_insecure"]["default"] is True
    assert HttpStore(id="w", origin="o").section() == {"https_insecure": False}


def test_an_http_store_tells_its_proxies_password() -> None:
    store = HttpStore(
        id="w", origin="o", http_proxy_information={"http": "http://u:p@ss@proxy:3128", "https": "proxy:3128"}
    )
    assert store.section()["http_proxy_information"] == {"http": "http://u:p@ss@proxy:3128", "https": "proxy:3128"}
    assert store.secrets() == ["p@ss"]
    assert store.directories() == []


@pytest.mark.parametrize(
    "value", [None, "http:proxy", {"ftp": "x"}, {"http": "a,b"}, {"http": "a b"}, {"http": 3}, {1: "x"}]
)
def test_what_are_no_proxies(value: Any) -> None:
    with pytest.raises(Wrong) as caught:
        proxies(value)
    assert "proxy" not in caught.value.wrong


def test_an_http_store_is_proven_by_an_object_that_is_no_option_of_glance() -> None:
    checksum = "sha512:" + "0" * 128
    plan = store_plan([{**HTTP, "canary_url": "https://h/probe", "canary_checksum": checksum}], "/s", "/t")
    assert plan["canary"][0] == {
        "id": "web",
        "read_only": True,
        "probe": {"url": "https://h/probe", "checksum": checksum},
    }
    assert not [option for option in plan["sections"]["web"] if "canary" in option]
    assert store_plan([HTTP], "/s", "/t")["canary"][0] == {"id": "web", "read_only": True}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"canary_url": "file:///x"}, "glance_stores[0].canary_url: is not the address of"),
        ({"canary_url": "http://u:hunter2@h/x"}, "glance_stores[0].canary_url: holds a user name or a password"),
        ({"canary_checksum": "sha512:" + "0" * 128}, "glance_stores[0].canary_checksum: is the hash of nothing"),
        (
            {"canary_url": "http://h/x", "canary_checksum": "md5:1"},
            "glance_stores[0].canary_checksum: is not a hash of",
        ),
    ],
)
def test_a_wrong_object_to_read_is_refused(keys: dict[str, str], words: str) -> None:
    problems = [text for text in store_plan([{**HTTP, **keys}], "/s", "/t")["problems"] if "canary" in text]
    assert len(problems) == 1 and problems[0].startswith(words) and "hunter2" not in problems[0]
