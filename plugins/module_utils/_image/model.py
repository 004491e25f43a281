# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""What an operator wants of an image, and how an existing one differs from it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._image.methods import UPLOAD
from ansible_collections.openimage.glance.plugins.module_utils._image.origin import RECORD

Json = dict[str, Any]

# An image carries this tag from its creation until it is complete and published. By it the next run recognises
# what a killed run left. A tag and not a property: property protections may forbid unknown properties.
MARK = "openimage-glance-unfinished"

# What the API keeps beside the properties that a user can set.
BASE_FIELDS = frozenset(
    {
        "id",
        "name",
        "status",
        "visibility",
        "owner",
        "size",
        "virtual_size",
        "checksum",
        "disk_format",
        "container_format",
    }
    | {
        "min_disk",
        "min_ram",
        "protected",
        "tags",
        "locations",
        "direct_url",
        "created_at",
        "updated_at",
        "self",
        "file",
    }
    | {"schema", "stores"}
)


@dataclass(frozen=True)
class Desired:
    """The image as the operator describes it; None and empty stand for "do not care"."""

    name: str
    disk_format: str = "qcow2"
    container_format: str = "bare"
    visibility: str | None = None
    protected: bool | None = None
    hidden: bool | None = None
    min_disk: int | None = None
    min_ram: int | None = None
    tags: Sequence[str] | None = None
    properties: Mapping[str, str | None] = field(default_factory=dict)
    stores: Sequence[str] = ()
    import_method: str = UPLOAD
    all_stores_must_succeed: bool = True

    @property
    def first_store(self) -> str | None:
        """The store to upload to; the others get copies."""
        return self.stores[0] if self.stores else None


def desired(params: Mapping[str, Any]) -> Desired:
    """Read the module's parameters."""
    values = {name: params[name] for name in Desired.__dataclass_fields__ if params.get(name) is not None}
    values["properties"] = {str(name): text(value) for name, value in (params.get("properties") or {}).items()}
    return Desired(**values)


def text(value: Any) -> str | None:
    """Return a property's value as Glance keeps it, always text; None stands for a property to be removed."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def problems(want: Desired, declared: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with a wish before anything is done.

    :param declared: the stores of this Glance; not looked at when no store is wished.
    """
    found = [
        f"properties.{name}: this is not a property but a field of its own; {_option_for(name)}"
        for name in want.properties
        if name in BASE_FIELDS or name.startswith("os_hash_") or name == "os_hidden"
    ]
    found += [
        f"properties.{name}: names that begin with os_glance_ belong to Glance itself."
        for name in want.properties
        if name.startswith("os_glance_")
    ]
    found += [f"properties.{RECORD}: is kept by this module; remove it." for name in want.properties if name == RECORD]
    ids = [str(store["id"]) for store in declared]
    read_only = [store for store in ids if store not in writable(declared)]
    for index, store in enumerate(want.stores):
        if store not in ids:
            found.append(f"stores[{index}]: this Glance has no store '{store}'; it has {', '.join(ids) or 'none'}.")
        elif store in read_only:
            found.append(f"stores[{index}]: store '{store}' is read-only.")
        elif store in want.stores[:index]:
            found.append(f"stores[{index}]: store '{store}' is named twice.")
    return found


