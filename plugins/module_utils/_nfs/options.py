# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount options: what the operator may write, and what of it the kernel shows. PRIVATE to the collection.

A mount unit does not know the ``x-systemd.`` options of fstab. Those that have a counterpart in a unit are translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

DROPPED = frozenset({"_netdev", "auto", "defaults", "nofail", "fg"})
"""What such a unit does anyway: it waits for the network, starts with the host, and its failure stops nothing else."""

REFUSED = {
    "bg": "a unit cannot wait for a mount in the background; leave it out",
    "noauto": "write state: present with enabled units, or leave it out",
    "x-systemd.automount": "a mount that comes and goes cannot be proven; leave it out",
    "x-systemd.idle-timeout": "a mount that comes and goes cannot be proven; leave it out",
    "vers": "write version:",
    "nfsvers": "write version:",
    **{f"v{version}": "write version:" for version in ("2", "3", "4", "4.0", "4.1", "4.2")},
    "minorversion": "write version:, like 4.2",
    "remount": "leave it out",
    "bind": "only NFS is mounted here",
    "user": "leave it out",
    "users": "leave it out",
}
UNIT_SETTINGS = {
    "x-systemd.mount-timeout": ("Mount", "TimeoutSec"),
    "x-systemd.after": ("Unit", "After"),
    "x-systemd.before": ("Unit", "Before"),
    "x-systemd.requires": ("Unit", "Requires"),
    "x-systemd.wants": ("Unit", "Wants"),
    "x-systemd.wanted-by": ("Install", "WantedBy"),
    "x-systemd.required-by": ("Install", "RequiredBy"),
}

GENERIC = (
    frozenset({"ro", "rw"}),
    frozenset({"suid", "nosuid"}),
    frozenset({"dev", "nodev"}),
    frozenset({"exec", "noexec"}),
    frozenset({"atime", "noatime", "relatime", "norelatime", "strictatime", "nostrictatime"}),
    frozenset({"diratime", "nodiratime"}),
)
"""Families of options that belong to the kernel, not to NFS: ``mount -o remount`` changes them in place."""

# Option → what the kernel shows when it is in effect (alternatives), and what it shows when it is not. An option that
# is not here, or one of NEGOTIATED, is only compared with what the mount was made with.
SHOWN: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "ro": (frozenset({"ro"}), frozenset()),
    "rw": (frozenset(), frozenset({"ro"})),
    "nosuid": (frozenset({"nosuid"}), frozenset()),
    "suid": (frozenset(), frozenset({"nosuid"})),
    "nodev": (frozenset({"nodev"}), frozenset()),
    "dev": (frozenset(), frozenset({"nodev"})),
    "noexec": (frozenset({"noexec"}), frozenset()),
    "exec": (frozenset(), frozenset({"noexec"})),
    "noatime": (frozenset({"noatime"}), frozenset()),
    "hard": (frozenset({"hard"}), frozenset({"soft", "softerr"})),
    "soft": (frozenset({"soft"}), frozenset({"hard", "softerr"})),
    "softerr": (frozenset({"softerr"}), frozenset({"hard", "soft"})),
    "noac": (frozenset({"noac"}), frozenset()),
    "ac": (frozenset(), frozenset({"noac"})),
    "nocto": (frozenset({"nocto"}), frozenset()),
    "cto": (frozenset(), frozenset({"nocto"})),
    "nolock": (frozenset({"nolock", "local_lock=all"}), frozenset()),
    "nordirplus": (frozenset({"nordirplus"}), frozenset()),
    "noresvport": (frozenset({"noresvport"}), frozenset()),
    "nosharecache": (frozenset({"nosharecache"}), frozenset()),
    "fsc": (frozenset({"fsc"}), frozenset()),
}
COMPARED = frozenset({"proto", "sec", "port", "local_lock", "lookupcache"})
"""Options with a value that the kernel shows as it was asked."""
NEGOTIATED = frozenset(
    {"rsize", "wsize", "nconnect", "timeo", "retrans", "acregmin", "acregmax", "acdirmin", "acdirmax", "actimeo"}
)
"""Options that the server, or another mount of it, may overrule: told, but never a reason to mount again."""

