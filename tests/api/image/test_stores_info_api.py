"""stores_info against a real Glance."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from glance_server import Glance, Store, running, virtual_environment
from module_process import Run


@pytest.fixture
def expected(glance: Glance) -> list[dict[str, Any]]:
    """Return what the Glance under test really has."""
    return [
        {
            "id": store.id,
            "type": store.type,
            "default": store.id == "fast",
            "read_only": store.type == "http",
            "weight": 7 if store.id == "fast" else 0,
            "description": "Fast disks" if store.id == "fast" else "",
            "properties": {"data_dir": str(store.path), "chunk_size": 65536} if store.path else {},
        }
        for store in glance.stores
    ]


def test_a_query_tells_what_is_there(run: Run, glance: Glance) -> None:
    result = run("stores_info")
    assert not result["changed"] and result["ok"]
    assert result["endpoint"] == glance.url
    assert result["levels"] == {"declared": "ok", "loaded": "ok"}
    assert [store["id"] for store in result["stores"]] == [store.id for store in glance.stores]
    fast, web = result["stores"][0], result["stores"][-1]
    assert fast == {
        "id": "fast",
        "type": "file",
        "default": True,
        "read_only": False,
        "weight": 7,
        "description": "Fast disks",
        "properties": {"data_dir": f"{glance.home}/fast", "chunk_size": 65536, "thin_provisioning": False},
    }
    assert (web["type"], web["read_only"], web["default"], web["properties"]) == ("http", True, False, {})


def test_nothing_differs_when_all_is_as_expected(run: Run, expected: list[dict[str, Any]]) -> None:
    result = run("stores_info", expected=expected, fail_on_difference=True)
    assert not result.get("failed"), result
    assert result["ok"] and result["differences"] == []


def test_every_difference_is_named_with_store_level_and_field(run: Run, expected: list[dict[str, Any]]) -> None:
    fast, slow = expected[0], expected[1]
    fast.update(default=False, type="rbd", weight=8, description="Slow disks")
    fast["properties"].update(data_dir="/elsewhere", pool="images")
    slow.update(default=True, read_only=True)
    wanted = [store for store in expected if store["id"] != "doomed"] + [{"id": "ceph-0", "type": "rbd"}]

    result = run("stores_info", expected=wanted, fail_on_difference=True)

    assert result["failed"] and not result["ok"]
    assert result["levels"] == {"declared": "different", "loaded": "different"}
    found = {(item["store"], item["level"], item["field"]): item for item in result["differences"]}
    assert set(found) == {
        ("fast", "declared", "default"),
        ("fast", "declared", "description"),
        ("slow", "declared", "default"),
        ("slow", "declared", "read_only"),
        ("ceph-0", "declared", "presence"),
        ("doomed", "declared", "presence"),
        ("fast", "loaded", "type"),
        ("fast", "loaded", "weight"),
        ("fast", "loaded", "properties.data_dir"),
        ("fast", "loaded", "properties.pool"),
    }
    weight = found["fast", "loaded", "weight"]
    assert (weight["expected"], weight["actual"]) == (8, 7)
    for item in result["differences"]:
        assert item["message"] in result["msg"]


def test_a_member_sees_what_is_declared_and_is_told_why_not_more(run: Run, glance: Glance) -> None:
    assert run("stores_info", glance.member_url, level="declared")["levels"]["declared"] == "ok"
    refused = run("stores_info", glance.member_url)
    assert refused["failed"]
    assert "HTTP 403" in refused["msg"] and "admin or service" in refused["msg"] and glance.member_url in refused["msg"]


def test_a_glance_that_is_down_is_an_error(run: Run, nobody: str) -> None:
    result = run("stores_info", nobody)
    assert result["failed"] and nobody in result["msg"] and "connection refused" in result["msg"]


def test_a_glance_that_never_answers_is_an_error_in_time(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        result = run("stores_info", url, api_timeout=1)
    assert result["failed"] and url in result["msg"] and "no answer in time" in result["msg"]


def test_a_store_whose_driver_did_not_load_is_suspected_by_name(run: Run, tmp_path: Path) -> None:
    # rbd without Ceph's libraries: Glance starts, lists the store, and fails to describe any.
    stores = [Store("local", path=tmp_path / "local"), Store("ceph-0", "rbd")]
    with running(Glance(virtual_environment("2026.2"), tmp_path, stores), default="local") as glance:
        expected = [{"id": "local", "type": "file"}, {"id": "ceph-0", "type": "rbd"}]
        result = run("stores_info", glance.url, expected=expected)
    assert result["levels"] == {"declared": "ok", "loaded": "failed"}
    assert [(item["store"], item["level"], item["field"]) for item in result["differences"]] == [
        ("ceph-0", "loaded", "driver")
    ]
    assert "HTTP 500" in result["differences"][0]["message"]


def test_a_glance_without_several_stores_is_told_apart(run: Run, tmp_path: Path) -> None:
    with running(Glance(virtual_environment("2026.2"), tmp_path, []), default="") as glance:
        result = run("stores_info", glance.url)
    assert result["failed"] and "enabled_backends" in result["msg"]
