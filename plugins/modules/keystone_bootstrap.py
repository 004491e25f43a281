#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a Keystone of one host to the point where its administrator can log in."""

from __future__ import annotations

DOCUMENTATION = r"""
module: keystone_bootstrap
short_description: Bring a Keystone of one host to the point where its administrator can log in
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Creates or upgrades Keystone's database schema, creates the keys for tokens and credentials when there are none,
    and bootstraps the administrator with his project, the region and Keystone's own endpoints. It does only what is
    missing.
  - Meant for Keystone on a single host for a lab or a quickstart. Several Keystone hosts have to share their keys,
    which this module does not do.
  - What is missing is found by asking. C(keystone-manage db_sync --check) tells about the schema. Whether to bootstrap
    is decided by logging in as the administrator and reading the catalog, at O(url) when Keystone runs there, otherwise
    through Keystone's own code without a server. It therefore works before Keystone's service is first started.
  - All C(keystone-manage) commands run in one process (importing Keystone takes most of the time of each) and as
    O(user). The password is given to them in their environment.
attributes:
  check_mode:
    support: full
    details: When Keystone is not installed or its database cannot be asked yet, everything is predicted as to be done.
  diff_mode:
    support: none
    details: RV(actions) tells what was done.
  idempotent:
    support: full
  platform:
    support: full
    platforms: debian
options:
  url:
    description: Where Keystone is reached on this host, without a version, such as V(http://192.0.2.10:5000).
    type: str
    required: true
  public_url:
    description: The public endpoint of Keystone. O(url) with C(/v3) when omitted.
    type: str
  internal_url:
    description: The internal endpoint of Keystone. O(url) with C(/v3) when omitted.
    type: str
  admin_url:
    description: The admin endpoint of Keystone. O(url) with C(/v3) when omitted.
    type: str
  region:
    description: Region of these endpoints.
    type: str
    default: RegionOne
  admin_user:
    description: Name of the administrator.
    type: str
    default: admin
  admin_project:
    description: Name of the administrator's project.
    type: str
    default: admin
  admin_password:
    description: Password of the administrator. It is set when logging in with it fails.
    type: str
    required: true
  ask_only:
    description:
      - Run no command of Keystone's and change nothing, only ask the one that runs whether all is done. RV(settled) is
        the answer. It comes within 20 seconds, whatever state Keystone and its database are in.
    type: bool
    default: false
  user:
    description: The user that Keystone runs as. A group of the same name owns the keys.
    type: str
    default: keystone
  fernet_repository:
    description: Directory of the keys for tokens, as C([fernet_tokens] key_repository) in C(keystone.conf) says.
    type: path
    default: /etc/keystone/fernet-keys
  credential_repository:
    description: Directory of the keys for credentials, as C([credential] key_repository) in C(keystone.conf) says.
    type: path
    default: /etc/keystone/credential-keys
  state_file:
    description:
      - Where is noted for which installed Keystone the schema was last found up to date. While that one answers and
        lets the administrator in, its schema is not checked again, which saves the two seconds that Keystone takes to
        start.
      - Its directory is locked meanwhile. While a run that was cut off from its playbook still works on the host, the
        next one waits for it.
    type: path
    default: /var/lib/keystone/schema-state
  config_file:
    description: Keystone's configuration. Where Keystone itself looks for it when omitted, that is in C(/etc/keystone).
    type: path
  command:
    description:
      - The program C(keystone-manage). Found in the search path when omitted.
      - Keystone is run with the Python that the first line of this program names.
    type: path
extends_documentation_fragment:
  - openimage.glance.attributes
"""

EXAMPLES = r"""
- name: Bootstrap Keystone
  openimage.glance.keystone_bootstrap:
    url: http://192.0.2.10:5000
    admin_password: "{{ vault_keystone_admin_password }}"
    region: RegionOne
  become: true
"""

RETURN = r"""
settled:
  description:
    - Whether the Keystone that runs lets the administrator in and is the one whose schema was found up to date. Then
      this module has nothing to do, and the database server runs too.
  returned: with O(ask_only)
  type: bool
  sample: true
actions:
  description: What was done, or would be in check mode, in order.
  returned: success
  type: list
  elements: str
  sample: ["create or upgrade the database schema", "bootstrap: nobody can log in yet"]
seconds:
  description: How long each command took, for finding out what is slow. C(schema_check) and C(login) are questions.
  returned: when Keystone is installed
  type: dict
  sample: {schema_check: 0.3, db_sync: 2.1, bootstrap: 1.2}
"""

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._keystone.host import (
    ask_running,
    has_keys,
    has_user,
    installation,
    note,
    noted,
    run_steps,
)
from ansible_collections.openimage.glance.plugins.module_utils._keystone.plan import (
    Host,
    KeystoneError,
    Names,
    outcome,
    steps_for,
)
from ansible_collections.openimage.glance.plugins.module_utils._site.systems import KEYSTONE_PACKAGE
from ansible_collections.openimage.glance.plugins.module_utils._turns import BusyError, turn

PATIENCE = 300.0
"""Seconds that a run may take that was cut off from its playbook."""


