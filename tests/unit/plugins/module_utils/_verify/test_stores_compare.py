"""Expected and live stores, compared."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify.compare import (
    DECLARED,
    LOADED,
    compare,
    detail_is_offered,
    not_loaded,
    plain,
)
from ansible_collections.openimage.glance.plugins.module_utils._verify.query import query
from hypothesis import given
from hypothesis import strategies as st

LIVE = {
    "id": "local",
    "description": "Disk",
    "default": "true",
    "type": "file",
    "weight": 0,
    "properties": {"data_dir": "/var/lib/glance/images", "chunk_size": 65536, "thin_provisioning": False},
}


def fields(expected: dict[str, Any], live: dict[str, Any] | None = None, level: str = LOADED) -> list[str]:
    return [item.field for item in compare([{"id": "local", **expected}], [live or LIVE], level)]


@pytest.mark.parametrize(
    ("expected", "different"),
    [
        ({}, []),
        ({"type": "file", "default": True, "read_only": False, "weight": 0, "description": "Disk"}, []),
        ({"type": "rbd"}, ["type"]),
        ({"default": False}, ["default"]),
        ({"read_only": True}, ["read_only"]),
        ({"weight": 1}, ["weight"]),
        ({"description": ""}, ["description"]),
        ({"description": None, "weight": None, "properties": None}, []),
        ({"properties": {"data_dir": "/var/lib/glance/images", "chunk_size": "65536"}}, []),
        ({"properties": {"thin_provisioning": "false"}}, []),
        (
            {"properties": {"thin_provisioning": True, "chunk_size": 1}},
            ["properties.thin_provisioning", "properties.chunk_size"],
        ),
        ({"properties": {"pool": "images"}}, ["properties.pool"]),
    ],
)
def test_what_is_expected_is_compared(expected: dict[str, Any], different: list[str]) -> None:
    assert fields(expected) == different


def test_a_level_compares_only_what_it_shows() -> None:
    declared = {"id": "local", "default": "true"}
    everything = {"type": "rbd", "weight": 9, "properties": {"pool": "images"}}
    assert fields(everything, declared, DECLARED) == []
    zed = {name: value for name, value in LIVE.items() if name != "weight"}
    assert fields({"weight": 9}, zed) == [], "releases without weights cannot be wrong about them"


def test_missing_and_extra_stores_are_named() -> None:
    found = compare([{"id": "a"}, {"id": "b"}], [{"id": "b"}, {"id": "c"}], DECLARED)
    assert [(item.store, item.expected, item.actual) for item in found] == [
        ("a", "present", "absent"),
        ("c", "absent", "present"),
    ]


def test_an_empty_description_is_the_same_as_none() -> None:
    assert fields({"description": ""}, {"id": "local"}) == []


@given(st.text(), st.booleans(), st.booleans(), st.integers())
def test_a_store_is_as_it_shows_itself(description: str, default: bool, read_only: bool, weight: int) -> None:
    live: dict[str, Any] = {"id": "x", "type": "file", "weight": weight, "properties": {"data_dir": description}}
    live.update({"default": "true"} if default else {}, **({"read-only": "true"} if read_only else {}))
    live.update({"description": description} if description else {})
    shown = plain(live)
    assert (shown["default"], shown["read_only"]) == (default, read_only)
    assert compare([shown], [live], LOADED) == []


def test_drivers_that_can_fail_to_load_are_suspected() -> None:
    expected = [{"id": "a", "type": "file"}, {"id": "b", "type": "rbd"}, {"id": "c", "type": "s3"}]
    assert [item.store for item in not_loaded(expected, 500, "…")] == ["b", "c"]
    assert [item.store for item in not_loaded([], 500, "…")] == [""]


@pytest.mark.parametrize(
    ("versions", "offered"), [([(2, 17), (2, 9)], True), ([(2, 15)], True), ([(2, 14)], False), ([], False)]
)
def test_old_releases_do_not_describe_loaded_stores(versions: list[tuple[int, int]], offered: bool) -> None:
    assert detail_is_offered(versions) is offered


class OldGlance:
    """The API of a release before 2.15, which no lab here runs."""

    root = "http://old:9292"

    def stores(self) -> list[dict[str, Any]]:
        return [{"id": "local", "default": "true"}]

    def versions(self) -> list[tuple[int, int]]:
        return [(2, 13), (2, 0)]

    def stores_detail(self) -> list[dict[str, Any]]:
        raise ImageApiError("GET …", 404, "not there")


def test_with_an_old_release_the_loaded_level_is_not_offered() -> None:
    found = query(OldGlance(), [{"id": "local", "type": "file"}], LOADED)  # type: ignore[arg-type]
    assert found["levels"] == {"declared": "ok", "loaded": "not offered"}
    assert found["ok"] and found["stores"][0]["id"] == "local"


CEPH: dict[str, Any] = {
    "id": "ceph-0",
    "type": "rbd",
    "weight": 0,
    "properties": {"chunk_size": 8, "pool": "images", "thin_provisioning": False, "fsid": "a-b"},
}


class Ceph:
    """The API of a Glance with a cluster that may not have answered."""

    root = "http://ceph:9292"

    def __init__(self, fsid: str | None) -> None:
        self.store = {**CEPH, "properties": {**CEPH["properties"], "fsid": fsid}}

    def stores(self) -> list[dict[str, Any]]:
        return [{"id": "ceph-0"}]

    def versions(self) -> list[tuple[int, int]]:
        return [(2, 17)]

    def stores_detail(self) -> list[dict[str, Any]]:
        return [self.store]


@pytest.mark.parametrize("expected", [[], [{"id": "ceph-0", "type": "rbd", "properties": {"fsid": "a-b"}}]])
def test_a_cluster_that_could_not_be_reached_is_named_even_in_a_query(expected: list[dict[str, Any]]) -> None:
    found = query(Ceph(None), expected, LOADED)  # type: ignore[arg-type]
    (difference,) = found["differences"]
    assert not found["ok"] and found["levels"][LOADED] == "different"
    assert (difference["store"], difference["level"], difference["field"]) == ("ceph-0", LOADED, "cluster")
    assert "could not reach its Ceph cluster" in difference["message"]
    assert query(Ceph("a-b"), expected, LOADED)["ok"]  # type: ignore[arg-type]


def test_a_release_that_shows_no_fsid_says_nothing_about_the_cluster() -> None:
    old = {"id": "ceph-0", "type": "rbd", "properties": {"pool": "images"}}
    assert compare([{"id": "ceph-0", "properties": {"pool": "images"}}], [old], LOADED) == []


@pytest.mark.parametrize(
    ("expected", "field", "words"),
    [
        ({"type": "file"}, "type", "enabled_backends"),
        ({"default": True}, "default", "default_backend"),
        ({"weight": 5}, "weight", "expected 5"),
        ({"read_only": True}, "read_only", "http"),
        ({"properties": {"pool": "glance"}}, "properties.pool", "'images' at level loaded, expected 'glance'"),
        ({"properties": {"fsid": "c-d"}}, "properties.fsid", "another Ceph cluster"),
    ],
)
def test_each_difference_says_what_it_means(expected: dict[str, Any], field: str, words: str) -> None:
    (difference,) = compare([{"id": "ceph-0", **expected}], [CEPH], LOADED)
    assert difference.field == field and words in difference.message and "store ceph-0" in difference.message
