"""What holds for all plugins, and no tool looks after."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
HEADER = """\
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
PLUGINS = sorted((REPOSITORY / "plugins").rglob("*.py"))
MODULES = [path for path in PLUGINS if path.parent.name == "modules"]


def test_modules_with_login_options_are_the_action_group() -> None:
    with_login = [path.stem for path in MODULES if re.search(r"^ +- openimage\.glance\.auth$", path.read_text(), re.M)]
    groups = yaml.safe_load((REPOSITORY / "meta" / "runtime.yml").read_text())["action_groups"]
    assert sorted(groups["glance"]) == sorted(with_login)


def test_files_say_whose_they_are() -> None:
    heads = {path.name: path.read_text().removeprefix("#!/usr/bin/python\n")[: len(HEADER)] for path in PLUGINS}
    assert [name for name, head in heads.items() if head != HEADER] == []


def test_utilities_are_private() -> None:
    root = REPOSITORY / "plugins" / "module_utils"
    names = {path.relative_to(root).parts[0] for path in PLUGINS if root in path.parents}
    assert [name for name in names if not name.startswith("_")] == []
    assert list((REPOSITORY / "plugins").rglob("__init__.py")) == []


def test_no_variable_is_named_underscore() -> None:
    """Refuse early what pylint of ansible-test refuses: `_` is for gettext there."""
    found = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno}"
        for path in [*PLUGINS, *(REPOSITORY / "tests" / "unit").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and node.id == "_" and isinstance(node.ctx, ast.Store)
    ]
    assert found == []
