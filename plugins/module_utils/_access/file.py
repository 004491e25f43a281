# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what is wrong with a file store's location metadata, in an operator's words."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access.words import Words, listed, one_line

Json = dict[str, Any]
SHAPE = '{"id": "any name", "mountpoint": "%s"}'


def explain(store: Json, result: Json) -> list[Words]:
    """Return what is wrong."""
    problem = result["problem"]
    kind, tried = problem["kind"], f"to read metadata_file {store['metadata_file']}"
    shape = f"write an object like {SHAPE % store['path']}, with texts only, or a list of such objects"
    if kind == "unreadable":
        todo = "copy it to the host and let the group glance read it, or write its content under metadata_file instead"
        return [Words(tried, problem["text"], todo)]
    if kind == "json":
        return [Words(tried, f"it is not JSON: {one_line(problem['text'])}", shape)]
    if kind == "shape":
        return [Words(tried, f"Glance does not take what is in it: {one_line(problem['text'])}", shape)]
    if kind == "elsewhere":
        why = f"no mountpoint in it is around the store's path {store['path']}, it has {listed(problem['mountpoints'])}"
        return [
            Words(tried, f"{why}; Glance would leave out the metadata", "correct the mountpoint, or the store's path")
        ]
    return []
