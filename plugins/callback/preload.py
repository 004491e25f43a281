# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before the first task: load once what each task of each host would load anew, and pack what the tasks will send."""

from __future__ import annotations

DOCUMENTATION = r"""
name: preload
type: aggregate
short_description: Load this collection's filters once for the whole run, and pack modules ahead of their tasks
version_added: "0.1.0"
description:
  - Ansible runs each task of each host in a process that it forks, and compiles a collection's Python code anew in
    every one that needs it. The filters of this collection bring its model of stores along, a tenth of a second each
    time. With this callback they are loaded before the first fork, so that every process has them already, and so are
    the modules that run on the controller, with the client libraries that they bring along.
  - The first task with a module packs the module with all that it imports, a quarter of a second each time. With this
    callback a process of its own does that ahead of the tasks, on another processor than theirs.
  - A run is shorter by some seconds, and does the same. A module that cannot be packed ahead is packed by its task.
author:
  - The openimage.glance contributors (@openimage)
requirements:
  - To be enabled, with C(callbacks_enabled = openimage.glance.preload) in C(ansible.cfg).
"""

import contextlib
import importlib
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.plugins.callback import CallbackBase
from ansible.plugins.loader import action_loader, filter_loader, module_loader
from ansible.template import Templar
from ansible.utils.multiprocessing import context

PLUGINS = Path(__file__).parents[1]
MODULES = "ansible_collections.openimage.glance.plugins.modules"


def tasks(blocks: Iterable[Any]) -> Iterator[Any]:
    """Return the tasks of blocks, in the order in which they are run."""
    for item in blocks:
        if isinstance(item, Block):
            yield from tasks([*item.block, *item.rescue, *item.always])
        else:
            yield item


def modules(playbook: Any) -> dict[str, str]:
    """Return name -> path of the modules that the tasks send to hosts as they are, in the order of their first use.

    Where an action plugin is in between, only that knows which modules it sends. Words of the language, such as
    include_tasks, have files of documentation, of which nothing is packed.
    """
    found: dict[str, str] = {}
    for play in playbook.get_plays():
        for task in tasks(play.compile()):
            name = task.resolved_action or task.action
            if name not in found and not action_loader.has_plugin(name):
                found[name] = module_loader.find_plugin_with_context(name).plugin_resolved_path or ""
    return {name: path for name, path in found.items() if path}


def pack(name: str, path: str) -> None:
    """Put a module and what it imports where tasks look for it before they do so themselves."""
    modify_module(
        module_name=name,
        module_path=path,
        module_args={},
        templar=Templar(DataLoader()),
        # Of all variables only this one is asked for, and what is packed does not depend on it.
        task_vars={"ansible_python_interpreter": sys.executable},
        module_compression=constants.config.get_config_value("DEFAULT_MODULE_COMPRESSION"),
    )


def pack_ahead(playbook: Any) -> None:
    """Pack all modules of a playbook: the work of a process of its own, which nobody listens to."""
    # Whatever ends the run ends this too, without a word.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nothing, descriptor)
    for name, path in modules(playbook).items():
        # Its task then meets the same, and says what is wrong.
        with contextlib.suppress(Exception):
            pack(name, path)


class CallbackModule(CallbackBase):
    """Prepares when the run starts."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "openimage.glance.preload"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Begin to pack modules, and load all filters and what runs on the controller."""
        # Where there is one processor only, it would take the time from the tasks.
        if (os.cpu_count() or 1) > 1:
            context.Process(target=pack_ahead, args=(playbook,), daemon=True).start()
        for file in (PLUGINS / "filter").glob("*.py"):
            filter_loader.get(f"openimage.glance.{file.stem}")
        for file in (PLUGINS / "action").glob("*.py"):
            importlib.import_module(f"{MODULES}.{file.stem}")
        # A module imports these when it needs them, and says what is missing.
        with contextlib.suppress(ImportError):
            for name in ("adapter", "identity", "session"):
                importlib.import_module(f"keystoneauth1.{name}")
