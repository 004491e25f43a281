"""The import methods of image against a real Glance and a real web server."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest
from glance_probe import Probe
from glance_server import Glance
from module_process import Run, Start
from web_server import Web

MARK = "openimage-glance-unfinished"
MIB = 1 << 20


@pytest.fixture
def path(web: Web, name: str) -> str:
    """Return the path of a file that the web server has."""
    web.offer(f"/{name}.raw")
    return f"/{name}.raw"


@pytest.fixture
def wish(web: Web, name: str, path: str) -> dict[str, Any]:
    return {"name": name, "import_method": "web-download", "url": web.url + path, "disk_format": "raw"}


def stores_of(image: dict[str, Any]) -> set[str]:
    return set(image["stores"].split(","))


def test_a_download_into_one_store_is_predicted_done_and_then_left_alone(
    run: Run, probe: Probe, web: Web, wish: dict[str, Any], path: str
) -> None:
    wish.update(stores=["slow"], visibility="public", tags=["a"], properties={"os_distro": "debian"})
    predicted = run("image", **wish, check=True)
    assert not predicted.get("failed"), predicted["msg"]
    assert predicted["changed"] and probe.images(name=wish["name"]) == [] and not web.fetched(path)

    done = run("image", **wish)
    assert not done.get("failed"), done["msg"]
    assert done["changed"] and done["actions"] == predicted["actions"] and done["diff"] == predicted["diff"]
    assert done["actions"] == [f"create image {wish['name']} from {web.url}{path} in store slow by web-download"]
    (image,) = probe.images(name=wish["name"])
    assert probe.data(image["id"]) == web.files[path]
    assert (image["stores"], image["visibility"], image["tags"], image["os_hidden"]) == ("slow", "public", ["a"], False)
    assert image["openimage_source"] == f"{web.url}{path}"
    assert done["failed_stores"] == {} and done["progress"][-1].endswith("image active, in slow")
    assert web.fetched(path) == 1

    for check in (False, True):
        again = run("image", **wish, check=check)
        assert not again["changed"] and again["actions"] == [] and again["image"]["id"] == image["id"]
    assert web.fetched(path) == 1, "nothing is fetched again"


def test_a_download_into_all_stores_that_can_take_data(run: Run, wish: dict[str, Any], web: Web, path: str) -> None:
    # doomed, full and broken are stores too: this image is small enough for none of them but full.
    web.offer(path, 1000)
    done = run("image", **wish, all_stores=True, all_stores_must_succeed=False)
    assert not done.get("failed"), done["msg"]
    assert stores_of(done["image"]) == {"fast", "slow", "full", "doomed"}
    assert set(done["failed_stores"]) == {"broken"} and "log of glance-api" in done["failed_stores"]["broken"]
    assert any("broken has no copy" in str(warning) for warning in done["warnings"])
    assert web.fetched(path) == 1


def test_without_stores_the_default_one_gets_it(run: Run, wish: dict[str, Any]) -> None:
    assert run("image", **wish)["image"]["stores"] == "fast"


def test_a_partial_failure_is_reported_per_store_and_tried_again(run: Run, probe: Probe, wish: dict[str, Any]) -> None:
    wish.update(stores=["slow", "full", "broken"], all_stores_must_succeed=False)
    done = run("image", **wish)
    assert not done.get("failed") and done["changed"], done["msg"]
    assert set(done["failed_stores"]) == {"full", "broken"} and done["image"]["stores"] == "slow"
    (image,) = probe.images(name=wish["name"])
    assert not image["os_hidden"] and image["tags"] == []
    assert any("failed in broken,full" in line for line in done["progress"])

    again = run("image", **wish)
    assert set(again["failed_stores"]) == {"full", "broken"} and again["image"]["id"] == image["id"]
    assert not again["changed"], "nothing came of it"
    assert again["diff"]["before"] == again["diff"]["after"]
    predicted = run("image", **wish, check=True)
    assert predicted["actions"] == again["actions"] == ["copy the data to full, broken"]

    failed = run("image", **wish, fail_on_partial=True)
    assert failed["failed"] and set(failed["failed_stores"]) == {"full", "broken"}
    assert "Store full has no copy" in failed["msg"] and failed["image"]["status"] == "active"

    healed = run("image", **{**wish, "stores": ["slow", "fast"]})
    assert healed["changed"] and stores_of(healed["image"]) == {"slow", "fast"} and healed["failed_stores"] == {}


def test_one_failed_store_fails_all_when_all_must_succeed(run: Run, probe: Probe, wish: dict[str, Any]) -> None:
    failed = run("image", **wish, stores=["slow", "full"])
    assert failed["failed"] and "failed: full" in failed["msg"] and "all_stores_must_succeed" in failed["msg"]
    assert "log of glance-api" in failed["msg"] and failed["progress"]
    assert probe.images(name=wish["name"]) == [], "what failed leaves nothing"
    assert run("image", **wish, stores=["slow"])["changed"], "and the next run begins anew"


def test_where_no_store_succeeds_it_fails_in_time_although_each_may_fail(
    run: Run, probe: Probe, wish: dict[str, Any]
) -> None:
    # Glance keeps its lock on such an image for ever.
    failed = run("image", **wish, stores=["full"], all_stores_must_succeed=False)
    assert failed["failed"] and "Nothing was stored (failed: full)" in failed["msg"]
    assert probe.images(name=wish["name"]) == []


def test_copy_image_adds_stores_later_and_leaves_alone_those_that_have_it(
    run: Run, probe: Probe, wish: dict[str, Any]
) -> None:
    made = run("image", **wish, stores=["slow"])["image"]
    copy = {"name": wish["name"], "import_method": "copy-image", "stores": ["slow", "fast", "doomed"]}
    predicted = run("image", **copy, check=True)
    done = run("image", **copy)
    assert done["changed"] and done["actions"] == predicted["actions"] == ["copy the data to fast, doomed"]
    assert done["diff"] == predicted["diff"]
    assert stores_of(done["image"]) == {"slow", "fast", "doomed"} and done["image"]["id"] == made["id"]
    again = run("image", **copy)
    assert not again["changed"] and again["actions"] == []
    assert not run("image", **wish, stores=["slow"])["changed"], "copies elsewhere stay"

    missing = run("image", **{**copy, "name": "nobody-has-this-name"})
    assert missing["failed"] and "no image named 'nobody-has-this-name'" in missing["msg"]
    failed = run("image", **{**copy, "stores": ["broken"]})
    assert failed["failed"] and "could not be copied to broken" in failed["msg"]
    (image,) = probe.images(name=wish["name"])
    assert image["status"] == "active" and not image["os_hidden"], "a copy that fails does the image no harm"
    tolerated = run("image", **{**copy, "stores": ["fast", "broken"]}, all_stores_must_succeed=False)
    assert not tolerated["changed"] and set(tolerated["failed_stores"]) == {"broken"}


def test_the_checksum_is_proven_and_decides_about_a_new_import(
    run: Run, probe: Probe, web: Web, wish: dict[str, Any], path: str
) -> None:
    wrong = "sha512:" + "0" * 128
    failed = run("image", **wish, checksum=wrong)
    assert failed["failed"] and "wrong checksum" in failed["msg"] and "0" * 128 in failed["msg"]
    assert probe.images(name=wish["name"]) == []

    first = run("image", **wish, checksum=web.sha512(path))
    assert first["changed"]
    assert not run("image", **wish, checksum=web.sha512(path).upper().replace("SHA512", "sha512"))["changed"]
    md5 = "md5:" + hashlib.md5(web.files[path], usedforsecurity=False).hexdigest()
    assert not run("image", **wish, checksum=md5)["changed"]
    assert not run("image", **wish)["changed"], "without a checksum, where it came from decides"

    failed = run("image", **wish, checksum="sha256:" + "0" * 64)
    assert failed["failed"] and "cannot be checked" in failed["msg"] and "sha512" in failed["msg"]
    assert [image["id"] for image in probe.images(name=wish["name"])] == [first["image"]["id"]]

    web.offer(path)
    second = run("image", **wish, checksum=web.sha512(path))
    assert second["changed"] and len(second["actions"]) == 2
    hidden = {image["id"]: image["os_hidden"] for image in probe.images(name=wish["name"])}
    assert hidden == {first["image"]["id"]: True, second["image"]["id"]: False}


def test_another_url_is_another_image_and_hides_the_first(
    run: Run, probe: Probe, web: Web, wish: dict[str, Any], path: str
) -> None:
    first = run("image", **wish)["image"]
    web.offer(f"{path}.2")
    second = run("image", **{**wish, "url": f"{web.url}{path}.2?signature=secret"})
    hidden = {image["id"]: image["os_hidden"] for image in probe.images(name=wish["name"])}
    assert hidden == {first["id"]: True, second["image"]["id"]: False}
    assert "secret" not in str({key: second[key] for key in ("image", "actions", "diff", "progress")})
    back = run("image", **wish)
    assert back["image"]["id"] == first["id"] and web.fetched(path) == 1


@pytest.mark.parametrize(
    ("suffix", "words"),
    [("/nothing", ["answers HTTP 404", "log of glance-api"]), ("refused", ["cannot be reached", "refused"])],
)
def test_a_url_that_fails_is_explained_and_leaves_nothing(
    run: Run, probe: Probe, web: Web, wish: dict[str, Any], nobody: str, suffix: str, words: list[str]
) -> None:
    url = f"{nobody}/x" if suffix == "refused" else f"{web.url}{suffix}"
    failed = run("image", **{**wish, "url": url}, stores=["slow", "fast"])
    assert failed["failed"] and url in failed["msg"]
    for word in words:
        assert word in failed["msg"]
    assert probe.images(name=wish["name"]) == []


def test_a_forbidden_port_is_explained_before_anything_is_fetched(run: Run, probe: Probe, wish: dict[str, Any]) -> None:
    failed = run("image", **{**wish, "url": "http://127.0.0.1:8099/x"})
    assert failed["failed"] and "HTTP 400" in failed["msg"] and "[import_filtering_opts]" in failed["msg"]
    assert "allowed_ports: [80, 443, 8099]" in failed["msg"]
    failed = run("image", **{**wish, "url": "http://127.0.0.9/x"})
    assert failed["failed"] and "allowed_hosts" in failed["msg"]
    assert probe.images(name=wish["name"]) == []


def test_data_of_another_format_is_refused_and_leaves_nothing(run: Run, probe: Probe, wish: dict[str, Any]) -> None:
    failed = run("image", **{**wish, "disk_format": "qcow2"})
    assert failed["failed"] and "disk_format" in failed["msg"]
    assert probe.images(name=wish["name"]) == []


def test_staged_data_goes_into_all_its_stores(run: Run, probe: Probe, name: str, tmp_path: Path) -> None:
    src = tmp_path / "disk.raw"
    src.write_bytes(b"\0" * 512 + os.urandom(300_000))
    digest = hashlib.sha512(src.read_bytes()).hexdigest()
    wish = {"name": name, "import_method": "glance-direct", "src": str(src), "disk_format": "raw"}
    wish.update(stores=["slow", "fast"], checksum=f"sha512:{digest}")
    predicted = run("image", **wish, check=True)
    done = run("image", **wish)
    assert not done.get("failed"), done["msg"]
    assert done["actions"] == predicted["actions"] and done["diff"] == predicted["diff"]
    assert "in stores slow, fast by glance-direct" in done["actions"][0]
    (image,) = probe.images(name=name)
    assert probe.data(image["id"]) == src.read_bytes() and stores_of(image) == {"slow", "fast"}
    assert image["openimage_source"] == f"sha512:{digest}"
    assert not run("image", **wish)["changed"]
    assert not run("image", **{**wish, "import_method": "upload"})["changed"], "it is the same image by any method"

    src.write_bytes(os.urandom(1000))
    refused = run("image", **wish)
    assert refused["failed"] and "does not have the checksum" in refused["msg"]
    assert len(probe.images(name=name)) == 1


def test_a_hanging_web_server_does_not_hang_the_module(
    run: Run, probe: Probe, web: Web, wish: dict[str, Any], path: str
) -> None:
    web.offer(path, 4 * MIB)
    web.go_on.clear()
    try:
        for limits, words in (
            ({"timeout": 6, "stall_timeout": 60}, "not finished after 6 s"),
            ({"timeout": 60, "stall_timeout": 2}, "no progress for 2 s"),
        ):
            failed = run("image", **wish, **limits)
            assert failed["failed"] and words in failed["msg"] and "Seen last" in failed["msg"]
            assert probe.images(name=wish["name"]) == []
    finally:
        web.go_on.set()


def test_a_killed_import_is_begun_again(
    run: Run, start: Start, probe: Probe, web: Web, wish: dict[str, Any], path: str
) -> None:
    web.offer(path, 4 * MIB)
    web.go_on.clear()
    try:
        begun = start("image", **wish)
        while not web.fetched(path):
            time.sleep(0.05)
        begun.kill()
        (left,) = probe.images(name=wish["name"])
        assert left["status"] == "importing" and MARK in left["tags"] and left["os_hidden"]
        second = start("image", **wish)
        while web.fetched(path) < 2:
            time.sleep(0.05)
    finally:
        web.go_on.set()
    done = second.result()
    assert not done.get("failed"), done["msg"]
    assert done["actions"][0].startswith(f"delete image {left['id']}")
    (image,) = probe.images(name=wish["name"])
    assert image["status"] == "active" and probe.data(image["id"]) == web.files[path]


def test_what_others_left_after_a_failed_import_is_named(
    run: Run, probe: Probe, web: Web, wish: dict[str, Any]
) -> None:
    other = probe.create(name=wish["name"])
    body = {"method": {"name": "web-download", "uri": f"{web.url}/nothing"}, "stores": ["slow"]}
    probe.http.post(f"{probe.url}/images/{other['id']}/import", json=body).raise_for_status()
    end = time.monotonic() + 300
    while "os_glance_import_task" in probe.http.get(f"{probe.url}/images/{other['id']}").json():
        assert time.monotonic() < end
        time.sleep(0.1)
    done = run("image", **wish)
    assert done["changed"]
    (warning,) = [str(warning) for warning in done["warnings"] if other["id"] in str(warning)]
    assert "import to slow failed" in warning
    probe.http.delete(f"{probe.url}/images/{other['id']}").raise_for_status()


def test_what_does_not_go_together_is_told_before_anybody_is_asked(run: Run, nobody: str, name: str) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "src: is missing"),
        ({"import_method": "web-download"}, "url: is missing"),
        ({"import_method": "web-download", "url": "ftp://x/y"}, "url: is not the address"),
        ({"import_method": "web-download", "url": "http://u:hunter2@x/y"}, "url: holds a user name or a password"),
        ({"import_method": "web-download", "url": "http://x/y", "src": "/x"}, "src: is for import_method upload"),
        ({"import_method": "copy-image"}, "stores: is missing"),
        ({"import_method": "glance-download", "glance_region": "b"}, "glance_image_id: is missing"),
        ({"src": "/x", "stores": ["a"], "all_stores": True}, "all_stores: contradicts stores"),
        ({"src": "/x", "checksum": "sha512:123"}, "checksum: is not a hash of sha512, which has 128"),
    ]
    for arguments, words in wrong:
        failed = run("image", nobody, name=name, **arguments)
        assert failed["failed"] and words in failed["msg"] and nobody not in failed["msg"], failed["msg"]
        assert "hunter2" not in failed["msg"]


def test_a_method_that_is_not_enabled_is_refused_before_anything_is_created(
    run: Run, probe: Probe, glance: Glance, name: str
) -> None:
    wish = {"name": name, "import_method": "glance-download", "glance_region": "b"}
    failed = run("image", **wish, glance_image_id="ee934448-0e2f-4799-9763-3a9f82081822")
    assert failed["failed"] and "glance-download is not enabled" in failed["msg"]
    assert "glance-direct, web-download, copy-image" in failed["msg"] and "glance_import_methods" in failed["msg"]
    assert probe.images(name=name) == []
