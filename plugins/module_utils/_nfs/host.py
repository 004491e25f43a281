# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host: what is there, and orders to mount, umount and systemd. PRIVATE to the collection."""

from __future__ import annotations

import errno
import glob
import os
import stat
import tempfile
import time
from dataclasses import replace

from ansible_collections.openimage.glance.plugins.module_utils._nfs import decide, mountinfo, mounting, unit
from ansible_collections.openimage.glance.plugins.module_utils._nfs.bounded import (
    Clock,
    Done,
    TooLate,
    bounded,
    command,
)
from ansible_collections.openimage.glance.plugins.module_utils._nfs.decide import Found
from ansible_collections.openimage.glance.plugins.module_utils._nfs.holders import holders
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError, Wish

FSTAB = "/etc/fstab"
TEMPORARY = ".nfs_mount-"
"""Begins the names of unit files that are not in place yet."""
ENABLED = ("enabled", "enabled-runtime", "alias")
SELINUX = "/sys/fs/selinux"
SYSTEMD_SECONDS = 90.0
"""Seconds for an order to systemd; a daemon-reload on a busy host takes many, and has nothing to do with NFS."""
UNMOUNT_SECONDS = 5.0
"""Seconds after which an unmount waits for a server that is gone; before that it writes what is not written yet."""
SETTLE = 20.0
"""Seconds that systemd is given to notice a mount or unmount."""


def mounted(path: str) -> list[mountinfo.Mount]:
    """Return what is mounted on a path, the visible one last."""
    return mountinfo.at(all_mounts(), path)


def all_mounts() -> list[mountinfo.Mount]:
    """Return everything that is mounted."""
    with open("/proc/self/mountinfo") as file:
        return mountinfo.parse(file.read())


def fstab_line(text: str, path: str) -> int:
    """Return the number of the line of fstab that mounts something on the path, 0 when there is none."""
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if len(fields) < 2 or fields[0].startswith("#"):
            continue
        if os.path.normpath(mountinfo.unescaped(fields[1])) == path:
            return number
    return 0


def selinux_note(options: tuple[str, ...], root: str = SELINUX) -> str:
    """Return what SELinux may have against NFS; empty when it is not enforcing, or was told."""
    if _text(f"{root}/enforce") != "1" or any(option.startswith("context=") for option in options):
        return ""
    value = _text(f"{root}/booleans/virt_use_nfs").split()
    if value[:1] == ["1"]:
        return ""
    switch = "virt_use_nfs is off: setsebool -P virt_use_nfs 1" if value else "this policy has no virt_use_nfs"
    return (
        f"SELinux is enforcing on this host, and {switch}; or mount with context=system_u:object_r:glance_var_lib_t:s0 "
        "(ausearch -m avc -c glance-api shows what was denied)."
    )


def _text(path: str) -> str:
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def kind_of(path: str) -> str:
    """Return what is at a path that nothing is mounted on."""
    real = os.path.realpath(path)
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return "missing" if real == path else f"below a symbolic link (really {real})"
    if stat.S_ISLNK(found.st_mode) or real != path:
        return f"a symbolic link, or below one (really {real})"
    if not stat.S_ISDIR(found.st_mode):
        return "a file"
    if _holds_files(path, found.st_dev):
        return "full"
    with os.scandir(path) as entries:
        return "hollow" if any(entries) else "directory"


def _holds_files(path: str, device: int) -> bool:
    """Return whether anything but directories lies in a directory, however deep; another filesystem counts as a file.

    Packages make directories below the service's home, and nothing is hidden with those.
    """
    with os.scandir(path) as entries:
        return any(
            not entry.is_dir(follow_symlinks=False)
            or entry.stat(follow_symlinks=False).st_dev != device
            or _holds_files(entry.path, device)
            for entry in entries
        )


def open_to(path: str) -> str:
    """Return owner, group and mode of a directory if others than root may write in it, or in a directory in it."""
    status = os.lstat(path)
    with os.scandir(path) as entries:
        inner = any(entries)
    others = stat.S_IXGRP | stat.S_IXOTH if inner else stat.S_IWGRP | stat.S_IWOTH
    closed = status.st_uid == 0 and not status.st_mode & others
    return "" if closed else f"{status.st_uid}:{status.st_gid} {stat.S_IMODE(status.st_mode):04o}"


