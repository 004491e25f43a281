# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mount unit's name and text."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._nfs.unit import (
    Written,
    mount_points,
    read,
    render,
    unit_name,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from nfs_samples import wish

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0/")
PARTS = st.text(CHARACTERS, min_size=1).filter(lambda part: part not in (".", ".."))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/var/lib/glance/nfs-0", "var-lib-glance-nfs\\x2d0.mount"),
        ("/srv/.hidden/a.b", "srv-.hidden-a.b.mount"),
        ("/.hidden", "\\x2ehidden.mount"),
        ("/a b/ä", "a\\x20b-\\xc3\\xa4.mount"),
        ("/", "-.mount"),
    ],
)
def test_names_that_systemd_demands(path: str, name: str) -> None:
    assert unit_name(path) == name


@pytest.mark.skipif(not shutil.which("systemd-escape"), reason="this machine has no systemd-escape to compare with")
@settings(max_examples=40, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=3))
def test_names_are_those_of_systemd_escape(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    # Longer names are no units' names.
    assume(len(unit_name(path)) < 256)
    command = ["systemd-escape", "--path", "--suffix=mount", "--", path]
    assert unit_name(path) == subprocess.run(command, check=True, capture_output=True, text=True).stdout.rstrip("\n")


def test_the_text() -> None:
    further = ("x-systemd.mount-timeout=30,x-systemd.after=wg.service", "x-systemd.required-by=glance-api.service")
    text = render(wish("hard", *further))
    lines = text.splitlines()
    for line in (
        "Before=glance-api.service",
        "Wants=network-online.target",
        "After=network-online.target",
        "After=wg.service",
        "What=192.0.2.1:/srv/a",
        "Where=/var/lib/glance/nfs-0",
        "Type=nfs",
        "Options=vers=4.2,hard",
        "TimeoutSec=30",
        "RequiredBy=glance-api.service",
    ):
        assert line in lines, line
    assert "WantedBy=remote-fs.target" not in lines
    assert lines.index("[Unit]") < lines.index("[Mount]") < lines.index("[Install]")


def test_defaults() -> None:
    text = render(wish(version=""))
    assert "Options=" not in text and "TimeoutSec=90" in text and "WantedBy=remote-fs.target" in text


def test_percent_signs_are_not_expanded() -> None:
    assert "What=192.0.2.1:/a%%n" in render(wish(export="/a%n"))


SOME = st.lists(st.sampled_from(["hard", "noac", "timeo=3"]), unique=True)


@given(st.sampled_from(["/srv/a", "/a b", "/a%n", "/ä"]), SOME)
def test_what_was_written_is_read_back(export: str, names: list[str]) -> None:
    asked = wish(*names, export=export)
    assert read(render(asked)) == Written(asked.source, asked.mount_options)


def test_our_units_are_found_among_others(tmp_path: Path) -> None:
    assert mount_points(str(tmp_path / "missing")) == []
    for path in ("/srv/b%c", "/srv/a"):
        (tmp_path / unit_name(path)).write_text(render(wish(path=path)))
    (tmp_path / "srv-other.mount").write_text("[Mount]\nWhat=nas:/x\nWhere=/srv/other\n")
    (tmp_path / "srv-gone.mount").symlink_to(tmp_path / "nowhere")
    assert mount_points(str(tmp_path)) == ["/srv/a", "/srv/b%c"]


def test_what_others_wrote_is_not_ours() -> None:
    assert read("[Mount]\nWhat=a:/b\n") is None
    mark = render(wish()).splitlines()[0]
    assert read(f"{mark}\nnonsense") == Written("", ())
