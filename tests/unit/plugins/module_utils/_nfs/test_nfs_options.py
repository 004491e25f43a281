# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount options: what may be written, what the kernel makes of it, and what a difference means."""

from __future__ import annotations

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._nfs import options
from hypothesis import given
from hypothesis import strategies as st

NAMES = st.sampled_from(["hard", "noatime", "nconnect=4", "timeo=100", "nosuid", "rsize=1048576", "sec=sys", "acl"])


@given(st.lists(NAMES))
def test_how_options_are_grouped_does_not_matter(names: list[str]) -> None:
    apart = options.read(names)
    assert options.read([",".join(names)]) == apart
    assert apart.mount == tuple(dict.fromkeys(names))
    assert options.read(apart.mount) == apart


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = options.read([text])
    except options.OptionsWrong:
        return
    # What is taken cannot break out of the unit's line.
    assert all(option.isprintable() and not set(option) & set(' ,"%\\') for option in found.mount)


def test_what_a_unit_does_anyway_is_left_out() -> None:
    assert options.read(["_netdev", "defaults", "nofail", "auto", ""]).mount == ()


def test_options_of_fstab_become_settings_of_the_unit() -> None:
    found = options.read(["x-systemd.mount-timeout=30", "x-systemd.after=wg-quick@wg0.service", "hard"])
    assert found.mount == ("hard",)
    assert found.unit == (("Mount", "TimeoutSec", "30"), ("Unit", "After", "wg-quick@wg0.service"))


@pytest.mark.parametrize(
    ("written", "part"),
    [
        ("vers=4.2", "write version:"),
        ("nfsvers=3", "write version:"),
        ("bg", "background"),
        ("x-systemd.automount", "cannot be proven"),
        ("x-systemd.mount-timout=3", "only known are"),
        ("x-systemd.after", "needs a value"),
        ("hard,soft", "contradict"),
        ("ro,rw", "contradict"),
        ("ac,noac", "contradict"),
        ("timeo=1,timeo=2", "contradict"),
        ("a b", "cannot have"),
        ("x=%n", "cannot have"),
    ],
)
def test_wrong_options_are_refused_by_name(written: str, part: str) -> None:
    with pytest.raises(options.OptionsWrong, match=part) as caught:
        options.read([written])
    assert written.split(",")[-1].partition("=")[0] in str(caught.value)


def test_what_is_in_effect_is_no_difference() -> None:
    shown = ("rw", "noatime", "vers=4.2", "soft", "proto=tcp", "timeo=100", "nconnect=4", "local_lock=none")
    asked = ["soft", "timeo=100", "noatime", "nconnect=4", "proto=tcp", "rw", "acl"]
    assert options.differences(asked, shown) == ([], [])


def test_differences_say_what_is() -> None:
    asked = ["hard", "rsize=1048576", "sec=krb5", "noac"]
    wrong, negotiated = options.differences(asked, ("soft", "rsize=131072", "sec=sys"))
    assert wrong == ["hard (is: soft)", "sec=krb5 (is: sys)", "noac (is: not)"]
    assert negotiated == ["rsize=1048576 (is: 131072)"]


def test_no_lock_is_shown_in_two_ways() -> None:
    assert options.differences(["nolock"], ("nolock", "local_lock=all"))[0] == []
    assert options.differences(["nolock"], ("local_lock=all",))[0] == []
    assert options.differences(["nolock"], ("local_lock=none",))[0] != []


def test_what_was_not_asked_for_is_noticed() -> None:
    assert options.left_over(["noac"], ("ro", "soft", "noac", "relatime")) == ["ro", "soft"]


@given(st.lists(NAMES, unique=True), st.lists(NAMES, unique=True))
def test_a_remount_suffices_for_what_is_not_of_nfs(before: list[str], after: list[str]) -> None:
    changed = set(before) ^ set(after)
    assert options.remount_suffices(before, after) is (changed <= {"noatime", "nosuid"})


def test_version_4_leaves_the_minor_version_open() -> None:
    assert all(options.version_matches(*pair) for pair in (("4", "4.2"), ("", "3"), ("3", "3")))
    assert not options.version_matches("4", "3") and not options.version_matches("4.1", "4.2")
