from __future__ import annotations

import datetime
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._stores import values
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong


def test_a_problem_reads_path_wrong_instead() -> None:
    assert (
        str(Problem("glance_stores[2].path", "is empty", "write a text"))
        == "glance_stores[2].path: is empty; write a text"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (3, "3"),
        (2025.2, "2025.2"),
        pytest.param(10**5000, "a huge number", id="huge"),
        (float("inf"), "a huge number"),
        ("a\nb", r"'a\nb'"),
        ({"password": "x"}, "a mapping"),
        (["x"], "a list"),
        (None, "empty"),
        (datetime.date(2026, 1, 1), "a value that is no text (a date?)"),
    ],
)
def test_values_are_shown_in_one_short_line(value: Any, text: str) -> None:
    assert values.shown(value) == text


def test_a_long_text_is_cut() -> None:
    assert len(values.shown("x" * 1000)) < 70


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        (None, "is empty"),
        (" ", "is empty"),
        (False, "is false, which YAML also makes of yes, no, on and off without quotes"),
        (5, "is the number 5"),
        ([], "is a list"),
        ("a\nb", "contains a line break or a control character"),
        ("\ud800", "contains a line break or a control character"),
    ],
)
def test_what_is_no_text(value: Any, wrong: str) -> None:
    with pytest.raises(Wrong) as caught:
        values.text(value)
    assert caught.value.wrong == wrong


def test_a_folded_block_scalar_is_one_line() -> None:
    assert values.text("Images on disk\n") == "Images on disk"


@pytest.mark.parametrize("value", ["yes", "true", 1, 0, None, "False"])
def test_no_text_or_number_is_a_flag(value: Any) -> None:
    with pytest.raises(Wrong, match="is "):
        values.flag(value)


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("3", "write a whole number from 1 to 9 without quotes"),
        (True, "write a whole number from 1 to 9 without quotes"),
        (1.0, "write a whole number from 1 to 9 without quotes"),
        (0, "write a whole number from 1 to 9"),
        pytest.param(10**5000, "write a whole number from 1 to 9", id="huge"),
    ],
)
def test_what_is_no_whole_number(value: Any, advice: str) -> None:
    with pytest.raises(Wrong) as caught:
        values.whole(1, 9)(value)
    assert caught.value.instead == advice


@pytest.mark.parametrize(("value", "number"), [(9292, 9292), ("9292", 9292), (1, 1), (65535, 65535)])
def test_ports(value: Any, number: int) -> None:
    assert values.port(value) == number


@pytest.mark.parametrize("value", [0, 65536, "65536", "http", True, 92.92, None, "\uff19\uff12"])
def test_what_is_no_port(value: Any) -> None:
    with pytest.raises(Wrong):
        values.port(value)


@pytest.mark.parametrize("value", ["https://a.example:9292", "http://[::1]:5000/v3", "http://10.0.0.1"])
def test_urls(value: str) -> None:
    assert values.url(value) == value


@pytest.mark.parametrize(
    "value",
    ["controller:5000", "ftp://a", "http://", "http://a:b", "http://[::1", "http://a b/", "http://a:99999", 5, None],
)
def test_what_is_no_url(value: Any) -> None:
    with pytest.raises(Wrong) as caught:
        values.url(value)
    assert str(value) not in caught.value.wrong or value in (5, None)


def test_a_text_is_no_list_and_an_entry_is_named_by_its_place() -> None:
    assert values.texts(["a", "b"]) == ["a", "b"]
    with pytest.raises(Wrong, match="is the text 'localhost'"):
        values.texts("localhost")
    with pytest.raises(Wrong, match="its entry 1 is the number 5"):
        values.texts(["a", 5])
    with pytest.raises(Wrong, match="is an empty list"):
        values.some_texts([])


def test_the_nearest_name_is_advised_or_all() -> None:
    assert values.nearest("file_prm", ["path", "file_perm"]) == "write file_perm"
    assert values.nearest("Path", ["path", "file_perm"]) == "write path"
    assert values.nearest("zzz", ["path", "file_perm"]) == "write one of path, file_perm"
    assert values.nearest(None, ["path"]) == "write one of path"


def test_keys_that_are_no_words_are_quoted_in_paths() -> None:
    assert values.below("glance_stores[0]", "path") == "glance_stores[0].path"
    assert values.below("glance_stores[0]", "a b") == "glance_stores[0]['a b']"
    assert values.below("glance_stores[0]", True) == "glance_stores[0][true]"


@pytest.mark.parametrize(
    ("written", "count"),
    [(0, 0), ("0", 0), ("512 MiB", 2**29), ("1GiB", 2**30), ("1.5 TiB", 3 * 2**39), ("4 KiB", 4096)],
)
def test_a_size_has_a_unit(written: Any, count: int) -> None:
    assert values.size(written) == count
    assert values.size(values.in_units(count) if count else 0) == count


@pytest.mark.parametrize("written", [1, True, False, None, "10", "10 GB", "-1 GiB", "", "1 gib", [], 1.5, "0 "])
def test_what_is_no_size(written: Any) -> None:
    with pytest.raises(values.Wrong) as caught:
        values.size(written)
    assert "like 10 GiB" in caught.value.instead
