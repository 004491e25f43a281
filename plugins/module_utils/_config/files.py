# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: plan what must change in a set of files and directories, then change all of it or nothing.

New contents are written to temporary files beside their targets, with the final owner and mode, before the first one
is renamed. What a killed run leaves behind is told apart by its name and removed by the next run.

Symbolic links are refused, for files and directories: a rename would turn a link into a file, and following one that
the service's own user can plant would hand root's ``chown`` to that user.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import secrets
import stat
from collections.abc import Callable, Sequence
from typing import NamedTuple

_TEMPORARY = re.compile(r"\.(?P<name>.+)\.config_files-[0-9a-f]{16}")
PARENT_MODE = 0o755


class FilesRefused(Exception):
    """The wanted state cannot be reached; the message names the path and the reason."""


class Wanted(NamedTuple):
    """A file (with content) or a directory (without) as it should be."""

    path: str
    content: bytes | None
    mode: int
    owner: str
    group: str


class State(NamedTuple):
    """What lies at a path."""

    content: bytes | None
    mode: int
    uid: int
    gid: int


class Change(NamedTuple):
    """One path that differs from what is wanted; an identity that does not exist yet is None."""

    wanted: Wanted
    before: State | None
    uid: int | None
    gid: int | None

    def contents_differ(self) -> bool:
        """Whether the file must be written, or the path created."""
        return self.before is None or self.before.content != self.wanted.content

    def attributes(self) -> list[tuple[str, str, str]]:
        """Name, old and new value of every attribute that differs."""
        new = [("mode", f"{self.wanted.mode:04o}"), ("owner", self.wanted.owner), ("group", self.wanted.group)]
        if self.before is None:
            return [(name, "", value) for name, value in new]
        old = [f"{self.before.mode:04o}", _user_name(self.before.uid), _group_name(self.before.gid)]
        same = [self.before.mode == self.wanted.mode, self.before.uid == self.uid, self.before.gid == self.gid]
        return [(name, was, value) for (name, value), was, equal in zip(new, old, same) if not equal]


def _name(number: int, ask: Callable[[int], str]) -> str:
    try:
        return ask(number)
    except KeyError:
        return str(number)


def _user_name(uid: int) -> str:
    return _name(uid, lambda number: pwd.getpwuid(number).pw_name)


def _group_name(gid: int) -> str:
    return _name(gid, lambda number: grp.getgrgid(number).gr_name)


def _number(name: str, ask: Callable[[str], int]) -> int | None:
    if name.isdigit():
        return int(name)
    try:
        return ask(name)
    except KeyError:
        return None


def user_id(name: str) -> int | None:
    """The number of a user given by name or number, or None when there is none of that name."""
    return _number(name, lambda known: pwd.getpwnam(known).pw_uid)


def group_id(name: str) -> int | None:
    """The number of a group given by name or number, or None when there is none of that name."""
    return _number(name, lambda known: grp.getgrnam(known).gr_gid)


def _look(wanted: Wanted) -> State | None:
    """What lies at the path now; refuses what is neither absent nor of the wanted kind."""
    is_file = wanted.content is not None
    kind = "file" if is_file else "directory"
    try:
        status = os.lstat(wanted.path)
    except FileNotFoundError:
        return None
    except NotADirectoryError as error:
        raise FilesRefused(f"{wanted.path}: a part of this path is not a directory") from error
    if stat.S_ISLNK(status.st_mode):
        raise FilesRefused(
            f"{wanted.path} is a symbolic link to {os.readlink(wanted.path)}. Links are not followed here: "
            f"name the target itself, or replace the link by a {kind} or a bind mount"
        )
    if not (stat.S_ISREG(status.st_mode) if is_file else stat.S_ISDIR(status.st_mode)):
        raise FilesRefused(f"{wanted.path} exists and is not a {kind}; move it away")
    content = None
    if is_file:
        with open(wanted.path, "rb") as current:
            content = current.read()
    return State(content, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)


def plan(wanted: list[Wanted]) -> list[Change]:
    """What differs, directories before files, parents before children. Changes nothing."""
    changes: list[Change] = []
    for item in sorted(wanted, key=lambda item: (item.content is not None, item.path)):
        try:
            before = _look(item)
        except OSError as error:
            raise FilesRefused(f"{item.path} cannot be read: {error.strerror}") from error
        change = Change(item, before, user_id(item.owner), group_id(item.group))
        if change.contents_differ() or change.attributes():
            changes.append(change)
    return changes


def leftovers(wanted: list[Wanted]) -> list[str]:
    """Temporary files that a killed run left beside the wanted files."""
    names: dict[str, set[str]] = {}
    for item in wanted:
        if item.content is not None:
            names.setdefault(os.path.dirname(item.path), set()).add(os.path.basename(item.path))
    found: list[str] = []
    for directory, managed in names.items():
        for entry in os.listdir(directory) if os.path.isdir(directory) else ():
            match = _TEMPORARY.fullmatch(entry)
            if match and match.group("name") in managed:
                found.append(os.path.join(directory, entry))
    return sorted(found)


