# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: read a file store's location metadata as Glance will. Runs under Glance's own interpreter.

It states facts; ``file.py`` puts them into words. Glance's driver itself says what shape is right: with another one it
starts all the same, and the store takes no images.
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import Json, Stop


def libraries() -> tuple[Any, Any, Any]:
    """Import what Glance judges with."""
    return (
        import_module("glance_store"),
        import_module("glance_store._drivers.filesystem"),
        import_module("jsonschema"),
    )


def read(path: str) -> Any:
    """Return what the file holds."""
    try:
        with open(path, "rb") as file:
            return json.loads(file.read())
    except OSError as error:
        raise Stop("unreadable", text=str(error.strerror)) from None
    except ValueError as error:
        raise Stop("json", text=str(error)) from None


def attempt(store: Json, settings: Json) -> Json:
    """Try one store; return what was found."""
    settings["tell"]("read metadata_file")
    glance_store, driver, jsonschema = libraries()
    content = read(store["metadata_file"])
    entries = [content] if isinstance(content, dict) else content
    try:
        jsonschema.validate(entries, driver.MULTI_FILESYSTEM_METADATA_SCHEMA)
        glance_store.check_location_metadata(entries)
    except jsonschema.exceptions.ValidationError as error:
        raise Stop("shape", text=error.message) from None
    except glance_store.exceptions.BackendException as error:
        raise Stop("shape", text=str(error)) from None
    around = [entry["mountpoint"] for entry in entries]
    if not any(store["path"].startswith(mountpoint) for mountpoint in around):
        raise Stop("elsewhere", mountpoints=around)
    return {}
