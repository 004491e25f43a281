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
    # The value is never shown.
    secret: bool = False
    # It tells one store from another, or this model writes it at each: glance_backend_defaults may not set it.
    own: bool = False


COMMON_KEYS = (
    Key("id", "", store_id, required=True, example="local"),
    Key("type", "", text, required=True),
    Key("default", "", flag),
    Key("description", "store_description", optional_text, own=True),
    Key("weight", "weight", whole(), since="2025.1", own=True),
)


@dataclass(frozen=True)
class Directory:
    """A directory that must exist before Glance starts."""

    path: str
    owner: str = "glance"
    group: str = "glance"
    mode: str = "0750"


@dataclass(frozen=True)
class HostFile:
    """A file that Glance needs beside its own configuration."""

    path: str
    content: str
    owner: str = "root"
    group: str = "glance"
    mode: str = "0640"


@dataclass(frozen=True)
class Mount:
    """A filesystem of another host, and how its root must look."""

    path: str
    server: str
    export: str
    version: str = ""
    options: tuple[str, ...] = ()
    owner: str = "glance"
    group: str = "glance"
    mode: str = "0750"
    timeout: int = 15


@dataclass(frozen=True)
class Needs:
    """What a store needs of its API host, beside files."""

    # Names that the table of systems has packages for: with Glance from packages, and with Glance in a virtual
    # environment.
    package: tuple[str, ...] = ()
    venv: tuple[str, ...] = ()
    # Python modules that no package index has: a virtual environment borrows them from the system.
    libraries: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    kernel_modules: tuple[str, ...] = ()
    # How volumes reach the host, which storage knows by names.
    transports: tuple[str, ...] = ()
    # The store runs commands as root.
    root: bool = False


@dataclass(frozen=True)
class Claim:
    """What only one store can have."""

    name: str
    instead: str = "remove one of the two stores, or give this one a place of its own"


@dataclass(frozen=True)
class Context:
    """What the reading of one store has to know about the store's surroundings."""

    path: str
    # The keys that the operator wrote, right or wrong.
    written: frozenset[str]
    release: str


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
    # glance_backend_defaults: what holds for an option that this store does not set.
    shared_options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def contradictions(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:  # noqa: ARG003
        """Return what single keys cannot tell: values that need or exclude each other."""
        return []

    @classmethod
    def doubts(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:  # noqa: ARG003
        """Return what works but is rarely meant."""
        return []

    @classmethod
    def claims(cls, values: Mapping[str, Any]) -> dict[tuple[str, ...], Claim]:  # noqa: ARG003
        """Return what no other store can have too, by a comparable identity. Above all the place of the images.

        Two stores on one place would take each other's images for their own, and delete them.
        """
        return {}

    @classmethod
    def alike(cls, values: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        """Return what Glance takes from one store for all of this type, by key: they must say the same."""
        return {}

    def section(self) -> dict[str, Any]:
        """Return the store's section of glance-api.conf, as Glance must read it; escaping is for the one who writes.

        Only what is set: Glance's defaults stay Glance's.
        """
        named = {key.option: getattr(self, key.name) for key in self.KEYS if key.name and key.option}
        return {**{option: value for option, value in named.items() if value not in (None, "", {})}, **self.options}

    def effective(self, option: str, otherwise: Any) -> Any:
        """Return what Glance uses for an option."""
        value = self.section().get(option)
        if value is None:
            value = self.shared_options.get(option)
        return otherwise if value is None else value

    def directories(self) -> list[Directory]:
        return []

    def files(self, release: str) -> list[HostFile]:  # noqa: ARG002
        return []

    def mounts(self) -> list[Mount]:
        return []

    def needs(self) -> Needs:
        return Needs()

    def access(self) -> dict[str, Any]:
        """Return what is needed to try the store without Glance, empty if nothing is to be tried."""
        return {}

    def secrets(self) -> list[str]:
        """Return the secret values in sections and files, for those who print."""
        return [
            str(getattr(self, key.name)) for key in self.KEYS if key.secret and key.name and getattr(self, key.name)
        ]

    def properties(self, release: str) -> dict[str, Any]:  # noqa: ARG002
        """Return what ``/v2/info/stores/detail`` must report as properties."""
        return {}

    def canary(self) -> dict[str, Any]:
        """Return what store_canary needs to know to prove this store."""
        return {"id": self.id, "read_only": self.READ_ONLY}

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
            "properties": self.properties(release),
        }
