"""Which stores a configuration loses, and what is said when images are in them."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config.holdings import (
    Gone,
    enabled,
    gone,
    login,
    refusals,
)
from hypothesis import given
from hypothesis import strategies as st

BEFORE = "[DEFAULT]\nenabled_backends = local:file, ceph-0:rbd\n[local]\nfilesystem_store_datadir = /x\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (BEFORE, {"local": "file", "ceph-0": "rbd"}),
        ("enabled_backends=a:file\n", {"a": "file"}),
        ("[DEFAULT]\nenabled_backends = a:file,\n   b:rbd,\n\tc:s3\n", {"a": "file", "b": "rbd", "c": "s3"}),
        ("[DEFAULT]\nenabled_backends = a:file\nenabled_backends = b:file\n", {"b": "file"}),
        ("[DEFAULT]\nenabled_backends = a:file\n# enabled_backends = b:file\n", {"a": "file"}),
        ("[other]\nenabled_backends = a:file\n", {}),
        ("[DEFAULT]\nenabled_backends =\n", {}),
        ("", {}),
    ],
)
def test_stores_of_a_file_are_read_as_oslo_config_reads_them(text: str, found: dict[str, str]) -> None:
    assert enabled(text) == found


@given(st.text())
def test_no_file_is_too_strange(text: str) -> None:
    assert all(isinstance(store, str) for store in enabled(f"[DEFAULT]\nenabled_backends = {text}"))


def test_adding_a_store_and_changing_the_default_lose_nothing() -> None:
    assert gone([BEFORE], {"local": "file", "ceph-0": "rbd", "more": "s3", "os_glance_tasks_store": "file"}) == []


def test_dropped_and_changed_stores_are_gone() -> None:
    assert gone([BEFORE], {"ceph-0": "s3"}) == [Gone("local", "file", ""), Gone("ceph-0", "rbd", "s3")]


def test_later_files_win_only_when_they_name_stores() -> None:
    assert gone([BEFORE, "[DEFAULT]\ndebug = true\n"], {"ceph-0": "rbd"}) == [Gone("local", "file", "")]


def test_an_empty_store_may_go() -> None:
    assert refusals([Gone("local", "file", "")], {}) == []


def test_a_store_with_images_is_refused_with_its_count() -> None:
    (problem,) = refusals([Gone("local", "file", "")], {"local": (3, "634482ca")})
    assert problem.startswith("glance_stores: store local (type file) is no longer declared, but holds 3 images,")
    assert "634482ca" in problem


def test_another_type_under_the_same_id_is_refused_too() -> None:
    (problem,) = refusals([Gone("a", "file", "rbd")], {"a": (1, "x")})
    assert "turns into one of type rbd, but holds 1 image," in problem


def test_the_login_is_that_of_the_last_file_that_has_one() -> None:
    url = "mysql+pymysql://glance:a%40b@db/glance"
    old = "[database]\nconnection = mysql://old@db/glance\n"
    assert login([old, f"[DEFAULT]\nconnection = x\n[database]\nconnection = {url}\n", BEFORE]) == url
    assert login(["[database]\nconnection = mysql://a:$$b@db/glance\n"]) == "mysql://a:$b@db/glance"
    assert login([BEFORE]) == login([]) == ""
