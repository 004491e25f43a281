# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at a mounted export, gives its root an owner, and tries it as the service user. PRIVATE to the collection.

Runs in a child that ends afterwards: it becomes the service user and stays it. What goes wrong is returned, not judged.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import socket
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._nfs.bounded import Note

SIZE = 64 * 1024
PREFIX = ".openimage-glance-probe-"


@dataclass(frozen=True)
class Root:
    """Owner and mode of the mounted root."""

    uid: int
    gid: int
    mode: int


@dataclass(frozen=True)
class Identity:
    """The service user, and how it wants the root to be. A mode of None is left as it is."""

    user: str
    uid: int
    group: str
    gid: int
    groups: tuple[int, ...]
    mode: int | None

    def differs(self, root: Root) -> list[str]:
        """Return which of uid, gid and mode are not as wished."""
        pairs = (("owner", root.uid, self.uid), ("group", root.gid, self.gid), ("mode", root.mode, self.mode))
        return [name for name, is_, wished in pairs if wished is not None and is_ != wished]


@dataclass
class Facts:
    """What was found."""

    before: Root
    after: Root
    refused: int = 0
    """The errno with which the server refused to change owner, group or mode."""
    step: str = ""
    """At which step of the probe it failed; empty when it did not, or was not made."""
    number: int = 0
    """The errno of that step."""
    file_uid: int | None = None
    """Whose the server says the probe's file is."""
    left: list[str] = field(default_factory=list)
    """What could not be removed again."""
    seconds: float = 0.0


def facts_from(raw: dict[str, Any]) -> Facts:
    """Return what the child sent."""
    return Facts(**{**raw, "before": Root(**raw["before"]), "after": Root(**raw["after"])})


def probe_name() -> str:
    """Return the name of this host's probe file: the next run finds what a killed one left."""
    try:
        with open("/etc/machine-id") as file:
            machine = file.read().strip()
    except OSError:
        machine = ""
    return PREFIX + hashlib.sha256(f"{socket.gethostname()} {machine}".encode()).hexdigest()[:12]


def look(path: str) -> Root:
    """Return owner and mode of a directory."""
    found = os.stat(path)
    return Root(found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode))


def examine(path: str, identity: Identity, probe: bool, note: Note) -> dict[str, Any]:
    """Do all of it; to be called as root, in a child."""
    note("looking at the root of the export")
    facts = Facts(look(path), look(path))
    note("setting owner and mode of the root of the export")
    if identity.differs(facts.before):
        facts.refused = _own(path, identity)
    become(identity)
    if identity.differs(look(path)) and look(path).uid == os.geteuid():
        # Where root is squashed, the owner may still set group and mode of what is its own.
        facts.refused = _own(path, identity)
    facts.after = look(path)
    if not identity.differs(facts.after):
        facts.refused = 0
    if probe:
        began = time.monotonic()
        _probe(path, facts, note)
        facts.seconds = round(time.monotonic() - began, 3)
    return asdict(facts)


def become(identity: Identity) -> None:
    """Be the service user from here on."""
    if os.geteuid() == identity.uid:
        return
    os.setgroups(identity.groups)
    os.setgid(identity.gid)
    os.setuid(identity.uid)
    os.umask(0o077)


def _own(path: str, identity: Identity) -> int:
    """Set what differs; return the errno of the last refusal."""
    refused = 0
    root = look(path)
    changes: list[tuple[bool, Callable[[], None]]] = [
        (root.gid != identity.gid, lambda: os.chown(path, -1, identity.gid)),
        (identity.mode is not None and root.mode != identity.mode, lambda: os.chmod(path, identity.mode or 0)),
        # Last: whoever gives it away may not change it any more.
        (root.uid != identity.uid, lambda: os.chown(path, identity.uid, -1)),
    ]
    for needed, change in changes:
        try:
            if needed:
                change()
        except OSError as error:
            refused = error.errno or 0
    return refused


def _probe(path: str, facts: Facts, note: Note) -> None:
    name = f"{path}/{probe_name()}"
    renamed = f"{name}-renamed"
    for leftover in (name, renamed):
        with contextlib.suppress(OSError):
            os.unlink(leftover)
    try:
        for step, work in _steps(name, renamed, facts):
            note(f"{step} a probe file as the service user")
            facts.step = step
            work()
        facts.step = ""
    except OSError as error:
        facts.number = error.errno or 0
    finally:
        for leftover in (name, renamed):
            _remove(leftover, facts)


def _remove(path: str, facts: Facts) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        # What was never made is refused as well, by a read-only filesystem or a directory that cannot be searched.
        if facts.file_uid is not None and error.errno != errno.ESTALE:
            facts.left.append(os.path.basename(path))


def _steps(name: str, renamed: str, facts: Facts) -> Iterator[tuple[str, Callable[[], None]]]:
    data = os.urandom(SIZE)
    handles: list[int] = []

    def create() -> None:
        handles.append(os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        facts.file_uid = os.fstat(handles[0]).st_uid

    def write() -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(handles[0], view) :]

    def lock() -> None:
        fcntl.lockf(handles[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(handles[0], fcntl.LOCK_UN)

    def close() -> None:
        # Not from this host's memory: what was written must have reached the server.
        os.posix_fadvise(handles[0], 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handles.pop())

    def compare() -> None:
        with open(renamed, "rb") as file:
            if file.read() != data:
                raise OSError(errno.EIO, "it holds something else than was written")

    try:
        yield "create", create
        yield "write", write
        yield "fsync", lambda: os.fsync(handles[0])
        yield "rename", lambda: os.rename(name, renamed)
        yield "lock", lock
        yield "close", close
        yield "read back", compare
        yield "remove", lambda: os.unlink(renamed)
    finally:
        for handle in handles:
            with contextlib.suppress(OSError):  # a full server says it again here
                os.close(handle)
