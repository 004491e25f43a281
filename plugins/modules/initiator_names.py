#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a host names of its own, by which storage knows it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: initiator_names
short_description: Give a host names of its own, by which storage over iSCSI and NVMe/TCP knows it
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Ensures that the host has an iSCSI initiator name, and for NVMe a host NQN and a host id.
  - A name is made where there is none, and where it came with the image that the machine was started from, because all
    machines of that image have it. That is told by the times of two files. A name that was written after
    C(/etc/machine-id) stays as it is, whoever wrote it.
  - New names follow from the machine id, so they are always the same for one machine.
  - A name does not change while connections use it; then there is a warning.
  - What uses a name must be restarted by the caller, such as C(iscsid).
extends_documentation_fragment: openimage.glance.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
options:
  transports:
    description: Which names the host needs.
    type: list
    elements: str
    choices: [iscsi, nvme-tcp]
    required: true
"""

EXAMPLES = r"""
- name: Name the host to its storage
  openimage.glance.initiator_names:
    transports: [iscsi, nvme-tcp]
  become: true
"""

RETURN = r"""
names:
  description: The names by their kind, C(iscsi), C(hostnqn) and C(hostid). In check mode those that it would have.
  returned: success
  type: dict
  sample: {"iscsi": "iqn.1993-08.org.debian:01:52b88fd5fa4c"}
actions:
  description: What was done, or would be done in check mode, and why.
  returned: success
  type: list
  elements: str
  sample: ["made a new name: there is no /etc/nvme/hostnqn"]
"""

import glob
import os
import tempfile

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._initiator.names import (
    ISCSI,
    KINDS,
    NVME_TCP,
    Decision,
    Found,
    Kind,
    content,
    decide,
)

MACHINE_ID = "/etc/machine-id"
# What the kernel lists while there are connections.
CONNECTIONS = {ISCSI: "/sys/class/iscsi_session/session*", NVME_TCP: "/sys/class/nvme-fabrics/ctl/nvme*"}


def look(path: str) -> Found:
    """Return what a file holds."""
    try:
        with open(path, encoding="utf-8") as file:
            return Found(file.read(), os.fstat(file.fileno()).st_mtime)
    except FileNotFoundError:
        return Found(None, 0.0)


def write(module: AnsibleModule, kind: Kind, name: str) -> None:
    """Replace a file at once."""
    directory = os.path.dirname(kind.path)
    os.makedirs(directory, mode=0o755, exist_ok=True)
    descriptor, partial = tempfile.mkstemp(dir=directory, prefix=".openimage-glance-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content(kind, name))
        os.fchmod(file.fileno(), kind.mode)
        os.fsync(file.fileno())
    module.atomic_move(partial, kind.path, keep_dest_attrs=False)
    os.chmod(kind.path, kind.mode)


def decisions(transports: list[str]) -> list[tuple[Found, Decision]]:
    """Return what each file holds and what becomes of it."""
    machine = look(MACHINE_ID)
    machine_id = (machine.text or "").strip()
    if not machine_id or machine_id == "uninitialized":
        raise OSError(f"{MACHINE_ID} holds no id, which systemd makes when a machine first boots")
    found = []
    for kind in (kind for kind in KINDS if kind.transport in transports):
        there = look(kind.path)
        in_use = bool(glob.glob(CONNECTIONS[kind.transport]))
        found.append((there, decide(kind, there, machine_id, machine.written, in_use)))
    return found


def main() -> None:
    """Run as a module."""
    module = AnsibleModule(
        argument_spec={
            "transports": {"type": "list", "elements": "str", "choices": [ISCSI, NVME_TCP], "required": True},
        },
        supports_check_mode=True,
    )
    try:
        found = decisions(module.params["transports"])
        changes = [(there, decision) for there, decision in found if decision.reason]
        if not module.check_mode:
            for _there, decision in changes:
                write(module, decision.kind, decision.name)
    except (OSError, UnicodeDecodeError) as error:
        module.fail_json(msg=f"Cannot name this host to its storage: {error}")
    for _there, decision in found:
        if decision.warning:
            module.warn(decision.warning)
    diff = [
        {
            "before_header": decision.kind.path,
            "after_header": decision.kind.path,
            "before": there.text or "",
            "after": content(decision.kind, decision.name),
        }
        for there, decision in changes
    ]
    module.exit_json(
        changed=bool(changes),
        names={decision.kind.key: decision.name for _there, decision in found},
        actions=[f"made a new name: {decision.reason}" for _there, decision in changes],
        diff=diff,
    )


if __name__ == "__main__":
    main()
