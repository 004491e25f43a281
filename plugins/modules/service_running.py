#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a systemd service running with the configuration that is on the disk, and prove that it answers."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_running
short_description: Keep a systemd service running with its present configuration, and prove that it answers
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Ensures that a systemd unit is enabled and active, that its main process is not older than the files it was started
    from, and that it answers over HTTP.
  - Needs no handler. A playbook that was killed between writing configuration and restarting is healed by its next run,
    because the times of the files in O(watch) are compared with the start of the process.
  - Fails at once, with the last lines of journal and log, when the unit fails, dies or is in a restart loop. It does
    not wait for O(timeout) then.
  - A service that uses the processor while it starts gets O(timeout) seconds, however slow the host is. A service that
    neither answers nor uses the processor is given up after O(idle_timeout) seconds.
  - While the unit listens nowhere and another process holds the port of O(url), that one's answer does not count. The
    message names the process.
extends_documentation_fragment: openimage.glance.attributes
attributes:
  check_mode:
    support: full
    details: A unit whose file is not there yet is predicted to be enabled and started. O(url) is not asked.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details: With O(restart=true) each run restarts.
  platform:
    support: full
    platforms: posix
    details: Needs systemd 248 or later.
options:
  name:
    description: Name of the unit; C(.service) may be left out.
    type: str
    default: glance-api
  also:
    description:
      - Further units that shall be so too, looked after in this order before O(name). O(state), O(enabled) and
        the two timeouts hold for them as well, the other options do not.
      - One task for several services of a host takes less time than one for each.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the unit; C(.service) may be left out.
        type: str
        required: true
      watch:
        description: The same for this unit as O(watch) for O(name).
        type: list
        elements: path
        default: []
  state:
    description: What the unit shall be.
    type: str
    choices: [started, stopped]
    default: started
  enabled:
    description:
      - Whether it starts with the host. Units that cannot be enabled (static, generated and the like) are left as they
        are.
    type: bool
    default: true
  restart:
    description: Whether to restart it if it runs.
    type: bool
    default: false
  watch:
    description:
      - Files and directories of which any change since the start of the main process means a restart. What counts is
        the C(ctime), which changes with content, owner and mode. The unit file and its drop-ins are always watched.
      - Of a directory only its own entries count, not the content of the files in it. A path that does not exist is
        ignored.
    type: list
    elements: path
    default: []
  url:
    description:
      - URL that must answer before the module returns, asked directly, without proxies and redirections. Without it, a
        service that was just started must stay up for one second.
    type: str
  ready_status:
    description: HTTP status codes that mean ready. When empty, any below 500 does.
    type: list
    elements: int
    default: []
  validate_certs:
    description: Whether to check the certificate of an O(url) with C(https).
    type: bool
    default: true
  ca_path:
    description: File of certificate authorities for O(url), instead of those of the system.
    type: path
  timeout:
    description:
      - Seconds to wait until the service is ready, or down with O(state=stopped), while its processes use the
        processor.
      - Limits the wait for a service that uses the processor without ever being ready, for example in a loop.
    type: int
    default: 600
  idle_timeout:
    description:
      - Seconds to wait until the service is ready while its processes use no processor time, for example because it
        waits for a database or a storage cluster that does not answer.
      - What counts is the time of all processes in the control group of the unit. Time in which systemd stops the
        previous process, or in which the unit waits for other units, does not count.
    type: int
    default: 60
  variables:
    description: Names that messages use for the two timeouts, such as the inventory variables that they come from.
    type: dict
    default: {}
    suboptions:
      timeout:
        description: Name for O(timeout).
        type: str
        default: timeout
      idle_timeout:
        description: Name for O(idle_timeout).
        type: str
        default: idle_timeout
  log_file:
    description: File that the service logs to besides the journal. Its last lines are shown after those of the journal.
    type: path
  secrets:
    description: Values to be masked in the log lines that are shown. Passwords in URLs are masked anyway.
    type: list
    elements: str
    default: []
seealso:
  - module: ansible.builtin.systemd_service
"""

EXAMPLES = r"""
- name: Run Glance with its present configuration
  openimage.glance.service_running:
    name: glance-api
    watch:
      - /etc/glance/glance-api.conf
      - /etc/glance/glance-api-paste.ini
      - /etc/glance/glance-api-uwsgi.ini
    url: http://192.0.2.10:9292/healthcheck
    log_file: /var/log/glance/glance-api.log
  become: true

- name: Run what Keystone needs
  openimage.glance.service_running:
    name: memcached
    also:
      - name: mariadb
        watch: [/etc/mysql/mariadb.conf.d/90-site.cnf]
  become: true

- name: Stop Glance before an offline upgrade
  openimage.glance.service_running:
    name: glance-api
    state: stopped
  become: true
"""

RETURN = r"""
actions:
  description: What was done, or in check mode would be done, one sentence each.
  returned: always
  type: list
  elements: str
  sample: ["started glance-api.service (it was inactive (dead))"]
pid:
  description: Process id of the main process of O(name), 0 when there is none.
  returned: success
  type: int
  sample: 4711
