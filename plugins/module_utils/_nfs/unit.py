# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd unit that makes a mount survive a reboot; text only. PRIVATE to the collection."""

from __future__ import annotations

import configparser
import glob
import string
from dataclasses import dataclass

from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import Wish

DIRECTORY = "/etc/systemd/system"
MARK = "# Made by openimage.glance.nfs_mount, which overwrites changes."
WHERE = "Where="
LONGEST = 255
"""Characters that systemd allows in a unit's name."""
_PLAIN = frozenset(string.ascii_letters + string.digits + ":_.")


def unit_name(path: str) -> str:
    """Return the name that systemd demands of the mount unit of a path, as ``systemd-escape --path`` makes it."""
    parts = [part for part in path.split("/") if part]
    if not parts:
        return "-.mount"
    text = "/".join(parts)
    return "".join(_escaped(byte, number) for number, byte in enumerate(text.encode())) + ".mount"


def _escaped(byte: int, position: int) -> str:
    character = chr(byte)
    if character == "/":
        return "-"
    if character in _PLAIN and not (character == "." and position == 0):
        return character
    return f"\\x{byte:02x}"


def _setting(value: str) -> str:
    """Return a value as a unit's file has it: systemd expands what follows a percent sign."""
    return value.replace("%", "%%")


def render(wish: Wish) -> str:
    """Return the unit's file.

    Ordered before the API, but not required by it: that is for the service's own unit to say.
    """
    further: dict[str, list[str]] = {"Unit": [], "Mount": [], "Install": []}
    for section, setting, value in wish.options.unit:
        further[section].append(f"{setting}={value}")
    if not any(line.startswith("TimeoutSec=") for line in further["Mount"]):
        further["Mount"].append("TimeoutSec=90")
    if not further["Install"]:
        further["Install"].append("WantedBy=remote-fs.target")
    options = [f"Options={_setting(','.join(wish.mount_options))}"] if wish.mount_options else []
    lines = [
        MARK,
        "[Unit]",
        f"Description=Glance images on {_setting(wish.source)}",
        "Wants=network-online.target",
        "After=network-online.target",
        "Before=glance-api.service",
        *further["Unit"],
        "",
        "[Mount]",
        f"What={_setting(wish.source)}",
        f"{WHERE}{_setting(wish.path)}",
        "Type=nfs",
        *options,
        *further["Mount"],
        "",
        "[Install]",
        *further["Install"],
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Written:
    """What one of our unit files says."""

    source: str
    options: tuple[str, ...]


def read(text: str) -> Written | None:
    """Return what a unit's file says if it is ours, otherwise None."""
    if not text.startswith(MARK):
        return None
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(text)
        mount = dict(parser["Mount"])
    except (configparser.Error, KeyError):
        return Written("", ())
    options = mount.get("Options", "").replace("%%", "%")
    return Written(mount.get("What", "").replace("%%", "%"), tuple(option for option in options.split(",") if option))


def mount_points(directory: str = DIRECTORY) -> list[str]:
    """Return what the units mount on that are ours."""
    found = []
    for name in glob.glob(f"{glob.escape(directory)}/*.mount"):
        try:
            with open(name, encoding="utf-8", errors="surrogateescape") as file:
                text = file.read()
        except OSError:  # removed meanwhile, or a link to nowhere
            continue
        if text.startswith(MARK):
            found += [line[len(WHERE) :].replace("%%", "%") for line in text.splitlines() if line.startswith(WHERE)]
    return sorted(found)
