"""store_canary against a real Glance."""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from glance_probe import Probe
from glance_server import Glance, Store, running
from module_process import Run, Start
from web_server import Web

TAG = "openimage-glance-canary"
# Four of them have room on a small disk.
SMALL = 1 << 15
STAGING = {"id": "os_glance_staging_store", "staging": True}


@pytest.fixture(autouse=True)
def nothing_is_left(probe: Probe) -> Any:
    yield
    assert probe.images(tag=TAG) == []


def line(result: dict[str, Any], store: str, node: str) -> dict[str, Any]:
    found = [line for line in result["results"] if (line["store"], line["node"]) == (store, node)]
    assert len(found) == 1
    return dict(found[0])


def test_good_stores_are_proven_through_every_node(run: Run, glance: Glance) -> None:
    nodes = {"one": glance.url, "two": f"{glance.url}/v2"}
    stores = [{"id": "fast"}, {"id": "slow"}, {"id": "web", "read_only": True}]
    result = run("store_canary", endpoints=nodes, stores=stores)
    assert not result.get("failed"), result["msg"]
    assert result["ok"] and not result["changed"] and result["removed"] == []
    places = [(found["store"], found["node"]) for found in result["results"]]
    assert places == [(store["id"], node) for store in stores for node in nodes]
    for found in result["results"]:
        assert found["step"] is None
        if found["store"] == "web":
            assert (found["read_only"], found["size"], found["ok"], found["level"]) == (True, 0, None, "readable")
            assert "not tried: it has no probe" in found["message"]
        else:
            assert found["ok"] and found["level"] == "writable"
            assert found["size"] == 1048576 and found["seconds"] > 0


def staged(glance: Glance) -> list[str]:
    return sorted(path.name for path in (glance.home / "staging").iterdir())


def test_the_staging_store_is_proven_and_left_empty(run: Run, glance: Glance) -> None:
    result = run("store_canary", endpoints={"one": glance.url}, stores=[{"id": "fast"}, STAGING])
    assert not result.get("failed"), result["msg"]
    found = line(result, STAGING["id"], "one")
    assert (found["ok"], found["level"], found["size"], found["step"]) == (True, "writable", 1048576, None)
    assert "staged and deleted" in found["message"] and staged(glance) == []


def test_a_staging_directory_that_has_gone_is_named_while_the_stores_work(run: Run, glance: Glance) -> None:
    directory = glance.home / "staging"
    directory.rename(glance.home / "elsewhere")
    try:
        result = run("store_canary", endpoints={"one": glance.url}, stores=[{"id": "fast"}, STAGING])
    finally:
        (glance.home / "elsewhere").rename(directory)
    assert line(result, "fast", "one")["ok"]
    found = line(result, STAGING["id"], "one")
    assert (found["ok"], found["step"]) == (False, "stage")
    assert "1 of 2 proofs" in result["msg"] and "glance_staging_path" in result["msg"]


def test_nothing_is_staged_where_users_cannot(run: Run, glance: Glance, tmp_path: Path) -> None:
    place = tmp_path / "node"
    with running(Glance(glance.venv, place, [Store("fast")], methods=("web-download",)), default="fast") as node:
        result = run("store_canary", node.url, endpoints={"one": node.url}, stores=[{"id": "fast"}, STAGING])
    assert not result.get("failed"), result["msg"]
    found = line(result, STAGING["id"], "one")
    assert found["ok"] is None and "does not offer the import method glance-direct" in found["message"]


def test_what_was_staged_by_a_killed_run_is_removed(run: Run, start: Start, probe: Probe, glance: Glance) -> None:
    target: dict[str, Any] = {"endpoints": {"one": glance.url}, "stores": [STAGING], "timeout": 1}
    killed = start("store_canary", **{**target, "size": 1 << 40, "timeout": 60})
    while not staged(glance):
        time.sleep(0.05)
    killed.kill()
    (left,) = [image["id"] for image in probe.images(tag=TAG)]
    time.sleep(2.5)  # until its age is over twice the timeout, by Glance's clock
    result = run("store_canary", **target, leftover_age=1)
    assert result["removed"] == [left] and staged(glance) == []


@pytest.fixture(scope="module")
def twin(glance: Glance, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glance]:
    """Return a second node: database and the store fast are those of the first, the disk of slow is its own."""
    stores = [Store(store, path=glance.home / store) for store in ("fast", "slow")]
    database = {"database": {"connection": f"sqlite:///{glance.home}/glance.sqlite?timeout=60"}}
    home, disk = tmp_path_factory.mktemp("twin"), str(glance.home / "slow")
    with running(Glance(glance.venv, home, stores, tmpfs=disk, sections=database), default="fast") as server:
        yield server


