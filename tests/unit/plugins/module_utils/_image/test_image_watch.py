"""Waiting for an import: it always ends, and tells what it saw."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._image.watch import (
    LOCK,
    LOCK_SECONDS,
    Limits,
    StillRunning,
    Watch,
    reason,
)

TASK = {"id": "t", "status": "processing", "message": "", "created_at": "2", "request_id": "req-1"}


class Clock:
    """Time that passes only by sleeping."""

    now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Glance:
    """An import that goes through states of its image and task, each for some polls; the last one stays."""

    def __init__(self, *states: tuple[int, dict[str, Any], dict[str, Any]]) -> None:
        self.states = [state for count, *state in states for _time in range(count)]
        self.asked = 0

    def get(self, image_id: str) -> dict[str, Any]:
        self.asked += 1
        return self._now()[0]

    def tasks(self, image_id: str) -> list[dict[str, Any]]:
        return [{**TASK, "id": "old", "created_at": "1"}, {**TASK, **self._now()[1]}]

    def _now(self) -> Any:
        image, task = self.states[min(self.asked, len(self.states) - 1)]
        return {"id": "1", "status": "importing", LOCK: "t", **image}, task


def watched(glance: Glance, limits: tuple[float, float] = (600, 60)) -> tuple[Watch, Clock, Any]:
    clock = Clock()
    watch = Watch(Limits(*limits), clock, clock.sleep)
    return watch, clock, lambda: watch.until_idle(glance, glance._now()[0])  # type: ignore[arg-type]


DONE = (1, {"status": "active", "stores": "a,b", LOCK: None}, {"status": "success"})


def test_progress_is_told_once_for_each_change() -> None:
    glance = Glance(
        (5, {"os_glance_importing_to_stores": "a,b"}, {}),
        (5, {"os_glance_importing_to_stores": "a,b"}, {"message": "Copied 640 MiB"}),
        (5, {"os_glance_importing_to_stores": "b", "stores": "a"}, {"message": "Copied 640 MiB"}),
        DONE,
    )
    watch, _clock, wait = watched(glance)
    assert wait()["status"] == "active"
    assert [line.partition(" s: ")[2] for line in watch.progress] == [
        "image importing, still to a,b",
        "image importing, Copied 640 MiB, still to a,b",
        "image importing, Copied 640 MiB, in a, still to b",
        "image active, in a,b",
    ]


def test_nothing_is_waited_for_where_nothing_runs() -> None:
    glance = Glance(DONE)
    _watch, clock, wait = watched(glance)
    assert wait()["stores"] == "a,b" and clock.now == 100 and not glance.asked


def test_an_import_that_stands_still_ends_long_before_the_time_is_over() -> None:
    _watch, clock, wait = watched(Glance((1, {}, {})))
    with pytest.raises(StillRunning, match=r"no progress for 60 s.*Seen last: 0 s: image importing"):
        wait()
    assert 160 <= clock.now < 165


def test_an_import_that_goes_on_and_on_ends_when_the_time_is_over() -> None:
    states = [(3, {}, {"message": f"Copied {number} MiB"}) for number in range(1000)]
    _watch, clock, wait = watched(Glance(*states), (300, 60))
    with pytest.raises(StillRunning, match="not finished after 300 s"):
        wait()
    assert 400 <= clock.now < 405


def test_a_lock_that_a_failed_task_left_is_not_waited_for() -> None:
    failed = (99, {"status": "queued", "os_glance_failed_import": "full"}, {"status": "failure"})
    watch, clock, wait = watched(Glance((2, {}, {}), failed))
    assert wait()["status"] == "queued" and clock.now < 105
    assert watch.culprits == ["full"] and watch.progress[-1].endswith("failed in full")


def test_a_lock_that_a_task_keeps_after_its_success_is_not_waited_for_long() -> None:
    _watch, clock, wait = watched(Glance((99, {"status": "active", "stores": "a"}, {"status": "success"})))
    assert wait()["status"] == "active" and clock.now - 100 < LOCK_SECONDS + 5


def test_who_failed_first_is_remembered() -> None:
    glance = Glance(
        (2, {"os_glance_failed_import": "full"}, {}),
        (1, {"status": "queued", "os_glance_failed_import": "full,slow", LOCK: None}, {"status": "failure"}),
    )
    watch, _clock, wait = watched(glance)
    wait()
    assert watch.culprits == ["full"]


def test_the_reason_names_the_task_and_what_glance_says() -> None:
    silent = Glance((1, {}, {"status": "failure", "message": "Task failed due to Internal Error"}))
    assert "request req-1" in reason(silent, "1") and "task t" in reason(silent, "1")  # type: ignore[arg-type]
    told = Glance((1, {}, {"status": "failure", "message": "Resource limit reached."}))
    assert reason(told, "1").startswith("Resource limit reached (look for task t")  # type: ignore[arg-type]
