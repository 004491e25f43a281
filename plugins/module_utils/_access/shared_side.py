# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what the store types share when they are tried. Runs under Glance's own interpreter."""

from __future__ import annotations

import os
import re
import time
from typing import Any

Json = dict[str, Any]
CONTENT = b"openimage.glance tries whether this store can be written. This object may be removed.\n"
OLD = 3600
"""Seconds after which no run can still be using a probe."""


class Stop(Exception):
    """What keeps Glance from using the store: a kind, and the facts about it."""

    def __init__(self, kind: str, **facts: Any) -> None:
        super().__init__(kind)
        self.facts: Json = {"kind": kind, **facts}


def probe_name(settings: Json) -> str:
    """Return a name that tells what it is, who made it, and when."""
    return f"{settings['probe']}-{int(time.time())}-{settings['host']}-{os.urandom(3).hex()}"


def leftover(name: str, settings: Json) -> bool:
    """Whether a name is that of a probe that no run can still be using: of this host all, of others the old ones."""
    found = re.fullmatch(rf"{re.escape(settings['probe'])}-(\d+)-(.+)-[0-9a-f]{{6}}", name)
    return bool(found and (found.group(2) == settings["host"] or int(found.group(1)) < time.time() - OLD))


def readable(path: str) -> str:
    """Return why this user cannot read a file; empty when it can."""
    try:
        with open(path, "rb"):
            return ""
    except OSError as error:
        return str(error.strerror)


def verify(store: Json) -> Any:
    """Return what requests takes for certificates."""
    return False if store.get("insecure") else store.get("cacert") or True
