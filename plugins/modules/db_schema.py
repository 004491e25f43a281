#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring Glance's database schema and metadata definitions up to date, as Glance's own user."""

from __future__ import annotations

DOCUMENTATION = r"""
module: db_schema
short_description: Bring Glance's database schema and metadata definitions up to date
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Asks C(glance-manage db check), runs C(glance-manage db sync) or one phase of a rolling upgrade only when it is
    needed, and loads the release's metadata definitions once and again when an upgrade brings other ones.
  - When a run has found the schema current, the following ones ask the database for its revisions and definitions
    without starting Glance's code, which takes a fraction of the time. They ask Glance again as soon as another Glance
    is installed, the configuration names another database, or anything in the database is not as it should be.
  - Runs on one API host. Glance's own code does all the work, as the service's user, so no log file ends up owned by
    root.
  - MariaDB cannot roll back a migration that was killed. This module removes what such a run left and begins again when
    no row can be lost, that is when every table that it drops is empty and is one of Glance's. Otherwise it removes
    nothing and says what to do.
  - Runs on one host wait for one another, so a run that was cut off from its playbook and still works is not disturbed.
  - Definitions are never removed. After an upgrade C(--merge --prefer_new) restores the release's own namespaces. It
    leaves those of the operator, and what the operator added to the release's, as they are.
extends_documentation_fragment: openimage.glance.attributes
attributes:
  check_mode:
    support: full
    details: >-
      When Glance, its configuration or the database is not there yet, all is predicted to be done, with a warning that
      names the reason.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
options:
  python:
    description:
      - The interpreter that Glance is installed for, C(/usr/bin/python3) for packages or C(bin/python) of a virtual
        environment.
    type: path
    default: /usr/bin/python3
  config_dir:
    description:
      - Directory of C(glance-api.conf). That file, C(glance-image-import.conf), C(glance.conf.d) and
        C(glance-api.conf.d) are read as the API reads them. C(glance-manage.conf) is not, so the database can only be
        the one that the API uses.
    type: path
    default: /etc/glance
  user:
    description: The system user that Glance runs as.
    type: str
    default: glance
  mode:
    description:
      - V(sync) does all at once. All C(glance-api) services of the old release must be stopped before a release with
        schema changes.
      - V(expand), V(migrate) and V(contract) each do one phase of a rolling upgrade. A phase whose turn has passed does
        nothing, one whose turn has not come fails.
    type: str
    choices: [sync, expand, migrate, contract]
    default: sync
  load_metadefs:
    description: Whether to look after the metadata definitions too, in mode V(sync) and V(contract).
    type: bool
    default: true
  metadefs_path:
    description:
      - Directory of the definition files. By default the one that the configuration names in C(metadata_source_path),
        else the virtual environment's C(etc/glance/metadefs), else C(/etc/glance/metadefs).
    type: path
  state_file:
    description:
      - File that tells which definitions were loaded into which database and which revisions were found current with
        which installed code, and that is locked while the schema is looked at or changed. Its directory must be
        writable for O(user).
    type: path
    default: /var/lib/glance/schema-state.json
  lock_timeout:
    description: Seconds to wait for another run on the same host.
    type: int
    default: 120
  secrets:
    description: Values that must not appear in messages. The password of the configured database is masked anyway.
    type: list
    elements: str
    default: []
seealso:
  - name: Glance database management
    description: What the phases of a rolling upgrade mean.
    link: https://docs.openstack.org/glance/latest/admin/db.html
"""

