# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mounts something for a try, where nobody else sees it, and explains what mount says. PRIVATE to the collection."""

from __future__ import annotations

import ctypes
import errno
import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._nfs import mountinfo
from ansible_collections.openimage.glance.plugins.module_utils._nfs.bounded import (
    ENVIRONMENT,
    GRACE,
    Note,
    TooLate,
    bounded,
    command,
)
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError, Wish, source_of
from ansible_collections.openimage.glance.plugins.module_utils._nfs.server import Server

CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
STAGING, STAGING_IN = "openimage-glance-nfs-", "/run"
"""How the names of directories begin in which an export is mounted for a try, and where they are."""
PSEUDO_DEPTH = 4
PSEUDO_ENTRIES = 200


def leftovers() -> list[str]:
    """Return the directories of runs that were killed; while this one has its turn, no other is at work."""
    return glob.glob(f"{STAGING_IN}/{STAGING}*")


def helper() -> str:
    """Return where mount.nfs is; empty when this host does not have it."""
    return shutil.which("mount.nfs", path=ENVIRONMENT["PATH"]) or ""


@contextmanager
def staging() -> Iterator[str]:
    """Keep an empty directory for the length of the block."""
    directory = tempfile.mkdtemp(prefix=STAGING, dir=STAGING_IN)
    try:
        yield directory
    finally:
        # Only ever rmdir: should something be mounted here after all, nothing of it is lost.
        os.rmdir(directory)


def private_namespace() -> None:
    """Give this process mounts of its own: they end with it, however it ends."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(CLONE_NEWNS) or library.mount(None, b"/", None, MS_REC | MS_PRIVATE, None):
        number = ctypes.get_errno()
        raise NfsError("host", f"This host allows no mount namespace: {os.strerror(number)}", "run the module as root")


def mount_command(source: str, path: str, options: tuple[str, ...]) -> list[str]:
    """Return the command that mounts once, without trying for two minutes when the server is slow to answer."""
    options = options if any(option.startswith("retry=") for option in options) else (*options, "retry=0")
    return ["mount", "-t", "nfs", "-o", ",".join(options), source, path]


def attempt(wish: Wish, server: Server, seconds: float, work: Callable[[str, Note], Any]) -> Any:
    """Mount in a namespace of a child's own, let ``work`` look at it, return its result. Nothing stays."""

    def trial(directory: str, note: Note) -> Any:
        private_namespace()
        note(f"mounting {wish.source} for a try")
        # Sooner than this child is given up, so that nothing that it started survives it.
        mounted = command(mount_command(wish.source, directory, wish.mount_options), max(1.0, seconds - 2 * GRACE))
        if mounted.code:
            return {"refused": mounted.output}
        with open("/proc/self/mountinfo") as file:
            if not mountinfo.at(mountinfo.parse(file.read()), directory):
                raise NfsError("mount_failed", f"mount said nothing, but {wish.source} is not mounted")
        return {"result": work(directory, note)}

    with staging() as directory:
        try:
            tried = bounded(lambda note: trial(directory, note), seconds)
        except TooLate as error:
            raise too_late(wish, error) from error
        except OSError as error:
            raise unexpected(wish, error) from error
    if "refused" in tried:
        raise explain(tried["refused"], wish, with_pseudo_root(wish, server, seconds))
    return tried["result"]


def unexpected(wish: Wish, error: OSError) -> NfsError:
    """Return what to say when not even the root of a mounted export can be looked at."""
    cause = "stale" if error.errno == errno.ESTALE else "probe"
    said = error.strerror or str(error)
    return NfsError(cause, f"The root of {wish.asked} cannot be looked at: {said}", f"look at the log of {wish.server}")


def too_late(wish: Wish, error: TooLate) -> NfsError:
    """Return what to say of a server that takes connections and then does not go on."""
    stuck = f"; process {error.stuck} hangs in the kernel and ends when the server answers" if error.stuck else ""
    if error.step.startswith("lock"):
        return NfsError(
            "locks",
            f"On {wish.asked} a file cannot be locked: {error}{stuck}",
            "run again in two minutes if the server was just started (it waits for its old clients first); otherwise "
            "let its lock manager through the firewall (rpcinfo -p shows nlockmgr and status), or use NFS 4",
        )
    return NfsError(
        "hanging",
        f"{wish.server} takes connections, but {wish.asked} does not answer: {error}{stuck}",
        "look at the load and the log of the NFS server, and at firewalls that drop established connections",
    )


