# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""One module at a time: that of a playbook that was killed works on, and the next run must not work beside it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

PAUSE = 0.1
"""Seconds between two looks while waiting."""


class BusyError(Exception):
    """The other one did not come to its end."""


@contextlib.contextmanager
def turn(directory: str, seconds: float) -> Iterator[None]:
    """Hold the lock on a directory for the length of the block; wait for it so long at most.

    The lock goes with the process that holds it, however that ends, and leaves nothing behind.
    """
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        until = time.monotonic() + seconds
        while not _locked(handle):
            if time.monotonic() > until:
                raise BusyError(
                    f"Another run still works in {directory} after {seconds:g} s, perhaps that of a playbook that was "
                    f"killed. To do: see what 'fuser -v {directory}' names, and end it if it hangs."
                )
            time.sleep(PAUSE)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
