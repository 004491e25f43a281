# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is found to what is done; pure. PRIVATE to the collection."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.openimage.glance.plugins.module_utils._nfs import options as opts
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError, Wish, tidy
from ansible_collections.openimage.glance.plugins.module_utils._nfs.mountinfo import Mount
from ansible_collections.openimage.glance.plugins.module_utils._nfs.unit import DIRECTORY, read, render, unit_name

MOUNT, REMOUNT, REPLACE, RECOVER, UNMOUNT = "mount", "remount", "replace", "recover", "unmount"
HEALTHY, STALE, HANGING = "healthy", "stale", "hanging"


@dataclass(frozen=True)
class Found:
    """How the host is."""

    mounts: tuple[Mount, ...] = ()
    """What is mounted on the path, the visible one last."""
    inside: tuple[Mount, ...] = ()
    """What is mounted below it."""
    health: str = HEALTHY
    """Of the visible one."""
    kind: str = "missing"
    """Of the path: missing, directory (empty), hollow (only empty directories in it), full, or what else, in words."""
    open_to: str = ""
    """Owner, group and mode of that directory, empty or hollow, when others than root could write in it."""
    unit_text: str | None = None
    """The file of our name in DIRECTORY."""
    enabled: bool = False
    foreign: str = ""
    """A unit for the path that is not in that file, in words."""
    fstab: int = 0
    """The line of fstab that names the path."""
    addresses: tuple[str, ...] = ()
    """The server's."""
    leftovers: tuple[str, ...] = ()
    """Files and directories that a killed run has left."""


@dataclass
class Plan:
    """What is to be done, in this order."""

    make_directory: bool = False
    close_directory: bool = False
    verb: str = ""
    """One of the above; empty when what is mounted stays as it is."""
    why: str = ""
    unit_text: str | None = None
    """What the unit's file shall be; None when it stays."""
    remove_unit: bool = False
    enable: bool = False
    remove_directory: bool = False
    leftovers: tuple[str, ...] = ()
    """What is removed first."""
    notes: list[str] = field(default_factory=list)
    """Negotiated options, for a warning."""


def same_export(mount: Mount, wish: Wish, addresses: tuple[str, ...]) -> bool:
    """Return whether a mount is of the export that is asked for, by whatever name of the server."""
    if not mount.is_nfs or mount.export != tidy(wish.export):
        return False
    return mount.server == wish.server or mount.address in (wish.server, *addresses)


def decide(found: Found, wish: Wish) -> Plan:
    """Return what turns what is found into what is asked, or refuse."""
    _nobody_elses(found, wish)
    if wish.state in ("unmounted", "absent"):
        return _away(found, wish)
    plan = Plan(leftovers=found.leftovers)
    text = render(wish)
    if found.unit_text != text:
        plan.unit_text = text
    plan.enable = not found.enabled
    if wish.state == "present":
        return plan
    if found.mounts:
        _mounted(found, wish, plan)
    else:
        _mount_point(found, wish)
        plan.make_directory = found.kind == "missing"
        plan.close_directory = bool(found.open_to)
        plan.verb = MOUNT
    return plan


def _nobody_elses(found: Found, wish: Wish) -> None:
    """Refuse where somebody else already looks after the path."""
    if found.fstab and wish.state != "unmounted":
        raise NfsError(
            "fstab",
            f"{wish.path} is in line {found.fstab} of /etc/fstab, so it would be mounted from two places",
            "remove that line (what is mounted may stay), run systemctl daemon-reload, and run again",
        )
    if found.foreign and wish.state != "unmounted":
        name = unit_name(wish.path)
        raise NfsError(
            "foreign_unit",
            f"systemd has a unit for {wish.path} that this module did not make: {found.foreign}",
            f"leave the path to that unit and take nfs: out of the store, or remove it (systemctl disable --now "
            f"'{name}', then its file), and run again",
        )
    visible = found.mounts[-1] if found.mounts else None
    if visible and not visible.is_nfs:
        raise NfsError(
            "other_mount",
            f"On {wish.path} something else is mounted: {visible.source} of type {visible.fstype}",
            f"choose another path, or find out what needs it and umount {wish.path}",
        )