def health_of(path: str, seconds: float) -> str:
    """Return whether what is mounted on a path answers."""
    try:
        bounded(lambda _note: os.stat(path).st_mode and os.statvfs(path).f_bsize, seconds)
    except TooLate:
        return decide.HANGING
    except OSError as error:
        if error.errno == errno.ESTALE:
            return decide.STALE
        if error.errno in (errno.EACCES, errno.EPERM):
            return decide.HEALTHY  # squashed root; the probe tells more
        return decide.STALE if error.errno == errno.EIO else decide.HANGING
    return decide.HEALTHY


class Host:
    """This host, for one path."""

    def __init__(self, wish: Wish, clock: Clock) -> None:
        self.wish = wish
        self.clock = clock
        self.unit = unit.unit_name(wish.path)
        self.file = decide.unit_path(wish)

    # --- looking

    def look(self, addresses: tuple[str, ...]) -> Found:
        """Return how the host is."""
        path = self.wish.path
        everything = all_mounts()
        mounts = mountinfo.at(everything, path)
        found = Found(
            mounts=tuple(mounts),
            inside=tuple(mountinfo.below(everything, path)),
            fstab=fstab_line(_text(FSTAB), path),
            addresses=addresses,
            leftovers=tuple(sorted([*mounting.leftovers(), *glob.glob(f"{unit.DIRECTORY}/{TEMPORARY}*")])),
        )
        if mounts:
            health = health_of(path, self.clock.left / 2) if mounts[-1].is_nfs else decide.HEALTHY
            found = replace(found, health=health, kind="directory")
        else:
            kind, open_to_whom = self._point()
            found = replace(found, kind=kind, open_to=open_to_whom)
        text = self._unit_text()
        known = self._properties()
        foreign = self._foreign(text, known)
        return replace(found, unit_text=text, foreign=foreign, enabled=known.get("UnitFileState") in ENABLED)

    def _point(self) -> tuple[str, str]:
        """Look at the mount point, in a child: the path may lie inside another mount that hangs."""
        path = self.wish.path

        def look(_note: object) -> tuple[str, str]:
            kind = kind_of(path)
            return kind, open_to(path) if kind in ("directory", "hollow") else ""

        try:
            kind, open_to_whom = bounded(look, self.clock.left / 2)
            return str(kind), str(open_to_whom)
        except TooLate as error:
            raise NfsError("hanging", f"Looking at {self.wish.path} gave {error}", "see what it lies in") from error

    def _unit_text(self) -> str | None:
        try:
            with open(self.file) as file:
                return file.read()
        except FileNotFoundError:
            return None

    def _properties(self) -> dict[str, str]:
        names = "LoadState,FragmentPath,SourcePath,UnitFileState,ActiveState"
        said = self._systemctl("show", f"--property={names}", self.unit)
        return dict(line.split("=", 1) for line in said.output.splitlines() if "=" in line)

    def _foreign(self, text: str | None, known: dict[str, str]) -> str:
        """Return in words a unit for this path that is not ours."""
        if text is not None and unit.read(text) is None:
            return f"{self.file} (not made by this module)"
        if known.get("LoadState") == "masked":
            return f"{self.unit} is masked"
        automount = self.unit.replace(".mount", ".automount")
        if os.path.exists(f"{unit.DIRECTORY}/{automount}"):
            return f"{unit.DIRECTORY}/{automount}"
        source, fragment = known.get("SourcePath", ""), known.get("FragmentPath", "")
        if text is None and fragment and fragment != self.file and source != FSTAB:
            return fragment
        return ""

    # --- systemd

    def _systemctl(self, *arguments: str) -> Done:
        try:
            return command(["systemctl", *arguments], SYSTEMD_SECONDS)
        except FileNotFoundError as error:
            raise NfsError("host", "This host does not run systemd", "run the module on a host with systemd") from error
        except TooLate as error:
            raise NfsError("host", f"systemd gave {error}", f"systemctl status '{self.unit}'") from error

    def _ordered(self, *arguments: str) -> None:
        done = self._systemctl(*arguments)
        if done.code:
            raise NfsError("host", f"systemctl {' '.join(arguments)} failed: {done.output}", "see systemctl status")

    def write_unit(self, text: str | None) -> None:
        """Write the unit's file, or remove it."""
        if text is None:
            os.unlink(self.file)
            return
        handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=unit.DIRECTORY)
        with os.fdopen(handle, "w") as file:
            file.write(text)
            os.fchmod(handle, 0o644)
            file.flush()
            os.fsync(handle)
        os.rename(temporary, self.file)

    def enable(self) -> None:
        """Let it start with the host; anew, because a changed unit may be wanted by something else."""
        self._ordered("reenable", "--no-reload", self.unit)

    def disable(self) -> None:
        """Do not let it start with the host."""
        self._ordered("disable", "--no-reload", self.unit)

    def reload_systemd(self) -> None:
        """Let systemd read what was written; once, because it takes longer than all else."""
        self._ordered("daemon-reload")

    def start(self) -> None:
        """Mount by the unit, so that what is proven is what happens at boot."""
        self._systemctl("reset-failed", self.unit)
        done = self._systemctl("start", self.unit)
        if done.code:
            said = self._journal() or done.output
            raise NfsError("mount_failed", f"{self.unit} failed: {said}", f"systemctl status '{self.unit}'")

    def _journal(self) -> str:
        """Return what mount said when the unit failed."""
        try:
            said = command(["journalctl", "--boot", "--lines=6", "--output=cat", "--unit", self.unit], 5.0).output
        except (TooLate, FileNotFoundError):
            return ""
        return "; ".join(line for line in said.splitlines() if "mount" in line.lower())

    def reload(self) -> None:
        """Remount by the unit."""
        self._ordered("reload", self.unit)

    def settled(self, state: str) -> None:
        """Wait until systemd has noticed that the path was mounted or unmounted; otherwise it takes no order."""
        until = time.monotonic() + SETTLE
        while time.monotonic() < until:
            active = self._properties().get("ActiveState", "")
            if active == state or (state == "inactive" and active in ("failed", "")):
                return
            time.sleep(0.05)

    # --- the mount

    def unmount(self, lazy: bool = False) -> None:
        """Unmount everything on the path, or say who needs it."""
        while mounted(self.wish.path):
            self._umount(lazy)
        self.settled("inactive")

    def _umount(self, lazy: bool) -> None:
        path = self.wish.path
        argv = ["umount", *(["-f", "-l"] if lazy else []), path]
        try:
            done = command(argv, max(self.clock.left / 2, UNMOUNT_SECONDS))
        except TooLate as error:
            users = holders(path)
            if users:
                raise NfsError(
                    "hanging",
                    f"{path} cannot be unmounted: the server does not answer, and {'; '.join(map(str, users))}",
                    f"end these processes, or wait for the server; umount -f -l {path} gives them up",
                ) from error
            # Nobody uses it, and the server is gone: nothing is lost that was not lost already.
            done = command(["umount", "-f", "-l", path], 5.0)
        if done.code:
            raise self.busy(done.output)

    def busy(self, said: str) -> NfsError:
        """Return who keeps the path."""
        path = self.wish.path
        users = "; ".join(str(user) for user in holders(path)[:10])
        who = f": {users}" if users else f" ({said}); no process of this host shows why (another container may hold it)"
        return NfsError(
            "busy",
            f"{path} is in use and cannot be unmounted{who}. It was left as it is",
            "wait for them or stop them (systemctl stop glance-api), and run again",
        )

    def make_directory(self) -> None:
        """Make the mount point.

        It stays root's, so that nobody can write into it while nothing is mounted there.
        """
        os.makedirs(self.wish.path, mode=0o755, exist_ok=True)

    def close_directory(self, uid: int = 0, gid: int = 0, mode: int = 0o700) -> tuple[int, int, int]:
        """Give an existing mount point to root alone; return whose it was.

        Its mode closes the directories in it as well. Nothing of this is seen while something is mounted there.
        """
        handle = os.open(self.wish.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            before = os.fstat(handle)
            os.fchown(handle, uid, gid)
            os.fchmod(handle, mode)
        finally:
            os.close(handle)
        return before.st_uid, before.st_gid, stat.S_IMODE(before.st_mode)

    def remove_leftovers(self, paths: tuple[str, ...]) -> None:
        """Remove what a killed run has left. What its last process still mounts privately goes with that one."""
        for path in paths:
            (os.rmdir if os.path.isdir(path) else os.unlink)(path)

    def remove_directory(self) -> bool:
        """Remove the mount point when it is empty; return whether it was."""
        try:
            os.rmdir(self.wish.path)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.ENOENT, errno.EBUSY):
                return False
            raise
        return True
