"""Find names of ansible-core that core does not offer to collections, by reading the source of plugins and roles.

Core changes everything else without notice: a private method that this collection once overrode broke all API modules.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
COLLECTION = "ansible_collections.openimage.glance."
# What core's developer guide tells collections to import. A new entry is a decision, not a formality.
PUBLIC_MODULES = frozenset(
    {
        "ansible.errors",
        "ansible.module_utils.basic",
        "ansible.module_utils.common.arg_spec",
        "ansible.module_utils.common.sys_info",
        "ansible.module_utils.common.text.converters",
        "ansible.module_utils.parsing.convert_bool",
        "ansible.module_utils.urls",
        "ansible.plugins.action",
        "ansible.plugins.callback",
        "ansible.plugins.lookup",
        "ansible.utils.display",
    }
)
# Attributes of AnsibleModule that have no underscore and are in no documentation.
UNDOCUMENTED = frozenset({"no_log_values"})
# Python documents these for all to use.
PYTHON = frozenset({"_asdict", "_fields", "_make", "_replace", "_exit"})
# Private names of other libraries, by the end of the file's path. None of them belongs to ansible-core.
OTHER_LIBRARIES = {
    "_config/known_side.py": {"_all_opt_infos"},  # oslo.config has no public list of its options
    "_database/server.py": {"_secure"},  # old PyMySQL does not say in public whether a session uses TLS
    "api/files/wsgi.py": {"_fix_eventlet_logging"},  # oslo.log
}
DOTTED = re.compile(r"ansible(?:\.\w+)+")
# In YAML and Jinja: core's internal variables, its Python packages, and private attributes.
TEXT = re.compile(
    r"(?<!\w)_ansible\w*"
    r"|(?<![\w./-])ansible\.(?:_\w+|cli|config|constants|errors|executor|inventory|module_utils|parsing|playbook|plugins|"
    r"template|utils\.\w+\.\w+|vars)\b(?:\.\w+)*"
    r"|(?<=[\w\])])\._(?!_glance)\w+"
)


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def import_problem(name: str) -> str | None:
    """Return why a module or a name in a module must not be used, None if it may be."""
    if name.split(".")[0] != "ansible":
        return None
    if any(part.startswith("_") for part in name.split(".")):
        return f"{name} is private to ansible-core"
    if name not in PUBLIC_MODULES and name.rpartition(".")[0] not in PUBLIC_MODULES:
        return f"{name} is not among the interfaces of ansible-core that collections may use"
    return None


def assigned(node: ast.AST, receivers: set[str]) -> Iterator[str]:
    """Yield the attributes of self that a class's methods assign."""
    for part in ast.walk(node):
        if not isinstance(part, ast.Attribute) or not isinstance(part.ctx, ast.Store):
            continue
        if isinstance(part.value, ast.Name) and part.value.id in receivers:
            yield part.attr


def own_names(node: ast.ClassDef) -> set[str]:
    """Return the names that a class defines."""
    names = set(assigned(node, {"self", "cls"}))
    for part in node.body:
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(part.name)
        elif isinstance(part, ast.Assign):
            names |= {target.id for target in part.targets if isinstance(target, ast.Name)}
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            names.add(part.target.id)
    return names


@cache
def names_of_core(module: str, name: str) -> frozenset[str]:
    """Return the private names of a class of ansible-core, those that it assigns to self included."""
    kind = getattr(importlib.import_module(module), name)
    names = {entry for entry in dir(kind) if private(entry)}
    for parent in inspect.getmro(kind):
        if parent.__module__.startswith("ansible."):
            names |= {
                entry
                for entry in assigned(ast.parse(textwrap.dedent(inspect.getsource(parent))), {"self"})
                if private(entry)
            }
    return frozenset(names)


class File:
    """One Python file of the collection."""

    def __init__(self, source: str, place: str) -> None:
        self.place = place
        self.tree = ast.parse(source)
        self.classes = {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)}
        self.imported = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        self.found: list[str] = []

    def problems(self) -> list[str]:
        """Return each use of a name that core does not offer, as PLACE:LINE: what is wrong."""
        self.visit(self.tree, frozenset())
        return self.found

    def add(self, node: ast.AST, text: str | None) -> None:
        if text:
            self.found.append(f"{self.place}:{getattr(node, 'lineno', 0)}: {text}")

    def names_of(self, node: ast.ClassDef) -> set[str]:
        """Return the names that a class and its ancestors in this collection define."""
        names = own_names(node)
        for base in node.bases:
            if not isinstance(base, ast.Name):
                continue
            module, name = self.imported.get(base.id, ("", ""))
            if base.id in self.classes and base.id != node.name:
                names |= self.names_of(self.classes[base.id])
            elif module.startswith(COLLECTION):
                path = REPOSITORY / f"{module.removeprefix(COLLECTION).replace('.', '/')}.py"
                other = File(path.read_text(), str(path))
                names |= other.names_of(other.classes[name])
        return names

    def overridden(self, node: ast.ClassDef) -> None:
        for base in node.bases:
            module, name = self.imported.get(base.id, ("", "")) if isinstance(base, ast.Name) else ("", "")
            if module.startswith("ansible.") and not import_problem(module):
                for taken in sorted(own_names(node) & names_of_core(module, name)):
                    self.add(node, f"{node.name} overrides {taken}, which is private to {name} of ansible-core")

    def visit(self, node: ast.AST, own: frozenset[str]) -> None:
        if isinstance(node, ast.ClassDef):
            self.overridden(node)
            own = frozenset(self.names_of(node))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                self.add(node, import_problem(alias.name))
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                self.add(node, import_problem(f"{node.module}.{alias.name}"))
        elif isinstance(node, ast.Attribute):
            mine = isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"} and node.attr in own
            self.attribute(node, node.attr, mine)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in {"getattr", "setattr", "hasattr", "delattr"} and len(node.args) > 1:
                name = node.args[1]
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    self.attribute(node, name.value, False)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if DOTTED.fullmatch(node.value):
                self.add(node, import_problem(node.value))
            elif re.fullmatch(r"_ansible\w*", node.value, re.IGNORECASE):
                self.add(node, f"'{node.value}' is private to ansible-core")
        for child in ast.iter_child_nodes(node):
            self.visit(child, own)

    def attribute(self, node: ast.AST, name: str, mine: bool) -> None:
        if name in UNDOCUMENTED:
            self.add(node, f".{name} is not documented by ansible-core")
        elif private(name) and not mine and name not in PYTHON | self.others():
            self.add(node, f".{name} is private to somebody else: no class here defines it")

    def others(self) -> set[str]:
        return next((names for end, names in OTHER_LIBRARIES.items() if self.place.endswith(end)), set())


def python_problems(source: str, place: str) -> list[str]:
    """Return the problems of a Python file."""
    return File(source, place).problems()


def text_problems(source: str, place: str) -> list[str]:
    """Return the problems of a file of YAML or Jinja."""
    return [
        f"{place}:{number}: {match.group()} is private to ansible-core"
        for number, line in enumerate(source.splitlines(), 1)
        for match in TEXT.finditer(line)
    ]
