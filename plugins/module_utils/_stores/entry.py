# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading one entry of ``glance_stores``.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import knows
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import COMMON_KEYS, Context, Key, Store
from ansible_collections.openimage.glance.plugins.module_utils._stores.registry import TYPES, meant, store_type
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Wrong,
    below,
    kind,
    nearest,
)


@dataclass
class Entry:
    """What could be read of an entry: enough to compare it with others even if some of it is wrong."""

    path: str
    release: str
    store_class: type[Store] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    # What works, but is rarely meant.
    doubts: list[Problem] = field(default_factory=list)
    # What the operator wrote, right or wrong.
    written: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return f"store {self.values['id']}" if "id" in self.values else self.path

    def store(self, shared_options: Mapping[str, Any]) -> Store | None:
        """Return the store, if the entry is right."""
        if self.problems or self.store_class is None:
            return None
        values = {name: value for name, value in self.values.items() if name != "type"}
        return self.store_class(**values, origin=self.path, options=self.options, shared_options=shared_options)

    def report(self, path: str, wrong: str, instead: str) -> None:
        self.problems.append(Problem(path, wrong, instead))

    def read(self, key: Key, path: str, value: Any) -> None:
        """Take over one value, or report why not."""
        if not knows(self.release, key.since):
            self.report(
                path, f"{self.release} does not know {key.option or key.name}, which came with {key.since}", "remove it"
            )
            return
        try:
            result = key.read(value)
        except Wrong as error:
            self.problems.extend(error.problems(path))
            return
        if key.name:
            self.values[key.name] = result
        else:
            self.options[key.option] = result

    def read_option(self, option: Any, value: Any, path: str) -> None:
        """Read one entry of `options`, which go by Glance's names."""
        keys = self.store_class.KEYS if self.store_class else ()
        by_option = {key.option: key for key in keys if key.option}
        key = by_option.get(option) if isinstance(option, str) else None
        if key is None:
            short = next((key for key in keys if key.name and key.name == option), None)
            if short is not None:
                advice = (
                    f"write {short.option} here, or {short.name} one level up"
                    if short.option
                    else "write it one level up"
                )
                self.report(path, "options go by Glance's own names", advice)
            else:
                known = [name for name, key in by_option.items() if not key.not_in_options]
                self.report(path, f"is not an option of {self._a_store()}", nearest(option, sorted(known)))
        elif key.not_in_options:
            self.report(path, "is not for options", key.not_in_options)
        elif key.name in self.written:
            self.report(path, f"says the same as {below(self.path, key.name)}", "remove one of the two")
        else:
            self.read(key, path, value)

    def _a_store(self) -> str:
        return f"{self.store_class.TYPE} stores" if self.store_class else "stores"


def _read_key(entry: Entry, name: Any, value: Any) -> None:
    keys = entry.store_class.KEYS if entry.store_class else COMMON_KEYS
    by_name = {key.name: key for key in keys if key.name}
    path = below(entry.path, name)
    if name in by_name:
        if name != "type":
            entry.read(by_name[name], path, value)
    elif entry.store_class is None:
        return  # which keys there are depends on the type, which is wrong already
    else:
        option = next((key for key in keys if key.option and key.option == name), None)
        if option is None:
            entry.report(
                path, f"is not a key of {entry.store_class.TYPE} stores", nearest(name, sorted([*by_name, "options"]))
            )
        else:
            advice = f"write {option.name}" if option.name else "write it under options"
            entry.report(path, "is Glance's own name of an option", option.not_in_options or advice)


def read_entry(raw: Any, path: str, release: str) -> Entry:
    """Read whatever the operator wrote as a store."""
    entry = Entry(path, release)
    if not isinstance(raw, Mapping):
        entry.report(
            path, f"is {kind(raw)}, not a store", "write a mapping like {id: local, type: file, path: /srv/images}"
        )
        return entry
    entry.written = frozenset(name for name in raw if isinstance(name, str))
    if "type" in raw:
        try:
            entry.store_class = store_type(raw["type"])
        except Wrong as error:
            entry.problems.append(error.at(below(path, "type")))
            entry.store_class = meant(raw["type"])
    for name, value in raw.items():
        if not (isinstance(name, str) and name == "options"):
            _read_key(entry, name, value)
    for key in entry.store_class.KEYS if entry.store_class else COMMON_KEYS:
        if key.required and key.name not in raw:
            example = nearest("", TYPES) if key.name == "type" else f"write {key.name}: {key.example}"
            entry.report(below(path, key.name), "is missing", example)
    if entry.store_class:
        _read_options(entry, raw.get("options"))
        context = Context(path, entry.written, release)
        entry.problems.extend(entry.store_class.contradictions(entry.values, context))
        entry.doubts.extend(entry.store_class.doubts(entry.values, context))
    return entry


def _read_options(entry: Entry, options: Any) -> None:
    path = below(entry.path, "options")
    if options is None:
        return
    if not isinstance(options, Mapping):
        entry.report(path, f"is {kind(options)}", "write a mapping of Glance's option names to values")
        return
    for option, value in options.items():
        entry.read_option(option, value, below(path, option))
