#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mount an NFS export for Glance, keep it mounted, and prove that the service user can work on it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: nfs_mount
short_description: Mount an NFS export for Glance, and prove that the service user can work on it
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Mounts an NFS export by a systemd mount unit of its own, which is ordered before C(glance-api.service) and mounts it
    again after a reboot. C(/etc/fstab) is not used; a path that stands there, or has another unit, is refused.
  - Compares what is really mounted (server, export, version, options in effect) with what is asked, and remounts when
    that differs.
  - As the service user, writes, syncs, renames, locks, reads back and removes a small file, and names the cause when
    that fails. See RV(ignore:cause) and the page C(docs/nfs.md) of the collection.
  - A new mount is first tried where no other process sees it. When the server, the export or the probe is not as it
    must be, nothing on the host has been touched. A mount that worked before is left as it was.
  - Everything that can hang is done by child processes that are given up after O(timeout).
extends_documentation_fragment: openimage.glance.attributes
attributes:
  check_mode:
    support: partial
    details: The server is asked whether it is there and speaks O(version). Nothing is mounted for a try and no file is
      written, so that a wrong O(export), and what the probe would say, are not foreseen.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
    details: Needs root, systemd, C(mount.nfs) (Debian package C(nfs-common)) and a kernel with NFS.
options:
  path:
    description:
      - The directory to mount on. It is made if it is missing, owned by root, so that nothing can be written to it
        while nothing is mounted there. One that is there is given to root alone (mode 0700) for the same reason.
      - A directory that holds only empty directories, like those that packages make, counts as empty.
    type: path
    required: true
  server:
    description: Name or address of the NFS server. Required with O(state=mounted) and O(state=present).
    type: str
  export:
    description: The path that the server exports. Required with O(state=mounted) and O(state=present).
    type: str
  version:
    description: NFS version. When empty, server and client agree on the highest that both have. V(4) leaves the minor
      version open.
    type: str
    choices: ["", "3", "4", "4.0", "4.1", "4.2"]
    default: ""
  options:
    description:
      - Mount options, like V(hard) or V(nconnect=4). An item may be several with commas between them.
      - Of the C(x-systemd.) options of fstab C(mount-timeout), C(after), C(before), C(requires), C(wants), C(wanted-by)
        and C(required-by) become settings of the unit. C(_netdev), C(nofail), C(auto) and C(defaults) are what the unit
        does anyway.
    type: list
    elements: str
    default: []
  state:
    description:
      - V(mounted) mounts it now and at boot. V(present) only makes the unit that mounts it at boot.
      - V(unmounted) unmounts it now and leaves the unit. V(absent) unmounts it and removes the unit, and the directory
        if it is empty.
    type: str
    choices: [mounted, present, unmounted, absent]
    default: mounted
  owner:
    description:
      - Owner of the root of the mounted export, as name or number. Also the user that the probe runs as.
      - When the server does not let this host change owner, group or mode, and the probe works nevertheless, that is a
        warning; otherwise the error says what to run on the server.
    type: str
    default: glance
  group:
    description: Group of the root of the mounted export, as name or number.
    type: str
    default: glance
  mode:
    description: Mode of the root of the mounted export, octal and best in quotes. When empty, it is left as it is.
    type: raw
    default: "0750"
  probe:
    description: Whether to try the mounted export as the service user. It is tried in each run.
    type: bool
    default: true
  force:
    description: Whether to mount over a directory that holds files, which hides them. Its owner and mode are left as
      they are.
    type: bool
    default: false
  timeout:
    description: Seconds that the server is given to answer. A server that was just started lets nobody lock for up to
      90 seconds.
    type: int
    default: 15
seealso:
  - module: ansible.posix.mount
"""

EXAMPLES = r"""
- name: Mount the images
  openimage.glance.nfs_mount:
    path: /var/lib/glance/nfs-0
    server: 172.18.0.5
    export: /var/nfs
    version: "4.2"
    options: [hard, nconnect=4]
  become: true

- name: Unmount them and forget about it
  openimage.glance.nfs_mount:
    path: /var/lib/glance/nfs-0
    state: absent
  become: true
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, one sentence each.
  returned: always
  type: list
  elements: str
  sample: ["mounted 172.18.0.5:/var/nfs on /var/lib/glance/nfs-0"]
mounted:
  description: What is mounted on O(path) now, with the options in effect. Empty when nothing is.
  returned: success
  type: dict
  sample:
    server: 172.18.0.5
    export: /var/nfs
    version: "4.2"
    options: rw,relatime,rsize=1048576,wsize=1048576,namlen=255,hard,proto=tcp,timeo=600,retrans=2,sec=sys
    fstype: nfs4
probe:
  description: What came out of the probe.
  returned: when O(state=mounted), O(probe=true) and not in check mode
  type: dict
  sample: {"ok": true, "seconds": 0.021, "server_user": "glance"}
  contains:
    ok:
      description: Whether the service user can work on the export.
      type: bool
    seconds:
      description: How long it took.
      type: float
    server_user:
      description: Whom the server took the service user for, as the owner of the probe's file; its number when it has
        no name on this host.
      type: str
cause:
  description: The name of what is wrong, from the table in C(docs/nfs.md).
  returned: failure
  type: str
  sample: root_squash
