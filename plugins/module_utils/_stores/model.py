# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store model: what may be said about a store, and what follows from it.

PRIVATE to the collection: can change at any time.

A store type is a subclass of :class:`Store` in a file of its own, entered in ``registry.py``. It lists its keys once;
reading and refusing them, and turning them into options, is common to all types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import knows
from ansible_collections.openimage.glance.plugins.module_utils._stores.names import store_id
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import (
    Problem,
    Reader,
    flag,
    optional_text,
    text,
    whole,
)


@dataclass(frozen=True)
class Key:
    """One thing that may be said about a store."""

    # As a key of the store's entry; empty for what only `options` can set.
    name: str
    # Glance's own option for it; empty for what only this model knows.
    option: str
    read: Reader
    required: bool = False
    # What a required key may look like.
    example: str = ""
    # The first supported release that knows the option; empty for all.
    since: str = ""
    # Why `options` may not set it although Glance has it, and what to do instead.
    not_in_options: str = ""


COMMON_KEYS = (
    Key("id", "", store_id, required=True, example="local"),
    Key("type", "", text, required=True),
    Key("default", "", flag),
    Key("description", "store_description", optional_text),
    Key("weight", "weight", whole(), since="2025.1"),
)


@dataclass(frozen=True)
class Directory:
    """A directory that must exist before Glance starts."""

    path: str
    owner: str = "glance"
    group: str = "glance"
    mode: str = "0750"


@dataclass(frozen=True)
class Store:
    """What every store has. Instances are complete and right: mistakes were found before they are made."""

    TYPE: ClassVar[str] = ""
    # Images come from elsewhere: nothing can be uploaded to such a store.
    READ_ONLY: ClassVar[bool] = False
    # Glance can run only one store of this type.
    SINGLE: ClassVar[bool] = False
    KEYS: ClassVar[tuple[Key, ...]] = COMMON_KEYS

    id: str
    origin: str
    default: bool = False
    description: str = ""
    weight: int | None = None
    # What the operator gave in Glance's names and no key stands for.
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any], path: str) -> list[Problem]:  # noqa: ARG003  (for subclasses)
        """Return what single keys cannot tell: values that exclude each other."""
        return []

    def section(self) -> dict[str, Any]:
        """Return the store's section of glance-api.conf, as Glance must read it; escaping is for the one who writes.

        Only what is set: Glance's defaults stay Glance's.
        """
        named = {key.option: getattr(self, key.name) for key in self.KEYS if key.name and key.option}
        return {**{option: value for option, value in named.items() if value not in (None, "", {})}, **self.options}

    def directories(self) -> list[Directory]:
        return []

    def secrets(self) -> list[str]:
        """Return the secret values in the section, for those who print."""
        return []

    def properties(self) -> dict[str, Any]:
        """Return what ``/v2/info/stores/detail`` must report as properties."""
        return {}

    def expected(self, release: str) -> dict[str, Any]:
        """Return what Glance must report about this store; a weight of None if it may not report any."""
        weight = self.weight if self.weight is not None or not release else 0
        return {
            "id": self.id,
            "type": self.TYPE,
            "default": self.default,
            "read_only": self.READ_ONLY,
            "weight": weight if knows(release, "2025.1") else None,
            "description": self.description,
            "properties": self.properties(),
        }
