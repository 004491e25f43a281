# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of the host; files of a temporary directory, and the real /proc."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._nfs import examine, host, keeper
from ansible_collections.openimage.glance.plugins.module_utils._nfs.holders import holders
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError
from ansible_collections.openimage.glance.plugins.modules import nfs_mount

FSTAB = """\
# nas:/srv/a /srv/a nfs defaults 0 0
/dev/vda1 / ext4 defaults 0 1
nas:/srv/images /var/lib/glance/nfs-0/ nfs defaults 0 0
nas:/srv/b /srv/with\\040space nfs defaults 0 0
"""


def test_lines_of_fstab() -> None:
    assert host.fstab_line(FSTAB, "/var/lib/glance/nfs-0") == 3
    assert host.fstab_line(FSTAB, "/srv/with space") == 4
    assert host.fstab_line(FSTAB, "/srv/a") == 0


def test_kinds_of_mount_points(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    assert host.kind_of(str(tmp_path / "empty")) == "directory"
    assert host.kind_of(str(tmp_path)) == "full"
    assert host.kind_of(str(tmp_path / "file")) == "a file"
    assert host.kind_of(str(tmp_path / "new" / "deep")) == "missing"
    assert "symbolic link" in host.kind_of(str(tmp_path / "link"))
    assert "symbolic link" in host.kind_of(str(tmp_path / "link" / "new"))


def test_only_empty_directories_in_it_are_nothing_to_hide(tmp_path: Path) -> None:
    deep = tmp_path / "images" / "deep"
    deep.mkdir(parents=True)
    (tmp_path / "image-cache").mkdir()
    assert host.kind_of(str(tmp_path)) == "hollow"
    (deep / "link").symlink_to(tmp_path / "image-cache")
    assert host.kind_of(str(tmp_path)) == "full"
    (deep / "link").unlink()
    (deep / ".hidden").touch()
    assert host.kind_of(str(tmp_path)) == "full"


def test_another_filesystem_in_it_is_hidden_as_files_are(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    device = tmp_path.stat().st_dev
    assert not host._holds_files(str(tmp_path), device)
    assert host._holds_files(str(tmp_path), device + 1)


def test_who_could_write_into_a_mount_point(tmp_path: Path) -> None:
    mine, group = tmp_path.stat().st_uid, tmp_path.stat().st_gid
    for mode, inner, closed in (
        (0o755, "", True),
        (0o775, "", False),
        (0o757, "", False),
        # Whose the directories in it are does not matter as long as nobody gets there.
        (0o700, "images", True),
        (0o750, "images", False),
        (0o711, "images", False),
    ):
        point = tmp_path / f"{mode:o}{inner}"
        (point / inner).mkdir(parents=True)
        point.chmod(mode)
        expected = "" if closed and mine == 0 else f"{mine}:{group} {mode:04o}"
        assert host.open_to(str(point)) == expected, f"{mode:o}"


def test_selinux_only_speaks_when_it_is_enforcing(tmp_path: Path) -> None:
    assert host.selinux_note((), str(tmp_path)) == ""
    (tmp_path / "booleans").mkdir()
    (tmp_path / "enforce").write_text("1")
    assert "no virt_use_nfs" in host.selinux_note((), str(tmp_path))
    (tmp_path / "booleans" / "virt_use_nfs").write_text("0 0")
    assert "setsebool -P virt_use_nfs 1" in host.selinux_note((), str(tmp_path))
    assert host.selinux_note(("context=system_u:object_r:glance_var_lib_t:s0",), str(tmp_path)) == ""
    (tmp_path / "booleans" / "virt_use_nfs").write_text("1 1")
    assert host.selinux_note((), str(tmp_path)) == ""


def test_who_holds_a_directory(tmp_path: Path) -> None:
    assert holders(str(tmp_path)) == []
    (tmp_path / "image").touch()
    with open(tmp_path / "image") as opened, subprocess.Popen(["sleep", "60"], cwd=tmp_path, stdin=opened) as process:
        found = {holder.pid: str(holder) for holder in holders(str(tmp_path))}
        process.kill()
    said = found[process.pid]
    assert f"process {process.pid} (sleep, user " in said and "its working directory" in said
    assert len(found) == 2, "this process has the file open"


def test_a_probe_leaves_nothing_and_says_whose_it_was(tmp_path: Path) -> None:
    status = tmp_path.stat()
    who = examine.Identity("me", status.st_uid, "us", status.st_gid, (), 0o711)
    found = examine.facts_from(examine.examine(str(tmp_path), who, True, lambda step: None))
    assert (found.step, found.number, found.file_uid, found.refused) == ("", 0, status.st_uid, 0)
    assert (found.before.mode, found.after.mode) == (0o700, 0o711)
    assert list(tmp_path.iterdir()) == []


def test_a_probe_that_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    status = tmp_path.stat()
    (tmp_path / examine.probe_name()).write_text("left")
    who = examine.Identity("me", status.st_uid, "us", status.st_gid, (), None)
    found = examine.facts_from(examine.examine(str(tmp_path), who, True, lambda step: None))
    assert found.step == "" and list(tmp_path.iterdir()) == []


def test_identities() -> None:
    root = keeper.identity_of("root", "root", 0o750)
    assert root and (root.uid, root.gid, root.mode) == (0, 0, 0o750)
    number = keeper.identity_of("64062", "64063", None)
    assert number and (number.uid, number.gid) == (64062, 64063)
    assert keeper.identity_of("no-such-user", "root", None) is None
    assert keeper.identity_of("root", "no-such-group", None) is None


MODES = [("0750", 0o750), ("750", 0o750), (0o750, 0o750), ("", None), (None, None)]


@pytest.mark.parametrize(("written", "mode"), MODES)
def test_modes(written: object, mode: int | None) -> None:
    assert nfs_mount.mode_from(written) == mode


@pytest.mark.parametrize("written", ["rwx", "0999", -1, 0o10000])
def test_wrong_modes_are_refused(written: object) -> None:
    with pytest.raises(NfsError, match="octal"):
        nfs_mount.mode_from(written)


GOOD = {
    "path": "/mnt/",
    "server": "[2001:db8::1]",
    "export": "/srv//a/",
    "version": "",
    "options": [],
    "state": "mounted",
    "owner": "glance",
    "group": "glance",
    "mode": "0750",
    "probe": True,
    "force": False,
}


def test_what_is_asked_is_tidied() -> None:
    wish = nfs_mount.wish_from(GOOD)
    assert (wish.path, wish.source) == ("/mnt", "[2001:db8::1]:/srv/a")


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "mnt"},
        {"path": "/"},
        {"path": "/srv/" + "ä" * 35},
        {"export": "srv"},
        {"server": "a b"},
        {"server": "nas:/srv"},
        {"export": "/srv\nUser=root"},
        {"options": ["bg"]},
        {"mode": "rwx"},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(NfsError) as caught:
        nfs_mount.wish_from({**GOOD, **wrong})
    assert caught.value.cause == "argument"
