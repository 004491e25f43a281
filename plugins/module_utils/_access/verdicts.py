# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: from what was found to the one message of a run."""

from __future__ import annotations

from typing import Any, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils._access import cinder, file, rbd, s3, swift, words

Json = dict[str, Any]
TYPES: dict[str, Any] = {"rbd": rbd, "swift": swift, "s3": s3, "cinder": cinder, "file": file}


class Verdict(NamedTuple):
    """What is to be said about the stores of one host."""

    problems: list[str]
    warnings: list[str]
    good: list[str]
    failed: list[str]


def sentence(store: Json, host: str, found: words.Words) -> str:
    """Return one problem: store, host, what was tried, why it failed, what to do."""
    name = f"Store {store['id']} ({store['type']}) on {host}"
    return f"{name}: tried {found.tried}; {found.why.rstrip('.')}. To do: {found.todo}."


def judge(stores: list[Json], results: dict[str, Json], host: str, python: str, seconds: int) -> Verdict:
    """Put what was found into words."""
    verdict = Verdict([], [], [], [])
    for store in stores:
        result, kind = results[store["id"]], TYPES[store["type"]]
        name = f"Store {store['id']} ({store['type']}) on {host}"
        verdict.warnings.extend(f"{name}: {kind.note(store, note)}." for note in result.get("notes", []))
        if "untried" in result:
            verdict.warnings.append(f"{name} was not tried: {kind.UNTRIED}.")
        elif "problem" not in result:
            verdict.good.append(store["id"])
            continue
        else:
            general = words.general(result, python, seconds)
            for found in [general] if general else kind.explain(store, result):
                verdict.problems.append(sentence(store, host, found))
            verdict.failed.append(store["id"])
            left = result["problem"].get("left")
            if left:
                todo = "To do: remove it once the cause is gone, or let the next run do that"
                verdict.problems.append(
                    f"{name}: {kind.left(store, left)} was made to try it and could not be removed. {todo}."
                )
    return verdict
