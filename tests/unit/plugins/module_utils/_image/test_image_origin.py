"""Where data comes from, and which image has it already."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._image.methods import (
    Mistake,
    method_mistakes,
    not_enabled,
    refusal_hint,
    url_mistakes,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.model import Desired, writable
from ansible_collections.openimage.glance.plugins.module_utils._image.origin import (
    RECORD,
    OriginError,
    other_glance,
    parse_checksum,
    public_url,
    web,
)
from ansible_collections.openimage.glance.plugins.module_utils._image.plan import PlanError, copies, present
from hypothesis import given
from hypothesis import strategies as st

WISH = Desired("n", "qcow2")
URL = "https://images.example.org/n.qcow2"
RIGHT = "ab" * 64


def image(**changes: Any) -> dict[str, Any]:
    fields = {
        "id": "1",
        "name": "n",
        "status": "active",
        "owner": "p",
        "size": 5,
        "disk_format": "qcow2",
        "container_format": "bare",
        "os_hash_algo": "sha512",
        "os_hash_value": RIGHT,
        "checksum": "0" * 32,
        "os_hidden": False,
        "visibility": "shared",
        "protected": False,
        "tags": [],
        "stores": "a",
        "created_at": "2026-11-20T09:00:00Z",
    }
    return {**fields, **changes}


@given(st.sampled_from([("md5", 32), ("sha1", 40), ("sha256", 64), ("sha384", 96), ("sha512", 128)]), st.data())
def test_a_checksum_is_read_whatever_its_case(kind: tuple[str, int], data: st.DataObject) -> None:
    name, length = kind
    digits = data.draw(st.text("0123456789abcdefABCDEF", min_size=length, max_size=length))
    found = parse_checksum(f" {name.upper()}:{digits}\n")
    assert (found.algorithm, found.value) == (name, digits.lower()) and parse_checksum(str(found)) == found


@pytest.mark.parametrize("text", ["", RIGHT, "sha512:", "sha512:" + "g" * 128, "sha3:" + RIGHT, "md5:" + RIGHT])
def test_what_is_no_checksum_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"begin|is not a hash of"):
        parse_checksum(text)


def test_a_recorded_url_shows_no_secret_and_tells_queries_apart() -> None:
    first, second = public_url(f"{URL}?sig=secret1"), public_url(f"{URL}?sig=secret2")
    assert first != second and first.startswith(f"{URL}?") and "secret" not in first + second
    assert public_url(URL) == URL and public_url("http://u:p@h:80/x#y") == "http://h:80/x"


@pytest.mark.parametrize(
    ("checksum", "changes", "same"),
    [
        (None, {RECORD: URL}, True),
        (None, {RECORD: URL, "disk_format": "raw"}, True),
        (None, {RECORD: f"{URL}.2"}, False),
        (None, {}, False),
        (f"sha512:{RIGHT}", {}, True),
        (f"sha512:{RIGHT}", {"disk_format": "raw"}, False),
        (f"sha512:{RIGHT}", {RECORD: URL, "disk_format": "raw"}, True),
        (f"sha512:{RIGHT}", {RECORD: URL, "os_hash_value": "cd" * 64}, False),
        (f"sha512:{RIGHT}", {RECORD: URL, "os_hash_value": None}, False),
        ("md5:" + "0" * 32, {}, True),
        ("md5:" + "1" * 32, {RECORD: URL}, False),
    ],
)
def test_an_image_that_glance_fetched_is_recognised(checksum: str | None, changes: dict[str, Any], same: bool) -> None:
    origin = web(URL, parse_checksum(checksum) if checksum else None)
    plan = present(WISH, [image(**changes)], origin, "p")
    assert (plan.create is None) is same
    if not same:
        assert plan.create is not None and plan.create[RECORD] == URL


def test_a_wrong_checksum_and_one_that_cannot_be_checked_are_told_apart() -> None:
    assert web(URL, parse_checksum(f"sha512:{RIGHT}")).prove(image()) == "" == web(URL).prove(image())
    with pytest.raises(OriginError, match=r"wrong checksum: sha512 is abab.*expected 0000"):
        web(URL, parse_checksum("sha512:" + "0" * 128)).prove(image())
    with pytest.raises(OriginError, match="computes sha512"):
        web(URL, parse_checksum("sha256:" + "0" * 64)).prove(image())
    with pytest.raises(OriginError, match="do_secure_hash is off"):
        web(URL, parse_checksum("sha512:" + "0" * 128)).prove(image(os_hash_value=None))


def test_an_image_of_another_glance_is_recorded_with_its_region() -> None:
    assert other_glance("b", "1-2").record == "glance:b/1-2"


def test_copies_are_made_of_the_one_image_of_that_name() -> None:
    want = Desired("n", stores=["a", "b"], import_method="copy-image")
    plan = copies(want, [image(), image(id="2", os_hidden=True), image(id="3", status="queued")], "p")
    assert plan.current is not None and (plan.current["id"], plan.copy_to) == ("1", ["b"])
    public = image(id="4", owner="x", visibility="public")
    assert copies(want, [public], "p").current == public
    for images, words in (([], "no image named 'n'"), ([image(), image(id="2")], "1, 2"), ([image(owner="x")], "no")):
        with pytest.raises(PlanError, match=words):
            copies(want, images, "p")


def test_all_stores_begin_with_the_default_one_and_leave_out_what_cannot_be_written() -> None:
    declared = [{"id": "a"}, {"id": "web", "read-only": "true"}, {"id": "b", "default": "true"}]
    assert writable(declared) == ["b", "a"]


def test_a_url_with_a_password_is_refused_without_repeating_it() -> None:
    ((wrong, instead),) = url_mistakes("http://u:hunter2@h/x")
    assert "password" in wrong and "hunter2" not in wrong + instead
    for text in ("", "x", "ftp://h/x", "http://", "http://h:x/", "http://h:0/", "http://h/a b", "http://[h/"):
        assert url_mistakes(text), text
    assert url_mistakes("https://h:8443/x?a=b") == []


def test_mistakes_read_as_sentences() -> None:
    mistakes = method_mistakes({"import_method": "web-download", "src": "/x"})
    assert [mistake.option for mistake in mistakes] == ["src", "url"]
    assert str(Mistake("url", "is missing", "write url: …")) == "url: is missing; write url: …."


def test_a_method_that_is_not_offered_is_named_with_those_that_are() -> None:
    assert not_enabled("upload", []) == not_enabled("web-download", ["web-download"]) == ""
    assert "offers web-download" in not_enabled("copy-image", ["web-download"])
    assert "2023.1" in not_enabled("glance-download", [])


@pytest.mark.parametrize(
    ("status", "detail", "words"),
    [
        (400, "URI for web-download does not pass filtering: http://h:8080/x", "allowed_ports: [80, 443, 8080]"),
        (409, "Image has active task", "an hour"),
        (409, "New operation on image '1' is not permitted as prior operation is still in progress", "an hour"),
        (409, "Store for identifier z not found", "restart glance-api"),
        (409, "Image needs to be in 'queued' state", "change it meanwhile"),
        (403, "…", "modify_image"),
        (413, "…", "image_stage_total"),
        (500, "…", ""),
    ],
)
def test_each_refusal_says_what_to_do(status: int, detail: str, words: str) -> None:
    hint = refusal_hint("web-download", "http://h:8080/x", status, detail)
    assert words in hint and bool(hint) == bool(words)
