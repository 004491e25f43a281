# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""All canaries of one run: every store through every node, concurrently but bounded."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._image_api.errors import ImageApiError
from ansible_collections.openimage.glance.plugins.module_utils._verify.canary import Target, Witness, fly, result
from ansible_collections.openimage.glance.plugins.module_utils._verify.reading import read
from ansible_collections.openimage.glance.plugins.module_utils._verify.staging import stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ansible_collections.openimage.glance.plugins.module_utils._image_api.client import ImageApi

Json = dict[str, Any]

# Enough to hide the latency of ten stores, few enough not to be a load test.
WORKERS = 12


def targets(stores: Sequence[Mapping[str, Any]], nodes: Sequence[str]) -> list[Target]:
    """Return every store through every node, in the order of the stores."""
    return [
        Target(
            str(store["id"]),
            node,
            read_only=bool(store.get("read_only")),
            probe=store.get("probe"),
            shared=bool(store.get("shared")),
            staging=bool(store.get("staging")),
        )
        for store in stores
        for node in nodes
    ]


def following(node: str, nodes: Sequence[str]) -> str:
    """Return the node after this one in a ring, or an empty text if there is no other.

    If each node finds what the one before it stored, all see the same: one reading for each node proves it.
    """
    after = nodes[(nodes.index(node) + 1) % len(nodes)]
    return "" if after == node else after


def fly_all(apis: Mapping[str, ImageApi], wanted: Sequence[Target], size: int, timeout: float) -> list[Json]:
    """Return one result for each target, in the same order.

    A node that does not answer fails all its stores at once, so that it costs one time limit and not one per store.
    """
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        down = dict(zip(apis, pool.map(lambda api: _unreachable(api, timeout), apis.values())))
        up = [node for node, why in down.items() if not why]

        def witness(target: Target) -> Witness | None:
            other = following(target.node, up) if target.shared else ""
            return Witness(other, apis[other]) if other else None

        def one(target: Target) -> Json:
            if target.read_only and not target.probe:
                return read(apis[target.node], target, timeout)
            if down[target.node]:
                return result(target, False, down[target.node], step="reach")
            if target.read_only:
                return read(apis[target.node], target, timeout)
            if target.staging:
                return stage(apis[target.node], target, size, timeout)
            return fly(apis[target.node], target, size, timeout, witness(target))

        return list(pool.map(one, wanted))


def summary(results: Sequence[Json], problems: Sequence[str]) -> str:
    """Return the text that names every failure, or an empty one."""
    failed = [line for line in results if line["ok"] is False]
    down: dict[str, list[Json]] = {}
    texts = []
    for line in failed:
        if line["step"] == "reach":
            down.setdefault(line["node"], []).append(line)
        else:
            texts.append(f"store {line['store']}, node {line['node']}, level {line['level']}: {line['message']}")
    for node, lines in down.items():
        stores = ", ".join(line["store"] for line in lines)
        texts.append(f"stores {stores}, node {node}, level {lines[0]['level']}: {lines[0]['message']}")
    texts += problems
    if not texts:
        return ""
    if failed:
        head = f"{len(failed)} of {len(results)} proofs that a store works failed"
    else:
        head = "Every store works, but canary images were left behind"
    return f"{head}:\n" + "\n".join(f"- {text}" for text in texts)


def _unreachable(api: ImageApi, timeout: float) -> str:
    """Return why a node does not answer; a worker that was just started loads Glance before its first answer."""
    try:
        api.within(timeout).versions()
    except ImageApiError as error:
        return str(error)
    return ""
