# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that ask an API are delegated to the controller: they run in the process that Ansible forked for the task.

A program of its own would need half a second before its first request: Python's start, Ansible's module code, which it
compiles anew from a packed copy, and the client libraries. In this process all that is there already.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from typing import Any

from ansible.module_utils import basic
from ansible.module_utils.common.json import Direction, get_module_encoder
from ansible.plugins.action.normal import ActionModule as NormalAction

# How arguments and results are written where nothing else is asked for, as with every module in Python.
PROFILE = "legacy"
PACKAGE = "ansible_collections.openimage.glance.plugins.modules"


def answer(module: str, arguments: dict[str, Any]) -> str:
    """Return what a module prints. The process must be the task's own, because modules keep what they know of a run."""
    encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}, cls=encoder).encode()
    basic._ANSIBLE_PROFILE = PROFILE
    printed = io.StringIO()
    # A module ends its process when it has said all.
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        importlib.import_module(f"{PACKAGE}.{module}").main()
    return printed.getvalue()


class ActionModule(NormalAction):
    """Runs the module of its name as any other, and quicker where that is possible."""

    def _execute_module(self, *positional: Any, task_vars: Any = None, **options: Any) -> dict[str, Any]:
        if not self._is_here(task_vars):
            return super()._execute_module(*positional, task_vars=task_vars, **options)
        arguments = dict(self._task.args)
        self._update_module_args(self._task.action, arguments, task_vars)
        said = answer(self._task.resolved_action.rpartition(".")[2], arguments)
        return self._parse_returned_data({"stdout": said, "rc": 0}, PROFILE)

    def _is_here(self, task_vars: Any) -> bool:
        """Tell whether the module would be started as this user, in this environment, by this very Python."""
        of_host = (task_vars.get("ansible_delegated_vars") or {}).get(self._task.delegate_to) or task_vars
        return (
            self._connection.transport == "local"
            and self._connection.become is None
            and not self._task.async_val
            and not any(self._task.environment or ())
            and self._templar.template(of_host.get("ansible_python_interpreter")) == sys.executable
        )
