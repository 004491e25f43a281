# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what Ceph's answers mean, and which cap is missing, in an operator's words."""

from __future__ import annotations

import errno
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access.words import Words, listed, one_line

Json = dict[str, Any]
DENIED = (errno.EPERM, errno.EACCES)


def caps(store: Json) -> str:
    """Return the command that gives a user what Glance needs."""
    profile = f"'profile rbd pool={store['pool']}'"
    return f"ceph auth caps client.{store['user']} mon 'profile rbd' osd {profile} mgr {profile}"


def grant(store: Json) -> str:
    """Return what to do about a missing cap. The command replaces all caps, which must be said."""
    others = f"see 'ceph auth get client.{store['user']}' first: it replaces all caps, also those for other pools"
    return f"on the cluster run: {caps(store)} ({others})"


def connect(store: Json, problem: Json) -> Words:
    """Explain why the monitors let nobody in, or could not be asked."""
    user = f"client.{store['user']}"
    tried = f"to connect to the monitors {problem['monitors'] or '(none named)'} as {user}"
    keyring = f"with {problem['keyring']}" if problem["keyring"] else "with the key in the configuration"
    if problem["verdict"] == "mon_cap":
        return Words(tried, f"the key is right, but {user} has no mon cap", grant(store))
    if problem["verdict"] == "key":
        why = f"the cluster refuses the key: {user} does not exist there, or has another key"
        return Words(f"{tried} {keyring}", why, f"compare it with 'ceph auth get {user}' of that cluster")
    if problem["number"] in DENIED or problem["verdict"] == "denied":
        why = f"the cluster refuses {user}: wrong key, no such user, or no mon cap"
        return Words(f"{tried} {keyring}", why, f"compare key and caps with 'ceph auth get {user}' of that cluster")
    if not problem["monitors"]:
        todo = "write mon_host under ceph_conf, the addresses of the monitors"
        return Words(tried, f"the configuration {store['conf']} names no monitors", todo)
    answers = problem["answers"]
    shown = "; ".join(f"{place}: {reason or 'open'}" for place, reason in answers.items())
    if any(not reason for reason in answers.values()):
        why = f"no monitor let the client in, although ports are open ({shown})"
        return Words(tried, why, "see 'ceph -s' for a quorum, and compare fsid and addresses with that cluster")
    todo = "start the monitors, correct mon_host, or open ports 3300 and 6789 for this host"
    return Words(tried, f"{one_line(problem['text'])} ({shown or 'no address could be read'})", todo)


def full(store: Json, problem: Json) -> Words:
    """Explain why nothing can be written now."""
    tried, flags = f"to write to pool {store['pool']}", problem["flags"]
    said = f" (the cluster says: {problem['health']})" if problem["health"] else ""
    if "pool full_quota" in flags:
        todo = f"remove images, or raise the quota: 'ceph osd pool get-quota {store['pool']}'"
        return Words(tried, f"the pool has reached its quota{said}", todo)
    if "pausewr" in flags:
        return Words(tried, "the cluster is paused for writing", "run 'ceph osd unpause' when its work is done")
    return Words(tried, f"the cluster is full{said}", "add storage or remove data: 'ceph df', 'ceph osd df'")


def operation(store: Json, problem: Json) -> Words:
    """Explain a failed operation on the pool."""
    step, number, pool = problem.get("step", "list images"), problem["number"], store["pool"]
    tried, text = f"to {step} in pool {pool}", one_line(problem["text"])
    if number in DENIED:
        why = f"client.{store['user']} lacks the osd cap for pool {pool}: {text}"
        return Words(tried, why, grant(store))
    if number in (errno.ENOSPC, errno.EDQUOT):
        return Words(tried, f"no space is left: {text}", "add storage or raise the quota: 'ceph df'")
    if number == errno.EOPNOTSUPP:
        return Words(tried, f"the pool cannot hold what RBD needs: {text}", "use a replicated pool")
    if number == errno.ETIMEDOUT:
        said = problem.get("health") or "unknown"
        return Words(tried, f"the OSDs do not answer in time; the cluster says: {said}", "see 'ceph -s' and mend it")
    return Words(tried, text, "see 'ceph -s' and the logs of the cluster")


def _main(store: Json, problem: Json) -> Words | None:
    """Explain the one thing that stopped the attempt."""
    kind, pool, user = problem["kind"], store["pool"], f"client.{store['user']}"
    if kind == "connect":
        return connect(store, problem)
    if kind == "full":
        return full(store, problem)
    if kind in ("list", "write"):
        return operation(store, problem)
    if kind in ("conf_unreadable", "conf_invalid"):
        tried = f"to read the configuration {problem.get('path', store['conf'])}"
        return Words(tried, one_line(problem["text"]), "write ceph_conf at the store, or make the file readable")
    if kind == "keyring_missing":
        refused = "; ".join(f"{path}: {reason}" for path, reason in problem["refused"].items())
        todo = f"write keyring at the store, or lay a keyring for {user} there that the service user can read"
        return Words(f"to read a keyring for {user}", refused or "the configuration names none", todo)
    if kind == "keyring_section":
        why = f"it has no section [{user}], only {listed(problem['sections'], 'sections of nobody')}"
        return Words(f"to read the keyring {problem['path']}", why, "write the key of that user, or another user")
    if kind == "pool_missing":
        why = f"there is no such pool; {user} sees {listed(sorted(problem['pools']))}"
        todo = f"run 'ceph osd pool create {pool} && rbd pool init {pool}', or correct the store's pool"
        return Words(f"to open pool {pool}", why, todo)
    if kind == "erasure":
        why = "the pool is erasure-coded, and so cannot hold what RBD writes about images (omap)"
        todo = "use a replicated pool, and set rbd_default_data_pool under ceph_conf to the erasure-coded one"
        return Words(f"to use pool {pool}", why, todo)
    if kind == "pool":
        return Words(f"to open pool {pool}", one_line(problem["text"]), "see 'ceph -s'")
    if kind == "children":
        where = listed(problem["pools"])
        why = (
            f"{user} may not look for clones in other pools ({where}), without which no image can be deleted: its osd "
        )
        return Words("to look for clones of an image", f"{why}cap lacks class-read on rbd_children", grant(store))
    if kind == "other_pool":
        why = f"pool {problem['pool']} does not answer, and Glance must ask all pools before it deletes an image"
        said = f"; the cluster says: {problem['health']}" if problem["health"] else ""
        return Words("to look for clones of an image", why + said, "see 'ceph -s' and mend that pool")
    if kind == "content":
        return Words(f"to read an image of pool {pool}", "what was read is not what was written", "see 'ceph -s'")
    return None


def explain(store: Json, result: Json) -> list[Words]:
    """Return all that is wrong, each missing cap for itself."""
    problem = result["problem"]
    main = _main(store, problem)
    found = [main] if main else []
    if problem.get("missing", {}).get("mgr") == "denied":
        why = f"client.{store['user']} has no mgr cap, which removing images in the background needs"
        found.append(Words("to send a command to the manager", why, grant(store)))
    return found


def note(store: Json, name: str) -> str:
    """Return what works, but not as well as it should."""
    found = {
        "blocklist": f"client.{store['user']} may not shut out dead clients (its mon cap is not 'profile rbd'): an "
        f"image whose upload was killed may stay locked. To do: {grant(store)}",
        "no_mgr": "the cluster's manager does not answer. To do: see 'ceph -s'",
    }
    return found[name]


def left(store: Json, name: str) -> str:
    """Return what could not be removed again."""
    return f"the image {store['pool']}/{name}"
