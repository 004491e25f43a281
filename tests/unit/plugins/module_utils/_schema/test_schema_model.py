# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided about a schema."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._schema.model import (
    GLANCE_TABLES,
    Metadefs,
    State,
    decide,
    heal,
    predicted,
    state_from,
    unknown_state,
)
from hypothesis import given
from hypothesis import strategies as st

MARKER = {"digest": "d1"}
COMPLETE = Metadefs("/md", "d1", 3, [], [], MARKER)


def state(needs: str = "nothing", heads: list[str] | None = None, **more: object) -> State:
    """A state that is current unless told otherwise."""
    known = {"needs": needs, "heads": heads or [], "target": "2024_1_contract01", "tables": {}, "metadefs": None}
    return State(**{**known, **more})  # type: ignore[arg-type]


def commands(plan: object) -> list[str]:
    """The plan's steps in short."""
    return [" ".join(step.get("words", [step["do"]])) for step in plan.steps]  # type: ignore[attr-defined]


def test_nothing_to_do_is_nothing() -> None:
    for mode in ("sync", "expand", "migrate", "contract"):
        plan = decide(state(metadefs=COMPLETE), mode)
        assert (plan.steps, plan.actions, plan.refusal) == ([], [], "")


def test_empty_database_is_synced_and_loaded() -> None:
    metadefs = Metadefs("/md", "d1", 2, ["a", "b"], [], None)
    plan = decide(state("expand", metadefs=metadefs), "sync")
    assert commands(plan) == ["db sync", "forget", "db load_metadefs --path /md", "remember"]
    assert plan.actions[0] == "glance-manage db sync (the database is empty)"


@pytest.mark.parametrize(
    ("tables", "schema"),
    [
        ({}, "empty"),
        ({"alembic_version": True}, "empty"),
        ({"images": True, "alembic_version": True}, "interrupted"),
        ({"images": False}, "uncontrolled"),
        ({"images": True, "mine": None}, "uncontrolled"),
    ],
)
def test_schema_without_a_revision(tables: dict[str, bool | None], schema: str) -> None:
    assert state("expand", tables=tables).schema == schema


def test_interrupted_first_run_begins_again() -> None:
    plan = decide(state("expand", tables={"images": True, "alembic_version": True}), "sync")
    assert commands(plan) == ["drop", "db sync"]
    assert plan.steps[0]["tables"] == ["alembic_version", "images"]


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"images": False, "tasks": True}, "rows in images"),
        ({"images": True, "mine": None}, "also mine"),
        ({"users": None, "alembic_version": False}, "tables of other software (users)"),
    ],
)
@pytest.mark.parametrize("mode", ["sync", "expand"])
def test_what_could_lose_rows_is_refused(tables: dict[str, bool | None], says: str, mode: str) -> None:
    plan = decide(state("expand", tables=tables, metadefs=COMPLETE), mode)
    assert plan.steps == []
    assert says in plan.refusal and "To do:" in plan.refusal


@given(
    tables=st.dictionaries(st.sampled_from([*sorted(GLANCE_TABLES), "other"]), st.sampled_from([True, False])),
    heads=st.lists(st.sampled_from(["liberty", "wallaby_contract01"]), max_size=1),
    table=st.sampled_from(sorted(GLANCE_TABLES)),
    mode=st.sampled_from(["sync", "expand", "migrate", "contract"]),
)
def test_no_table_with_a_row_is_ever_dropped(tables: dict[str, bool], heads: list[str], table: str, mode: str) -> None:
    """Neither by plan nor by healing; nor one that is not Glance's."""
    seen = {name: None if name == "other" else empty for name, empty in tables.items()}
    now = state("expand", heads, tables=seen)
    for plan in (decide(now, mode), heal(now, table)):
        for step in plan.steps:
            for name in step.get("tables", []):
                assert name == "alembic_version" or seen[name] is True


def test_healing_needs_a_revision_or_an_empty_database() -> None:
    used = {"images": False, "node_reference": True}
    assert heal(state("expand", ["z"], tables=used), "node_reference").steps[0]["tables"] == ["node_reference"]
    assert heal(state("expand", [], tables=used), "node_reference").steps == []
    assert heal(state("expand", ["z"], tables=used), "images").steps == []
    assert heal(state("expand", ["z"], tables=used), "").steps == []
    assert heal(state("expand", ["z"], tables={"images": True}), "").steps[0]["tables"] == ["images"]


