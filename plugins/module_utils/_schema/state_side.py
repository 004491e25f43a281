# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On Glance's side: the state file, which is also the lock. PRIVATE to the collection.

Travels to Glance's interpreter, see ``glance_side``.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from typing import IO

from ansible_collections.openimage.glance.plugins.module_utils._schema.config_side import Json, Trouble


def marker_for(content: Json | None, database: Json) -> Json | None:
    """Return the marker of loaded definitions, None when it speaks of another database or there is none."""
    return content if content is not None and content.get("database") == database else None


class State:
    """The file that says what was loaded and found, and that is locked while the schema is looked at or changed.

    It holds the marker of the loaded definitions and, under ``current``, the note of the last look that found the
    schema current.
    """

    def __init__(self, request: Json, create: bool) -> None:
        self.path = request["state_file"]
        self.file: IO[str] | None = None
        if not create and not os.path.exists(self.path):
            return
        try:
            self.file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o640), "r+")
        except OSError as error:
            raise Trouble("state", f"{self.path}: {error.strerror}") from error
        self._lock(self.file, time.monotonic() + request["lock_timeout"])

    def _lock(self, file: IO[str], until: float) -> None:
        """Wait for a run that was cut off from its playbook and still works on this host."""
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Trouble("busy", f"{self.path}: another run still holds the lock") from None
                time.sleep(0.1)

    def read(self) -> Json | None:
        """Return the content, None when there is none (a torn one is none)."""
        if not self.file:
            return None
        self.file.seek(0)
        try:
            content = json.loads(self.file.read())
        except ValueError:
            return None
        return content if isinstance(content, dict) else None

    def write(self, content: Json | None) -> None:
        """Replace the content in place (the lock is on this very file).

        What is left of the old one is cut off after the new one is written: cut off first, it would be lost where the
        disk is full.
        """
        if self.file is None:
            raise AssertionError("the state file is written only by who has it locked")
        self.file.seek(0)
        self.file.write("" if content is None else json.dumps(content, indent=1, sort_keys=True))
        self.file.truncate()
        self.file.flush()
        os.fsync(self.file.fileno())

    def note(self, current: Json) -> None:
        """Keep what the next quick look compares with, beside the marker.

        A look makes no file, and one that cannot be written is no failure: the next run then looks in full.
        """
        content = self.read() or {}
        if self.file is not None and content.get("current") != current:
            with contextlib.suppress(OSError):
                self.write({**content, "current": current})
