"""What is called proven, and how a person reads it."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._verify.proof import failures, proofs
from ansible_collections.openimage.glance.plugins.module_utils._verify.table import render, size

EXPECTED = [
    {"id": "local", "type": "file", "default": True},
    {"id": "web", "type": "http", "default": False},
]
GOOD = {"levels": {"declared": "ok", "loaded": "ok"}, "differences": []}


def canary(store: str, node: str = "api1", ok: bool | None = True, read_only: bool = False) -> dict:
    return {"store": store, "node": node, "ok": ok, "read_only": read_only, "seconds": 0.5, "message": f"about {store}"}


def test_all_is_proven() -> None:
    rows = proofs(EXPECTED, {"api1": GOOD}, [canary("local"), canary("web", ok=None, read_only=True)])
    assert [(row["id"], row["declared"], row["loaded"], row["writable"]) for row in rows] == [
        ("local", True, True, True),
        ("web", True, True, None),
    ]
    assert failures({"stores": rows}) == []


def test_unwritable_store_is_named_with_node_level_and_reason() -> None:
    rows = proofs(EXPECTED, {"api1": GOOD}, [canary("local", ok=False), canary("web", ok=None, read_only=True)])
    assert failures({"stores": rows}) == ["Store local on api1 failed at level writable: about local"]


def test_difference_counts_only_for_its_level_store_and_node() -> None:
    missing = {"store": "local", "level": "loaded", "message": "did not load"}
    infos = {"api1": GOOD, "api2": {"levels": {"declared": "ok", "loaded": "different"}, "differences": [missing]}}
    rows = proofs(EXPECTED, infos, [canary(store, node) for store in ("local", "web") for node in infos])
    assert [row["loaded"] for row in rows] == [True, True, False, True]
    assert failures({"stores": rows}) == ["Store local on api2 failed at level loaded: did not load"]


def test_failure_without_a_store_concerns_all() -> None:
    infos = {
        "api1": {
            "levels": {"declared": "ok", "loaded": "failed"},
            "differences": [{"store": "", "level": "loaded", "message": "500"}],
        }
    }
    assert [row["loaded"] for row in proofs(EXPECTED, infos, [])] == [False, False]


def test_level_that_the_release_does_not_offer_is_neither_proven_nor_failed() -> None:
    infos = {"api1": {"levels": {"declared": "ok", "loaded": "not offered"}, "differences": []}}
    rows = proofs(EXPECTED, infos, [canary("local")])
    assert [row["loaded"] for row in rows] == [None, None]


def test_store_without_a_canary_is_not_called_writable() -> None:
    assert proofs(EXPECTED, {"api1": GOOD}, [])[0]["writable"] is None


def test_reserved_store_is_tried_on_each_node_and_compared_with_nothing() -> None:
    whole = {"store": "", "level": "loaded", "message": "500"}
    infos = {"api1": GOOD, "api2": {"levels": {"declared": "ok", "loaded": "failed"}, "differences": [whole]}}
    staging = [canary("os_glance_staging_store", node, ok=node == "api2") for node in infos]
    rows = [row for row in proofs(EXPECTED, infos, staging) if row["id"] == "os_glance_staging_store"]
    assert [(row["node"], row["type"], row["declared"], row["loaded"], row["writable"]) for row in rows] == [
        ("api1", "file", None, None, False),
        ("api2", "file", None, None, True),
    ]
    assert failures({"stores": rows}) == [
        "Store os_glance_staging_store on api1 failed at level writable: about os_glance_staging_store"
    ]


def report() -> dict:
    rows = proofs(EXPECTED, {"api1": GOOD}, [canary("local", ok=False), canary("web", ok=None, read_only=True)])
    image = {"name": "seed", "id": "1-2", "size": 65536, "visibility": "public", "stores": "local"}
    return {
        "release": "2026.2",
        "method": "venv",
        "endpoints": {"public": "http://h:9292"},
        "nodes": {"api1": "http://h:9292"},
        "stores": rows,
        "images": [image],
    }


def test_table_shows_release_results_and_sizes() -> None:
    text = "\n".join(line.text for line in render(report()))
    assert "Glance 2026.2, from PyPI" in text
    line = next(line for line in text.splitlines() if "local (default)" in line)
    assert line.split() == ["local", "(default)", "file", "api1", "yes", "yes", "NO", "0.50", "s"]
    assert "64.0 KiB" in text


def test_columns_are_aligned() -> None:
    lines = [line.text for line in render(report())]
    start = lines.index("Stores") + 1
    head = lines[start]
    assert all(line.index("api1") == head.index("node") for line in lines[start + 1 : start + 3])


def test_line_of_a_store_says_whether_it_is_proven() -> None:
    infos = {"api1": GOOD, "api2": {}}
    rows = proofs(EXPECTED, infos, [canary("local", ok=False), canary("web", ok=None, read_only=True)])
    outcomes = {tuple(line.text.split()[:-5]): line.proven for line in render({"stores": rows})}
    assert outcomes[("local", "(default)", "file", "api1")] is False
    assert outcomes[("web", "http", "api1")] is True
    assert outcomes[("web", "http", "api2")] is None


def test_report_of_a_run_that_only_seeded_has_only_images() -> None:
    assert render({"images": report()["images"]})[0].text == "Images"


@pytest.mark.parametrize(
    ("missing", "changed"),
    [
        ("release", []),
        ("method", ["Glance 2026.2"]),
        ("endpoints", []),
        ("nodes", []),
        ("stores", []),
        ("images", []),
    ],
)
def test_table_leaves_out_what_the_report_lacks(missing: str, changed: list[str]) -> None:
    part = {key: value for key, value in report().items() if key != missing}
    # The widths of the columns may differ.
    whole, lines = ([" ".join(line.text.split()) for line in render(given)] for given in (report(), part))
    assert lines != whole
    assert [line for line in lines if line not in whole] == changed


def test_sizes() -> None:
    assert [size(count) for count in (0, 1023, 1024, 5 * 1024**3)] == ["0 B", "1023 B", "1.0 KiB", "5.0 GiB"]


def test_a_read_only_store_is_proven_by_reading_and_fails_by_that_name() -> None:
    rows = proofs(EXPECTED, {"api1": GOOD}, [canary("local"), canary("web", read_only=True)])
    assert rows[1]["writable"] is True and rows[1]["read_only"]
    line = next(line.text for line in render({"stores": rows}) if "web" in line.text)
    assert line.split()[-3:] == ["read", "0.50", "s"]
    rows = proofs(EXPECTED, {"api1": GOOD}, [canary("local"), canary("web", ok=False, read_only=True)])
    assert failures({"stores": rows}) == ["Store web on api1 failed at level readable: about web"]
