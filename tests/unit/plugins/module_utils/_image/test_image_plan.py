"""What is decided for an image, and that it converges from any state and after any kill."""

from __future__ import annotations

import copy
import itertools
from typing import IO, Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._image.apply import execute, steps
from ansible_collections.openimage.glance.plugins.module_utils._image.bring import Work
from ansible_collections.openimage.glance.plugins.module_utils._image.model import (
    MARK,
    Desired,
    desired,
    drift,
    hiding,
    problems,
    target,
    text,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.origin import FileOrigin
from ansible_collections.openimage.glance.plugins.module_utils._image.plan import (
    Plan,
    PlanError,
    absent,
    difference,
    predicted,
    present,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.watch import Limits, Watch
from hypothesis import given, settings
from hypothesis import strategies as st

WISH = Desired(name="n", disk_format="raw")
RIGHT = "right"


class Disk:
    """The source of the model below."""

    path, size = "/x", 5

    def open(self) -> IO[bytes]:
        return open("/dev/null", "rb")

    def digest(self, algorithm: str) -> str:
        return RIGHT


def image(number: str = "1", **changes: Any) -> dict[str, Any]:
    fields = {
        "id": number,
        "name": "n",
        "status": "active",
        "owner": "p",
        "size": 5,
        "disk_format": "raw",
        "container_format": "bare",
        "os_hash_algo": "sha512",
        "os_hash_value": RIGHT,
        "os_hidden": False,
        "visibility": "shared",
        "protected": False,
        "tags": [],
        "stores": "a",
        "created_at": f"2026-11-20T09:00:{int(number):02}Z",
    }
    return {**fields, **changes}


def decide(*images: dict[str, Any], want: Desired = WISH, project: str | None = "p") -> Plan:
    return present(want, images, FileOrigin(Disk()), project)  # type: ignore[arg-type]


def ids(images: Any) -> list[str]:
    return [found["id"] for found in images]


def test_nothing_there_means_a_hidden_and_marked_beginning() -> None:
    plan = decide()
    assert plan.create is not None and plan.changes
    assert (plan.create["os_hidden"], plan.create["tags"]) == (True, [MARK])


def test_the_right_image_needs_nothing() -> None:
    plan = decide(image())
    assert not plan.changes and plan.current is not None and plan.current["id"] == "1"


@pytest.mark.parametrize(
    "changes",
    [
        {"os_hash_value": "wrong"},
        {"size": 6},
        {"disk_format": "qcow2"},
        {"container_format": "ovf"},
        {"os_hash_value": None, "checksum": "wrong"},
        {"os_hash_value": None},
    ],
)
def test_other_content_is_replaced_and_hidden(changes: dict[str, Any]) -> None:
    plan = decide(image(**changes))
    assert plan.create is not None and ids(plan.hide) == ["1"] and not plan.delete


def test_without_a_multihash_the_checksum_decides() -> None:
    assert not decide(image(os_hash_algo=None, os_hash_value=None, checksum=RIGHT)).changes


def test_a_hash_is_not_computed_for_nothing() -> None:
    class Expensive(Disk):
        def digest(self, algorithm: str) -> str:
            raise AssertionError("the size already differs")

    assert present(WISH, [image(size=6)], FileOrigin(Expensive()), "p").create is not None  # type: ignore[arg-type]


def test_images_of_others_count_only_when_public_and_right() -> None:
    assert decide(image(owner="x")).create is not None
    assert decide(image(owner="x", visibility="public", os_hash_value="wrong")).hide == []
    assert decide(image(owner="x", visibility="public")).current is not None
    assert decide(image("1", owner="x", visibility="public"), image("2")).current == image("2")
    assert decide(image(owner="x"), project=None).current is not None, "without Keystone all belongs to all"


def test_ambiguity_is_an_error_that_names_the_images() -> None:
    wrong = [image(number, os_hash_value="wrong") for number in ("1", "2")]
    with pytest.raises(PlanError, match="1, 2"):
        decide(*wrong)
    with pytest.raises(PlanError, match="3, 4"):
        decide(image("3"), image("4"))
    plan = decide(*wrong, image("3"))
    assert not plan.changes and "1, 2" in plan.warnings[0]


def test_older_content_comes_back_without_an_upload() -> None:
    plan = decide(image("1", os_hidden=True), image("2", os_hash_value="new"))
    assert plan.create is None and plan.current is not None and plan.current["id"] == "1"
    assert plan.patch == [{"op": "replace", "path": "/os_hidden", "value": False}] and ids(plan.hide) == ["2"]


def test_an_image_hidden_on_purpose_stays_hidden() -> None:
    assert not decide(image(os_hidden=True)).changes
    assert not decide(image(os_hidden=True), want=Desired("n", "raw", hidden=True)).changes
    shown = decide(image(os_hidden=True), want=Desired("n", "raw", hidden=False))
    assert shown.patch == [{"op": "replace", "path": "/os_hidden", "value": False}]
    hidden = decide(image(), want=Desired("n", "raw", hidden=True))
    assert hidden.patch == [{"op": "replace", "path": "/os_hidden", "value": True}] and not hidden.hide


@pytest.mark.parametrize("status", ["queued", "saving", "importing", "uploading", "killed"])
def test_what_a_killed_run_left_is_removed_and_what_others_began_is_not(status: str) -> None:
    ours = image("1", status=status, os_hidden=True, tags=[MARK], size=None, os_hash_value=None)
    theirs = image("2", status=status, size=None, os_hash_value=None)
    plan = decide(ours, theirs)
    assert ids(plan.delete) == ["1"] and plan.create is not None
    assert "2" in plan.warnings[0] and status in plan.warnings[0]


def test_a_complete_upload_of_a_killed_run_is_used() -> None:
    plan = decide(image("1", os_hidden=True, tags=[MARK, "t"]), image("2", os_hash_value="old"))
    assert plan.create is None and not plan.delete and ids(plan.hide) == ["2"]
    assert {operation["path"]: operation["value"] for operation in plan.patch} == {"/os_hidden": False, "/tags": ["t"]}


def test_what_is_hidden_for_good_no_longer_counts_as_unfinished() -> None:
    # Published by a run that was killed before it took the tag away, and then the source changed.
    published = image(os_hash_value="old", tags=[MARK])
    plan = decide(published)
    assert ids(plan.hide) == ["1"] and not plan.delete
    assert patched(published, hiding(published))["tags"] == []


def test_missing_copies_are_made_and_others_stay() -> None:
    plan = decide(image(stores="a,c"), want=Desired("n", "raw", stores=["a", "b"]))
    assert plan.copy_to == ["b"] and plan.changes


def test_absent_takes_the_visible_image_and_the_broken_ones() -> None:
    broken = image("1", status="saving", os_hidden=True, tags=[MARK])
    plan = absent(WISH, [broken, image("2"), image("3", os_hidden=True), image("4", owner="x")], "p")
    assert ids(plan.delete) == ["1", "2"] and "3" in plan.warnings[0]
    assert predicted(plan, None) is None and difference(plan, None)["before"]["id"] == "2"
    hidden = absent(Desired("n", hidden=True), [image("2"), image("3", os_hidden=True)], "p")
    assert ids(hidden.delete) == ["3"]


def test_absent_does_not_guess_and_respects_protection() -> None:
    with pytest.raises(PlanError, match="1, 2"):
        absent(WISH, [image("1"), image("2")], "p")
    with pytest.raises(PlanError, match="protected"):
        absent(WISH, [image(protected=True)], "p")
    assert ids(absent(Desired("n", protected=False), [image(protected=True)], "p").delete) == ["1"]


def test_parameters_become_a_wish() -> None:
    params = {
        "name": "n",
        "visibility": None,
        "properties": {"a": True, "b": 1, "c": None, "d": "x"},
        "stores": ["s"],
        "src": "/x",
    }
    want = desired(params)
    assert want.properties == {"a": "true", "b": "1", "c": None, "d": "x"} and want.visibility is None
    assert text(1.5) == "1.5"


def test_wrong_wishes_are_all_named() -> None:
    want = Desired(
        "n",
        stores=["web", "x", "a", "a"],
        properties={"owner": "me", "os_hidden": "true", "os_glance_x": "1", "ok": "1"},
    )
    found = problems(want, [{"id": "a"}, {"id": "web", "read-only": "true"}])
    assert [line.partition(":")[0] for line in found] == [
        "properties.owner",
        "properties.os_hidden",
        "properties.os_glance_x",
        "stores[0]",
        "stores[1]",
        "stores[3]",
    ]
    assert "option hidden" in found[1]


# --- properties ---------------------------------------------------------------------------------------------------

names = st.sampled_from(["os_distro", "hw/x", "a~b"])
values = st.sampled_from(["1", "2", ""])
flags = st.sampled_from([None, True, False])
wishes = st.builds(
    Desired,
    name=st.just("n"),
    disk_format=st.just("raw"),
    visibility=st.sampled_from([None, "public", "private"]),
    protected=flags,
    hidden=flags,
    min_disk=st.sampled_from([None, 0, 1]),
    tags=st.sampled_from([None, [], ["t"], ["u", "t"]]),
    properties=st.dictionaries(names, st.one_of(st.none(), values)),
    stores=st.sampled_from([[], ["a"], ["b", "a"]]),
)


def patched(have: dict[str, Any], operations: Any) -> dict[str, Any]:
    have = dict(have)
    for operation in operations:
        name = operation["path"][1:].replace("~1", "/").replace("~0", "~")
        if operation["op"] == "remove":
            del have[name]
        else:
            assert (operation["op"] == "replace") == (name in have), operation
            have[name] = operation["value"]
    return have


@given(wishes, st.dictionaries(names, values), st.booleans())
def test_a_patch_gives_what_is_wished_and_a_second_is_empty(want: Desired, have: dict[str, str], mark: bool) -> None:
    before = image(tags=[MARK] if mark else ["old"], **have)
    after = patched(before, drift(before, target(want, before)))
    assert drift(after, target(want, after)) == []
    assert MARK not in after["tags"]


class Killed(Exception):
    """The run ends here, between two requests."""


class Model:
    """The image API as a model: it keeps images, counts requests and can end the client before any of them.

    The real one is asked in tests/api; here every order of kills can be tried.
    """

    def __init__(self, images: list[dict[str, Any]]) -> None:
        self.images = {found["id"]: copy.deepcopy(found) for found in images}
        self.numbers = itertools.count(50)
        self.lives = 0
        self.least_visible = 99

    def _live(self) -> None:
        visible = [found for found in self.images.values() if not found["os_hidden"] and found["status"] == "active"]
        self.least_visible = min(self.least_visible, len(visible))
        self.lives -= 1
        if self.lives == 0:
            raise Killed

    def create(self, fields: dict[str, Any]) -> dict[str, Any]:
        self._live()
        made = image(str(next(self.numbers)), status="queued", size=None, os_hash_value=None, stores="")
        self.images[made["id"]] = {**made, **fields}
        return self.images[made["id"]]

    def upload(self, image_id: str, data: Any, store: str | None, seconds: float) -> None:
        self.images[image_id]["status"] = "saving"
        self._live()
        self.images[image_id].update(status="active", size=5, os_hash_value=RIGHT, stores=store or "a")

    def get(self, image_id: str) -> dict[str, Any]:
        self._live()
        return copy.deepcopy(self.images[image_id])

    def patch(self, image_id: str, operations: Any) -> dict[str, Any]:
        self._live()
        self.images[image_id] = patched(self.images[image_id], operations)
        return copy.deepcopy(self.images[image_id])

    def delete(self, image_id: str) -> bool:
        self._live()
        assert MARK in self.images[image_id]["tags"], "nothing that was complete may be deleted"
        del self.images[image_id]
        return True

    def copy_to_stores(self, image_id: str, stores: list[str]) -> None:
        self._live()
        have = self.images[image_id]["stores"].split(",")
        self.images[image_id]["stores"] = ",".join([*have, *stores])


states = st.sampled_from(
    [
        [],
        [image()],
        [image(os_hash_value="old")],
        [image(os_hidden=True)],
        [image("1", os_hidden=True), image("2", os_hash_value="new")],
        [image(status="queued", os_hidden=True, tags=[MARK], size=None)],
    ]
)


@settings(max_examples=300, deadline=None)
@given(wishes, states, st.lists(st.integers(min_value=1, max_value=9), max_size=4))
def test_any_kills_end_in_the_wished_image(want: Desired, images: list[dict[str, Any]], kills: list[int]) -> None:
    model, disk = Model(images), FileOrigin(Disk())  # type: ignore[arg-type]
    begun_visible = any(not found["os_hidden"] and found["status"] == "active" for found in images)
    for lives in [*kills, 0]:
        model.lives = lives
        plan = present(want, copy.deepcopy(list(model.images.values())), disk, "p")
        try:
            execute(plan, Work(model, Watch(Limits(5, 5)), disk))  # type: ignore[arg-type]
        except Killed:
            continue
    now = list(model.images.values())
    assert all(MARK not in found["tags"] and found["status"] == "active" for found in now)
    again = present(want, copy.deepcopy(now), disk, "p")
    assert not again.changes, steps(again, disk)
    visible = [found for found in now if not found["os_hidden"]]
    if want.hidden is False:
        assert [found["os_hash_value"] for found in visible] == [RIGHT]
    if want.hidden is None and begun_visible:
        assert [found["os_hash_value"] for found in visible] == [RIGHT]
        assert model.least_visible >= 1, "at no moment users find none"