_TOKEN = re.compile(r"[^\s,\"\\%]+")


class OptionsWrong(ValueError):
    """An option that cannot be; the message names it."""


@dataclass(frozen=True)
class Options:
    """The operator's options: those for mount, in order, and settings of the unit as (section, setting, value)."""

    mount: tuple[str, ...] = ()
    unit: tuple[tuple[str, str, str], ...] = field(default=())


def read(written: Iterable[str]) -> Options:
    """Return the options of a list whose items may each be several with commas between them."""
    mount: dict[str, None] = {}
    unit = []
    for option in (part.strip() for item in written for part in str(item).split(",")):
        name, _equals, value = option.partition("=")
        if not option or name in DROPPED:
            continue
        if not _TOKEN.fullmatch(option) or not option.isprintable():
            raise OptionsWrong(f"option {option!r} has a character that a mount option cannot have")
        if name in REFUSED:
            raise OptionsWrong(f"option {option}: {REFUSED[name]}")
        if name in UNIT_SETTINGS:
            if not value:
                raise OptionsWrong(f"option {option}: needs a value")
            unit.append((*UNIT_SETTINGS[name], value))
        elif name.startswith("x-systemd."):
            raise OptionsWrong(f"option {option}: only known are {', '.join(sorted(UNIT_SETTINGS))}")
        else:
            mount[option] = None
    _contradictions(mount)
    return Options(tuple(mount), tuple(dict.fromkeys(unit)))


def _contradictions(mount: Mapping[str, None]) -> None:
    seen: dict[str, str] = {}
    for option in mount:
        name, equals, _value = option.partition("=")
        family = _family(option) if not equals else name
        if family in seen:
            raise OptionsWrong(f"options {seen[family]} and {option} contradict each other")
        seen[family] = option


def _family(option: str) -> str:
    for family in (*GENERIC, frozenset({"hard", "soft", "softerr"})):
        if option in family:
            return "/".join(sorted(family))
    return option[2:] if option.startswith("no") and option[2:] in SHOWN else option


def generic(option: str) -> bool:
    """Return whether a remount changes it in place."""
    return any(option in family for family in GENERIC)


def remount_suffices(before: Iterable[str], after: Iterable[str]) -> bool:
    """Return whether all that differs between two lists of options can be changed in place."""
    return all(generic(option) for option in set(before) ^ set(after))


def differences(asked: Iterable[str], effective: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return which of the asked options are not in effect, and which were negotiated to something else.

    Each is a text like ``soft (is: hard)``.
    """
    shown = set(effective)
    values = dict(option.split("=", 1) for option in shown if "=" in option)
    wrong, negotiated = [], []
    for option in asked:
        name, equals, value = option.partition("=")
        if option in SHOWN:
            needed, excluded = SHOWN[option]
            contrary = sorted(excluded & shown)
            if contrary or (needed and not needed & shown):
                wrong.append(f"{option} (is: {', '.join(contrary) or 'not'})")
        elif equals and name in values and values[name] != value:
            if name in COMPARED:
                wrong.append(f"{option} (is: {values[name]})")
            elif name in NEGOTIATED:
                negotiated.append(f"{option} (is: {values[name]})")
    return wrong, negotiated


def left_over(asked: Iterable[str], effective: Iterable[str]) -> list[str]:
    """Return what is in effect, is no default, and was not asked for: the mount was made with other options."""
    wanted = set(asked)
    shown = set(effective)
    found = [name for name in ("ro", "soft", "softerr", "noac", "nosuid", "nodev", "noexec", "nocto") if name in shown]
    return [name for name in found if name not in wanted]


def version_matches(asked: str, effective: str) -> bool:
    """Return whether a version in effect is what was asked; ``4`` leaves the minor version open."""
    if asked in ("", effective):
        return True
    return asked == "4" and effective.partition(".")[0] == "4"