@pytest.mark.parametrize(
    ("needs", "mode", "expected"),
    [
        ("expand", "expand", ["db expand"]),
        ("migrate", "expand", []),
        ("contract", "expand", []),
        ("migrate", "migrate", ["db migrate"]),
        ("contract", "migrate", []),
        ("contract", "contract", ["db contract"]),
        ("unknown", "contract", ["db contract"]),
    ],
)
def test_phases_in_their_turn(needs: str, mode: str, expected: list[str]) -> None:
    plan = decide(state(needs, ["x"], tables={"images": False}), mode)
    assert commands(plan) == expected and not plan.refusal


@pytest.mark.parametrize(("needs", "mode"), [("expand", "migrate"), ("expand", "contract"), ("migrate", "contract")])
def test_phase_before_its_turn(needs: str, mode: str) -> None:
    now = state(needs, ["x"], tables={"images": False})
    assert f"mode={needs}" in decide(now, mode).refusal
    assert commands(decide(now, mode, check_mode=True)) == [f"db {mode}"]


def test_phases_before_the_last_leave_the_definitions() -> None:
    metadefs = Metadefs("/md", "d2", 3, [], [], MARKER)
    now = state("expand", ["x"], tables={"images": False}, metadefs=metadefs)
    assert commands(decide(now, "expand")) == ["db expand"]
    ready = state("contract", ["x"], tables={"images": False}, metadefs=metadefs)
    assert commands(decide(ready, "contract"))[1:] == [
        "forget",
        "db load_metadefs --merge --prefer_new --path /md",
        "remember",
    ]


@pytest.mark.parametrize(
    ("missing", "incomplete", "marker", "expected"),
    [
        ([], [], MARKER, []),
        ([], ["n: tag t"], MARKER, []),  # somebody took it out
        (["n"], [], MARKER, ["forget", "db load_metadefs --merge --path /md", "remember"]),
        ([], ["n: tag t"], None, ["forget", "db load_metadefs --merge --path /md", "remember"]),  # cut off
        (["n"], ["m: tag t"], None, ["forget", "db load_metadefs --merge --path /md", "remember"]),
        ([], [], None, ["remember"]),
        (["l", "m", "n"], [], MARKER, ["forget", "db load_metadefs --path /md", "remember"]),  # a new database
        ([], [], {"digest": "old"}, ["forget", "db load_metadefs --merge --prefer_new --path /md", "remember"]),
    ],
)
def test_definitions(
    missing: list[str], incomplete: list[str], marker: dict[str, str] | None, expected: list[str]
) -> None:
    plan = decide(state(metadefs=Metadefs("/md", "d1", 3, missing, incomplete, marker)), "sync")
    assert commands(plan) == expected
    assert bool(plan.actions) == bool(expected)


def test_prediction_is_what_the_real_run_reaches() -> None:
    metadefs = Metadefs("/md", "d1", 2, ["a", "b"], [], None)
    before = state("expand", metadefs=metadefs)
    reached = state(heads=["2024_1_contract01"], metadefs=Metadefs("/md", "d1", 2, [], [], MARKER))
    assert predicted(before, decide(before, "sync"), "sync") == reached.shown()


def test_fresh_host_predicts_everything() -> None:
    plan = decide(unknown_state(True), "sync", check_mode=True)
    assert [action.split(" (")[0] for action in plan.actions] == [
        "glance-manage db sync",
        "glance-manage db load_metadefs",
    ]
    assert unknown_state(True).shown()["schema"] == "unknown"
    assert predicted(unknown_state(True), plan, "sync")["needs"] == "nothing"
    assert commands(decide(unknown_state(False), "sync", check_mode=True)) == ["db sync"]


def test_state_from_an_answer() -> None:
    told = {"path": "/md", "digest": "d", "total": 2, "missing": ["a"], "incomplete": []}
    seen = {"check": 5, "heads": ["e"], "target": "c", "tables": {"images": False}, "metadefs": told, "marker": None}
    found = state_from(seen)
    assert found.shown() == {
        "schema": "outdated",
        "needs": "contract",
        "revisions": ["e"],
        "metadefs": "1 of 2 namespaces",
        "metadefs_digest": "",
    }
    assert state_from({**seen, "metadefs": None}).metadefs is None
