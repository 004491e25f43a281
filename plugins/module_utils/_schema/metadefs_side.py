# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On Glance's side: metadata definitions, those of the release and those in the database. PRIVATE to the collection.

Travels to Glance's interpreter, see ``glance_side``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._schema.config_side import Json, Trouble

Parts = dict[str, set[tuple[str, str]]]
"""Namespace -> the (kind, name) of what it consists of; names in lower case, as the database compares them."""
Execute = Callable[[str], Iterable[Any]]
"""Runs one query and returns its rows, whichever library has the connection."""


def released(path: str) -> Parts:
    """Return namespace -> what it consists of, as the definition files of this release say."""
    found: Parts = {}
    for file in sorted(Path(path).glob("*.json")):
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Trouble("metadefs", f"{file}: {error}") from error
        parts = found.setdefault(content["namespace"].casefold(), set())
        parts.update(("property", name.casefold()) for name in content.get("properties", {}))
        parts.update(("object", item["name"].casefold()) for item in content.get("objects", []))
        parts.update(("tag", item["name"].casefold()) for item in content.get("tags", []))
        associations = content.get("resource_type_associations", [])
        parts.update(("resource type", item["name"].casefold()) for item in associations)
    if not found:
        raise Trouble("metadefs", f"{path}: holds no metadata definition (*.json)")
    return found


def stored(execute: Execute) -> Parts:
    """Return the same as :func:`released`, as the database has it."""
    rows = execute("SELECT namespace FROM metadef_namespaces")
    found: Parts = {row[0].casefold(): set() for row in rows}
    spaces = "metadef_namespaces n ON n.id = p.namespace_id"
    types = "metadef_resource_types t ON t.id = p.resource_type_id"
    for kind, query in (
        ("property", f"SELECT n.namespace, p.name FROM metadef_properties p JOIN {spaces}"),
        ("object", f"SELECT n.namespace, p.name FROM metadef_objects p JOIN {spaces}"),
        ("tag", f"SELECT n.namespace, p.name FROM metadef_tags p JOIN {spaces}"),
        (
            "resource type",
            f"SELECT n.namespace, t.name FROM metadef_namespace_resource_types p JOIN {spaces} JOIN {types}",
        ),
    ):
        for namespace, name in execute(query):
            found[namespace.casefold()].add((kind, name.casefold()))
    return found


def digest(path: str) -> str:
    """Return one figure that changes when any definition file does."""
    total = hashlib.sha256()
    for file in sorted(Path(path).glob("*.json")):
        total.update(f"{file.name}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def compare(execute: Execute | None, wanted: Parts) -> Json:
    """Return which definitions of the release the database lacks (all, when it cannot be asked)."""
    have = stored(execute) if execute else {}
    parts = [
        f"{namespace}: {kind} {name}"
        for namespace in wanted
        if namespace in have
        for kind, name in sorted(wanted[namespace] - have[namespace])
    ]
    spaces = sorted(set(wanted) - set(have))
    return {"total": len(wanted), "missing": spaces, "incomplete": parts}
