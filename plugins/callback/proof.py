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
from ansible_collections.openimage.glance.plugins.module_utils._verify.table import render


class CallbackModule(CallbackBase):
    """Prints the proof that the run has collected."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "openimage.glance.proof"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Take the custom statistics of the whole run."""
        report = stats.custom.get("_run", {}).get("glance_proof")
        if not report:
            return
        # Plain JSON types: what comes from templates are subclasses with tags.
        plain = json.loads(json.dumps(report, default=str))
        self._display.banner("PROOF")
        self._display.display("\n".join(render(plain, sys.stdout.isatty())))
        path = self.get_option("report")
        if path:
            self._write(os.path.expanduser(path), plain)

    @staticmethod
    def _write(path: str, report: Any) -> None:
        partial = f"{path}.partial"
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(report, file, indent=2)
        os.replace(partial, path)