"""

import os
import pwd
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._nfs import decide, options, unit
from ansible_collections.openimage.glance.plugins.module_utils._nfs.bounded import TooLate
from ansible_collections.openimage.glance.plugins.module_utils._nfs.host import mounted
from ansible_collections.openimage.glance.plugins.module_utils._nfs.keeper import Keeper, Outcome, identity_of
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError, Wish, tidy
from ansible_collections.openimage.glance.plugins.module_utils._turns import BusyError, turn

VERSIONS = ["", "3", "4", "4.0", "4.1", "4.2"]


def mode_from(value: Any) -> int | None:
    """Return a mode from what the operator wrote."""
    if value in ("", None):
        return None
    try:
        mode = int(value, 8) if isinstance(value, str) else int(value)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o7777:
        raise NfsError("argument", f"mode is not an octal number: {value}", 'write it in quotes, like "0750"')
    return mode


def wish_from(params: dict[str, Any]) -> Wish:
    """Return what is asked for."""
    path, server, export = params["path"], params["server"] or "", params["export"] or ""
    if not path.startswith("/") or os.path.normpath(path) in ("/", "//"):
        raise NfsError("argument", f"path is {path}", "write an absolute path below /")
    length = len(unit.unit_name(os.path.normpath(path)))
    if length > unit.LONGEST:
        long = f"path is {path}: the name of its systemd unit would have {length} characters, of {unit.LONGEST} at most"
        raise NfsError("argument", long, "mount on a shorter path; what is no ASCII letter or digit counts four times")
    if params["state"] in ("mounted", "present") and not export.startswith("/"):
        raise NfsError("argument", f"export is {export}", "write the absolute path that the server exports")
    if any(character.isspace() for character in server) or "/" in server:
        raise NfsError("argument", f"server is {server!r}", "write a name or an address")
    if any(ord(character) < 32 for character in path + export):
        raise NfsError("argument", "path or export contains a control character", "remove it")
    try:
        read = options.read(params["options"])
    except options.OptionsWrong as error:
        raise NfsError("argument", str(error)[0].upper() + str(error)[1:]) from error
    return Wish(
        path=os.path.normpath(path),
        server=server.strip("[]"),
        export=tidy(export),
        version=params["version"],
        options=read,
        state=params["state"],
        owner=params["owner"],
        group=params["group"],
        mode=mode_from(params["mode"]),
        probe=params["probe"],
        force=params["force"],
    )


def user_name(uid: int) -> str:
    """Return a user's name, or the number when it has none here."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def diff(outcome: Outcome, wish: Wish) -> dict[str, Any]:
    """Return what the run changes, by what is planned."""
    found, plan = outcome.found, outcome.plan
    before: dict[str, Any] = {
        "mounted": " ".join((found.mounts[-1].source, ",".join(found.mounts[-1].options))) if found.mounts else "",
        "unit": found.unit_text or "",
        "enabled": found.enabled,
    }
    after = dict(before)
    if plan.verb:
        asked = f"{wish.source} {','.join(wish.mount_options)}".strip()
        after["mounted"] = "" if plan.verb == decide.UNMOUNT else asked
    if plan.unit_text is not None:
        after["unit"] = plan.unit_text
    if plan.close_directory:
        before["directory"], after["directory"] = found.open_to, "0:0 0700"
    if plan.remove_unit:
        after.update(unit="", enabled=False)
    if plan.enable:
        after["enabled"] = True
    if outcome.root and any("gave the root" in action for action in outcome.actions):
        root = outcome.root
        before["root"] = f"{user_name(root.uid)} gid {root.gid} {root.mode:04o}"
        after["root"] = f"{wish.owner}:{wish.group} {'' if wish.mode is None else f'{wish.mode:04o}'}"
    return {"before": before, "after": after}


def result_of(module: AnsibleModule, wish: Wish, outcome: Outcome) -> dict[str, Any]:
    """Return the module's result."""
    there = mounted(wish.path)
    result: dict[str, Any] = {
        "changed": bool(outcome.actions),
        "actions": outcome.actions,
        "diff": diff(outcome, wish),
        "mounted": there[-1].shown() if there and there[-1].is_nfs else {},
    }
    facts = outcome.facts
    if facts and wish.probe and not module.check_mode:
        uid = -1 if facts.file_uid is None else facts.file_uid
        result["probe"] = {"ok": not facts.step, "seconds": facts.seconds, "server_user": user_name(uid)}
    return result


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "server": {"type": "str"},
            "export": {"type": "str"},
            "version": {"type": "str", "choices": VERSIONS, "default": ""},
            "options": {"type": "list", "elements": "str", "default": []},
            "state": {"type": "str", "choices": ["mounted", "present", "unmounted", "absent"], "default": "mounted"},
            "owner": {"type": "str", "default": "glance"},
            "group": {"type": "str", "default": "glance"},
            "mode": {"type": "raw", "default": "0750"},
            "probe": {"type": "bool", "default": True},
            "force": {"type": "bool", "default": False},
            "timeout": {"type": "int", "default": 15},
        },
        required_if=[("state", "mounted", ("server", "export")), ("state", "present", ("server", "export"))],
        supports_check_mode=True,
    )
    actions: list[str] = []
    try:
        wish = wish_from(module.params)
        identity = identity_of(wish.owner, wish.group, wish.mode)
        keeper = Keeper(wish, identity, module.params["timeout"], module.check_mode)
        actions = keeper.outcome.actions
        # Two at a time would take each other's mount for somebody else's.
        with turn("/run", module.params["timeout"]):
            outcome = keeper.run()
        result = result_of(module, wish, outcome)
    except (NfsError, TooLate, BusyError) as error:
        cause = error.cause if isinstance(error, NfsError) else "hanging"
        module.fail_json(msg=str(error), cause=cause, changed=bool(actions), actions=actions)
    except OSError as error:
        message = f"Cannot prepare {wish.path} on this host: {error}"
        module.fail_json(msg=message, cause="host", changed=bool(actions), actions=actions)
    for warning in outcome.warnings:
        module.warn(warning)
    for note in outcome.plan.notes:
        module.warn(f"{wish.path}: the server or an earlier mount of it decided otherwise about {note}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
