# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""At the end of a run: what was proven, as a table."""

from __future__ import annotations

DOCUMENTATION = r"""
name: proof
type: aggregate
short_description: Print what was proven of the image service
version_added: "0.1.0"
description:
  - Prints the endpoints, the proofs of each store on each node and the seeded images as a table when the run ends.
  - Says so when a run without failures had hosts of the group C(glance_api) and has proven no store, as one in check
    mode does, or one that C(--tags) kept from the proof.
  - The roles P(openimage.glance.verify#role) and P(openimage.glance.images#role) leave them as custom statistics
    (C(glance_proof)), which a job in AWX shows as its artifacts, too.
author:
  - The openimage.glance contributors (@openimage)
requirements:
  - To be enabled, with C(callbacks_enabled = openimage.glance.proof) in C(ansible.cfg).
options:
  report:
    description: A file that the same is written to as JSON, readable by its owner only.
    type: str
    default: ""
    env:
      - name: GLANCE_PROOF_REPORT
    ini:
      - section: callback_openimage_glance_proof
        key: report
"""

import json
import os
import sys
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.utils.display import Display
from ansible_collections.openimage.glance.plugins.module_utils._verify.table import render

NOTHING = "No store was proven in this run. openimage.glance.verify proves all of them, and changes nothing."


class CallbackModule(CallbackBase):
    """Prints the proof that the run has collected."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "openimage.glance.proof"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._variables: Any = None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Keep who knows the groups."""
        self._variables = play.get_variable_manager()

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Take the custom statistics of the whole run."""
        report = stats.custom.get("_run", {}).get("glance_proof")
        if report:
            self._show(report)
        if not (report and report.get("stores")) and self._green(stats) and self._api_hosts(stats):
            Display().display(NOTHING, color="bright purple")

    @staticmethod
    def _green(stats: Any) -> bool:
        """Whether nothing else tells the reader that something is wrong."""
        return not (stats.failures or stats.dark)

    def _api_hosts(self, stats: Any) -> set[str]:
        """The hosts of this run that are to serve images."""
        groups = self._variables.get_vars(include_hostvars=False).get("groups", {}) if self._variables else {}
        return set(groups.get("glance_api", [])) & set(stats.processed)

    def _show(self, report: Any) -> None:
        # Plain JSON types: what comes from templates are subclasses with tags.
        plain = json.loads(json.dumps(report, default=str))
        Display().banner("PROOF")
        Display().display("\n".join(render(plain, sys.stdout.isatty())))
        path = self.get_option("report")
        if path:
            self._write(os.path.expanduser(path), plain)

    @staticmethod
    def _write(path: str, report: Any) -> None:
        partial = f"{path}.partial"
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
        os.replace(partial, path)
