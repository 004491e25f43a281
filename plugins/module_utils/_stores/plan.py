# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From ``glance_stores`` to the store plan: everything that follows from the declared stores, for any target.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._nfs.unit import unit_name
from ansible_collections.openimage.glance.plugins.module_utils._site.releases import release_name
from ansible_collections.openimage.glance.plugins.module_utils._stores.defaults import ROOT as DEFAULTS
from ansible_collections.openimage.glance.plugins.module_utils._stores.defaults import SECTION, check_defaults
from ansible_collections.openimage.glance.plugins.module_utils._stores.entry import Entry, read_entry
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import Directory, Mount, Store
from ansible_collections.openimage.glance.plugins.module_utils._stores.names import STAGING, TASKS
from ansible_collections.openimage.glance.plugins.module_utils._stores.paths import (
    Place,
    data_directory,
    inside,
    overlaps,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong, below, kind

ROOT = "glance_stores"
# The service's own directory, in which it runs.
HOME = "/var/lib/glance"
# Reserved store → the inventory variable that places it.
RESERVED = {STAGING: "glance_staging_path", TASKS: "glance_tasks_path"}


@dataclass(frozen=True)
class Reading:
    """What was read of the declared stores, with all that is wrong about them."""

    entries: list[Entry]
    reserved: dict[str, str]
    release: str
    # glance_backend_defaults, as far as it is right.
    defaults: dict[str, Any]
    problems: list[Problem]
    # What works, but is rarely meant.
    doubts: list[Problem]

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


def _rivals(entries: list[Entry]) -> list[Problem]:
    """Return the problems of stores that want what only one can have."""
    problems = []
    first: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        claims = entry.store_class.claims(entry.values) if entry.store_class else {}
        told: set[str] = set()
        for identity, claim in claims.items():
            earlier = first.setdefault(identity, entry)
            if earlier is not entry and claim.name not in told:
                told.add(claim.name)
                wrong = f"{earlier.name} ({earlier.path}) has {claim.name} already"
                problems.append(Problem(entry.path, wrong, claim.instead))
    return problems


def _unlike(entries: list[Entry]) -> list[Problem]:
    """Return the problems of stores that differ in what Glance takes from one of them for all."""
    problems = []
    first: dict[type[Store], Entry] = {}
    for entry in entries:
        if entry.store_class is None or entry.problems:
            continue
        model = first.setdefault(entry.store_class, entry)
        expected, found = (entry.store_class.alike(one.values) for one in (model, entry))
        for key in (key for key in expected if expected[key] != found[key]):
            wrong = (
                f"differs from {below(model.path, key)}, and a process of Glance logs in only once for all stores of "
                f"type {entry.store_class.TYPE}"
            )
            problems.append(Problem(below(entry.path, key), wrong, "write the same in all of them"))
    return problems


def _mount_points(entries: list[Entry]) -> list[Place]:
    """Return where exports are mounted."""
    found = []
    for entry in entries:
        share, path = entry.values.get("nfs"), entry.values.get("path", "")
        if share and (share.mount or path):
            found.append(Place(share.mount or path, entry.name, below(entry.path, "nfs" if share.mount else "path")))
    return found


def _mount_overlaps(entries: list[Entry]) -> list[Problem]:
    """Return the problems of mounts in one another. Those at the same path or in a store's path are told elsewhere."""
    named = [place for place in _mount_points(entries) if place.origin.endswith(".nfs")]
    return overlaps([*(place for place in _mount_points(entries) if place not in named), *named]) if named else []


def _staging_on_shares(entries: list[Entry], reserved: Mapping[str, str]) -> list[Problem]:
    """Return the doubts about Glance's own directories on a share."""
    found = []
    for name, path in reserved.items():
        for place in _mount_points(entries):
            if inside(path, place.directory) and path != place.directory:
                wrong = (
                    f"{path} lies on the NFS export of {place.owner} ({place.directory}), so every import crosses the "
                    "network twice as often and fills the space of the images"
                )
                found.append(
                    Problem(RESERVED[name], wrong, "a directory on a disk of the host is better, but this works")
                )
    return found


def _colliding_files(stores: list[Store], release: str) -> list[Problem]:
    """Return the problems of stores that want different contents in one file."""
    problems = []
    first: dict[str, tuple[str, Store]] = {}
    for store in stores:
        for file in store.files(release):
            content, earlier = first.setdefault(file.path, (file.content, store))
            if content != file.content:
                wrong = f"needs {file.path} with another content than store {earlier.id} ({earlier.origin})"
                problems.append(Problem(store.origin, wrong, "give it a ceph_conf of its own"))
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


def read(stores: Any, staging: Any, tasks: Any, release: Any = "", defaults: Any = None) -> Reading:
    """Read the declared stores, their defaults and the places of the reserved ones, whatever the operator wrote."""
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
    problems.extend(overlaps(_places(entries, reserved)) + _mount_overlaps(entries) + _rivals(entries))
    problems.extend(_unlike(entries))
    shared, mistakes = check_defaults(defaults, entries, known)
    found = [store for store in (entry.store(shared) for entry in entries) if store]
    problems.extend(_colliding_files(found, known))
    doubts = [doubt for entry in entries for doubt in entry.doubts] + _staging_on_shares(entries, reserved)
    return Reading(entries, reserved, known, shared, [*in_order(problems), *mistakes], in_order(doubts))


def _unique(items: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(items))


def _directories(stores: list[Store], reserved: Mapping[str, str], mounts: list[Mount]) -> list[list[Directory]]:
    """Return the directories on the host's own disks, and those inside of mounts, whose roots come with the mount.

    Those inside belong to the server, where root may be nobody: only the service user can make them.
    """
    wanted = _unique(directory for store in stores for directory in store.directories())
    wanted.extend(Directory(path) for path in reserved.values())
    roots = [mount.path for mount in mounts]
    local = [one for one in wanted if not any(inside(one.path, root) for root in roots)]
    return [local, [one for one in wanted if one not in local and one.path not in roots]]


@dataclass(frozen=True)
class Room:
    """A directory that fills with images."""

    path: str
    owner: str
    # Where the operator wrote it, and the store's own entry.
    origin: str
    store: str = ""
    # Bytes that must be free; None if nobody said how many.
    minimum: int | None = None
    # The mount of ours that it is in, if any.
    mount: str = ""


def rooms(reading: Reading) -> list[Room]:
    """Return the directories that fill with images. Only for a reading without problems."""
    found = [
        Room(
            entry.values["path"],
            entry.name,
            below(entry.path, "path"),
            entry.path,
            entry.values.get("minimum_free_space"),
        )
        for entry in reading.entries
        if "path" in entry.values
    ]
    found += [Room(path, f"Glance's own {name}", RESERVED[name]) for name, path in reading.reserved.items()]
    mounts = [place.directory for place in _mount_points(reading.entries)]
    return [replace(room, mount=next((root for root in mounts if inside(room.path, root)), "")) for room in found]


def _around(paths: Iterable[str]) -> list[str]:
    """Return these directories and all that they lie in: unmounting one of those would take something away."""
    return sorted({str(one) for path in paths for one in (PurePosixPath(path), *PurePosixPath(path).parents)})


def _planned(mount: Mount, own: Iterable[str]) -> dict[str, Any]:
    """Return a mount in plain types, with its unit; ``required`` when the service itself needs it, not only a store."""
    required = any(inside(path, mount.path) for path in own)
    more = {"options": list(mount.options), "unit": unit_name(mount.path), "required": required}
    return {**asdict(mount), **more}


def plan(reading: Reading) -> dict[str, Any]:
    """Return the store plan in plain types. With problems it is incomplete and must not be applied."""
    stores = [store for store in (entry.store(reading.defaults) for entry in reading.entries) if store]
    default = next((store.id for store in stores if store.default), "")
    mounts = [mount for store in stores for mount in store.mounts()]
    directories, mounted_directories = _directories(stores, reading.reserved, mounts)
    own = [HOME, *reading.reserved.values()]
    places = [mount.path for mount in mounts] + [one.path for one in (*directories, *mounted_directories)]
    needs = [store.needs() for store in stores]
    tried = ((store, store.access()) for store in stores)
    return {
        "ids": [store.id for store in stores],
        "default": default,
        "enabled_backends": ",".join(f"{store.id}:{store.TYPE}" for store in stores),
        "sections": {
            "glance_store": {"default_backend": default},
            **{store.id: store.section() for store in stores},
            **{name: {"filesystem_store_datadir": path} for name, path in reading.reserved.items()},
            **({SECTION: reading.defaults} if reading.defaults else {}),
        },
        "types": {**{store.id: store.TYPE for store in stores}, **dict.fromkeys(reading.reserved, "file")},
        "origins": {
            "glance_store": ROOT,
            **{store.id: below(store.origin, "options") for store in stores},
            **{name: RESERVED[name] for name in reading.reserved},
            **({SECTION: DEFAULTS} if reading.defaults else {}),
        },
        "secrets": _unique(secret for store in stores for secret in store.secrets()),
        "directories": [asdict(directory) for directory in directories],
        "mounted_directories": [asdict(directory) for directory in mounted_directories],
        "files": [asdict(file) for file in _unique(file for store in stores for file in store.files(reading.release))],
        "needs": {
            "package": _unique(name for need in needs for name in need.package),
            "venv": _unique(name for need in needs for name in need.venv),
        },
        "libraries": _unique(library for need in needs for library in need.libraries),
        "mounts": [_planned(mount, own) for mount in mounts],
        "around": _around([*own, *places]),
        "services": _unique(service for need in needs for service in need.services),
        "kernel_modules": _unique(module for need in needs for module in need.kernel_modules),
        "transports": _unique(transport for need in needs for transport in need.transports),
        "root_commands": any(need.root for need in needs),
        "access": [{"id": store.id, "type": store.TYPE, **access} for store, access in tried if access],
        "expected": [store.expected(reading.release) for store in stores],
        "canary": [*(store.canary() for store in stores), {"id": STAGING, "read_only": False, "staging": True}],
        "problems": [str(problem) for problem in reading.problems],
        "warnings": [str(doubt) for doubt in reading.doubts],
    }


def store_plan(stores: Any, staging: Any, tasks: Any, release: Any = "", defaults: Any = None) -> dict[str, Any]:
    """Read and plan at once."""
    return plan(read(stores, staging, tasks, release, defaults))
