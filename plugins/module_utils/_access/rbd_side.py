# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: try a Ceph pool the way Glance uses it. Runs under Glance's own interpreter.

It states facts; ``rbd.py`` puts them into words. Glance's own steps are done with a small image: create, write,
snapshot, protect, unprotect, remove. What Ceph answers to each tells which cap is missing.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
from collections.abc import Callable
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access.shared_side import (
    Json,
    Stop,
    leftover,
    probe_name,
    readable,
)

SNAPSHOT = "snap"
SIZE = 4096
ERASURE = 3
"""The type of a pool that cannot hold what RBD writes about images."""


def keyring(client: Any, user: str, files: dict[str, str]) -> str:
    """Have the client use the keyring that its configuration names; return that path, or stop."""
    if client.conf_get("key") or client.conf_get("keyfile"):
        return ""  # the configuration brings the key itself
    named = [path.strip() for path in (client.conf_get("keyring") or "").split(",") if path.strip()]
    known = {moved: path for path, moved in files.items()}
    refused: Json = {}
    for path in named:
        moved = files.get(path, path)
        shown = known.get(path, path)
        reason = readable(moved)
        if reason:
            refused[shown] = reason
            continue
        with open(moved, encoding="utf-8", errors="replace") as file:
            text = file.read()
        if not re.search(rf"^\s*\[client\.{re.escape(user)}\]\s*$", text, re.M):
            found = re.findall(r"^\s*\[(client\.[^\]]+)\]\s*$", text, re.M)
            raise Stop("keyring_section", path=shown, sections=found)
        client.conf_set("keyring", moved)
        return shown
    raise Stop("keyring_missing", refused=refused)


def addresses(monitors: str) -> list[tuple[str, int]]:
    """Return hosts and ports of ``mon_host``, as [v2:a:3300,v1:a:6789], a:6789 or a."""
    found = []
    parts = re.finditer(r"(?:v([12]):)?(\[[0-9a-fA-F:.]+\]|[^\[\],;\s:/]+)(?::(\d+))?(?:/\d+)?", monitors)
    for version, host, port in (part.groups() for part in parts):
        ports = [int(port)] if port else {"1": [6789], "2": [3300]}.get(version, [3300, 6789])
        found += [(host.strip("[]"), number) for number in ports]
    return found


def knock(monitors: str) -> Json:
    """Return what each monitor's ports answer to a plain connection."""
    answers = {}
    for host, port in addresses(monitors)[:10]:
        try:
            socket.create_connection((host, port), 2).close()
            answers[f"{host}:{port}"] = ""
        except OSError as error:
            answers[f"{host}:{port}"] = error.strerror or str(error)
    return answers


def judged(log: str) -> str:
    """Return what the protocol says about a refusal: the monitor sends a session key to whoever has the right key.

    A short reply without one refuses the key. A long one has it, and so the refusal is about the mon cap.
    """
    lengths = re.findall(r"auth_reply\(proto 2 -1?[31] .*?==== (\d+)\+", log)
    if lengths:
        return "mon_cap" if max(map(int, lengths)) > 100 else "key"
    return "denied" if "handle_auth_bad_method" in log else ""


def start(rados: Any, store: Json, settings: Json, log: str = "", monitors: str = "") -> tuple[Any, str]:
    """Return a client that does not wait for ever, and the path of its keyring."""
    try:
        client = rados.Rados(conffile=store["conf"] or "", rados_id=store["user"])
    except rados.Error as error:
        raise Stop("conf_invalid", text=str(error)) from None
    patience = str(max(3, int(settings["seconds"] / 3)))
    options = {"rados_mon_op_timeout": patience, "rados_osd_op_timeout": patience, "client_mount_timeout": patience}
    if log:
        options.update({"log_file": log, "log_to_file": "true", "debug_ms": "1", "debug_monc": "1"})
    if monitors:
        options.update({"mon_host": monitors, "client_mount_timeout": "3"})
    path = keyring(client, store["user"], settings["files"])
    for name, value in options.items():
        client.conf_set(name, value)
    return client, path


