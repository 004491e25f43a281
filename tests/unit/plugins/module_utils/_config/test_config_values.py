"""What oslo.config reads must be what was given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config.values import ValueRefused, escape, render
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oslo_config import cfg

LINES = st.text(st.characters(exclude_characters="\r\n\x00", exclude_categories=["Cs"]), max_size=30)
# What oslo.config gives a meaning to, more often than chance would bring it.
TRICKY = st.text(st.sampled_from("$\\\"' #;%{}[]:=,a\t\u00a0\u2028\x85"), max_size=12)
ITEMS = st.one_of(LINES, TRICKY).filter(lambda text: text and text == text.strip() and "," not in text)
KEYS = ITEMS.filter(lambda text: ":" not in text)
examples = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(directory: Path, text: str, opt: cfg.Opt) -> Any:
    """Have oslo.config read one option from a file."""
    path = directory / "one.conf"
    path.write_text(f"[DEFAULT]\nfirst = 1\nvalue = {text}\nlast = 1\n", encoding="utf-8")
    conf = cfg.ConfigOpts()
    conf.register_opt(opt)
    conf(args=[], project="test", default_config_files=[str(path)], default_config_dirs=[], use_env=False)
    return conf.value


@examples
@given(value=st.one_of(LINES, TRICKY))
def test_strings_come_back(tmp_path: Path, value: str) -> None:
    assert read(tmp_path, render(value), cfg.StrOpt("value")) == value


@examples
@given(value=st.lists(ITEMS, max_size=4), bounds=st.booleans())
def test_lists_come_back(tmp_path: Path, value: list[str], bounds: bool) -> None:
    assert read(tmp_path, render(value, bounds), cfg.ListOpt("value", bounds=bounds)) == value


@examples
@given(value=st.dictionaries(KEYS, ITEMS, max_size=4))
def test_dictionaries_come_back(tmp_path: Path, value: dict[str, str]) -> None:
    assert read(tmp_path, render(value), cfg.DictOpt("value")) == value


@pytest.mark.parametrize(
    ("opt", "value"),
    [
        (cfg.BoolOpt("value"), True),
        (cfg.BoolOpt("value"), False),
        (cfg.IntOpt("value"), -7),
        (cfg.FloatOpt("value"), 0.25),
    ],
)
def test_scalars_come_back(tmp_path: Path, opt: cfg.Opt, value: object) -> None:
    assert read(tmp_path, render(value), opt) == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (["a", 1], "a,1"),
        ({"file": "File", "n": 2}, "file:File,n:2"),
        ("pa$word", "pa$$word"),
        (r"pa\$word", r"pa\\$word"),
        (" x", '" x"'),
        ("'x'", "\"'x'\""),
        ("", ""),
    ],
)
def test_how_values_are_written(value: object, written: str) -> None:
    assert render(value) == written


@pytest.mark.parametrize("value", ["a\nb", "a\rb", None, ["a,b"], [" a"], [""], {"a:b": "c"}, [["a"]], {"a": {"b": 1}}])
def test_what_no_file_can_say_is_refused(value: object) -> None:
    with pytest.raises(ValueRefused):
        render(value)


def test_escape_leaves_other_characters_alone() -> None:
    assert escape("100% #1 'x' \\n") == "100% #1 'x' \\n"
