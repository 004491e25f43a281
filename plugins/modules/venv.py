#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual environment that holds exactly what a lock file names."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: venv
short_description: Keep a virtual environment at exactly what a lock file names
version_added: "0.1.0"
description:
  - Makes a virtual environment and installs into it what a lock file with hashes names, with C(uv), and removes what
    the lock does not name.
  - The environment is marked complete as the last step. One that an interrupted run left behind is completed by the
    next, and one that is complete costs the reading of one file.
  - While a run that was cut off from its playbook still works on the host, the next one waits for it.
author:
  - The openimage.glance contributors (@openimage)
extends_documentation_fragment:
  - openimage.glance.attributes
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
  path:
    description: The directory of the environment.
    type: path
    required: true
  lock:
    description: The text of a requirements file with hashes, as C(uv pip compile --generate-hashes) writes it.
    type: str
    required: true
  installer:
    description: The text of a requirements file with hashes that names uv. It is installed beside O(path), not into it.
    type: str
    required: true
  python:
    description: The interpreter that the environment is made with.
    type: path
    default: /usr/bin/python3
  index_url:
    description: URL of a package index other than the default one, without user and password.
    type: str
    default: ""
  index_login:
    description: User and password for O(index_url), as V(USER:PASSWORD) with the quoting of a URL.
    type: str
    default: ""
  libraries:
    description:
      - Names of Python modules that the environment borrows from O(python), as links to the single file that each is.
        For what no package index has, such as C(rados) and C(rbd) of Ceph.
      - Links to other modules of the system are removed.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Glance 2026.2 in a virtual environment
  openimage.glance.venv:
    path: /opt/glance/2026.2
    lock: "{{ lookup('ansible.builtin.file', 'locks/glance-2026.2.txt') }}"
    installer: "{{ lookup('ansible.builtin.file', 'locks/uv.txt') }}"
"""

RETURN = r"""
path:
  description: The directory of the environment.
  returned: success
  type: str
  sample: /opt/glance/2026.2
marker:
  description: The file that is written when the environment is complete. It is newer than what still runs with the old
    content.
  returned: success
  type: str
  sample: /opt/glance/2026.2/.lock-digest
"""

import os
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._api_errors import without_userinfo
from ansible_collections.openimage.glance.plugins.module_utils._config.masking import Mask
from ansible_collections.openimage.glance.plugins.module_utils._turns import BusyError
from ansible_collections.openimage.glance.plugins.module_utils._venv import (
    Links,
    Venv,
    VenvError,
    build,
    installed_digest,
    link,
    links,
    pins,
)


def python_version(module: AnsibleModule, python: str) -> str:
    """Return the interpreter's version, empty in check mode on a host that does not have it yet."""
    if not os.path.exists(python):
        if module.check_mode:
            return ""
        module.fail_json(msg=f"Cannot make a virtual environment: there is no interpreter {python} on this host.")
    code, output, errors = module.run_command([python, "-V"])
    if code != 0:
        module.fail_json(msg=f"Cannot make a virtual environment: {python} does not run: {errors or output}")
    return output.strip()


def _described(wanted: Venv, lock: str, borrowed: dict[str, str], missing: Sequence[str] = ()) -> str:
    names = sorted([*(os.path.basename(target) for target in borrowed.values()), *missing])
    return f"{wanted.path}: {lock}\n" + "".join(f"borrowed: {name}\n" for name in names)


def main() -> None:
    """Run as a module."""
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "lock": {"type": "str", "required": True},
            "installer": {"type": "str", "required": True},
            "python": {"type": "path", "default": "/usr/bin/python3"},
            "index_url": {"type": "str", "default": ""},
            "index_login": {"type": "str", "default": "", "no_log": True},
            "libraries": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    if "@" in urlsplit(module.params["index_url"]).netloc:
        # Core repeats the options in the output of a module.
        module.params["index_url"] = without_userinfo(module.params["index_url"])
        module.fail_json(
            msg="index_url has a user or password in it, which Ansible would show; write it as index_login."
        )
    wanted = Venv(**{name: module.params[name] for name in Venv._fields})
    version = python_version(module, wanted.python)
    found = installed_digest(wanted)
    digest = wanted.digest(version)

    def run(command: list[str], environment: dict[str, str], data: str | None) -> tuple[int, str, str]:
        return module.run_command(command, environ_update=environment, data=data, binary_data=False)

    try:
        # In check mode the interpreter may not be there yet.
        borrowed = links(wanted, run) if version else Links({}, {}, list(wanted.libraries))
        lock = f"lock {digest}, {len(pins(wanted.lock))} packages"
        result = {
            "changed": found != digest or borrowed.changed,
            "path": wanted.path,
            "marker": wanted.marker,
            "diff": {
                "before": _described(wanted, f"lock {found or 'none'}", borrowed.there),
                "after": _described(wanted, lock, borrowed.wanted, borrowed.missing),
            },
        }
        if result["changed"] and not module.check_mode:
            if found != digest:
                build(wanted, version, run)
            link(wanted, run)
    except (VenvError, BusyError, OSError) as error:
        password = wanted.index_login.partition(":")[2]
        module.fail_json(msg=Mask([password, unquote(password)]).text(str(error)))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