EXAMPLES = r"""
- name: Bring the schema up to date
  openimage.glance.db_schema:
    python: /opt/glance/2026.2/bin/python
  run_once: true
  become: true

- name: Expand the schema while the old release still serves
  openimage.glance.db_schema:
    python: /opt/glance/2026.2/bin/python
    mode: expand
  run_once: true
  become: true
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, one sentence each.
  returned: always
  type: list
  elements: str
  sample: ["glance-manage db sync (the database is empty)"]
release:
  description: Version of the Glance that answered, empty when none could.
  returned: success
  type: str
  sample: 33.0.0
before:
  description: State before.
  returned: success
  type: dict
  contains:
    schema:
      description:
        - V(current), V(empty), V(interrupted) (tables without a revision, all empty), V(outdated) or V(unknown) (check
          mode, nothing there to ask yet).
      type: str
      sample: empty
    needs:
      description: V(nothing), V(expand), V(migrate) or V(contract), as C(glance-manage db check) says, or V(unknown).
      type: str
      sample: expand
    revisions:
      description: The revisions that the database is at.
      type: list
      elements: str
      sample: []
    metadefs:
      description: How many of the release's namespaces are in the database. Only with O(load_metadefs=true).
      type: str
      sample: 0 of 33 namespaces
    metadefs_digest:
      description: Digest of the definition files last loaded, empty when none were. Only with O(load_metadefs=true).
      type: str
      sample: ""
after:
  description: State after, in check mode as predicted.
  returned: success
  type: dict
  sample:
    schema: current
    needs: nothing
    revisions: [2024_1_contract01]
    metadefs: 33 of 33 namespaces
    metadefs_digest: 63ada888e1fb3cdc
output:
  description: End of what the failed command wrote.
  returned: when a command of Glance failed
  type: list
  elements: str
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._config.masking import Mask
from ansible_collections.openimage.glance.plugins.module_utils._schema.model import (
    State,
    decide,
    predicted,
    unknown_state,
)
from ansible_collections.openimage.glance.plugins.module_utils._schema.runner import Runner, SchemaError, Settings


def ask(module: AnsibleModule, runner: Runner) -> State:
    """Return the state; in check mode that of a fresh host when there is nothing to ask yet."""
    try:
        return runner.look()
    except SchemaError as error:
        if not (module.check_mode and error.not_yet):
            raise
        module.warn(Mask(module.params["secrets"]).text(f"Predicted without asking the database: {error}"))
        return unknown_state(module.params["load_metadefs"])


def bring_up_to_date(module: AnsibleModule) -> dict[str, Any]:
    """Look, decide, do; return the module's result."""
    names = ("python", "config_dir", "user", "state_file", "load_metadefs", "lock_timeout")
    options = {name: module.params[name] for name in names}
    options.update(metadefs_path=module.params["metadefs_path"] or "", check_mode=module.check_mode)
    runner = Runner(module, Settings(**options))
    state = ask(module, runner)
    plan = decide(state, module.params["mode"], module.check_mode)
    if plan.refusal:
        command = f"glance-manage db {module.params['mode']}"
        raise SchemaError(f"Did not run '{command}' in {runner.place}: {plan.refusal}")
    before, actions = state.shown(), plan.actions
    after = predicted(state, plan, module.params["mode"])
    if plan.steps and not module.check_mode:
        actions, reached = runner.carry_out(plan)
        after = reached.shown()
    return {
        "changed": bool(actions),
        "actions": actions,
        "release": runner.release,
        "before": before,
        "after": after,
        "diff": {"before": before, "after": after},
    }


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "python": {"type": "path", "default": "/usr/bin/python3"},
            "config_dir": {"type": "path", "default": "/etc/glance"},
            "user": {"type": "str", "default": "glance"},
            "mode": {"type": "str", "choices": ["sync", "expand", "migrate", "contract"], "default": "sync"},
            "load_metadefs": {"type": "bool", "default": True},
            "metadefs_path": {"type": "path"},
            "state_file": {"type": "path", "default": "/var/lib/glance/schema-state.json"},
            "lock_timeout": {"type": "int", "default": 120},
            "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
        },
        supports_check_mode=True,
    )
    try:
        result = bring_up_to_date(module)
    except SchemaError as error:
        mask = Mask(module.params["secrets"])
        output = mask.text(error.output).splitlines()[-30:]
        module.fail_json(msg=mask.text(str(error)), actions=error.actions, changed=bool(error.actions), output=output)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
