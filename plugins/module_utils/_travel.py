# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: have another interpreter, which has not this collection, run some of its modules.

An installed service is asked with its own interpreter and libraries. What is sent there are modules whose names end in
``_side``: at their top they import the standard library and those that are sent before them, by the names that they
have here. The last one's ``main`` gets the job and prints the answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_BOOTSTRAP = """\
import json, sys, types
job = json.load(sys.stdin.buffer)
for name, source in job.pop("sources"):
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(source, "<" + name.rpartition(".")[2] + ">", "exec"), vars(module))
module.main(job)
"""


def command(python: str) -> list[str]:
    """Return what to start: isolated from the caller's environment, and leaving no byte code behind."""
    return [python, "-I", "-B", "-W", "ignore", "-X", "utf8", "-c", _BOOTSTRAP]


def source(module: Any) -> str:
    """Return a module's text, also from inside the archive in which Ansible ships it."""
    text: str = module.__loader__.get_source(module.__name__)
    return text


def luggage(sides: Sequence[Any], job: Mapping[str, Any]) -> bytes:
    """Return what that reads from its standard input: arguments could be read by every user of the host.

    :param sides: modules, in the order in which they import each other.
    :param job: what the last one's ``main`` gets.
    """
    return json.dumps({**job, "sources": [[side.__name__, source(side)] for side in sides]}).encode()
