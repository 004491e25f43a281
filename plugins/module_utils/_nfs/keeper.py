# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks, decides, and does it so that a failure leaves the host as it was. PRIVATE to the collection."""

from __future__ import annotations

import grp
import pwd
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.openimage.glance.plugins.module_utils._nfs import decide, diagnosis, mounting, server
from ansible_collections.openimage.glance.plugins.module_utils._nfs.bounded import Clock, TooLate, bounded
from ansible_collections.openimage.glance.plugins.module_utils._nfs.decide import Found, Plan
from ansible_collections.openimage.glance.plugins.module_utils._nfs.examine import (
    Facts,
    Identity,
    Root,
    examine,
    facts_from,
    look,
)
from ansible_collections.openimage.glance.plugins.module_utils._nfs.host import Host, mounted, selinux_note
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError, Wish
from ansible_collections.openimage.glance.plugins.module_utils._site.systems import STORE_PACKAGES

TOUCHES_SERVER = (decide.MOUNT, decide.REPLACE, decide.RECOVER)


@dataclass
class Outcome:
    """What was found and done, for the module's result."""

    actions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    found: Found = field(default_factory=Found)
    plan: Plan = field(default_factory=Plan)
    facts: Facts | None = None
    root: Root | None = None
    """Of what was mounted before."""


class Undo:
    """What takes back what was done so far."""

    def __init__(self) -> None:
        self.steps: list[Callable[[], object]] = []

    def then(self, step: Callable[[], object]) -> None:
        """Remember one more."""
        self.steps.append(step)

    def back(self) -> list[str]:
        """Take back all, the last first; return what did not work."""
        failures = []
        while self.steps:
            try:
                self.steps.pop()()
            except (NfsError, TooLate, OSError) as error:
                failures.append(str(error))
        return failures