def test_a_shared_store_is_read_through_another_node_too(run: Run, glance: Glance, twin: Glance) -> None:
    nodes = {"one": glance.url, "two": twin.url}
    stores = [{"id": "fast", "shared": True}, {"id": "slow"}]
    result = run("store_canary", endpoints=nodes, stores=stores, size=SMALL)
    # Each node by itself can use the store slow, and nobody has said that it is one for both.
    assert not result.get("failed"), result["msg"]
    for node, other in (("one", "two"), ("two", "one")):
        assert f"read back, also through {other}, compared" in line(result, "fast", node)["message"]
        assert "through" not in line(result, "slow", node)["message"]
    alone = run("store_canary", endpoints={"two": twin.url}, stores=[{"id": "slow", "shared": True}], size=SMALL)
    assert alone["ok"] and "through" not in line(alone, "slow", "two")["message"]


def test_a_store_that_is_called_shared_and_is_not_is_found_out(run: Run, glance: Glance, twin: Glance) -> None:
    nodes = {"one": glance.url, "two": twin.url}
    stores = [{"id": "fast", "shared": True}, {"id": "slow", "shared": True}]
    result = run("store_canary", endpoints=nodes, stores=stores, size=SMALL)
    assert result["failed"] and "2 of 4 proofs" in result["msg"]
    for node, other in (("one", "two"), ("two", "one")):
        assert line(result, "fast", node)["ok"]
        found = line(result, "slow", node)
        assert (found["ok"], found["step"]) == (False, "share"), found["message"]
        assert f"node {other} does not find what node {node} stored" in found["message"]
        assert "mount one filesystem at the path of store slow on both" in found["message"]


def test_a_dead_node_is_not_asked_for_what_others_stored(run: Run, glance: Glance, twin: Glance, nobody: str) -> None:
    nodes = {"one": glance.url, "dead": nobody, "two": twin.url}
    result = run("store_canary", endpoints=nodes, stores=[{"id": "fast", "shared": True}], fail_on_error=False)
    assert [found["ok"] for found in result["results"]] == [True, False, True]
    assert "also through two" in line(result, "fast", "one")["message"]
    assert line(result, "fast", "dead")["step"] == "reach"


def test_a_read_only_store_is_proven_by_reading(run: Run, glance: Glance, web: Web, name: str) -> None:
    data = web.offer(f"/{name}", 2_000_000)
    nodes = {"one": glance.url, "two": f"{glance.url}/v2"}
    probe = {"url": f"{web.url}/{name}", "checksum": web.sha512(f"/{name}")}
    for given in (probe, {"url": probe["url"]}):
        stores = [{"id": "slow"}, {"id": "web", "read_only": True, "probe": given}]
        result = run("store_canary", endpoints=nodes, stores=stores)
        assert not result.get("failed"), result["msg"]
        for node in nodes:
            found = line(result, "web", node)
            assert (found["ok"], found["level"], found["size"]) == (True, "readable", len(data))
            assert "read through Glance and compared" in found["message"]
    assert run("store_canary", endpoints={"one": glance.member_url}, stores=[{**stores[1], "probe": probe}])["ok"]
    assert web.files[f"/{name}"] == data


def test_what_a_read_only_store_cannot_read_is_explained(run: Run, glance: Glance, web: Web, name: str) -> None:
    web.offer(f"/{name}")
    wrong = {"url": f"{web.url}/{name}", "checksum": "sha512:" + "0" * 128}
    cases = [
        ({"url": f"{web.url}/nothing"}, "locate", "can node one reach it"),
        ({"url": "http://127.0.0.1:1/x"}, "locate", "curl -I"),
        ({"url": "http://127.0.0.1:8099/x"}, "locate", "[import_filtering_opts]"),
        (wrong, "compare", "0" * 128),
    ]
    for given, step, words in cases:
        stores = [{"id": "web", "read_only": True, "probe": given}, {"id": "fast"}]
        result = run("store_canary", endpoints={"one": glance.url}, stores=stores)
        assert result["failed"] and "level readable" in result["msg"] and words in result["msg"], result["msg"]
        assert line(result, "web", "one")["step"] == step and line(result, "fast", "one")["ok"]
    bad = run("store_canary", endpoints={"one": glance.url}, stores=[{"id": "web", "probe": {"url": "x"}}])
    assert bad["failed"] and "stores[0].probe.url" in bad["msg"]


def test_reading_ends_in_time_too(run: Run, glance: Glance, web: Web, name: str) -> None:
    web.offer(f"/{name}")
    web.go_on.clear()

    def let_it_end() -> None:
        """Let Glance's own reading end, without which it does not delete the image, when the canary's time is over."""
        while not web.fetched(f"/{name}") and not ended.is_set():
            time.sleep(0.05)
        ended.wait(12)
        web.go_on.set()

    ended = threading.Event()
    wakes = threading.Thread(target=let_it_end)
    wakes.start()
    stores = [{"id": "web", "read_only": True, "probe": {"url": f"{web.url}/{name}"}}]
    try:
        result = run("store_canary", endpoints={"one": glance.url}, stores=stores, timeout=8)
        assert result["failed"] and "not finished after 8 s" in result["msg"]
        assert "could not be removed" not in result["msg"]
    finally:
        ended.set()
        web.go_on.set()
        wakes.join()