def environment_of(params: dict[str, Any]) -> dict[str, str]:
    """Return what bootstrap reads from its environment (it wins over arguments), and what the application reads."""
    base = params["url"].rstrip("/")
    versioned = base if base.endswith("/v3") else f"{base}/v3"
    config = {"OS_KEYSTONE_CONFIG_FILES": params["config_file"]} if params["config_file"] else {}
    return {
        **config,
        "OS_BOOTSTRAP_USERNAME": params["admin_user"],
        "OS_BOOTSTRAP_PASSWORD": params["admin_password"],
        "OS_BOOTSTRAP_PROJECT_NAME": params["admin_project"],
        "OS_BOOTSTRAP_REGION_ID": params["region"],
        "OS_BOOTSTRAP_PUBLIC_URL": params["public_url"] or versioned,
        "OS_BOOTSTRAP_INTERNAL_URL": params["internal_url"] or versioned,
        "OS_BOOTSTRAP_ADMIN_URL": params["admin_url"] or versioned,
    }


def look(params: dict[str, Any], environment: dict[str, str], installed: bool) -> Host:
    """Return what can be seen without starting Keystone's Python."""
    if not installed:
        return Host(False, False, False)
    fernet, credential = has_keys(params["fernet_repository"]), has_keys(params["credential_repository"])
    reasons = ask_running(params["url"], environment) if fernet and credential else None
    return Host(True, fernet, credential, reasons)


def settled(host: Host, state_file: str, command: str | None) -> bool:
    """Return whether the running Keystone shows that nothing is missing."""
    complete = host.reasons == [] and host.fernet_keys and host.credential_keys
    return complete and command is not None and noted(state_file) == installation(command)


def require_keys(params: dict[str, Any]) -> None:
    """Make sure that the keys are where this module looks for them, else they would be made in every run."""
    for option in ("fernet_repository", "credential_repository"):
        if not has_keys(params[option]):
            raise KeystoneError(
                f"{option}: there are no keys in {params[option]}, although keystone-manage succeeded. "
                "Does key_repository in keystone.conf name another directory?"
            )


def require_login(url: str, environment: dict[str, str]) -> None:
    """Ask the running Keystone again."""
    reasons = ask_running(url, environment)
    if reasons:
        raise KeystoneError(
            f"Bootstrap succeeded, yet at {url} {'; '.join(reasons)}. "
            "Is the project disabled, or is it another Keystone that answers there?"
        )


def run(module: AnsibleModule) -> dict[str, Any]:
    """Look, run what is missing, and return what the module reports."""
    params = module.params
    command = params["command"] or module.get_bin_path("keystone-manage")
    if params["ask_only"]:
        host = look(params, environment_of(params), bool(command))
        return {"changed": False, "actions": [], "seconds": {}, "settled": settled(host, params["state_file"], command)}
    if module.check_mode:
        # Of a host that has Keystone's code alone, the package makes the user later.
        return bootstrap(module, command if has_user(params["user"]) else None)
    if not command:
        raise KeystoneError(
            f"There is no keystone-manage on this host: install Keystone first (package {KEYSTONE_PACKAGE})."
        )
    directory = os.path.dirname(params["state_file"])
    if not os.path.isdir(directory):
        raise KeystoneError(f"state_file: there is no directory {directory} on this host.")
    with turn(directory, PATIENCE):
        return bootstrap(module, command)


def bootstrap(module: AnsibleModule, command: str | None) -> dict[str, Any]:
    """Do that where no other run of this module is at work."""
    params = module.params
    environment = environment_of(params)
    names = Names(params["user"], params["fernet_repository"], params["credential_repository"], params["config_file"])
    host = look(params, environment, bool(command))
    results: dict[str, dict[str, Any]] = {}
    if settled(host, params["state_file"], command):
        return {"changed": False, "actions": [], "seconds": {}}
    if command:
        steps = steps_for(host, names, module.check_mode)
        results = run_steps(module, command, params["user"], steps, environment)
    result = outcome(host, names, results, module.check_mode)
    for warning in result.warnings:
        module.warn(warning)
    if command and not module.check_mode:
        require_keys(params)
        if host.reasons:
            require_login(params["url"], environment)
        note(params["state_file"], installation(command))
    return {
        "changed": bool(result.actions),
        "actions": result.actions,
        "seconds": {name: step["seconds"] for name, step in results.items()},
    }


def main() -> None:
    """Run as a module."""
    module = AnsibleModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "public_url": {"type": "str"},
            "internal_url": {"type": "str"},
            "admin_url": {"type": "str"},
            "region": {"type": "str", "default": "RegionOne"},
            "admin_user": {"type": "str", "default": "admin"},
            "admin_project": {"type": "str", "default": "admin"},
            "admin_password": {"type": "str", "required": True, "no_log": True},
            "ask_only": {"type": "bool", "default": False},
            "user": {"type": "str", "default": "keystone"},
            "fernet_repository": {"type": "path", "default": "/etc/keystone/fernet-keys"},
            "state_file": {"type": "path", "default": "/var/lib/keystone/schema-state"},
            "config_file": {"type": "path"},
            "command": {"type": "path"},
            "credential_repository": {"type": "path", "default": "/etc/keystone/credential-keys"},
        },
        supports_check_mode=True,
    )
    try:
        result = run(module)
    except (KeystoneError, BusyError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
