"""All or nothing on a real file system, also for a run that is killed in the middle."""

from __future__ import annotations

import errno
import os
import signal
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config import files as state

UID, GID = str(os.getuid()), str(os.getgid())
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root may give files to other users")


def a_file(path: Path, content: str, mode: int = 0o640, owner: str = UID, group: str = GID) -> state.Wanted:
    return state.Wanted(str(path), content.encode(), mode, owner, group)


def a_directory(path: Path, mode: int = 0o750, owner: str = UID, group: str = GID) -> state.Wanted:
    return state.Wanted(str(path), None, mode, owner, group)


def converge(*wanted: state.Wanted) -> list[str]:
    """Plan and apply as the module does; the changed paths."""
    changes = state.plan(list(wanted))
    state.apply(changes, state.leftovers(list(wanted)))
    return [change.wanted.path for change in changes]


def names(directory: Path) -> list[str]:
    return sorted(entry.name for entry in directory.iterdir())


def test_directories_and_files_are_created(tmp_path: Path) -> None:
    wanted = [a_file(tmp_path / "a/b/f", "x"), a_directory(tmp_path / "a/b", 0o700)]
    assert converge(*wanted) == [str(tmp_path / "a/b"), str(tmp_path / "a/b/f")]
    assert (tmp_path / "a/b/f").read_text() == "x"
    modes = [stat.S_IMODE((tmp_path / path).stat().st_mode) for path in ("a", "a/b", "a/b/f")]
    assert modes == [0o755, 0o700, 0o640]
    assert converge(*wanted) == []


def test_an_unchanged_file_is_not_touched(tmp_path: Path) -> None:
    same, other = tmp_path / "same", tmp_path / "other"
    converge(a_file(same, "1"), a_file(other, "1"))
    before = same.stat()
    assert converge(a_file(same, "1"), a_file(other, "2")) == [str(other)]
    after = same.stat()
    assert (before.st_ino, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_ino,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )


def test_a_mode_changes_in_place(tmp_path: Path) -> None:
    path = tmp_path / "f"
    converge(a_file(path, "1", 0o644))
    before = path.stat()
    assert converge(a_file(path, "1", 0o600)) == [str(path)]
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, stat.S_IMODE(after.st_mode)) == (before.st_ino, before.st_mtime_ns, 0o600)


def test_the_plan_changes_nothing(tmp_path: Path) -> None:
    changes = state.plan([a_file(tmp_path / "d/f", "x"), a_directory(tmp_path / "d")])
    assert [change.attributes()[0] for change in changes] == [("mode", "", "0750"), ("mode", "", "0640")]
    assert names(tmp_path) == []


def test_unknown_user_is_planned_but_refused(tmp_path: Path) -> None:
    changes = state.plan([a_file(tmp_path / "f", "x", owner="nobody-has-this-name")])
    assert len(changes) == 1
    with pytest.raises(state.FilesRefused, match="there is no user 'nobody-has-this-name' on this host"):
        state.apply(changes)
    assert names(tmp_path) == []


def test_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(state.FilesRefused, match="name it under directories"):
        converge(a_file(tmp_path / "missing/f", "x"))


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_links_are_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    wanted = a_file(tmp_path / "link", "x") if kind == "file" else a_directory(tmp_path / "link")
    with pytest.raises(state.FilesRefused, match=f"symbolic link to {tmp_path}/target"):
        state.plan([wanted])


def test_a_directory_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(state.FilesRefused, match="exists and is not a file"):
        state.plan([a_file(tmp_path, "x")])
    (tmp_path / "f").touch()
    with pytest.raises(state.FilesRefused, match="exists and is not a directory"):
        state.plan([a_directory(tmp_path / "f")])
    with pytest.raises(state.FilesRefused, match="a part of this path is not a directory"):
        state.plan([a_file(tmp_path / "f/g", "x")])


def test_full_disk_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    converge(a_file(tmp_path / "a", "old"))
    real, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    wanted = [a_directory(tmp_path / "new/deep"), a_file(tmp_path / "a", "1"), a_file(tmp_path / "b", "1")]
    with pytest.raises(state.FilesRefused, match=r"b could not be written: No space left on device\. Nothing was"):
        converge(*wanted)
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


def test_failed_rename_says_what_was_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.rename

    def rename(source: str, target: str) -> None:
        if target.endswith("b"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(state.FilesRefused, match=f"already replaced: {tmp_path}/a. Run again to complete"):
        converge(a_file(tmp_path / "a", "1"), a_file(tmp_path / "b", "1"), a_file(tmp_path / "c", "1"))
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("moment", ["fsync", "rename"])
def test_a_killed_run_is_healed_by_the_next(tmp_path: Path, moment: str) -> None:
    wanted = [a_file(tmp_path / "a", "new"), a_file(tmp_path / "b", "new")]
    converge(a_file(tmp_path / "a", "old"), a_file(tmp_path / "b", "old"))
    (tmp_path / ".a.config_files-notours").touch()
    child = os.fork()
    if child == 0:
        calls: list[Any] = []
        real = getattr(os, moment)

        def die(*arguments: Any) -> None:
            calls.append(arguments)
            if len(calls) == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            real(*arguments)

        setattr(os, moment, die)
        converge(*wanted)
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    left = state.leftovers(wanted)
    assert left, "the killed run left nothing behind, so this test shows nothing"
    assert {stat.S_IMODE(os.stat(path).st_mode) & 0o077 for path in left} <= {0, 0o040}
    converge(*wanted)
    assert names(tmp_path) == [".a.config_files-notours", "a", "b"]
    assert (tmp_path / "a").read_text() == (tmp_path / "b").read_text() == "new"


def test_a_run_killed_at_a_missing_parent_leaves_one_that_can_be_passed(tmp_path: Path) -> None:
    """No later run would mend it: the parent is not among what is wanted, and it is there."""
    wanted = a_directory(tmp_path / "parent/child")
    child = os.fork()
    if child == 0:
        os.umask(0o077)
        real = os.mkdir

        def die(*arguments: Any) -> None:
            real(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)

        os.mkdir = die  # type: ignore[assignment]
        converge(wanted)
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert names(tmp_path) == ["parent"] and names(tmp_path / "parent") == []
    converge(wanted)
    assert stat.S_IMODE((tmp_path / "parent").stat().st_mode) == state.PARENT_MODE


@AS_ROOT
def test_no_moment_in_which_too_many_may_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    converge(a_file(path, "1", 0o644, "0", "0"))
    seen: list[tuple[str, int, int, int]] = []

    def watch(name: str) -> None:
        real = getattr(os, name)

        def call(descriptor: int, *arguments: int) -> None:
            real(descriptor, *arguments)
            now = os.fstat(descriptor)
            seen.append((name, stat.S_IMODE(now.st_mode), now.st_uid, now.st_gid))

        monkeypatch.setattr(os, name, call)

    watch("fchmod")
    watch("fchown")
    converge(a_file(path, "1", 0o640, "0", "12345"))
    assert seen == [("fchmod", 0o600, 0, 0), ("fchown", 0o600, 0, 12345), ("fchmod", 0o640, 0, 12345)]
    seen.clear()
    converge(a_file(path, "2", 0o640, "0", "12345"))
    assert seen == [("fchmod", 0o600, 0, 0), ("fchown", 0o600, 0, 12345), ("fchmod", 0o640, 0, 12345)]


def test_new_files_are_closed_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        converge(a_directory(tmp_path / "d", 0o700), a_file(tmp_path / "d/f", "x", 0o600))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "d").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "d/f").stat().st_mode) == 0o600