def connect(rados: Any, store: Json, settings: Json) -> Any:
    """Return a connected client, or stop with the reason."""
    descriptor = os.memfd_create("log", 0)
    log = f"/proc/self/fd/{descriptor}"

    def attempt(monitors: str) -> tuple[Any, Any, str]:
        client, path = start(rados, store, settings, log, monitors)
        try:
            client.connect()
        except rados.Error as error:
            return client, error, path
        return client, None, path

    client, error, path = attempt("")
    if error is None:
        client.conf_set("debug_ms", "0")
        return client
    known = {moved: name for name, moved in settings["files"].items()}
    monitors = client.conf_get("mon_host") or ""
    client.shutdown()
    with open(log, encoding="utf-8", errors="replace") as file:
        verdict = judged(file.read())
    if verdict == "denied":
        # The second version of the protocol does not say more; the first one does, when the monitors speak it.
        first = [host for host, port in addresses(monitors) if port != 3300] or [h for h, _p in addresses(monitors)]
        legacy = ",".join(f"v1:{host}:6789" for host in dict.fromkeys(first))
        second, _error, path = attempt(legacy)
        second.shutdown()
        with open(log, encoding="utf-8", errors="replace") as file:
            verdict = judged(file.read())
    answers = {} if verdict else knock(monitors)
    number = getattr(error, "errno", 0)
    where = {"monitors": monitors, "keyring": known.get(path, path), "answers": answers}
    raise Stop("connect", verdict=verdict, number=number, text=str(error), **where)


def command(send: Callable[..., tuple[int, bytes, str]], **words: str) -> tuple[int, bytes]:
    """Send a command to monitor or manager; return result and output."""
    code, output, _text = send(json.dumps({**words, "format": "json"}), b"")
    return -code, output


def health(client: Any) -> str:
    """Return what the cluster says about itself, as far as it may be asked."""
    code, output = command(client.mon_command, prefix="health")
    checks = json.loads(output).get("checks", {}) if not code else {}
    return "; ".join(str(check["summary"]["message"]) for check in checks.values())


def flags(client: Any, pool: str) -> list[str]:
    """Return what stops writing to the pool: an operation would wait for ever, or be refused without a reason."""
    code, output = command(client.mon_command, prefix="osd dump")
    if code:
        return []
    dump = json.loads(output)
    found = [flag for flag in dump.get("flags", "").split(",") if flag in ("full", "pausewr", "pauserd")]
    for entry in dump.get("pools", []):
        if entry.get("pool_name") == pool:
            found += ["erasure"] if entry.get("type") == ERASURE else []
            names = entry.get("flags_names", "").split(",")
            found += [f"pool {flag}" for flag in names if flag in ("full", "full_quota")]
    return found


def mgr_rights(client: Any) -> str:
    """Return how the manager refuses its commands for images; empty when it takes them."""
    code, _output = command(client.mgr_command, prefix="rbd task list")
    return {0: "", errno.EACCES: "denied", errno.EPERM: "denied", errno.ETIMEDOUT: "silent"}.get(code, "")


def may_blocklist(client: Any) -> bool:
    """Return whether the user could shut out a dead client that still holds an image's lock. Nothing is changed.

    The address is none, and so the monitor refuses it as such (EINVAL) if it does not refuse the command.
    """
    for word in ("blocklist", "blacklist"):
        words = {"prefix": f"osd {word}", f"{word}op": "add", "addr": "none/1"}
        code, _output = command(client.mon_command, **words)
        if code == errno.EACCES:
            return False
    return True


def pools_without_children(rados: Any, client: Any) -> list[str]:
    """Return the pools in which the user may not look for clones of an image; without that none can be deleted."""
    refused = []
    for pool in client.list_pools():
        try:
            with client.open_ioctx(pool) as ioctx:
                ioctx.execute("rbd_children", "rbd", "get_children", b"")
        except rados.Error as error:
            number = abs(getattr(error, "errno", 0) or 0)
            if number == errno.ETIMEDOUT:
                raise Stop("other_pool", pool=pool, health=health(client)) from None
            if number in (errno.EPERM, errno.EACCES):
                refused.append(pool)
    return refused


def remove(rbd: Any, ioctx: Any, name: str) -> None:
    """Remove a probe image, whatever state it is in."""
    try:
        with rbd.Image(ioctx, name) as image:
            for snapshot in list(image.list_snaps()):
                if image.is_protected_snap(snapshot["name"]):
                    image.unprotect_snap(snapshot["name"])
                image.remove_snap(snapshot["name"])
    except rbd.ImageNotFound:
        return
    rbd.RBD().remove(ioctx, name)


def leftovers(rbd: Any, ioctx: Any, settings: Json) -> list[str]:
    """Remove what killed runs left: of this host all, of others what no run can still be using."""
    removed = []
    for name in rbd.RBD().list(ioctx):
        if leftover(name, settings):
            try:
                remove(rbd, ioctx, name)
            except rbd.OSError:
                continue  # another host is at it, or may not: the next run tries again
            removed.append(name)
    return removed


