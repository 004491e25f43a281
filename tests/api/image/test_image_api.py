"""image against a real Glance."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

import pytest
from glance_probe import Probe
from glance_server import Glance
from module_process import Run, Start

MARK = "openimage-glance-unfinished"


@pytest.fixture
def src(tmp_path: Path) -> Path:
    file = tmp_path / "disk.raw"
    file.write_bytes(b"\0" * 512 + os.urandom(300_000))
    return file


@pytest.fixture
def wish(name: str, src: Path) -> dict[str, Any]:
    return {"name": name, "src": str(src), "disk_format": "raw"}


def test_seeding_is_predicted_done_and_then_left_alone(run: Run, probe: Probe, wish: dict[str, Any], src: Path) -> None:
    wish.update(
        visibility="public",
        protected=True,
        min_disk=1,
        min_ram=64,
        tags=["b", "a"],
        properties={"os_distro": "debian", "hw_qemu_guest_agent": True, "number": 3},
    )
    predicted = run("image", **wish, check=True)
    assert predicted["changed"] and probe.images(name=wish["name"]) == []

    done = run("image", **wish)
    assert done["changed"] and done["actions"] == predicted["actions"]
    assert done["diff"] == predicted["diff"]
    (image,) = probe.images(name=wish["name"])
    assert probe.data(image["id"]) == src.read_bytes()
    seen = {field: image[field] for field in ("status", "visibility", "protected", "min_disk", "min_ram", "os_hidden")}
    assert seen == {
        "status": "active",
        "visibility": "public",
        "protected": True,
        "min_disk": 1,
        "min_ram": 64,
        "os_hidden": False,
    }
    assert sorted(image["tags"]) == ["a", "b"]
    assert (image["os_distro"], image["hw_qemu_guest_agent"], image["number"]) == ("debian", "true", "3")
    assert done["image"]["id"] == image["id"]

    for check in (False, True):
        again = run("image", **wish, check=check)
        assert not again["changed"] and again["actions"] == []
        assert again["diff"]["before"] == again["diff"]["after"]
        assert again["image"]["id"] == image["id"]


def test_only_what_is_described_is_changed(run: Run, probe: Probe, wish: dict[str, Any]) -> None:
    first = run("image", **wish, tags=["old"], properties={"keep": "1", "change": "1", "drop": "1"})["image"]
    changes: dict[str, Any] = {"properties": {"change": "2", "drop": None, "new": "1"}, "hidden": True, "min_ram": 5}
    predicted = run("image", **wish, **changes, check=True)
    done = run("image", **wish, **changes)
    assert done["actions"] == predicted["actions"] and done["diff"] == predicted["diff"]
    (image,) = probe.images(name=wish["name"])
    assert image["id"] == first["id"]
    assert (image["keep"], image["change"], image["new"], "drop" in image) == ("1", "2", "1", False)
    assert (image["os_hidden"], image["min_ram"], image["tags"]) == (True, 5, ["old"])
    assert not run("image", **wish, **changes)["changed"]
    assert not run("image", **wish)["changed"], "what nobody cares about stays, a hidden image too"


def test_new_content_replaces_hides_and_never_deletes(run: Run, probe: Probe, wish: dict[str, Any], src: Path) -> None:
    old_content = src.read_bytes()
    old = run("image", **wish)["image"]
    src.write_bytes(old_content[::-1])
    predicted = run("image", **wish, check=True)
    new = run("image", **wish)
    assert new["changed"] and new["actions"] == predicted["actions"] and len(new["actions"]) == 2
    hidden = {image["id"]: image["os_hidden"] for image in probe.images(name=wish["name"])}
    assert hidden == {old["id"]: True, new["image"]["id"]: False}
    assert probe.data(old["id"]) == old_content and probe.data(new["image"]["id"]) == old_content[::-1]
    assert not run("image", **wish)["changed"]

    src.write_bytes(old_content)
    back = run("image", **wish)
    assert back["image"]["id"] == old["id"], "the old content is still there and needs no upload"
    hidden = {image["id"]: image["os_hidden"] for image in probe.images(name=wish["name"])}
    assert hidden == {old["id"]: False, new["image"]["id"]: True}
    assert all(MARK not in image["tags"] for image in probe.images(name=wish["name"]))
    assert not run("image", **wish)["changed"]


def test_stores_are_chosen_and_missing_copies_are_added(run: Run, probe: Probe, wish: dict[str, Any]) -> None:
    first = run("image", **wish, stores=["slow"])
    assert first["image"]["stores"] == "slow"
    predicted = run("image", **wish, stores=["slow", "fast"], check=True)
    both = run("image", **wish, stores=["slow", "fast"])
    assert both["changed"] and both["actions"] == predicted["actions"] == ["copy the data to fast"]
    assert set(both["image"]["stores"].split(",")) == {"slow", "fast"} and both["image"]["id"] == first["image"]["id"]
    assert not run("image", **wish, stores=["fast"])["changed"], "copies elsewhere stay"


def test_a_failed_copy_is_reported_and_the_image_stays_out_of_sight(
    run: Run, probe: Probe, wish: dict[str, Any]
) -> None:
    failed = run("image", **wish, stores=["fast", "broken", "slow"], timeout=300)
    assert failed["failed"] and "could not be copied to broken" in failed["msg"]
    (image,) = probe.images(name=wish["name"])
    assert image["os_hidden"] and set(image["stores"].split(",")) == {"fast", "slow"}
    healed = run("image", **wish, stores=["fast", "slow"])
    assert healed["image"]["id"] == image["id"] and not healed["image"]["os_hidden"]
    assert healed["image"]["tags"] == []


def test_an_upload_that_a_store_refuses_leaves_nothing(run: Run, probe: Probe, wish: dict[str, Any]) -> None:
    for store, reason in (("broken", "Adding images to store is disabled"), ("full", "media is full")):
        failed = run("image", **wish, stores=[store])
        assert failed["failed"] and store in failed["msg"] and reason in failed["msg"]
    assert probe.images(name=wish["name"]) == []


def test_a_wrong_format_is_explained_and_leaves_nothing(run: Run, probe: Probe, wish: dict[str, Any]) -> None:
    failed = run("image", **{**wish, "disk_format": "qcow2"})
    assert failed["failed"] and "HTTP 415" in failed["msg"] and "does not match" in failed["msg"]
    assert probe.images(name=wish["name"]) == []


def test_all_mistakes_in_a_wish_are_named_at_once(run: Run, probe: Probe, wish: dict[str, Any]) -> None:
    wrong = {"stores": ["web", "nope", "fast", "fast"], "properties": {"os_hidden": True, "os_glance_x": "1"}}
    failed = run("image", **wish, **wrong)
    assert failed["failed"]
    for part in ("stores[0]", "stores[1]", "stores[3]", "properties.os_hidden", "properties.os_glance_x"):
        assert part in failed["msg"]
    assert probe.images(name=wish["name"]) == []


@pytest.mark.parametrize("kind", ["missing", "folder", "empty"])
def test_a_source_that_cannot_be_used_is_an_error_before_anything(
    run: Run, nobody: str, tmp_path: Path, name: str, kind: str
) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "empty":
        path.touch()
    failed = run("image", nobody, name=name, src=str(path))
    assert failed["failed"] and str(path) in failed["msg"] and nobody not in failed["msg"]


def test_a_glance_that_is_down_is_an_error(run: Run, nobody: str, wish: dict[str, Any]) -> None:
    failed = run("image", nobody, **wish)
    assert failed["failed"] and nobody in failed["msg"] and "connection refused" in failed["msg"]


def test_absent_deletes_what_is_seen_and_keeps_what_is_hidden(
    run: Run, probe: Probe, wish: dict[str, Any], src: Path
) -> None:
    old = run("image", **wish, protected=True)["image"]
    src.write_bytes(src.read_bytes()[::-1])
    new = run("image", **wish, protected=True)["image"]
    gone: dict[str, Any] = {"name": wish["name"], "state": "absent"}

    refused = run("image", **gone)
    assert refused["failed"] and new["id"] in refused["msg"] and "protected" in refused["msg"]
    predicted = run("image", **gone, protected=False, check=True)
    done = run("image", **gone, protected=False)
    assert done["changed"] and done["image"] is None and done["actions"] == predicted["actions"]
    assert [image["id"] for image in probe.images(name=wish["name"])] == [old["id"]]
    assert any(old["id"] in str(warning) for warning in done["warnings"])
    assert not run("image", **gone, protected=False)["changed"]
    assert run("image", **gone, protected=False, hidden=True)["changed"]
    assert probe.images(name=wish["name"]) == []


def test_several_images_of_one_name_are_not_guessed_at(run: Run, probe: Probe, wish: dict[str, Any], src: Path) -> None:
    others = [probe.create(data=bytes(size), name=wish["name"])["id"] for size in (1000, 2000)]
    for arguments in (wish, {"name": wish["name"], "state": "absent"}):
        failed = run("image", **arguments)
        assert failed["failed"] and all(image_id in failed["msg"] for image_id in others)
    right = probe.create(data=src.read_bytes(), name=wish["name"])["id"]
    found = run("image", **wish)
    assert found["image"]["id"] == right and not found["changed"]
    assert any(all(image_id in str(warning) for image_id in others) for warning in found["warnings"])


def test_what_the_login_may_not_do_is_said_before_the_upload(
    run: Run, probe: Probe, glance: Glance, wish: dict[str, Any]
) -> None:
    refused = run("image", glance.member_url, **wish, visibility="public")
    assert refused["failed"] and "HTTP 403" in refused["msg"] and "publicize_image" in refused["msg"]
    assert probe.images(name=wish["name"]) == []
    assert run("image", glance.member_url, **wish)["changed"]
    refused = run("image", glance.member_url, **wish, stores=["fast", "slow"])
    assert refused["failed"] and "needs the role admin" in refused["msg"]


def test_a_large_file_is_never_in_memory(run: Run, probe: Probe, wish: dict[str, Any], src: Path) -> None:
    with src.open("r+b") as file:
        file.truncate(256 << 20)
    done = run("image", **wish)
    assert done["image"]["size"] == 256 << 20
    assert done["grown"] < 80 << 10, "KiB, half of it for the libraries"


def test_runs_killed_at_any_moment_end_in_one_good_image(
    run: Run, start: Start, probe: Probe, wish: dict[str, Any], src: Path
) -> None:
    dice = random.Random(33)
    with src.open("r+b") as file:
        file.truncate(40 << 20)
    for attempt in range(6):
        killed = start("image", **wish, stores=["slow", "fast"])
        time.sleep(dice.uniform(0.15, 1.2))
        killed.kill()
        if attempt == 3:
            with src.open("r+b") as file:
                file.write(b"new content")
    done = run("image", **wish, stores=["slow", "fast"])
    assert not done.get("failed"), done["msg"]
    assert_one_good_image(probe, wish, src)
    assert not run("image", **wish, stores=["slow", "fast"])["changed"]


def test_an_upload_cut_by_a_dying_glance_is_reported_and_healed(
    run: Run, start: Start, probe: Probe, glance: Glance, wish: dict[str, Any], src: Path
) -> None:
    with src.open("r+b") as file:
        file.truncate(1 << 30)
    begun = start("image", **wish)
    while not [image for image in probe.images(name=wish["name"]) if image["status"] == "saving"]:
        time.sleep(0.02)
    glance.stop()
    failed = begun.result()
    assert failed["failed"] and "broke off" in failed["msg"] and glance.url in failed["msg"]
    glance.start()
    (image,) = probe.images(name=wish["name"])
    assert image["status"] == "saving" and MARK in image["tags"], "nobody was there to clean up"

    with src.open("r+b") as file:
        file.truncate(1 << 20)
    done = run("image", **wish)
    assert done["changed"] and done["actions"][0].startswith(f"delete image {image['id']}")
    assert_one_good_image(probe, wish, src)


def assert_one_good_image(probe: Probe, wish: dict[str, Any], src: Path) -> None:
    images = probe.images(name=wish["name"])
    (image,) = [image for image in images if not image["os_hidden"]]
    assert image["status"] == "active" and probe.data(image["id"]) == src.read_bytes()
    assert all(image["status"] == "active" and MARK not in image["tags"] for image in images)
