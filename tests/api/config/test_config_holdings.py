"""How many images a store holds, asked of a database that a real Glance has made."""

from __future__ import annotations

import sqlite3
import subprocess
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config.holdings import Gone, held
from ansible_collections.openimage.glance.plugins.module_utils._config.login import ServiceSilentError

LOCAL, CEPH = Gone("local", "file", ""), Gone("ceph-0", "rbd", "")
WHEN = "2026-01-01 00:00:00"


def run(command: list[str], data: bytes) -> tuple[int, str, str]:
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=600)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def database(newest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with two images in local, one of them also in ceph-0, and a deleted one that was in ceph-1."""
    directory = tmp_path_factory.mktemp("database")
    path = directory / "glance.sqlite"
    (directory / "glance-api.conf").write_text(f"[database]\nconnection = sqlite:///{path}\n")
    manage = [str(newest / "bin/glance-manage"), "--config-file", str(directory / "glance-api.conf"), "db", "sync"]
    subprocess.run(manage, check=True, capture_output=True, timeout=600)
    with sqlite3.connect(path) as connection:
        for image in ("one", "two", "old"):
            connection.execute(
                "INSERT INTO images (id, name, status, visibility, protected, deleted, created_at, updated_at,"
                " min_disk, min_ram, os_hidden) VALUES (?, ?, 'active', 'private', 0, ?, ?, ?, 0, 0, 0)",
                (image, image, image == "old", WHEN, WHEN),
            )
        for image, store, deleted in (
            ("one", "local", 0),
            ("two", "local", 0),
            ("two", "ceph-0", 0),
            ("one", "ceph-0", 1),
            ("old", "ceph-1", 1),
        ):
            connection.execute(
                "INSERT INTO image_locations (image_id, value, meta_data, status, deleted, created_at, updated_at)"
                " VALUES (?, 'x', ?, 'active', ?, ?, ?)",
                (image, f'{{"store": "{store}"}}', deleted, WHEN, WHEN),
            )
    return path


def python(venv: Path) -> str:
    return str(venv / "bin/python")


def test_images_of_each_store_are_counted(newest: Path, database: Path) -> None:
    found = held(run, python(newest), f"sqlite:///{database}", [LOCAL, CEPH, Gone("ceph-1", "rbd", "")])
    assert found == {"local": (2, "one"), "ceph-0": (1, "two")}


def test_database_without_a_schema_holds_nothing(newest: Path, tmp_path: Path) -> None:
    assert held(run, python(newest), f"sqlite:///{tmp_path}/empty.sqlite", [LOCAL]) == {}


def test_silence_is_not_taken_for_an_empty_store(newest: Path) -> None:
    with pytest.raises(ServiceSilentError, match=r"counting images with .* failed"):
        held(run, python(newest), "sqlite:////nowhere/at/all.sqlite", [LOCAL])