def use(rados: Any, rbd: Any, client: Any, ioctx: Any, name: str, tell: Callable[[str], None]) -> None:
    """Do with an image what Glance does."""
    tell("create an image")
    features = int(client.conf_get("rbd_default_features") or 0) or rbd.RBD_FEATURE_LAYERING
    rbd.RBD().create(ioctx, name, SIZE, 22, old_format=False, features=features)
    tell("write to an image")
    with rbd.Image(ioctx, name) as image:
        image.write(b"\1" * SIZE, 0)
        if image.read(0, SIZE) != b"\1" * SIZE:
            raise Stop("content")
        tell("snapshot an image")
        image.create_snap(SNAPSHOT)
        # Before it is protected: what cannot be unprotected cannot be removed.
        tell("look for clones")
        refused = pools_without_children(rados, client)
        if refused:
            raise Stop("children", pools=refused)
        tell("protect a snapshot")
        image.protect_snap(SNAPSHOT)
        tell("unprotect a snapshot")
        image.unprotect_snap(SNAPSHOT)
        image.remove_snap(SNAPSHOT)
    tell("remove an image")
    rbd.RBD().remove(ioctx, name)


def write(rados: Any, rbd: Any, client: Any, ioctx: Any, settings: Json) -> None:
    """Write a probe, and remove it whatever happens."""
    name = probe_name(settings)
    reached = [""]

    def tell(step: str) -> None:
        reached[0] = step
        settings["tell"](step)

    try:
        use(rados, rbd, client, ioctx, name, tell)
        return
    except Stop as stop:
        facts = stop.facts
    except rbd.OSError as error:
        number = abs(error.errno or 0)
        said = health(client) if number == errno.ETIMEDOUT else ""
        facts = {"kind": "write", "step": reached[0], "number": number, "text": str(error), "health": said}
    try:
        remove(rbd, ioctx, name)
    except rbd.OSError:
        # Who may not create cannot remove either, and then there is nothing.
        facts["left"] = name if reached[0] != "create an image" else ""
    raise Stop(**facts)


def examine(rados: Any, rbd: Any, store: Json, settings: Json) -> Json:
    """Go through all steps; stop at what makes the next ones useless."""
    tell, pool = settings["tell"], store["pool"]
    known = {moved: path for path, moved in settings["files"].items()}
    tell("read the configuration")
    if store["conf"] and readable(store["conf"]):
        raise Stop("conf_unreadable", path=known.get(store["conf"], store["conf"]), text=readable(store["conf"]))
    tell("connect to the monitors")
    client = connect(rados, store, settings)
    tell("open the pool")
    try:
        ioctx = client.open_ioctx(pool)
    except rados.Error as error:
        pools = client.list_pools()
        kind = "pool_missing" if pool not in pools else "pool"
        raise Stop(kind, pools=pools, text=str(error)) from None
    tell("ask the manager")
    missing = {"mgr": mgr_rights(client)}
    notes = [] if may_blocklist(client) else ["blocklist"]
    removed: list[str] = []
    tell("list the pool's images")
    try:
        rbd.RBD().list(ioctx)
        stopped = flags(client, pool)
        if "erasure" in stopped:
            raise Stop("erasure", missing=missing)
        if settings["write"]:
            if stopped:
                raise Stop("full", flags=stopped, health=health(client), missing=missing)
            removed = leftovers(rbd, ioctx, settings)
            write(rados, rbd, client, ioctx, settings)
        else:
            refused = pools_without_children(rados, client)
            if refused:
                raise Stop("children", pools=refused)
    except rbd.OSError as error:
        number = abs(error.errno or 0)
        said = health(client) if number == errno.ETIMEDOUT else ""
        raise Stop("list", number=number, text=str(error), health=said, missing=missing) from None
    except Stop as stop:
        stop.facts.setdefault("missing", missing)
        raise
    if missing["mgr"] == "denied":
        raise Stop("mgr", missing=missing)
    notes += ["no_mgr"] if missing["mgr"] else []
    return {"notes": notes, "removed": removed, "fsid": client.get_fsid()}


def libraries() -> tuple[Any, Any]:
    """Import what Glance needs for such a store."""
    import rados
    import rbd

    return rados, rbd


def attempt(store: Json, settings: Json) -> Json:
    """Try one store; return what was found."""
    return examine(*libraries(), store, settings)