class Keeper:
    """One path of this host."""

    def __init__(self, wish: Wish, identity: Identity | None, seconds: float, check_mode: bool) -> None:
        self.wish = wish
        self.identity = identity
        self.clock = Clock(seconds)
        self.check_mode = check_mode
        self.host = Host(wish, self.clock)
        self.outcome = Outcome()
        self.undo = Undo()

    def run(self) -> Outcome:
        """Do what is asked, or raise NfsError with the host as it was."""
        outcome = self.outcome
        outcome.found = self.host.look(self._addresses())
        if outcome.found.health == decide.HANGING and self.wish.state == "mounted":
            self._ask()  # an unreachable server is the better answer
        outcome.plan = decide.decide(outcome.found, self.wish)
        if self.check_mode:
            self._predict()
            return outcome
        try:
            self._apply(outcome.plan)
        except (NfsError, TooLate, OSError) as error:
            failures = self.undo.back()
            if failures and isinstance(error, NfsError):
                error.args = (f"{error} And what was done before could not be taken back: {' '.join(failures)}",)
            raise
        return outcome

    def _addresses(self) -> tuple[str, ...]:
        """Return the server's addresses, if something is mounted from a server of another name."""
        there = mounted(self.wish.path)
        if not there or not self.wish.server or there[-1].server in ("", self.wish.server):
            return ()
        name = self.wish.server

        def resolve(_note: object) -> list[str]:
            return [str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]

        try:
            return tuple(bounded(resolve, self.clock.left / 3))
        except (TooLate, OSError):  # without addresses only the names are compared
            return ()

    def _ask(self) -> server.Server:
        return server.ask(self.wish, self.clock.left)

    # --- check mode

    def _predict(self) -> None:
        """Note what would be done. The server is asked, and nothing is mounted for a try."""
        outcome, plan = self.outcome, self.outcome.plan
        if plan.verb in TOUCHES_SERVER:
            self._ask()
        stays = bool(outcome.found.mounts) and plan.verb in ("", decide.REMOUNT)
        if stays and self.wish.state == "mounted" and self.identity:
            path = self.wish.path
            raw = bounded(lambda _note: vars(look(path)), self.clock.left)
            outcome.root = Root(**raw)
            if self.identity.differs(outcome.root):
                outcome.actions.append(self._owned())
        if plan.remove_directory and not outcome.found.mounts:
            outcome.actions.append(f"removed the directory {self.wish.path}")
        outcome.actions = [*self._sentences(plan), *outcome.actions]

    def _sentences(self, plan: Plan) -> list[str]:
        """Return what a plan does, one sentence each."""
        wish, unit = self.wish, self.host.unit
        why = f" ({plan.why})" if plan.why else ""
        verbs = {
            decide.MOUNT: f"mounted {wish.source} on {wish.path}",
            decide.REMOUNT: f"remounted {wish.path} in place{why}",
            decide.REPLACE: f"unmounted {wish.path} and mounted {wish.source} there{why}",
            decide.RECOVER: f"gave up what was mounted on {wish.path} and mounted {wish.source} there{why}",
            decide.UNMOUNT: f"unmounted {wish.path}",
        }
        said = [
            (bool(plan.leftovers), f"removed what a killed run had left: {', '.join(plan.leftovers)}"),
            (plan.make_directory, f"made the directory {wish.path}"),
            (plan.close_directory, f"gave the directory {wish.path} to root alone"),
            (plan.unit_text is not None, f"wrote {self.host.file}"),
            (plan.enable, f"enabled {unit}"),
            (bool(plan.verb), verbs.get(plan.verb, "")),
            (plan.remove_unit, f"removed {self.host.file}"),
        ]
        return [text for wanted, text in said if wanted]

    def _owned(self) -> str:
        who = self.identity
        if who is None:
            return ""
        mode = f", mode {who.mode:04o}" if who.mode is not None else ""
        return f"gave the root of {self.wish.source} to {who.user}:{who.group}{mode}"

    # --- doing it

    def _apply(self, plan: Plan) -> None:
        wish, outcome = self.wish, self.outcome
        self.host.remove_leftovers(plan.leftovers)
        if wish.state == "mounted":
            if plan.verb in ("", decide.REMOUNT) and not self._in_place(plan):
                # It answered before, but not when it was used.
                plan.verb, plan.why = decide.RECOVER, "its handle was stale: the server replaced the export"
            if plan.verb in TOUCHES_SERVER:
                self._mount(plan)
            elif plan.verb != decide.REMOUNT:
                self._unit(plan)
            self.undo.steps.clear()
        elif wish.state == "present":
            self._unit(plan)
        else:
            self._away(plan)
        outcome.actions = [*self._sentences(plan), *outcome.actions]

    def _unit(self, plan: Plan) -> None:
        """Write and enable the unit, if that is planned."""
        found, host = self.outcome.found, self.host
        if plan.unit_text is None and not plan.enable:
            return
        self.undo.then(host.reload_systemd)
        if plan.unit_text is not None:
            self.undo.then(lambda: host.write_unit(found.unit_text))
            host.write_unit(plan.unit_text)
        if not found.enabled:
            self.undo.then(host.disable)
        host.enable()
        host.reload_systemd()

    def _in_place(self, plan: Plan) -> bool:
        """Change and prove what is mounted; False when its handle is stale."""
        if plan.verb == decide.REMOUNT:
            self.undo.then(self.host.reload)
            self._unit(plan)
            self.host.reload()
            self._verify()
        try:
            self._judge(self._examined(self.wish.path))
        except NfsError as error:
            if error.cause == "stale":
                return False
            raise
        return True

    def _examined(self, path: str) -> Facts:
        """Examine what is mounted on a path, in a child."""
        who, probe = self._who(), self.wish.probe
        try:
            return facts_from(bounded(lambda note: examine(path, who, probe, note), self.clock.left))
        except TooLate as error:
            raise mounting.too_late(self.wish, error) from error
        except OSError as error:
            raise mounting.unexpected(self.wish, error) from error

    def _who(self) -> Identity:
        if self.identity is None:
            wish = self.wish
            missing = f"The user {wish.owner} or the group {wish.group} does not exist on this host"
            raise NfsError("host", missing, "install Glance first, or correct owner and group")
        return self.identity

    def _judge(self, facts: Facts) -> None:
        """Take note of what was found, and refuse what cannot be used."""
        who, there = self._who(), mounted(self.wish.path)
        around = diagnosis.Surroundings(
            socket.gethostname(),
            "ro" in self.wish.mount_options or bool(there and there[-1].read_only),
            selinux_note(self.wish.mount_options),
        )
        self.outcome.facts, self.outcome.root = facts, facts.before
        if facts.after != facts.before:
            self.outcome.actions.append(self._owned())
        problem = diagnosis.judge(facts, self.wish, who, around)
        if problem:
            raise problem
        self.outcome.warnings += diagnosis.warnings(facts, self.wish, who, around)

    def _mount(self, plan: Plan) -> None:
        """Prove the export where nobody sees it; only then touch the host."""
        wish, host = self.wish, self.host
        if not mounting.helper():
            raise NfsError("host", "This host has no mount.nfs", f"install the package {STORE_PACKAGES['nfs']}")
        told, who = self._ask(), self._who()
        raw = mounting.attempt(wish, told, self.clock.left, lambda path, note: examine(path, who, wish.probe, note))
        self._judge(facts_from(raw))

        if plan.make_directory:
            self.undo.then(host.remove_directory)
            host.make_directory()
        if plan.close_directory:
            before = host.close_directory()
            self.undo.then(lambda: host.close_directory(*before))
        if plan.verb in (decide.REPLACE, decide.RECOVER):
            host.unmount(lazy=plan.verb == decide.RECOVER)
            if plan.verb == decide.REPLACE and self.outcome.found.unit_text is not None:
                self.undo.then(host.start)
        self._unit(plan)
        self.undo.then(host.unmount)
        host.start()
        self._verify()

    def _verify(self) -> None:
        there = mounted(self.wish.path)
        mount = there[-1] if there else None
        self.outcome.plan.notes = decide.verify(mount, self.wish, (mount.address,) if mount else ())

    def _away(self, plan: Plan) -> None:
        host = self.host
        if plan.verb == decide.UNMOUNT:
            host.unmount(lazy=self.outcome.found.health == decide.STALE)
        if plan.remove_unit:
            host.disable()
            host.write_unit(None)
            host.reload_systemd()
        if plan.remove_directory and host.remove_directory():
            self.outcome.actions.append(f"removed the directory {self.wish.path}")


def identity_of(owner: str, group: str, mode: int | None) -> Identity | None:
    """Return who these are on this host; None when one of them does not exist."""
    try:
        user = pwd.getpwuid(int(owner)) if owner.isdigit() else pwd.getpwnam(owner)
    except KeyError:
        if not (owner.isdigit() and group.isdigit()):
            return None
        return Identity(owner, int(owner), group, int(group), (int(group),), mode)
    try:
        gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    except KeyError:
        return None
    groups = {gid, user.pw_gid, *(entry.gr_gid for entry in grp.getgrall() if user.pw_name in entry.gr_mem)}
    return Identity(user.pw_name, user.pw_uid, group, gid, tuple(sorted(groups)), mode)
