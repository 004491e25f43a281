from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import (
    Place,
    absolute,
    data_directory,
    inside,
    overlaps,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong
from hypothesis import given
from hypothesis import strategies as st

_PARTS = st.lists(st.sampled_from(["a", "b", "..", ".", "", "a b", "$x"]), max_size=6)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/srv/a/", "/srv/a"),
        ("//srv//a", "/srv/a"),
        ("/srv/b/../a/.", "/srv/a"),
        ("/../srv/a", "/srv/a"),
        ("/", "/"),
        ("//", "/"),
        (" /srv/a\n", "/srv/a"),
    ],
)
def test_absolute_paths_are_normalised(written: str, path: str) -> None:
    assert absolute(written) == path


@pytest.mark.parametrize("value", ["srv/a", "~/a", "$state_path/a", "", None, 5, "/a\n/b", "/a\0", ["/a"]])
def test_what_is_no_absolute_path(value: Any) -> None:
    with pytest.raises(Wrong):
        absolute(value)


@given(_PARTS)
def test_a_normalised_path_stays_itself_and_has_one_spelling(parts: list[str]) -> None:
    path = absolute("/" + "/".join(parts))
    assert absolute(path) == path
    assert absolute(path + "/") == path
    assert path == "/" or ("//" not in path and not path.endswith("/") and ".." not in path.split("/"))


@pytest.mark.parametrize(
    "path",
    ["/", "/etc", "/etc/glance", "/usr/share/x", "/var/lib", "/srv/", "/tmp", "/proc/self", "/srv/../var/log", "/home"],
)
def test_the_systems_own_directories_are_refused(path: str) -> None:
    with pytest.raises(Wrong, match="belongs to the operating system"):
        data_directory(path)


@pytest.mark.parametrize(
    "path", ["/srv/images", "/var/lib/glance/images", "/runaway", "/glance", "/etcetera/x", "/mnt/nfs"]
)
def test_other_directories_are_not(path: str) -> None:
    assert data_directory(path) == path


@pytest.mark.parametrize(
    ("directory", "other", "answer"),
    [("/a", "/a", True), ("/a/b", "/a", True), ("/ab", "/a", False), ("/a", "/a/b", False), ("/a", "/", True)],
)
def test_inside(directory: str, other: str, answer: bool) -> None:
    assert inside(directory, other) is answer


def test_overlaps_are_told_at_the_later_place_with_the_earlier_one() -> None:
    places = [Place("/a", "store x", "p0"), Place("/a", "store y", "p1"), Place("/a/b", "store z", "p2")]
    assert [str(problem) for problem in overlaps(places)] == [
        "p1: /a is also the directory of store x (p0); give each a directory of its own, beside the other",
        "p2: /a/b lies inside /a, the directory of store x (p0); give each a directory of its own, beside the other",
        "p2: /a/b lies inside /a, the directory of store y (p1); give each a directory of its own, beside the other",
    ]
    assert "contains /a/b, the directory of" in str(overlaps([places[2], places[0]])[0])


@given(st.lists(_PARTS.map(lambda parts: absolute("/" + "/".join(parts))), max_size=5))
def test_directories_are_quiet_only_if_no_two_hold_each_other(paths: list[str]) -> None:
    places = [Place(path, f"store {number}", f"p{number}") for number, path in enumerate(paths)]
    pairs = [(a, b) for i, a in enumerate(paths) for b in paths[:i]]
    assert len(overlaps(places)) == sum(inside(a, b) or inside(b, a) for a, b in pairs)
