# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before the first task: load once what each task of each host would load anew."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preload
type: aggregate
short_description: Load this collection's filters once for the whole run
version_added: "0.1.0"
description:
  - Ansible runs each task of each host in a process that it forks, and compiles a collection's Python code anew in
    every one that needs it. The filters of this collection bring its model of stores along, a tenth of a second each
    time.
  - With this callback they are loaded before the first fork, so that every process has them already. A run is shorter
    by about a second for each host, and does the same.
author:
  - The openimage.glance contributors (@openimage)
requirements:
  - To be enabled, with C(callbacks_enabled = openimage.glance.preload) in C(ansible.cfg).
"""

from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import filter_loader

FILTERS = Path(__file__).parents[1] / "filter"


class CallbackModule(CallbackBase):
    """Loads filters when the run starts."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "openimage.glance.preload"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook: Any) -> None:  # noqa: ARG002
        """Load all of them."""
        for file in FILTERS.glob("*.py"):
            filter_loader.get(f"openimage.glance.{file.stem}")