def _mount_point(found: Found, wish: Wish) -> None:
    """Refuse a mount point that cannot be one, or would hide files."""
    if found.kind == "full" and not wish.force:
        raise NfsError(
            "not_empty",
            f"{wish.path} holds files; mounting {wish.source} over it would hide what is there",
            f"see what they are (find {wish.path} -not -type d); images of a local store can be moved to the export; "
            "or write force: true to hide them",
        )
    if found.kind not in ("missing", "directory", "hollow", "full"):
        raise NfsError("argument", f"{wish.path} is {found.kind}, not a directory", "name the directory itself")


def _mounted(found: Found, wish: Wish, plan: Plan) -> None:
    """Decide about what is mounted already."""
    mount = found.mounts[-1]
    if not same_export(mount, wish, found.addresses):
        ours = "not by a unit of this module" if found.unit_text is None else "its unit was made by this module"
        raise NfsError(
            "other_mount",
            f"On {wish.path} another export is mounted: {mount.source} ({ours}), asked for is {wish.source}",
            f"if the images have moved there, stop Glance, run this module with state=absent for {wish.path}, and run "
            "again; otherwise correct server: and export:",
        )
    if found.health == STALE:
        plan.verb, plan.why = RECOVER, "its handle was stale: the server replaced the export"
        return
    if found.health == HANGING:
        raise NfsError(
            "hanging",
            f"{wish.source} is mounted on {wish.path}, but does not answer. It was left as it is",
            f"look at {wish.server} and the network between; processes that wait go on when the server is back. To "
            f"give it up: umount -f -l {wish.path}",
        )
    wrong, plan.notes = opts.differences(wish.mount_options, mount.options)
    changed = _changed(found, wish)
    extra = opts.left_over(wish.mount_options, mount.options)
    if not opts.version_matches(wish.version, mount.version):
        plan.verb, plan.why = REPLACE, f"NFS {mount.version}, asked for is {wish.version}"
        return
    reasons = wrong + [f"{name} (not asked for)" for name in extra] + [f"{name} (changed)" for name in changed]
    if not reasons:
        return
    names = [reason.partition(" ")[0] for reason in reasons]
    plan.verb = REMOUNT if all(opts.generic(name) for name in names) else REPLACE
    plan.why = "options: " + ", ".join(dict.fromkeys(reasons))


def _changed(found: Found, wish: Wish) -> list[str]:
    """Return which options are not those that our unit mounts with. The version is compared with what is in effect."""
    written = read(found.unit_text or "")
    if written is None:
        return []
    return sorted(o for o in set(written.options) ^ set(wish.mount_options) if not o.startswith("vers="))


def _away(found: Found, wish: Wish) -> Plan:
    plan = Plan(leftovers=found.leftovers)
    if found.inside:
        inner = ", ".join(mount.path for mount in found.inside)
        raise NfsError("busy", f"Other filesystems are mounted inside {wish.path}: {inner}", "unmount them first")
    if found.mounts:
        plan.verb = UNMOUNT
    if wish.state == "absent":
        plan.remove_unit = found.unit_text is not None
        plan.remove_directory = found.kind == "directory" or bool(found.mounts)
    return plan


def verify(mount: Mount | None, wish: Wish, addresses: tuple[str, ...]) -> list[str]:
    """Refuse a fresh mount that is not what was asked; return what was negotiated otherwise."""
    if mount is None or not same_export(mount, wish, addresses):
        there = mount.source if mount else "nothing"
        raise NfsError("mount_failed", f"{wish.source} was mounted on {wish.path}, but {there} is there", "run again")
    wrong, negotiated = opts.differences(wish.mount_options, mount.options)
    if wrong:
        raise NfsError(
            "mount_options",
            f"{wish.source} was mounted on {wish.path}, but not with the options asked for: {', '.join(wrong)}",
            "correct options:; another mount of the same server may force its own (see /proc/self/mountinfo)",
        )
    if not opts.version_matches(wish.version, mount.version):
        wrong_version = f"{wish.source} was mounted with NFS {mount.version}, not {wish.version}"
        raise NfsError("version", wrong_version, "ask for that one")
    return negotiated


def unit_path(wish: Wish) -> str:
    """Return where the unit's file is."""
    return f"{DIRECTORY}/{unit_name(wish.path)}"
