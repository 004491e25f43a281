# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names by which storage knows a host: which it has, whether they are its own, and which it should have.

PRIVATE to the collection: can change at any time.

Packages make these names when they are installed. Hosts that start from one image then share them, and storage takes
several hosts for one: it refuses the second, or hands one the other's volumes. A host's machine id is made when it
first boots, so names that are older came with the image.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass

ISCSI, NVME_TCP = "iscsi", "nvme-tcp"
_UUIDS = uuid.UUID("6f1a3c0a-5d0e-4c8e-9a55-0d6c1f8f3b1e")


@dataclass(frozen=True)
class Kind:
    """One of the names: where it is kept, and how."""

    key: str
    transport: str
    path: str
    mode: int


KINDS = (
    Kind("iscsi", ISCSI, "/etc/iscsi/initiatorname.iscsi", 0o600),
    Kind("hostnqn", NVME_TCP, "/etc/nvme/hostnqn", 0o644),
    Kind("hostid", NVME_TCP, "/etc/nvme/hostid", 0o644),
)


@dataclass(frozen=True)
class Found:
    """What a file holds, and when it was written; None without the file."""

    text: str | None
    written: float


@dataclass(frozen=True)
class Decision:
    """What becomes of a name."""

    kind: Kind
    name: str
    # Empty when the name stays.
    reason: str
    # Why a name that should be another one stays.
    warning: str = ""


def name_in(kind: Kind, text: str | None) -> str:
    """Return the name that a file holds, empty when it holds none."""
    if text is None:
        return ""
    if kind.key == "iscsi":
        found = re.search(r"^InitiatorName=[ \t]*(\S+)", text, re.MULTILINE)
        return found.group(1) if found else ""
    return text.strip()


def own_name(kind: Kind, machine_id: str) -> str:
    """Return the name of the machine: always the same for one, and never that of another."""
    if kind.key == "iscsi":
        return "iqn.1993-08.org.debian:01:" + hashlib.sha256(f"iscsi {machine_id}".encode()).hexdigest()[:12]
    own = str(uuid.uuid5(_UUIDS, machine_id))
    return f"nqn.2014-08.org.nvmexpress:uuid:{own}" if kind.key == "hostnqn" else own


def content(kind: Kind, name: str) -> str:
    """Return what the file must hold."""
    return f"InitiatorName={name}\n" if kind.key == "iscsi" else f"{name}\n"


def decide(kind: Kind, found: Found, machine_id: str, born: float, in_use: bool) -> Decision:
    """Return what becomes of a name.

    :param born: when the machine got its id.
    :param in_use: whether connections were made with the name. It must not change under them.
    """
    name, own = name_in(kind, found.text), own_name(kind, machine_id)
    if not name:
        reason = f"{kind.path} names nothing" if found.text is not None else f"there is no {kind.path}"
        return Decision(kind, own, reason)
    if name == own or found.written >= born:
        return Decision(kind, name, "")
    reason = f"{kind.path} is older than this machine's id: it came with the image, and other machines have it too"
    if in_use:
        warning = f"{reason}. It stays, because connections use it now: {name}"
        return Decision(kind, name, "", warning)
    return Decision(kind, own, reason)
