# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print what was proven. The module of this name has the documentation."""

from __future__ import annotations

import os
from itertools import groupby
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.openimage.glance.plugins.module_utils._verify.report import ReportError, write
from ansible_collections.openimage.glance.plugins.module_utils._verify.table import Line, render

ARGUMENTS = {
    "proof": {"type": "dict", "default": {}},
    "note": {"type": "str", "default": ""},
    "show": {"type": "bool", "default": True},
    "report": {"type": "path"},
}
COLOURS = {True: "green", False: "red", None: None}


class ActionModule(ActionBase):
    """Print a proof on the controller."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Print the table and write the report."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(ARGUMENTS)
        proof, note = arguments["proof"], arguments["note"]
        # Before the report is written: a failure there must not hide the table.
        if arguments["show"]:
            _print(render(proof))
            if note:
                Display().display(note, color="bright purple")
        result["changed"] = False
        if proof and arguments["report"]:
            try:
                write(os.path.expanduser(arguments["report"]), proof)
            except ReportError as error:
                result.update(failed=True, msg=str(error))
        return result


def _print(lines: list[Line]) -> None:
    """Print lines of the same colour together: Display sends each call from the task's process to Ansible's."""
    for proven, group in groupby(lines, key=lambda line: line.proven):
        Display().display("\n".join(line.text for line in group), color=COLOURS[proven])
