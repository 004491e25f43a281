"""The parts of a canary: its content, its leftovers, what its failures mean."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import CHUNK
from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import DeadlineError, ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify import canary as canary_module
from ansible_collections.openimage.glance.plugins.module_utils._verify.canary import (
    NAME_PREFIX,
    TAG,
    Content,
    Target,
    Witness,
    fly,
    result,
)
from ansible_collections.openimage.glance.plugins.module_utils._verify.diagnosis import advice
from ansible_collections.openimage.glance.plugins.module_utils._verify.flock import following, summary, targets
from ansible_collections.openimage.glance.plugins.module_utils._verify.leftovers import parse_time, stale
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.utc)


@given(st.integers(min_value=1, max_value=3 * CHUNK))
def test_the_content_has_its_size_and_digest_and_is_made_in_pieces(size: int) -> None:
    content = Content(size)
    pieces = list(content.pieces())
    data = b"".join(pieces)
    assert len(data) == size and max(map(len, pieces)) <= CHUNK
    assert hashlib.sha512(data).hexdigest() == content.digest
    assert data[510:512] in (b"\0\0", b"\0", b""), "never a partition table by chance"


def test_the_content_cannot_be_compressed() -> None:
    data = b"".join(Content(1 << 20).pieces())
    assert len(zlib.compress(data)) > len(data) * 0.99


class Deletions:
    """An image API that answers deletions as told."""

    def __init__(self, *answers: ImageApiError | None) -> None:
        self.answers = list(answers)

    def delete(self, image_id: str) -> bool:
        answer = self.answers.pop(0)
        if answer:
            raise answer
        return True


IN_USE = ImageApiError("DELETE /v2/images/1", 500, "Failed to delete volume: it is in use")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary_module, "PAUSES", (0.0, 0.0))


def test_an_image_is_deleted_once_its_store_lets_go_of_it() -> None:
    api: Any = Deletions(IN_USE, ImageApiError("DELETE /v2/images/1", 409, "in use"), None)
    canary_module.delete(api, "1")
    assert api.answers == []


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        # Until the time is over; something else; nothing before the time is over.
        ([*[IN_USE] * 20, DeadlineError("DELETE /v2/images/1", 3), None], "answered HTTP 500"),
        ([ImageApiError("DELETE /v2/images/1", 403, "forbidden"), None], "answered HTTP 403"),
        ([DeadlineError("DELETE /v2/images/1", 3), None], "not finished after 3 s"),
    ],
)
def test_what_cannot_be_deleted_is_told_in_glances_words(answers: list[ImageApiError | None], left: str) -> None:
    api: Any = Deletions(*answers)
    with pytest.raises(ImageApiError, match=left):
        canary_module.delete(api, "1")
    assert api.answers == [None]


def canary(**changes: Any) -> dict[str, Any]:
    image = {"id": "1", "name": f"{NAME_PREFIX}1", "tags": [TAG], "owner": "p", "created_at": "2026-11-20T08:00:00Z"}
    return {**image, **changes}


@pytest.mark.parametrize(
    ("changes", "project", "ids"),
    [
        ({}, "p", ["1"]),
        ({}, None, ["1"]),
        ({"owner": "other"}, "p", []),
        ({"name": "debian"}, "p", []),
        ({"name": None}, "p", []),
        ({"tags": []}, "p", []),
        ({"created_at": "2026-11-20T08:51:00Z"}, "p", []),
        ({"created_at": "2026-11-20T08:50:00Z"}, "p", ["1"]),
    ],
)
def test_only_old_canaries_of_our_own_are_stale(changes: dict[str, Any], project: str | None, ids: list[str]) -> None:
    assert stale([canary(**changes)], NOW, timedelta(minutes=10), project) == ids


def test_times_of_the_api_are_utc() -> None:
    assert parse_time("2026-11-20T09:00:00Z") == parse_time("2026-11-20T09:00:00.000000") == NOW


@pytest.mark.parametrize(
    ("step", "status", "detail", "part"),
    [
        ("write", 410, "Error in store configuration. Adding images to store is disabled.", "restart glance-api"),
        ("write", 413, "Image storage media is full: …", "free or add space"),
        ("write", 413, "Image exceeds the storage quota: …", "quota"),
        ("write", 503, "Insufficient permissions on image storage media: …", "owner, mode"),
        ("write", 400, "Store for identifier s not found", "enabled_backends"),
        ("write", 500, "The server has either erred …", "driver of store s"),
        ("write", 0, "the connection broke off during the upload (Broken pipe)", "log of glance-api"),
        ("write", 0, "not finished after 60 s", "timeout"),
        ("stage", 500, "The server has either erred …", "glance_staging_path"),
        ("stage", 413, "Image storage media is full: …", "free or add space"),
        ("read", 0, "h cannot be reached (…): no answer in time", "timeout"),
        ("read", 204, "…", "Do not use store s"),
        ("compare", 0, "5 bytes came back for 6", "Do not use store s"),
        ("create", 401, "…", "keystone_authtoken"),
        ("create", 403, "…", "role"),
        ("create", 503, "Service Unavailable", "systemctl status glance-api"),
        ("create", 500, "…", "journalctl"),
        ("share", 404, "node m does not find what node n stored: …", "one filesystem at the path of store s"),
        ("share", 0, "node m cannot read what node n stored: not finished after 60 s", "timeout"),
        ("delete", 409, "in use", ""),
        ("delete", 500, "The server has either erred …", "glance_staging_path"),
    ],
)
def test_each_failure_has_a_cause_and_something_to_do(step: str, status: int, detail: str, part: str) -> None:
    text = advice("s", "n", step, status, detail)
    assert part in text and bool(text) == bool(part)


class FaultyGlance:
    """A Glance whose storage gives back something else; no real one here does that."""

    def __init__(self, flaw: str) -> None:
        self.flaw, self.data, self.deleted, self.image = flaw, b"", 0, {}  # type: ignore[var-annotated]

    def within(self, seconds: float) -> FaultyGlance:
        return self

    def create(self, fields: dict[str, Any]) -> None:
        self.image = {**fields, "status": "active", "stores": "s"}

    def upload(self, image_id: str, pieces: Iterator[bytes], store: str) -> None:
        self.data = b"".join(pieces)
        digest = hashlib.sha512(self.data).hexdigest()
        self.image.update({"size": len(self.data), "os_hash_algo": "sha512", "os_hash_value": digest})
        flaws: dict[str, dict[str, Any]] = {
            "state": {"status": "queued"},
            "size": {"size": 1},
            "hash": {"os_hash_value": "0"},
            "place": {"stores": "other"},
        }
        self.image.update(flaws.get(self.flaw, {}))

    def get(self, image_id: str) -> dict[str, Any]:
        return self.image

    @contextmanager
    def download(self, image_id: str) -> Iterator[Iterator[bytes]]:
        if self.flaw == "short":
            yield iter([self.data[:-1]])
        elif self.flaw == "other":
            yield iter([self.data[:-1], b"!"])
        elif self.flaw == "cut":
            raise ImageApiError("GET …", 0, "the download broke off")
        else:
            yield iter([self.data])

    def delete(self, image_id: str) -> bool:
        self.deleted += 1
        if self.flaw == "stuck":
            # As the real client, whose time is limited, ends each series of requests.
            raise ImageApiError("DELETE …", 409, "in use") if self.deleted % 5 else DeadlineError("DELETE …", 5)
        return True

    def exists(self, image_id: str) -> bool:
        return self.flaw == "ghost"


@pytest.mark.parametrize(
    ("flaw", "step"),
    [
        ("state", "check"),
        ("size", "check"),
        ("hash", "check"),
        ("place", "check"),
        ("short", "compare"),
        ("other", "compare"),
        ("cut", "read"),
        ("stuck", "delete"),
        ("ghost", "delete"),
    ],
)
def test_storage_that_lies_is_found_out_and_cleaned(flaw: str, step: str) -> None:
    glance = FaultyGlance(flaw)
    line = fly(glance, Target("s", "n"), 1000, 5)  # type: ignore[arg-type]
    assert (line["ok"], line["step"]) == (False, step)
    assert glance.deleted
    assert (glance.image["id"] in line["message"]) == (flaw in ("stuck", "ghost", "state")), line["message"]


def test_honest_storage_passes() -> None:
    line = fly(FaultyGlance(""), Target("s", "n"), 1000, 5)  # type: ignore[arg-type]
    assert line["ok"] and line["size"] == 1000


@pytest.mark.parametrize(
    ("flaw", "told"),
    [
        ("other", "node m reads 1000 other bytes than the 1000 that node n stored"),
        ("short", "node m reads 999 other bytes than the 1000 that node n stored"),
        ("cut", "node m cannot read what node n stored: GET"),
    ],
)
def test_another_node_that_reads_something_else_is_named_with_the_one_that_wrote(flaw: str, told: str) -> None:
    writer, reader = FaultyGlance(""), FaultyGlance(flaw)
    reader.data = bytes(1000)
    line = fly(writer, Target("s", "n", shared=True), 1000, 5, Witness("m", reader))  # type: ignore[arg-type]
    assert (line["ok"], line["step"]) == (False, "share") and told in line["message"]
    assert writer.deleted and not reader.deleted


def test_each_node_has_another_that_reads_what_it_stores() -> None:
    ring = {node: following(node, ["a", "b", "c"]) for node in "abc"}
    assert ring == {"a": "b", "b": "c", "c": "a"}
    assert following("a", ["a"]) == ""


def test_the_summary_names_each_failure_and_a_dead_node_once() -> None:
    one, two = targets([{"id": "a"}, {"id": "b"}], ["n"])
    dead = [result(Target(store, "d"), False, "connection refused", step="reach") for store in ("a", "b")]
    text = summary([result(one, True, "good"), result(two, False, "full", step="write"), *dead], ["left behind"])
    assert text.splitlines() == [
        "3 of 4 proofs that a store works failed:",
        "- store b, node n, level writable: full",
        "- stores a, b, node d, level writable: connection refused",
        "- left behind",
    ]
    assert summary([result(one, True, "good"), result(two, None, "not tried")], []) == ""
    assert summary([], ["Image 1 is left"]).endswith("- Image 1 is left")
