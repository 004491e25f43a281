# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of ``glance_images``, the images to seed.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._image.methods import (
    COPY,
    DIRECT,
    METHODS,
    UPLOAD,
    WEB,
    method_mistakes,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import Reading
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Reader,
    Wrong,
    below,
    choice,
    flag,
    kind,
    nearest,
    shown,
    text,
    texts,
    whole,
)

ROOT = "glance_images"
# The default of the inventory variable glance_import_methods.
DEFAULT_METHODS = (DIRECT, WEB, COPY)


def source(value: Any) -> str:
    """Return the path of an image file."""
    path = text(value)
    if re.match(r"[a-z][a-z0-9+.-]*://", path, re.IGNORECASE):
        raise Wrong("is a URL", "write url: … and import_method: web-download, or the path of a file")
    return path


def properties(value: Any) -> Mapping[Any, Any]:
    """Return image properties, which Glance stores as texts."""
    advice = "write a mapping like {os_distro: debian, hw_disk_bus: scsi}"
    if not isinstance(value, Mapping):
        raise Wrong(f"is {kind(value)}", advice)
    for name, item in value.items():
        if not isinstance(name, str) or not isinstance(item, (str, int, float)):
            raise Wrong(f"its entry {shown(name)} is not a text", advice)
    return value


KEYS: dict[str, Reader] = {
    "name": text,
    "src": source,
    "import_method": choice(*METHODS),
    "url": text,
    "glance_region": text,
    "glance_image_id": text,
    "glance_service_interface": choice("public", "internal", "admin"),
    "checksum": text,
    "all_stores": flag,
    "all_stores_must_succeed": flag,
    "fail_on_partial": flag,
    "timeout": whole(1),
    "stall_timeout": whole(1),
    "disk_format": choice("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"),
    "container_format": choice("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"),
    "visibility": choice("public", "private", "shared", "community"),
    "properties": properties,
    "stores": texts,
    "protected": flag,
    "hidden": flag,
    "min_disk": whole(0),
    "min_ram": whole(0),
    "tags": texts,
}


def _stores(path: str, wanted: list[str], stores: Reading) -> list[Problem]:
    problems = []
    writable = [name for name, entry in stores.ids.items() if not (entry.store_class and entry.store_class.READ_ONLY)]
    for name in wanted:
        if name in writable:
            continue
        wrong = f"{name} is read-only" if name in stores.ids else f"{shown(name)} is not a declared store"
        problems.append(
            Problem(path, wrong, nearest(name, writable) if writable else "declare a store that takes uploads")
        )
    return problems


def check_images(images: Any, stores: Reading, enabled: Any = None) -> list[Problem]:
    """Return the problems of the images to seed.

    :param enabled: the import methods that Glance will offer; None if the site leaves them as they are.
    """
    if images is None:
        return []
    if not isinstance(images, (list, tuple)):
        return [Problem(ROOT, f"is {kind(images)}", "write a list like [{name: debian-13, src: /srv/debian-13.qcow2}]")]
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for number, image in enumerate(images):
        path = f"{ROOT}[{number}]"
        if not isinstance(image, Mapping):
            problems.append(Problem(path, f"is {kind(image)}, not an image", "write {name: …, src: …}"))
            continue
        values = _read(path, image, problems)
        name = values.get("name")
        if name is not None and first.setdefault(name, path) != path:
            wrong = f"{shown(name)} is the name of {first[name]} too"
            problems.append(Problem(below(path, "name"), wrong, "write another name: seeds are recognised by it"))
        problems.extend(_stores(below(path, "stores"), values.get("stores", []), stores))
        problems.extend(_method(path, image, values, DEFAULT_METHODS if enabled is None else enabled))
    return problems


def _read(path: str, image: Mapping[Any, Any], problems: list[Problem]) -> dict[str, Any]:
    """Return the right values of one image and report the others."""
    values: dict[str, Any] = {}
    for key, value in image.items():
        if key not in KEYS:
            problems.append(Problem(below(path, key), "is not a key of an image", nearest(key, sorted(KEYS))))
            continue
        try:
            values[key] = KEYS[key](value)
        except Wrong as error:
            problems.append(error.at(below(path, key)))
    if "name" not in image:
        problems.append(Problem(below(path, "name"), "is missing", "write name: …"))
    return values


def _method(path: str, image: Mapping[Any, Any], values: Mapping[str, Any], enabled: Any) -> list[Problem]:
    """Return what is wrong with how the data should get into an image."""
    if "import_method" in image and "import_method" not in values:
        return []
    method = values.get("import_method", UPLOAD)
    # What could not be read is reported as that, and is there.
    given = {key: values.get(key, "" if key in image else None) for key in KEYS}
    problems = [
        Problem(below(path, mistake.option), mistake.wrong, mistake.instead)
        for mistake in method_mistakes({**given, "import_method": method})
    ]
    copies = method == UPLOAD and (len(values.get("stores", [])) > 1 or values.get("all_stores"))
    needed, key = (COPY, "stores") if copies else (method, "import_method")
    if isinstance(enabled, (list, tuple)) and needed not in (UPLOAD, *enabled):
        wrong = f"needs {needed}, which glance_import_methods does not name"
        problems.append(Problem(below(path, key), wrong, f"add {needed} to glance_import_methods"))
    return problems