def surplus(absent: Sequence[str], wanted: Sequence[Wanted]) -> list[str]:
    """The files that are there and must not be."""
    kept = {item.path for item in wanted}
    found: list[str] = []
    for given in absent:
        path = os.path.normpath(given)
        if not os.path.isabs(path):
            raise FilesRefused(f"{given}: the path must be absolute")
        if path in kept:
            raise FilesRefused(f"{path} is given as absent and as present")
        try:
            mode = os.lstat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise FilesRefused(f"{path} cannot be read: {error.strerror}") from error
        if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
            raise FilesRefused(f"{path} exists and is not a file; move it away")
        found.append(path)
    return found


def refuse_impossible(changes: list[Change]) -> None:
    """Refuse what a look at the host already shows to fail: unknown users, missing directories."""
    made = {change.wanted.path for change in changes if change.wanted.content is None}
    for change in changes:
        wanted = change.wanted
        for kind, name, number in (("user", wanted.owner, change.uid), ("group", wanted.group, change.gid)):
            if number is None:
                raise FilesRefused(
                    f"{wanted.path}: there is no {kind} {name!r} on this host; install the service first"
                )
        parent = os.path.dirname(wanted.path)
        if wanted.content is not None and parent not in made and not os.path.isdir(parent):
            raise FilesRefused(f"{wanted.path}: the directory {parent} does not exist; name it under directories")


def _set_attributes(descriptor: int, change: Change) -> None:
    """Give an open file or directory its owner and mode; at no moment may more users read it than before or after."""
    if change.uid is None or change.gid is None:
        raise FilesRefused(f"{change.wanted.path}: its owner or group does not exist on this host")
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) != (change.uid, change.gid):
        os.fchmod(descriptor, stat.S_IMODE(now.st_mode) & change.wanted.mode & 0o700)
        os.fchown(descriptor, change.uid, change.gid)
    os.fchmod(descriptor, change.wanted.mode)


def _write_temporary(change: Change) -> str:
    directory, name = os.path.split(change.wanted.path)
    temporary = os.path.join(directory, f".{name}.config_files-{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb", closefd=False) as output:
            output.write(change.wanted.content or b"")
        _set_attributes(descriptor, change)
        os.fsync(descriptor)
    except OSError:
        os.unlink(temporary)
        raise
    finally:
        os.close(descriptor)
    return temporary


def _make_parent(path: str) -> None:
    """Create a directory with its mode at once: nobody asks for it by name, so no later run would mend its mode."""
    before = os.umask(0o777 & ~PARENT_MODE)
    try:
        os.mkdir(path, PARENT_MODE)
    finally:
        os.umask(before)


def _make_directory(path: str, created: list[str]) -> None:
    """Create a directory, closed to all others at first, and its missing parents; notes each as soon as it is there."""
    missing: list[str] = []
    parent = os.path.dirname(path)
    while not os.path.isdir(parent):
        missing.insert(0, parent)
        parent = os.path.dirname(parent)
    for directory in missing:
        _make_parent(directory)
        created.append(directory)
    os.mkdir(path, 0o700)
    created.append(path)


def _adjust(change: Change) -> None:
    """Set owner and mode of what exists, never through a link."""
    kind = os.O_DIRECTORY if change.wanted.content is None else 0
    descriptor = os.open(change.wanted.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | kind)
    try:
        _set_attributes(descriptor, change)
    finally:
        os.close(descriptor)


def _sync_directory(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def apply(changes: list[Change], stale: Sequence[str] = ()) -> None:
    """Make the planned changes. Until every new content is safely on disk, nothing that existed is touched.

    :param stale: what must go: temporary files of a killed run may fill the disk, so they go first.
    """
    refuse_impossible(changes)
    written: list[tuple[Change, str]] = []
    created: list[str] = []
    step = ""
    try:
        for step in stale:
            os.unlink(step)
        for change in changes:
            step = change.wanted.path
            if change.wanted.content is None and change.before is None:
                _make_directory(step, created)
                _adjust(change)
            elif change.wanted.content is not None and change.contents_differ():
                written.append((change, _write_temporary(change)))
    except OSError as error:
        for _change, temporary in written:
            os.unlink(temporary)
        for directory in reversed(created):
            os.rmdir(directory)
        raise FilesRefused(f"{step} could not be written: {error.strerror}. Nothing was changed") from error
    done: list[str] = []
    try:
        for change, temporary in written:
            step = change.wanted.path
            os.rename(temporary, step)
            done.append(step)
        for directory in sorted({os.path.dirname(path) for path in done}):
            _sync_directory(directory)
        for change in changes:
            if change.before is not None and not change.contents_differ():
                step = change.wanted.path
                _adjust(change)
    except OSError as error:
        for _change, temporary in written[len(done) :]:
            os.unlink(temporary)
        already = f"; already replaced: {', '.join(done)}" if done else ""
        raise FilesRefused(
            f"{step} could not be put in place: {error.strerror}{already}. Run again to complete"
        ) from error
