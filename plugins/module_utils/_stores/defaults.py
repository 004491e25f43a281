# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of ``glance_backend_defaults``: options that hold for every store which does not set them.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import knows
from ansible_collections.openimage.glance.plugins.module_utils._stores.entry import Entry
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import Key
from ansible_collections.openimage.glance.plugins.module_utils._stores.registry import TYPES
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Wrong,
    below,
    kind,
    nearest,
)

ROOT = "glance_backend_defaults"
SECTION = "backend_defaults"
# It came with 2025.2.
SINCE = "2026.1"


def _known(entries: list[Entry]) -> dict[str, list[Key]]:
    """Return option -> its keys in the declared store types; of all types, if no type could be read."""
    declared = {entry.store_class for entry in entries if entry.store_class} or set(TYPES.values())
    found: dict[str, list[Key]] = {}
    for store_class in sorted(declared, key=lambda one: one.TYPE):
        for key in store_class.KEYS:
            if key.option:
                found.setdefault(key.option, []).append(key)
    return found


def check_defaults(raw: Any, entries: list[Entry], release: str) -> tuple[dict[str, Any], list[Problem]]:
    """Return the options that are right, and what is wrong about the others."""
    if raw is None or raw == {}:
        return {}, []
    if not isinstance(raw, Mapping):
        return {}, [Problem(ROOT, f"is {kind(raw)}", "write a mapping of Glance's option names to values")]
    if not knows(release, SINCE):
        instead = "remove it, and set the options at each store"
        return {}, [Problem(ROOT, f"{release} does not know [{SECTION}]", instead)]
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    known = _known(entries)
    for option, value in raw.items():
        path = below(ROOT, option)
        keys = known.get(option, []) if isinstance(option, str) else []
        if not keys:
            usable = sorted(name for name, found in known.items() if not (found[0].own or found[0].not_in_options))
            problems.append(Problem(path, "is not an option of the declared store types", nearest(option, usable)))
        elif any(key.own or key.not_in_options for key in keys):
            advice = f"write {keys[0].name} at each store" if keys[0].name else keys[0].not_in_options
            problems.append(Problem(path, "is not for all stores at once", advice))
        elif not knows(release, keys[0].since):
            wrong = f"{release} does not know {option}, which came with {keys[0].since}"
            problems.append(Problem(path, wrong, "remove it"))
        else:
            try:
                values[option] = keys[0].read(value)
            except Wrong as error:
                problems.extend(error.problems(path))
    return values, problems
