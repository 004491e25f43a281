# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Compare the stores that an inventory expects with those that a running Glance shows. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Json = dict[str, Any]

DECLARED = "declared"
LOADED = "loaded"
# The first version of the API that can describe loaded stores.
DETAIL_VERSION = (2, 15)
# What Ceph's driver shows of a cluster that it could not ask.
UNREACHABLE = "cluster"
# Drivers that show properties which they only know once they have loaded; file and http have none of these.
DRIVERS_WITH_STATE = ("rbd", "s3", "swift", "cinder", "vmware")


_ADVICE = {
    "type": " Its entry in enabled_backends names another driver: deploy this node and restart glance-api.",
    "default": " Another store is default_backend on this node: deploy it and restart glance-api.",
    "read_only": " Only stores of the type http are read-only: is its type the right one?",
    "properties.pool": " Images would go to another pool than the one that was prepared.",
    "properties.fsid": " This is another Ceph cluster: do its ceph.conf and its keyring belong to this store?",
}


class Difference(NamedTuple):
    """One thing that is not as expected."""

    store: str
    level: str
    field: str
    expected: Any
    actual: Any
    message: str


def compare(expected: Sequence[Mapping[str, Any]], live: Sequence[Mapping[str, Any]], level: str) -> list[Difference]:
    """Return how the live stores of one level differ from the expected ones; only what an expectation names counts."""
    shown = {str(store["id"]): store for store in live}
    wanted = {str(store["id"]): store for store in expected}
    found: list[Difference] = unreachable(live, level)
    for store, want in wanted.items():
        if store not in shown:
            has = ", ".join(shown) or "none"
            text = (
                f"store {store} is missing at level {level}: this Glance has {has}. "
                "Is its configuration older than the inventory?"
            )
            found.append(Difference(store, level, "presence", "present", "absent", text))
        else:
            found += _compare_store(store, want, shown[store], level)
    for store in shown:
        if store not in wanted:
            text = f"store {store} is in use at level {level} but the inventory does not name it."
            found.append(Difference(store, level, "presence", "absent", "present", text))
    return found


def unreachable(live: Iterable[Mapping[str, Any]], level: str) -> list[Difference]:
    """Return the stores whose storage the driver could not reach just now, whatever is expected of them."""
    return [
        Difference(
            str(store["id"]),
            level,
            UNREACHABLE,
            "reachable",
            "unreachable",
            f"store {store['id']}: Glance could not reach its Ceph cluster just now (fsid is null at level {level}). "
            "Are its monitors up and reachable from this node, and are ceph.conf, user and keyring of this store "
            "right? 'ceph --id USER --conf FILE status' there tells.",
        )
        for store in live
        if isinstance(store.get("properties"), dict)
        and "fsid" in store["properties"]
        and store["properties"]["fsid"] is None
    ]


def not_loaded(expected: Iterable[Mapping[str, Any]], status: int, detail: str) -> list[Difference]:
    """Return what is known when Glance fails to describe its loaded stores: those whose drivers can be the cause."""
    advice = (
        f"Glance cannot describe its loaded stores (HTTP {status}: {detail}), as happens when a driver did not load. "
        "The log of glance-api names it at its start ('could not be configured correctly'); the canary finds it too."
    )
    suspects = [str(store["id"]) for store in expected if store.get("type") in DRIVERS_WITH_STATE]
    return [
        Difference(store, LOADED, "driver", "loaded", f"HTTP {status}", f"store {store} may not be loaded. {advice}")
        for store in suspects
    ] or [Difference("", LOADED, "driver", "loaded", f"HTTP {status}", advice)]


def detail_is_offered(versions: Iterable[tuple[int, int]]) -> bool:
    """Return whether this release can describe loaded stores at all."""
    return max(versions, default=(0, 0)) >= DETAIL_VERSION


def plain(store: Mapping[str, Any]) -> Json:
    """Return a store as the API shows it, with real booleans in place of its texts and absent flags."""
    result: Json = {
        "id": store["id"],
        "description": store.get("description"),
        "default": _flag(store.get("default")),
        "read_only": _flag(store.get("read-only")),
    }
    result.update({field: store[field] for field in ("type", "weight", "properties") if field in store})
    return result


def _compare_store(store: str, wanted: Mapping[str, Any], shown: Mapping[str, Any], level: str) -> list[Difference]:
    actual = plain(shown)
    fields = ("type", "default", "read_only", "weight", "description")
    pairs: list[tuple[str, Any, Any]] = [(name, wanted.get(name), actual[name]) for name in fields if name in actual]
    properties = actual.get("properties")
    if properties is not None:
        pairs += [
            (f"properties.{name}", value, properties.get(name))
            for name, value in (wanted.get("properties") or {}).items()
            # A cluster that could not be reached is reported as that.
            if not (name == "fsid" and "fsid" in properties and properties["fsid"] is None)
        ]
    return [
        Difference(store, level, field, want, have, _message(store, level, field, want, have))
        for field, want, have in pairs
        if want is not None and not _same(want, have)
    ]


def _message(store: str, level: str, field: str, want: Any, have: Any) -> str:
    advice = _ADVICE.get(field, "")
    return f"store {store}: {field} is {_shown(have)} at level {level}, expected {_shown(want)}.{advice}"


def _shown(value: Any) -> str:
    return "not set" if value is None or value == "" else repr(value) if isinstance(value, str) else str(value)


def _flag(value: Any) -> bool:
    """Glance writes flags as the text C(true) and leaves out those that are not set."""
    return str(value).lower() == "true"


def _same(want: Any, have: Any) -> bool:
    if want == have:
        return True
    if want == "" and have is None:
        return True
    # 8 and "8", true and "true" say the same; which of them arrives depends on the release and on the inventory.
    return have is not None and str(want).lower() == str(have).lower()
