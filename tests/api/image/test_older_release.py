"""The same modules against the oldest Glance that is deployed from PyPI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from glance_server import Glance, Store, running, virtual_environment
from module_process import Run


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glance]:
    home = tmp_path_factory.mktemp("glance")
    (home / "a-file").touch()
    stores = [
        Store("fast", path=home / "fast"),
        Store("slow", path=home / "slow"),
        Store("broken", path=home / "a-file" / "images"),
    ]
    with running(Glance(virtual_environment("2025.1"), home, stores), default="fast") as server:
        yield server


def test_2025_1_is_proven_and_seeded_alike(run: Run, older: Glance, tmp_path: Path, name: str) -> None:
    expected = [
        {"id": store.id, "type": store.type, "properties": {"data_dir": str(store.path)}} for store in older.stores
    ]
    assert run("stores_info", older.url, expected=expected)["ok"]

    canary = run("store_canary", older.url, stores=[{"id": store.id} for store in older.stores])
    assert [line["ok"] for line in canary["results"]] == [True, True, False]
    assert "Adding images to store is disabled" in canary["msg"]

    src = tmp_path / "disk.raw"
    src.write_bytes(b"\0" * 512 + os.urandom(100_000))
    wish = {"name": name, "src": str(src), "disk_format": "raw", "stores": ["slow", "fast"], "visibility": "public"}
    done = run("image", older.url, **wish)
    assert done["changed"] and set(done["image"]["stores"].split(",")) == {"slow", "fast"}
    assert not run("image", older.url, **wish)["changed"]
    failed = run("image", older.url, **{**wish, "stores": ["fast", "broken"]})
    assert failed["failed"] and "could not be copied to broken" in failed["msg"]
