from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.releases import (
    RELEASES,
    VENV_RELEASES,
    combination,
    knows,
    method_name,
    release_name,
)
from ansible_collections.openimage.glance.plugins.module_utils._site.systems import SYSTEMS
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong


@pytest.mark.parametrize(
    ("written", "name"),
    [("", ""), (None, ""), ("zed", "zed"), ("2025.1", "2025.1"), (2026.2, "2026.2"), (2026.10, "2026.1")],
)
def test_releases(written: Any, name: str) -> None:
    assert release_name(written) == name


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Zed", "'Zed' is not a supported release; write zed, or leave it empty"),
        ("2025.2", "'2025.2' is not a supported release; write one of zed, 2025.1, 2026.1, 2026.2, or leave it empty"),
        (2025.2, "'2025.2' is not a supported release; write one of zed, 2025.1, 2026.1, 2026.2, or leave it empty"),
        (33, "'33.0' is not a supported release; write one of zed, 2025.1, 2026.1, 2026.2, or leave it empty"),
        (True, "true is not a supported release; write one of zed, 2025.1, 2026.1, 2026.2, or leave it empty"),
        (float("nan"), "a huge number is not a supported release; write one of"),
        ([], "a list is not a supported release; write one of"),
    ],
)
def test_what_is_no_release(written: Any, text: str) -> None:
    with pytest.raises(Wrong) as caught:
        release_name(written)
    assert f"{caught.value.wrong}; {caught.value.instead}".startswith(text)


def test_methods() -> None:
    assert [method_name(value) for value in ("", None, "package", "venv")] == ["", "", "package", "venv"]
    for value, advice in (("pip", "write venv, "), ("apt", "write package, "), (5, "write one of package, venv, ")):
        with pytest.raises(Wrong) as caught:
            method_name(value)
        assert caught.value.instead == advice + "or leave it empty"


def test_every_combination_is_either_possible_somewhere_or_refused() -> None:
    packaged = {system.packaged_release for system in SYSTEMS} - {""}
    for release in (release.name for release in RELEASES):
        assert (combination(release, "package") is None) == (release in packaged)
        assert (combination(release, "venv") is None) == (release in VENV_RELEASES)
        assert combination(release, "") is None
    assert packaged == {"zed", "2025.1"}
    assert VENV_RELEASES == ("2025.1", "2026.1", "2026.2")


def test_what_a_release_knows() -> None:
    assert knows("2026.1", "2025.1")
    assert knows("2025.1", "2025.1")
    assert not knows("zed", "2025.1")
    assert knows("zed", "")
    assert knows("", "2026.2")
