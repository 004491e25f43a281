# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""What was proven of each store through each node, from the results of the modules that asked. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


LEVELS = ("declared", "loaded", "writable")


def proofs(
    expected: Iterable[Mapping[str, Any]],
    infos: Mapping[str, Mapping[str, Any]],
    canaries: Iterable[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """Return one row for each store and node: a truth for each level, or None where the level does not apply.

    A reserved store is tried, too, but Glance does not list it: it has nothing to be compared with.

    :param expected: the stores that the inventory declares, as the store plan says what to expect.
    :param infos: node name -> what stores_info returned for it.
    :param canaries: the results of store_canary.
    """
    wanted = list(expected)
    tried = {(str(canary["store"]), str(canary["node"])): canary for canary in canaries}
    listed = {str(store["id"]) for store in wanted}
    reserved = dict.fromkeys(store for store, _node in tried if store not in listed)
    rows = []
    for node, info in infos.items():
        rows += [_row(store, node, info, tried.get((str(store["id"]), node), {})) for store in wanted]
        rows += [_row({"id": store, "type": "file"}, node, {}, tried.get((store, node), {})) for store in reserved]
    return rows


def _row(store: Mapping[str, Any], node: str, info: Mapping[str, Any], canary: Mapping[str, Any]) -> dict[str, Any]:
    differences = [found for found in info.get("differences", ()) if found["store"] in (store["id"], "")]
    row: dict[str, Any] = {
        "id": store["id"],
        "type": store["type"],
        "default": bool(store.get("default")),
        "node": node,
    }
    for level in LEVELS[:2]:
        applies = info.get("levels", {}).get(level) not in (None, "not offered", "not asked")
        row[level] = not any(found["level"] == level for found in differences) if applies else None
    # A read-only store is proven by reading, if there is something to read: otherwise the level does not apply.
    row["writable"] = canary.get("ok")
    row["read_only"] = bool(canary.get("read_only"))
    row["seconds"] = float(canary.get("seconds") or 0)
    messages = [str(found["message"]) for found in differences]
    if canary.get("ok") is False:
        messages.append(str(canary["message"]))
    row["message"] = " ".join(messages)
    return row


def failures(report: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each store, node and level that is not proven."""
    return [
        f"Store {row['id']} on {row['node']} failed at level {_name(row, level)}: {row['message'] or 'no reason given'}"
        for row in report["stores"]
        for level in LEVELS
        if row[level] is False
    ]


def _name(row: Mapping[str, Any], level: str) -> str:
    return "readable" if level == "writable" and row.get("read_only") else level
