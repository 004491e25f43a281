# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: which stores a new configuration drops or turns into others, and what they still hold.

Glance forgets a store without a word: its images stay listed and active, and nobody can read them any more. The
database knows, so it is asked before the file is written. It is asked and not the API, because that may be down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.openimage.glance.plugins.module_utils._config import holdings_side
from ansible_collections.openimage.glance.plugins.module_utils._config.login import Run, in_service


@dataclass(frozen=True)
class Gone:
    """A store that the running configuration has and the new one has not, or not as the same type."""

    id: str
    before: str
    # Empty when the store is dropped.
    after: str


def value_of(text: str, section: str, option: str) -> str:
    """Return what a file says for an option, continued lines joined; of repeated ones the last counts."""
    present, value, inside = "DEFAULT", "", False
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            inside = False
        elif inside and line[0].isspace():
            value += stripped
        elif stripped.startswith("[") and stripped.endswith("]"):
            present, inside = stripped[1:-1].strip(), False
        else:
            name, _equals, rest = stripped.partition("=")
            inside = present == section and name.strip() == option
            value = rest.strip() if inside else value
    return value


def enabled(text: str) -> dict[str, str]:
    """Return the stores that a glance-api.conf enables, store id -> type."""
    pairs = (pair.partition(":") for pair in value_of(text, "DEFAULT", "enabled_backends").split(",") if pair.strip())
    return {store.strip(): kind.strip() for store, _colon, kind in pairs}


def login(texts: Iterable[str]) -> str:
    """Return the URL of the database that the old files name, or nothing. A ``$`` is written twice there."""
    found = [value_of(text, "database", "connection") for text in texts]
    return next((url.replace("$$", "$") for url in reversed(found) if url), "")


def gone(texts: Iterable[str], stores: Mapping[str, str]) -> list[Gone]:
    """Return what of the old files' stores the new ones no longer have.

    :param texts: the files that are there now, in the order in which the service reads them.
    :param stores: store id -> type of the new configuration.
    """
    before: dict[str, str] = {}
    for text in texts:
        before = enabled(text) or before
    return [Gone(store, kind, stores.get(store, "")) for store, kind in before.items() if stores.get(store) != kind]


def held(run: Run, python: str, url: str, stores: Iterable[Gone]) -> dict[str, tuple[int, str]]:
    """Return how many images each of the stores holds, and one of them; raise ServiceSilentError without an answer."""
    job = {"url": url, "stores": [store.id for store in stores]}
    found = in_service(run, python, "counting images", holdings_side, job)
    return {store: (int(count), str(example)) for store, (count, example) in found.items()}


def refusals(stores: Iterable[Gone], images: Mapping[str, tuple[int, str]]) -> list[str]:
    """Return, for each store that still holds images, why it must stay and what to do."""
    found = []
    for store in stores:
        if store.id not in images:
            continue
        count, example = images[store.id]
        number = "1 image" if count == 1 else f"{count} images"
        wish = f"turns into one of type {store.after}" if store.after else "is no longer declared"
        found.append(
            f"glance_stores: store {store.id} (type {store.before}) {wish}, but holds {number}, such as {example}; "
            f"declare it as it was, or first delete these images or copy them to another store and delete the copies "
            f"in {store.id}"
        )
    return found