def writable(declared: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the stores that can take data, the default store first."""
    stores = [store for store in declared if str(store.get("read-only")).lower() != "true"]
    first = [store for store in stores if str(store.get("default")).lower() == "true"]
    return [str(store["id"]) for store in [*first, *(store for store in stores if store not in first)]]


def _option_for(name: str) -> str:
    option = "hidden" if name == "os_hidden" else name
    options = Desired.__dataclass_fields__
    return f"use the option {option} of this module." if option in options else "it cannot be set."


# --- existing images ----------------------------------------------------------------------------------------------


def unfinished(image: Json) -> bool:
    """Return whether a run of this module made the image and has not completed it."""
    return MARK in image.get("tags", [])


def hiding(image: Json) -> list[Json]:
    """Return the patch that takes a complete image out of sight for good."""
    fields: Json = {"os_hidden": True}
    if unfinished(image):
        fields["tags"] = sorted(set(image["tags"]) - {MARK})
    return drift(image, fields)


def stores_of(image: Json) -> list[str]:
    """Return the ids of the stores that hold the data."""
    return [store for store in str(image.get("stores") or "").split(",") if store]


def missing_stores(want: Desired, image: Json) -> list[str]:
    """Return the wished stores that have no copy yet."""
    return [store for store in want.stores if store not in stores_of(image)]


def creation(want: Desired, record: str | None = None) -> Json:
    """Return the fields of a new image: complete, but hidden and marked until its data is proven.

    :param record: what is recorded of its origin, if its hash cannot tell it.
    """
    fields: Json = {
        "name": want.name,
        "disk_format": want.disk_format,
        "container_format": want.container_format,
        "os_hidden": True,
        "tags": sorted({*(want.tags or ()), MARK}),
    }
    for name in ("visibility", "min_disk", "min_ram"):
        if getattr(want, name) is not None:
            fields[name] = getattr(want, name)
    fields.update({name: value for name, value in want.properties.items() if value is not None})
    if record is not None:
        fields[RECORD] = record
    return fields


def target(want: Desired, image: Json, keep_mark: bool = False) -> Json:
    """Return the values that the image's fields should have; fields that nobody cares about are left out.

    :param keep_mark: the image is published, but what it replaces still has to be hidden.
    """
    fields: Json = {}
    for name in ("visibility", "protected", "min_disk", "min_ram"):
        if getattr(want, name) is not None:
            fields[name] = getattr(want, name)
    # A new image is hidden only by its birth, so it must be shown unless told otherwise.
    hidden = want.hidden if want.hidden is not None or not unfinished(image) else False
    if hidden is not None:
        fields["os_hidden"] = hidden
    tags = None if want.tags is None else set(want.tags)
    if tags is None and (unfinished(image) or keep_mark):
        tags = set(image.get("tags", [])) - {MARK}
    if tags is not None:
        fields["tags"] = sorted(tags | {MARK} if keep_mark else tags)
    fields.update(want.properties)
    return fields


def drift(image: Json, fields: Json) -> list[Json]:
    """Return the JSON patch that gives the image those values; empty when it has them."""
    operations: list[Json] = []
    for name, value in fields.items():
        path = "/" + name.replace("~", "~0").replace("/", "~1")
        have = sorted(image.get("tags", [])) if name == "tags" else image.get(name)
        if value == have:
            continue
        if value is None:
            operations.append({"op": "remove", "path": path})
        else:
            operations.append({"op": "replace" if name in image else "add", "path": path, "value": value})
    return operations


def view(image: Json | None) -> Json:
    """Return what is worth showing of an image in a diff: what does not change by itself."""
    if not image:
        return {}
    unsteady = {
        "created_at",
        "updated_at",
        "self",
        "file",
        "schema",
        "locations",
        "direct_url",
        "virtual_size",
        "checksum",
    }
    shown = {name: value for name, value in image.items() if name not in unsteady and not name.startswith("os_glance_")}
    shown["tags"] = sorted(tag for tag in image.get("tags", []) if tag != MARK)
    shown["stores"] = sorted(stores_of(image))
    return shown


def describe(operations: Sequence[Json]) -> str:
    """Return a patch as words: C(visibility=public, hw_disk_bus removed)."""
    words = []
    for operation in operations:
        name = operation["path"][1:].replace("~1", "/").replace("~0", "~")
        value = operation.get("value")
        if name == "tags":
            value = ",".join(tag for tag in value or [] if tag != MARK) or "none"
        words.append(f"{name} removed" if operation["op"] == "remove" else f"{name}={value}")
    return ", ".join(words)
