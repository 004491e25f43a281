# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what was found on a mounted export to the name of the cause; pure. PRIVATE to the collection."""

from __future__ import annotations

import errno
import os
import pwd
from dataclasses import dataclass

from ansible_collections.openimage.glance.plugins.module_utils._nfs.examine import Facts, Identity, Root
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError, Wish

REFUSALS = (errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class Surroundings:
    """What else matters."""

    host: str
    read_only: bool = False
    """The mount itself, not the export."""
    selinux: str = ""
    """What SELinux may have against it; empty when it is not enforcing."""


def named(uid: int) -> str:
    """Return a user's number with the name that this host has for it."""
    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"


def permits(root: Root, identity: Identity) -> bool:
    """Return whether the mode bits let the user make files in the directory."""
    if root.uid == identity.uid:
        bits = root.mode >> 6
    elif root.gid in (identity.gid, *identity.groups):
        bits = root.mode >> 3
    else:
        bits = root.mode
    return bits & 0o3 == 0o3


def remedy(wish: Wish, identity: Identity) -> str:
    """Return the commands for the server. Numbers: it need not have these names."""
    mode = f" && chmod {identity.mode:04o} {wish.export}" if identity.mode is not None else ""
    return f"on {wish.server} run: chown {identity.uid}:{identity.gid} {wish.export}{mode}"


def judge(facts: Facts, wish: Wish, identity: Identity, around: Surroundings) -> NfsError | None:
    """Return why the export cannot be used by the service user; None when it can."""
    tried = f"{around.host} mounted {wish.source} for {wish.path}, but as {identity.user} (uid {identity.uid})"
    if not facts.step:
        if facts.refused and not wish.probe:
            return _owner(f"{around.host} mounted {wish.source} for {wish.path}, but", facts, wish, identity)
        return None
    failed = f"{tried} could not {facts.step} a file there: {os.strerror(facts.number)}"
    if facts.number in REFUSALS and facts.step == "create":
        error = _refused(failed, facts, wish, identity)
        if around.selinux:
            return NfsError(error.cause, f"{error.message}. {around.selinux}", error.todo)
        return error
    if facts.number == errno.EROFS:
        return _read_only(failed, wish, around)
    known = {
        errno.ENOSPC: ("full", "the server's filesystem is full", f"make room on {wish.server} (df {wish.export})"),
        errno.EDQUOT: (
            "quota",
            "the quota is used up",
            f"raise the quota of uid {identity.uid} or of {wish.export} on {wish.server}",
        ),
        errno.ESTALE: (
            "stale",
            "the export was replaced on the server while it was mounted",
            f"on {wish.server}: exportfs -ra; then run again",
        ),
        errno.ENOLCK: (
            "locks",
            "the server's lock manager does not answer",
            "start rpc.statd here and lockd on the server, use NFS 4, or mount with nolock if no other host uses it",
        ),
    }
    if facts.number in known:
        cause, why, todo = known[facts.number]
        return NfsError(cause, f"{failed}; {why}", todo)
    if facts.step == "lock":
        return NfsError("locks", failed, "use NFS 4, or mount with nolock if no other host uses the export")
    return NfsError("probe", failed, f"look at the log of {wish.server} and of this host's kernel")


def _read_only(failed: str, wish: Wish, around: Surroundings) -> NfsError:
    if around.read_only:
        todo = "remove ro from options:, or write probe: false if it is meant"
        return NfsError("read_only_mount", f"{failed}; it is mounted read-only here", todo)
    todo = f"export {wish.export} with rw to this host on {wish.server}, then exportfs -ra there"
    return NfsError("read_only_export", f"{failed}; {wish.server} exports it read-only", todo)


def _refused(failed: str, facts: Facts, wish: Wish, identity: Identity) -> NfsError:
    """Return why creating a file was not allowed."""
    root = facts.after
    if permits(root, identity):
        # The mode allows it to us, so the server takes us for somebody else.
        return NfsError(
            "all_squash",
            f"{failed}. The root of the export belongs to {named(root.uid)}, mode {root.mode:04o}, which would allow "
            f"it: {wish.server} takes this host's uid {identity.uid} for another user (all_squash, or id mapping)",
            f"on {wish.server} export {wish.export} with no_all_squash, or with all_squash,anonuid={identity.uid},"
            f"anongid={identity.gid}; with NFS 4 and sec=krb5, look at the Domain in /etc/idmapd.conf on both",
        )
    if root.uid == identity.uid:
        return NfsError(
            "permission",
            f"{failed}. The root of the export belongs to it, but its mode {root.mode:04o} does not let it write",
            remedy(wish, identity),
        )
    return _owner(f"{failed}.", facts, wish, identity)


def _owner(begin: str, facts: Facts, wish: Wish, identity: Identity) -> NfsError:
    root = facts.after
    shown = f"the root of the export belongs to {named(root.uid)}, gid {root.gid}, mode {root.mode:04o}"
    if facts.refused in REFUSALS:
        return NfsError(
            "root_squash",
            f"{begin} T{shown[1:]}, and {wish.server} does not let root of this host change that (root_squash)",
            f"{remedy(wish, identity)}; or export it with no_root_squash and run again",
        )
    why = f", and to change that failed: {os.strerror(facts.refused)}" if facts.refused else ""
    return NfsError("owner", f"{begin} T{shown[1:]}{why}", remedy(wish, identity))


def warnings(facts: Facts, wish: Wish, identity: Identity, around: Surroundings) -> list[str]:
    """Return what works, but should be known."""
    found = []
    if facts.file_uid not in (None, identity.uid) and not facts.step:
        found.append(
            f"{wish.server} stores what {identity.user} (uid {identity.uid}) writes to {wish.export} as "
            f"{named(facts.file_uid or 0)} (all_squash or id mapping). It works as long as all API hosts are mapped "
            "the same way."
        )
    elif facts.refused and not facts.step and wish.probe:
        differing = ", ".join(identity.differs(facts.after))
        found.append(
            f"{wish.source} works for {identity.user}, but {differing} of its root is not as wished and {wish.server} "
            f"did not let this host change it: {os.strerror(facts.refused)}. To do: {remedy(wish, identity)}."
        )
    if around.selinux and not facts.step:
        found.append(f"{around.selinux} The probe does not run in Glance's SELinux domain and cannot tell.")
    if facts.left:
        found.append(f"The probe could not remove {', '.join(facts.left)} in {wish.path} again.")
    return found
