# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what runs under Glance's own interpreter, as the service user.

It never runs inside Ansible: ``store_access`` hands its source, and that of the store types, to that interpreter. Each
store is tried in a child process of its own, because librados can hang in a way that only the end of its process ends.
A child tells each step before it begins with it, so a hanging one is known by name. The answer is one JSON document.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import selectors
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
PACKAGE = "ansible_collections.openimage.glance.plugins.module_utils._access"
STDERR_KEPT = 4000
AT_ONCE = 8
"""Stores that are tried at the same time: more would only take each other's time."""


def memory(name: str, content: str) -> str:
    """Keep a file in anonymous memory, which nobody else can open and which goes with the process; return its path."""
    descriptor = os.memfd_create(name, 0)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content.encode())
    return f"/proc/self/fd/{descriptor}"


def relocator(table: dict[str, str]) -> Callable[[str], str]:
    """Return a function that replaces paths within a text; never a part of a longer path."""
    if not table:
        return lambda text: text
    names = "|".join(re.escape(path) for path in sorted(table, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w./-])(?:{names})(?![\w/-]|\.\w)")
    return lambda text: pattern.sub(lambda found: table[found.group()], text)


def candidates(files: list[Json]) -> tuple[dict[str, str], Callable[[str], str]]:
    """Lay the files that are to be written into memory; each names the others by where they lie now."""
    table: dict[str, str] = {}
    for item in files:
        table[item["path"]] = memory(os.path.basename(item["path"]), "")
    relocate = relocator(table)
    for item in files:
        with open(table[item["path"]], "w", encoding="utf-8") as file:
            file.write(relocate(item["content"]))
    return table, relocate


class Child:
    """One store being tried."""

    def __init__(self, store: Json, work: Callable[[Json, Callable[[str], None]], Json]) -> None:
        self.store = store
        self.step = "start"
        self.buffer = b""
        self.facts: Json | None = None
        self.began = self.ended = time.monotonic()
        self.errors = os.memfd_create("stderr", 0)
        self.pipe, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self.pipe)
            self._run(writer, work)
        os.close(writer)

    def _run(self, writer: int, work: Callable[[Json, Callable[[str], None]], Json]) -> None:
        """Be the child: never return."""
        for descriptor in (1, 2):
            os.dup2(self.errors, descriptor)
        sys.stdout = sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)

        def send(message: Json) -> None:
            os.write(writer, (json.dumps(message) + "\n").encode())

        code = 1
        try:
            send({"facts": work(self.store, lambda step: send({"step": step}))})
            code = 0
        finally:
            if code:
                sys.excepthook(*sys.exc_info())
            sys.stderr.flush()
            # Never into the parent's code, and no tidying up: a library's own threads may hang in that.
            os._exit(code)

    def read(self) -> bool:
        """Take in what the child says; whether there may be more."""
        data = os.read(self.pipe, 65536)
        self.ended = time.monotonic()
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        for line in lines:
            message = json.loads(line)
            self.step = message.get("step", self.step)
            self.facts = message.get("facts", self.facts)
        return bool(data)

    def result(self, late: bool) -> Json:
        """End it, and return what it found."""
        if late:
            os.kill(self.pid, signal.SIGKILL)
        _pid, status = os.waitpid(self.pid, 0)
        os.close(self.pipe)
        seconds = round((time.monotonic() if late else self.ended) - self.began, 2)
        found = {"id": self.store["id"], "step": self.step, "seconds": seconds}
        if self.facts is not None:
            os.close(self.errors)
            return {**found, **self.facts}
        os.lseek(self.errors, 0, os.SEEK_SET)  # the child's writing moved it
        with open(self.errors, "rb") as file:
            shown = file.read()[-STDERR_KEPT:].decode(errors="replace")
        kind = "timeout" if late else "crash"
        return {**found, "problem": {"kind": kind, "text": shown, "status": status}}


def run(stores: list[Json], work: Callable[[Json, Callable[[str], None]], Json], seconds: float) -> list[Json]:
    """Try all stores, some at the same time; none gets longer than that."""
    waiting, results = list(reversed(stores)), {}
    running: dict[int, Child] = {}
    with selectors.DefaultSelector() as selector:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                child = Child(waiting.pop(), work)
                running[child.pipe] = child
                selector.register(child.pipe, selectors.EVENT_READ)
            left = min(child.began for child in running.values()) + seconds - time.monotonic()
            ready = {key.fd for key, _event in selector.select(max(0.0, left))}
            for pipe, child in list(running.items()):
                late = time.monotonic() > child.began + seconds
                if (pipe in ready and not child.read()) or late:
                    selector.unregister(pipe)
                    results[child.store["id"]] = running.pop(pipe).result(late and child.facts is None)
    return [results[store["id"]] for store in stores]


def prepare(kinds: list[str]) -> None:
    """Import the libraries once, before anything is timed. What is missing is reported for each store that needs it."""
    for kind in kinds:
        with contextlib.suppress(ImportError):
            sys.modules[f"{PACKAGE}.{kind}_side"].libraries()


def attempt(store: Json, settings: Json) -> Json:
    """Try one store; return what was found."""
    stop: Any = sys.modules[f"{PACKAGE}.shared_side"].Stop
    try:
        facts: Json = sys.modules[f"{PACKAGE}.{store['type']}_side"].attempt(store, settings)
    except stop as stopped:
        return {"problem": stopped.facts}
    except ImportError as error:
        return {"problem": {"kind": "library", "name": error.name or "", "text": str(error)}}
    return facts


def main(job: Json) -> None:
    """Print one JSON object; whatever libraries print goes to standard error."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    os.environ.clear()
    # stevedore would keep what it knows of entry points in HOME, where a share may be mounted. A trial leaves nothing.
    os.environ.update({"HOME": pwd.getpwuid(os.getuid()).pw_dir, "XDG_CACHE_HOME": "/dev/null"})
    os.environ.update({"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    os.umask(0o077)
    prepare(sorted({store["type"] for store in job["stores"]}))
    table, relocate = candidates(job["files"])
    settings = {"write": job["write"], "seconds": job["seconds"], "probe": job["probe"], "host": job["host"]}

    def work(store: Json, tell: Callable[[str], None]) -> Json:
        moved = {key: relocate(value) if isinstance(value, str) else value for key, value in store.items()}
        return attempt(moved, {**settings, "files": table, "tell": tell})

    json.dump({"results": run(job["stores"], work, job["seconds"])}, answer)
    answer.close()
