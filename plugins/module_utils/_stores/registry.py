# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store types that this version deploys. docs/development.md lists the other places that a new type touches.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._stores.cinder import CinderStore
from ansible_collections.openimage.glance.plugins.module_utils._stores.file import FileStore
from ansible_collections.openimage.glance.plugins.module_utils._stores.http_store import HttpStore
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import Store
from ansible_collections.openimage.glance.plugins.module_utils._stores.names import GONE_TYPES, TYPE_ALIASES
from ansible_collections.openimage.glance.plugins.module_utils._stores.rbd import RbdStore
from ansible_collections.openimage.glance.plugins.module_utils._stores.s3 import S3Store
from ansible_collections.openimage.glance.plugins.module_utils._stores.swift import SwiftStore
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong, close, nearest, shown, text

TYPES: dict[str, type[Store]] = {
    cls.TYPE: cls for cls in (FileStore, RbdStore, SwiftStore, S3Store, CinderStore, HttpStore)
}


def store_type(value: Any) -> type[Store]:
    """Return the class of a store type."""
    name = text(value)
    if name in TYPES:
        return TYPES[name]
    wanted = TYPE_ALIASES.get(name.lower(), name.lower())
    if wanted in GONE_TYPES:
        raise Wrong(f"{wanted} is not supported: {GONE_TYPES[wanted]}", nearest("", TYPES))
    raise Wrong(f"{shown(name)} is not a store type", nearest(wanted, TYPES))


def meant(value: Any) -> type[Store] | None:
    """Return the class that a wrong type most likely means, so that the rest of the store can be read too."""
    lower = value.strip().lower() if isinstance(value, str) else ""
    wanted = TYPE_ALIASES.get(lower, lower)
    if wanted in GONE_TYPES:
        return None
    return next((TYPES[name] for name in close(wanted, TYPES)), None)
