# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what Swift's answers mean, in an operator's words."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access import keystone
from ansible_collections.openimage.glance.plugins.module_utils._access.words import Words, listed, one_line

Json = dict[str, Any]
# Why nothing could be tried.
UNTRIED = "it is multi-tenant without an endpoint of its own, so only its users' logins lead to it"


def refused(store: Json, problem: Json) -> Words:
    """Explain an error of Swift itself."""
    tried = f"to {problem['step']} (container {store['container']}) at {problem['url']}"
    status, roles = problem["status"], listed(problem["roles"], "no role")
    if status in (401, 403):
        why = f"Swift refuses it (HTTP {status}): none of the user's roles ({roles}) may do that"
        todo = "give the user the role that the object store asks for, mostly swiftoperator or member"
        if status == 403:
            why += f", or the container {store['container']} is somebody else's, as a bucket of the S3 API may be"
            todo += "; or use another container"
        return Words(tried, why, todo)
    if status == 413 or status == 507:
        return Words(tried, f"no space or quota is left (HTTP {status})", "free some, or raise the account's quota")
    return Words(tried, f"HTTP {status}: {one_line(problem['text'])}", "see the log of the object store")


def explain(store: Json, result: Json) -> list[Words]:
    """Return what is wrong."""
    problem = result["problem"]
    kind, file = problem["kind"], store["config_file"]
    found = keystone.explain(problem)
    if kind == "refused":
        found = refused(store, problem)
    elif kind == "config_file":
        found = Words(f"to read the reference file {file}", problem["text"], "make it readable for the service user")
    elif kind == "reference":
        why = f"it has no section {store['reference']}, only {listed(problem['sections'])}"
        found = Words(f"to read the reference file {file}", why, "correct the store's reference")
    elif kind == "container":
        why = f"there is no such container; the account has {listed(problem['containers'])}"
        todo = "create it, correct the store's container, or set create_container to true"
        found = Words(f"to find the container {store['container']} at {problem['url']}", why, todo)
    elif kind == "content":
        why = "what was read is not what was written"
        found = Words(f"to read an object at {problem['url']}", why, "see the log of the object store")
    return [found] if found else []


def left(store: Json, name: str) -> str:
    """Return what could not be removed again."""
    return f"the object {store['container']}/{name}"
