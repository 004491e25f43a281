# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What travels to another interpreter finds there all that it needs, and no secret of it is an argument."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from types import ModuleType

import pytest
from ansible_collections.openimage.glance.plugins.module_utils import _travel
from ansible_collections.openimage.glance.plugins.module_utils._access import runner as access
from ansible_collections.openimage.glance.plugins.module_utils._config import holdings_side, login_side, validation
from ansible_collections.openimage.glance.plugins.module_utils._schema import runner as schema

PARTIES = [access.SIDES, schema.SIDES, validation.SIDES, (login_side,), (holdings_side,)]
NUMBERED = [(party, number) for party in PARTIES for number in range(len(party))]


def short(module: ModuleType) -> str:
    return ".".join(module.__name__.split(".")[-2:])


@pytest.mark.parametrize(("party", "number"), NUMBERED, ids=[short(party[number]) for party, number in NUMBERED])
def test_each_imports_what_is_there(party: tuple[ModuleType, ...], number: int) -> None:
    """At its top: the standard library, and what is sent before it."""
    tree = ast.parse(_travel.source(party[number]))
    names = {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    names |= {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    others = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
    assert others <= {side.__name__ for side in party[:number]}


@pytest.mark.parametrize("party", PARTIES, ids=[short(party[-1]) for party in PARTIES])
def test_the_last_one_gets_the_job(party: tuple[ModuleType, ...]) -> None:
    """An interpreter that has neither the collection nor Glance makes modules of all, and calls main with the job."""
    kept = party[-1].__name__
    spy = ModuleType("spy")
    text = f"import json, sys\n\ndef main(job):\n    print(json.dumps([job, callable(sys.modules[{kept!r}].main)]))\n"
    spy.__loader__ = type("Loader", (), {"get_source": staticmethod(lambda _name: text)})()
    command = _travel.command(sys.executable)
    luggage = _travel.luggage([*party, spy], {"password": "p@ss"})
    assert "p@ss" not in " ".join(command)
    done = subprocess.run([command[0], "-S", *command[1:]], input=luggage, capture_output=True, check=True)
    assert json.loads(done.stdout) == [{"password": "p@ss"}, True]