pids:
  description: The same of each unit, O(also) included, under the name that it was given.
  returned: success
  type: dict
  sample: {mariadb: 4242, memcached: 4711}
started_at:
  description: When that process was started, empty when there is none.
  returned: success
  type: str
  sample: "2026-11-20T09:08:42Z"
status:
  description: HTTP status that O(url) answered.
  returned: when O(url) was asked
  type: int
  sample: 300
seconds:
  description: How long the module worked and waited.
  returned: success
  type: float
  sample: 1.7
"""

import time
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._config.masking import Mask
from ansible_collections.openimage.glance.plugins.module_utils._service import decisions
from ansible_collections.openimage.glance.plugins.module_utils._service.keeper import Keeper, Ready, ServiceError
from ansible_collections.openimage.glance.plugins.module_utils._service.readiness import Target
from ansible_collections.openimage.glance.plugins.module_utils._service.unit import written
from ansible_collections.openimage.glance.plugins.module_utils._service.waiting import Limits


def target_from(params: dict[str, Any]) -> Target | None:
    """Return what to ask, None without a URL."""
    if not params["url"]:
        return None
    return Target(params["url"], params["validate_certs"], params["ca_path"], tuple(params["ready_status"]))


def keep(
    module: AnsibleModule, keeper: Keeper, restart: bool, watch: list[str], target: Target | None
) -> dict[str, Any]:
    """Look after one unit: look, decide, order, wait; return the module's result for it."""
    began = time.monotonic()
    wish = decisions.Wish(keeper.name, module.params["state"], module.params["enabled"], restart)
    before = keeper.known(module.check_mode)
    watched = [path for path in (*before.files, *watch) if path]
    orders = decisions.decide(before, wish, decisions.newer(watched, before.started) if before.running else [])
    end = Ready(before, None)
    if not module.check_mode:
        keeper.order(orders, before)
        stopped = wish.state == "stopped"
        end = Ready(keeper.stopped(), None) if stopped else keeper.ready(before, orders.starts, target)
    after = decisions.predicted(before, wish, orders) if module.check_mode else decisions.shown(end.unit)
    header = {"before_header": keeper.name, "after_header": keeper.name}
    result: dict[str, Any] = {
        "changed": bool(orders.actions),
        "actions": orders.actions,
        "pid": end.unit.pid,
        "started_at": written(end.unit.started) if end.unit.pid else "",
        "seconds": round(time.monotonic() - began, 2),
        "diff": {**header, "before": decisions.shown(before), "after": after},
    }
    if end.status is not None:
        result["status"] = end.status
    return result


def keep_all(module: AnsibleModule, keepers: list[Keeper]) -> dict[str, Any]:
    """Look after each unit in turn; return the result for the last one, with what was done for all."""
    params = module.params
    names = [*(also["name"] for also in params["also"]), params["name"]]
    results = [keep(module, other, False, also["watch"], None) for other, also in zip(keepers, params["also"])]
    result = keep(module, keepers[-1], params["restart"], params["watch"], target_from(params))
    results.append(result)
    return {
        **result,
        "changed": any(one["changed"] for one in results),
        "actions": [action for one in results for action in one["actions"]],
        "pids": dict(zip(names, (one["pid"] for one in results))),
        "seconds": round(sum(one["seconds"] for one in results), 2),
        "diff": [one["diff"] for one in results],
    }


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "default": "glance-api"},
            "also": {
                "type": "list",
                "elements": "dict",
                "default": [],
                "options": {
                    "name": {"type": "str", "required": True},
                    "watch": {"type": "list", "elements": "path", "default": []},
                },
            },
            "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
            "enabled": {"type": "bool", "default": True},
            "restart": {"type": "bool", "default": False},
            "watch": {"type": "list", "elements": "path", "default": []},
            "url": {"type": "str"},
            "ready_status": {"type": "list", "elements": "int", "default": []},
            "validate_certs": {"type": "bool", "default": True},
            "ca_path": {"type": "path"},
            "timeout": {"type": "int", "default": 600},
            "idle_timeout": {"type": "int", "default": 60},
            "variables": {
                "type": "dict",
                "default": {},
                "options": {
                    "timeout": {"type": "str", "default": "timeout"},
                    "idle_timeout": {"type": "str", "default": "idle_timeout"},
                },
            },
            "log_file": {"type": "path"},
            "secrets": {"type": "list", "elements": "str", "default": [], "no_log": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    names = params["variables"]
    limits = Limits(params["timeout"], params["idle_timeout"], names["timeout"], names["idle_timeout"])
    keepers = [Keeper(module, other["name"], None, limits) for other in params["also"]]
    keepers.append(Keeper(module, params["name"], params["log_file"], limits))
    try:
        result = keep_all(module, keepers)
    except ServiceError as error:
        message = "\n".join(Mask(params["secrets"]).lines(str(error)))
        done = [action for keeper in keepers for action in keeper.done]
        module.fail_json(msg=message, changed=bool(done), actions=done)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
