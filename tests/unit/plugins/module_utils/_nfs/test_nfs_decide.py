# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done about what is found, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._nfs import decide
from ansible_collections.openimage.glance.plugins.module_utils._nfs.decide import Found
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import CAUSES, NfsError
from ansible_collections.openimage.glance.plugins.module_utils._nfs.unit import render
from nfs_samples import SHOWN, mount, wish


def found(*shown: str, unit: str | None = None, **changes: Any) -> Found:
    """Return a host on which all is as asked, but for the changes."""
    defaults: dict[str, Any] = {
        "mounts": (mount(*shown),),
        "kind": "directory",
        "unit_text": render(wish()) if unit is None else unit,
        "enabled": True,
    }
    return Found(**{**defaults, **changes})


def refused(host: Found, cause: str, **changes: Any) -> str:
    """Return the message of a refusal."""
    with pytest.raises(NfsError) as caught:
        decide.decide(host, wish(**changes))
    assert caught.value.cause == cause and cause in CAUSES
    assert "To do: " in str(caught.value)
    return str(caught.value)


def test_nothing_is_done_when_all_is_as_asked() -> None:
    assert decide.decide(found(), wish()) == decide.Plan()


def test_a_bare_host() -> None:
    plan = decide.decide(Found(), wish())
    assert (plan.make_directory, plan.verb, plan.enable, plan.unit_text) == (True, "mount", True, render(wish()))


def test_present_mounts_nothing() -> None:
    plan = decide.decide(Found(), wish(state="present"))
    assert (plan.make_directory, plan.verb, plan.enable, plan.unit_text) == (False, "", True, render(wish()))


def test_a_unit_that_differs_elsewhere_is_written_without_mounting_again() -> None:
    plan = decide.decide(found(unit=render(wish()).replace("TimeoutSec=90", "TimeoutSec=9")), wish())
    assert (plan.verb, plan.unit_text) == ("", render(wish()))


@pytest.mark.parametrize(
    ("options", "verb"),
    [(["noatime"], "remount"), (["nosuid", "ro"], "remount"), (["soft"], "replace"), (["soft", "ro"], "replace")],
)
def test_changed_options(options: list[str], verb: str) -> None:
    plan = decide.decide(found(), wish(*options))
    assert plan.verb == verb and all(option in plan.why for option in options)


def test_an_unknown_option_that_came_or_went_mounts_again() -> None:
    assert decide.decide(found(), wish("acl")).verb == "replace"
    assert decide.decide(found(unit=render(wish("acl"))), wish()).verb == "replace"


def test_what_somebody_remounted_by_hand_is_put_right() -> None:
    plan = decide.decide(found("ro", *SHOWN[1:]), wish())
    assert plan.verb == "remount" and plan.unit_text is None
    assert decide.decide(found(*[option.replace("hard", "soft") for option in SHOWN]), wish()).verb == "replace"


def test_negotiated_options_are_told_and_left() -> None:
    asked = wish("rsize=1048576")
    plan = decide.decide(found(unit=render(asked)), asked)
    assert plan.verb == "" and plan.notes == ["rsize=1048576 (is: 131072)"]


def test_another_version_mounts_again() -> None:
    assert decide.decide(found(), wish(version="3")).verb == "replace"
    for version in ("", "4"):
        plan = decide.decide(found(), wish(version=version))
        assert plan.verb == "" and plan.unit_text is not None


def test_stale_is_recovered_from_and_hanging_is_left() -> None:
    assert decide.decide(found(health=decide.STALE), wish()).verb == "recover"
    assert "left as it is" in refused(found(health=decide.HANGING), "hanging")


def test_another_export_is_refused_and_another_name_is_not() -> None:
    other = mount(source="192.0.2.9:/srv/a", options=("rw", "vers=4.2", "hard", "addr=192.0.2.9"))
    assert "192.0.2.9:/srv/a" in refused(found(mounts=(other,)), "other_mount")
    assert "/srv/b" in refused(found(mounts=(mount(source="192.0.2.1:/srv/b"),)), "other_mount")
    named = mount(source="nas:/srv/a")
    assert decide.decide(found(mounts=(named,)), wish()).verb == ""


def test_the_same_server_by_a_name_that_leads_there() -> None:
    assert decide.decide(found(addresses=("192.0.2.1",)), wish(server="nas")).verb == ""
    refused(found(addresses=("192.0.2.2",)), "other_mount", server="nas")


@pytest.mark.parametrize("state", ["mounted", "present", "absent"])
def test_what_belongs_to_somebody_else_is_refused(state: str) -> None:
    assert "line 3 of /etc/fstab" in refused(Found(fstab=3), "fstab", state=state)
    assert "/lib/x.mount" in refused(Found(foreign="/lib/x.mount"), "foreign_unit", state=state)
    refused(Found(mounts=(mount(fstype="tmpfs", source="tmpfs"),)), "other_mount", state=state)


def test_a_directory_with_something_in_it_is_hidden_only_when_told() -> None:
    refused(Found(kind="full"), "not_empty")
    assert decide.decide(Found(kind="hollow"), wish()).verb == "mount"
    assert decide.decide(Found(kind="full"), wish(force=True)).verb == "mount"
    refused(Found(kind="a symbolic link"), "argument", force=True)


def test_a_mount_point_that_others_could_write_to_is_closed() -> None:
    open_one = Found(kind="directory", open_to="64062:64062 0750")
    assert decide.decide(open_one, wish()).close_directory
    assert not decide.decide(Found(kind="directory"), wish()).close_directory
    assert not decide.decide(open_one, wish(state="present")).close_directory


@pytest.mark.parametrize("state", ["mounted", "present", "unmounted", "absent"])
def test_what_a_killed_run_left_goes_first(state: str) -> None:
    assert decide.decide(Found(leftovers=("/run/x",)), wish(state=state)).leftovers == ("/run/x",)


def test_unmounted_leaves_the_unit_and_absent_does_not() -> None:
    plan = decide.decide(found(), wish(state="unmounted"))
    assert (plan.verb, plan.remove_unit) == ("unmount", False)
    assert not decide.decide(Found(kind="hollow"), wish(state="absent")).remove_directory
    plan = decide.decide(found(), wish(state="absent"))
    assert (plan.verb, plan.remove_unit, plan.remove_directory) == ("unmount", True, True)
    assert decide.decide(Found(), wish(state="absent")) == decide.Plan()
    refused(found(inside=(mount(path="/var/lib/glance/nfs-0/in"),)), "busy", state="unmounted")


def test_a_fresh_mount_must_be_what_was_asked() -> None:
    assert decide.verify(mount(), wish(), ()) == []
    for wrong, cause in (
        ((None, wish()), "mount_failed"),
        ((mount(source="192.0.2.1:/srv/b"), wish()), "mount_failed"),
        ((mount(), wish("soft")), "mount_options"),
        ((mount(), wish(version="4.1")), "version"),
    ):
        with pytest.raises(NfsError) as caught:
            decide.verify(*wrong, ())
        assert caught.value.cause == cause
