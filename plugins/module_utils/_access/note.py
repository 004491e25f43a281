# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: remember which stores were found good, without remembering what they are.

The note holds a keyed digest for each store. The key lies beside it, in a directory that only root can enter, so the
note alone tells nobody whether a guessed password is right.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]
KEY = "key"
GOOD = "good.json"
FILES = ("conf", "keyring", "config_file", "cacert", "metadata_file")
"""The keys of a store that name files on the host; what is in them belongs to its description."""


def contents(store: Json, files: Mapping[str, str]) -> dict[str, str]:
    """Return what the store's files hold: those that are to be written, else those that are there."""
    found = {}
    for path in {str(store[key]) for key in FILES if store.get(key)}:
        if path in files:
            found[path] = files[path]
            continue
        with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
            found[path] = file.read()
    return found


def read(path: str) -> bytes:
    """Return a file's content, nothing if there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def write(path: str, content: bytes) -> None:
    """Replace a file at once, readable for root only."""
    descriptor, partial = tempfile.mkstemp(dir=os.path.dirname(path))
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.rename(partial, path)


class Note:
    """The note of what was last found good on this host."""

    def __init__(self, directory: str, context: Sequence[str]) -> None:
        """Read it.

        :param context: what else decides whether a store works, as the interpreter and the user.
        """
        self.directory = directory
        self.context = list(context)
        self.fresh = read(os.path.join(directory, KEY)) or os.urandom(32)
        try:
            known = json.loads(read(os.path.join(directory, GOOD)))
        except ValueError:
            known = {}
        self.known: dict[str, str] = known if isinstance(known, dict) else {}

    def digest(self, store: Json, files: Mapping[str, str]) -> str:
        """Return a figure that changes with anything that decides whether the store works."""
        text = json.dumps([store, contents(store, files), self.context], sort_keys=True)
        return hmac.new(self.fresh, text.encode(), hashlib.sha256).hexdigest()

    def after(self, digests: Mapping[str, str], failed: Sequence[str], good: Sequence[str]) -> dict[str, str]:
        """Return the note as it should be; stores that are not declared any more are forgotten."""
        kept = {name: self.known[name] for name in digests if name in self.known and name not in failed}
        return {**kept, **{name: digests[name] for name in good if name not in failed}}

    def save(self, known: Mapping[str, str]) -> None:
        """Write it."""
        write(os.path.join(self.directory, KEY), self.fresh)
        write(os.path.join(self.directory, GOOD), json.dumps(dict(known), indent=1, sort_keys=True).encode())
        self.known = dict(known)