def test_a_listed_store_that_cannot_be_written_fails_with_node_level_and_reason(run: Run) -> None:
    listed = run("stores_info")
    assert "broken" in [store["id"] for store in listed["stores"]], "Glance lists the store, and even describes it"

    result = run("store_canary", endpoints={}, stores=[{"id": "fast"}, {"id": "broken"}])

    assert result["failed"] and not result["ok"]
    assert [(found["store"], found["ok"]) for found in result["results"]] == [("fast", True), ("broken", False)]
    broken = result["results"][1]
    assert (broken["step"], broken["status"]) == ("write", 410)
    assert f"store broken, node {broken['node']}, level writable" in result["msg"]
    assert "Adding images to store is disabled" in result["msg"] and "restart glance-api" in result["msg"]


@pytest.mark.parametrize("size", [1 << 20, 64 << 20])
def test_a_full_disk_is_named(run: Run, glance: Glance, size: int) -> None:
    result = run("store_canary", endpoints={"one": glance.url}, stores=[{"id": "full"}], size=size)
    assert result["failed"]
    assert line(result, "full", "one")["status"] == 413
    assert "media is full" in result["msg"] and "free or add space" in result["msg"]


def test_a_store_that_the_node_does_not_know_is_named(run: Run, glance: Glance) -> None:
    result = run("store_canary", endpoints={"one": glance.url}, stores=[{"id": "ceph-0"}])
    assert line(result, "ceph-0", "one")["status"] == 400
    assert "without store ceph-0 in enabled_backends" in result["msg"]


def test_a_directory_that_has_gone_is_an_error_of_that_store_only(run: Run, glance: Glance) -> None:
    directory = glance.home / "doomed"
    shutil.rmtree(directory)
    try:
        result = run("store_canary", endpoints={"one": glance.url}, stores=[{"id": "doomed"}, {"id": "slow"}])
    finally:
        directory.mkdir()
    assert not line(result, "doomed", "one")["ok"] and line(result, "slow", "one")["ok"]
    assert "1 of 2 proofs" in result["msg"] and "log of glance-api" in result["msg"]


def test_a_node_that_is_down_fails_alone(run: Run, glance: Glance, nobody: str) -> None:
    result = run(
        "store_canary",
        endpoints={"down": nobody, "up": glance.url},
        stores=[{"id": "fast"}, {"id": "slow"}],
        fail_on_error=False,
    )
    assert not result.get("failed") and not result["ok"]
    assert {found["node"]: found["ok"] for found in result["results"]} == {"down": False, "up": True}
    down = line(result, "fast", "down")
    assert down["step"] == "reach" and nobody in down["message"]


def test_a_member_can_prove_stores_too(run: Run, glance: Glance) -> None:
    assert run("store_canary", endpoints={"one": glance.member_url}, stores=[{"id": "slow"}])["ok"]


def test_check_mode_asks_nobody_and_says_so(run: Run, nobody: str) -> None:
    result = run("store_canary", nobody, check=True, endpoints={"one": nobody}, stores=[{"id": "fast"}])
    assert not result.get("failed") and not result["changed"] and result["ok"] is None
    assert [found["ok"] for found in result["results"]] == [None]
    assert "check mode" in result["results"][0]["message"]


def test_a_canary_ends_in_time_and_cleans_up(run: Run, glance: Glance) -> None:
    result = run("store_canary", endpoints={"one": glance.url}, stores=[{"id": "slow"}], size=1 << 40, timeout=10)
    assert result["failed"] and "not finished after 10 s" in result["msg"]
    assert line(result, "slow", "one")["step"] == "write"


def test_what_a_killed_run_left_is_removed_and_nothing_else(
    run: Run, start: Start, probe: Probe, glance: Glance, name: str
) -> None:
    target: dict[str, Any] = {"endpoints": {"one": glance.url}, "stores": [{"id": "slow"}], "timeout": 1}
    bystanders = [
        probe.create(name=name, tags=[TAG]),
        probe.create(name=f"openimage-glance-canary-{uuid.uuid4()}"),
    ]
    killed = start("store_canary", **{**target, "size": 1 << 40, "timeout": 60})
    while len(probe.images(tag=TAG)) < 2:
        time.sleep(0.05)
    killed.kill()
    (left,) = [image["id"] for image in probe.images(tag=TAG) if image["name"] != name]

    young = run("store_canary", **target)
    assert young["removed"] == [], "another run may still be using it"
    time.sleep(2.5)  # until its age is over twice the timeout, by Glance's clock
    result = run("store_canary", **target, leftover_age=1)

    assert result["changed"] and result["removed"] == [left]
    known = {image["id"] for image in probe.images()}
    assert left not in known
    for image in bystanders:
        assert image["id"] in known
        probe.http.delete(f"{probe.url}/images/{image['id']}").raise_for_status()
