# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From ``glance_stores`` to the store plan: everything that follows from the declared stores, for any target.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import release_name
from ansible_collections.openimage.glance.plugins.module_utils._stores.entry import Entry, read_entry
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import Directory, Store
from ansible_collections.openimage.glance.plugins.module_utils._stores.names import STAGING, TASKS
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import Place, data_directory, overlaps
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong, below, kind

ROOT = "glance_stores"
# Reserved store → the inventory variable that places it.
RESERVED = {STAGING: "glance_staging_path", TASKS: "glance_tasks_path"}


@dataclass(frozen=True)
class Reading:
    """What was read of the declared stores, with all that is wrong about them."""

    entries: list[Entry]
    reserved: dict[str, str]
    release: str
    problems: list[Problem]

    @property
    def ids(self) -> dict[str, Entry]:
        """Return the entries that have a right id, by id."""
        return {entry.values["id"]: entry for entry in reversed(self.entries) if "id" in entry.values}


def _duplicates(entries: list[Entry]) -> list[Problem]:
    """Return the problems of ids that are used twice. oslo.config reads sections without regard to case."""
    problems = []
    first: dict[str, Entry] = {}
    for entry in entries:
        name = entry.values.get("id")
        if name is None:
            continue
        earlier = first.setdefault(name.lower(), entry)
        if earlier is entry:
            continue
        same = "is the id of" if earlier.values["id"] == name else "differs in case only from the id of"
        problems.append(Problem(below(entry.path, "id"), f"{name} {same} {earlier.path}", "write another id"))
    return problems


def _defaults(entries: list[Entry]) -> list[Problem]:
    """Return what is wrong about which store is the default."""
    problems = []
    chosen = [entry for entry in entries if entry.values.get("default")]
    for entry in chosen:
        path = below(entry.path, "default")
        if entry.store_class and entry.store_class.READ_ONLY:
            wrong = f"nothing can be uploaded to {entry.name}, of type {entry.store_class.TYPE}"
            problems.append(Problem(path, wrong, "make a store of another type the default"))
    for entry in chosen[1:]:
        wrong = f"{chosen[0].name} is the default already ({chosen[0].path})"
        problems.append(Problem(below(entry.path, "default"), wrong, "leave default: true at one store"))
    mistaken = any("default" in entry.written and "default" not in entry.values for entry in entries)
    if entries and not chosen and not mistaken:
        problems.append(Problem(ROOT, "no store is the default", "write default: true at the one that takes uploads"))
    return problems


def _singles(entries: list[Entry]) -> list[Problem]:
    """Return the problems of types that Glance can run only once."""
    problems = []
    first: dict[type[Store], Entry] = {}
    for entry in entries:
        if entry.store_class is None or not entry.store_class.SINGLE:
            continue
        earlier = first.setdefault(entry.store_class, entry)
        if earlier is not entry:
            wrong = (
                f"{earlier.path} is of type {entry.store_class.TYPE} already, and Glance can have only one such store"
            )
            problems.append(Problem(below(entry.path, "type"), wrong, "remove one of them"))
    return problems


def _places(entries: list[Entry], reserved: Mapping[str, str]) -> list[Place]:
    places = [Place(path, f"Glance's own {name}", RESERVED[name]) for name, path in reserved.items()]
    for entry in entries:
        if "path" in entry.values:
            places.append(Place(entry.values["path"], entry.name, below(entry.path, "path")))
    return places


def in_order(problems: list[Problem]) -> list[Problem]:
    """Return problems by the store that they are about; what concerns all comes first."""

    def position(problem: Problem) -> int:
        found = re.match(re.escape(ROOT) + r"\[(\d+)\]", problem.path)
        return int(found.group(1)) if found else -1

    return sorted(problems, key=position)


def read_entries(stores: Any, release: str) -> list[Entry]:
    """Read each store for itself."""
    listed = stores if isinstance(stores, (list, tuple)) else []
    return [read_entry(raw, f"{ROOT}[{number}]", release) for number, raw in enumerate(listed)]


def read(stores: Any, staging: Any, tasks: Any, release: Any = "") -> Reading:
    """Read the declared stores and the places of the reserved ones, whatever the operator wrote there."""
    problems: list[Problem] = []
    reserved: dict[str, str] = {}
    for name, value in ((STAGING, staging), (TASKS, tasks)):
        try:
            reserved[name] = data_directory(value)
        except Wrong as error:
            problems.append(error.at(RESERVED[name]))
    try:
        known = release_name(release)
    except Wrong:
        known = ""  # reported where the release is checked

    entries = read_entries(stores, known)
    if not entries:
        wrong = "is an empty list" if isinstance(stores, (list, tuple)) else f"is {kind(stores)}"
        advice = "write a list of at least one store, like [{id: local, type: file, default: true, path: /srv/images}]"
        problems.append(Problem(ROOT, wrong, advice))

    for entry in entries:
        problems.extend(entry.problems)
    problems.extend(_duplicates(entries) + _defaults(entries) + _singles(entries))
    problems.extend(overlaps(_places(entries, reserved)))
    return Reading(entries, reserved, known, in_order(problems))


def plan(reading: Reading) -> dict[str, Any]:
    """Return the store plan in plain types. With problems it is incomplete and must not be applied."""
    stores = [store for store in (entry.store() for entry in reading.entries) if store]
    default = next((store.id for store in stores if store.default), "")
    directories = [directory for store in stores for directory in store.directories()]
    directories.extend(Directory(path) for path in reading.reserved.values())
    return {
        "ids": [store.id for store in stores],
        "default": default,
        "enabled_backends": ",".join(f"{store.id}:{store.TYPE}" for store in stores),
        "sections": {
            "glance_store": {"default_backend": default},
            **{store.id: store.section() for store in stores},
            **{name: {"filesystem_store_datadir": path} for name, path in reading.reserved.items()},
        },
        "types": {**{store.id: store.TYPE for store in stores}, **dict.fromkeys(reading.reserved, "file")},
        "origins": {
            "glance_store": ROOT,
            **{store.id: below(store.origin, "options") for store in stores},
            **{name: RESERVED[name] for name in reading.reserved},
        },
        "secrets": [secret for store in stores for secret in store.secrets()],
        "directories": [asdict(directory) for directory in directories],
        "packages": {"package": [], "venv": []},
        "mounts": [],
        "services": [],
        "expected": [store.expected(reading.release) for store in stores],
        "canary": [{"id": store.id, "read_only": store.READ_ONLY} for store in stores],
        "problems": [str(problem) for problem in reading.problems],
    }


def store_plan(stores: Any, staging: Any, tasks: Any, release: Any = "") -> dict[str, Any]:
    """Read and plan at once."""
    return plan(read(stores, staging, tasks, release))