def with_pseudo_root(wish: Wish, server: Server, seconds: float) -> Server:
    """Return the server with what NFS 4 shows below its root, unless it has listed its exports already."""
    if server.exports or wish.major == 3 or server.versions == ("3",):
        return server
    version = wish.version or "4"

    def look(directory: str, note: Note) -> list[str]:
        private_namespace()
        note(f"listing the exports of {wish.server}")
        options = (f"vers={version}", "ro", "soft")
        argv = mount_command(source_of(wish.server, "/"), directory, options)
        if command(argv, max(1.0, seconds - 2 * GRACE)).code:
            return []
        return pseudo_exports(directory)

    with staging() as directory:
        try:
            found = bounded(lambda note: look(directory, note), seconds)
        except (TooLate, OSError):
            found = []
    return Server(server.name, server.addresses, server.versions, (), server.silence, tuple(found))


def pseudo_exports(root: str) -> list[str]:
    """Return the paths below NFS 4's root that are exports, or else its first entries.

    Linux makes every step on the way to an export a filesystem of its own: the last one on each way is the export.
    """
    left = [PSEUDO_ENTRIES]

    def directories(path: str) -> list[tuple[str, int]]:
        found = []
        try:
            names = sorted(os.listdir(path))
        except OSError:  # not for this host to see
            return []
        for name in names[: left[0]]:
            left[0] -= 1
            try:
                # The slash crosses into the export, if it is one; root need not be allowed to read it.
                found.append((f"{path}/{name}", os.stat(f"{path}/{name}/").st_dev))
            except OSError:
                continue
        return found

    def exports(path: str, device: int, depth: int) -> list[str]:
        found = []
        for inner, its in directories(path) if depth < PSEUDO_DEPTH else []:
            found += exports(inner, its, depth + 1) or ([inner] if its != device else [])
        return found

    found = exports(root, os.stat(root).st_dev, 0)
    left[0] = PSEUDO_ENTRIES
    return [path[len(root) :] for path in found or [path for path, _mode in directories(root)]]


def explain(said: str, wish: Wish, server: Server) -> NfsError:
    """Return what a refusal by mount means."""
    last = said.splitlines()[-1] if said else "mount failed without a word"
    words = said.lower()
    what = f"Cannot mount {wish.asked}"
    listed = server.exported(wish.export)
    if "access denied" in words or "permission denied" in words or "operation not permitted" in words:
        if server.exports and listed is None:
            return _wrong_path(what, wish, server)
        exported = f"; {server.offer()}" if server.exports or server.pseudo else ""
        return NfsError(
            "access_denied",
            f"{what}: {wish.server} refuses this host ({last}){exported}",
            f"export {wish.export} to this host's address on {wish.server} (exportfs -v shows to whom it is exported), "
            "and look there whether the export asks for another sec= or for ports below 1024",
        )
    if "no such file or directory" in words or "reason given by server" in words:
        return _wrong_path(what, wish, server)
    if "protocol not supported" in words or "requested nfs version" in words or "not supported" in words:
        known = f"it speaks {', '.join(server.versions)}" if server.versions else "it does not tell what it speaks"
        return NfsError("version", f"{what}: {last}; {known}", "ask for another version")
    if "incorrect mount option" in words or "invalid argument" in words:
        options = ",".join(wish.mount_options)
        return NfsError("mount_options", f"{what}: the options {options} are not accepted ({last})", "correct options:")
    if "no such device" in words or "unknown filesystem type" in words:
        return NfsError(
            "host",
            f"{what}: the kernel of this host does not know NFS ({last})",
            "load its module nfs (modprobe nfs), or run on a kernel that has it",
        )
    if any(word in words for word in ("timed out", "refused", "unreachable", "no route")):
        return NfsError(
            "unreachable",
            f"{what}: {last}",
            "look at firewalls: TCP 2049 answers; NFS 3 also needs 111 and the ports that rpcinfo -p lists",
        )
    if "stale" in words:
        return NfsError("stale", f"{what}: {last}", f"on {wish.server}: exportfs -ra, then run again")
    return NfsError("mount_failed", f"{what}: {last}", f"look at the log of this host's kernel and of {wish.server}")


def _wrong_path(what: str, wish: Wish, server: Server) -> NfsError:
    return NfsError(
        "wrong_path",
        f"{what}: {wish.server} does not export {wish.export}; {server.offer()}",
        "correct export:, or export the path there",
    )
