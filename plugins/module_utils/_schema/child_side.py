# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On Glance's side: work in a forked child, whose output and end are looked at. PRIVATE to the collection.

Travels to Glance's interpreter, see ``glance_side``.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import Any

OUTPUT_KEPT = 6000
"""Characters of a command's output that are handed back: its end, where the reason stands."""


def in_child(work: Callable[[], Any], seconds: int = 0) -> dict[str, Any]:
    """Run work in a forked child and return its value, exit code and output.

    A multiprocessing child ends as an interpreter does: an exception prints its traceback, ``sys.exit("text")`` its
    text.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    with tempfile.TemporaryFile() as output:

        def run() -> None:
            for descriptor in (1, 2):
                os.dup2(output.fileno(), descriptor)
            sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1, closefd=False)
            signal.alarm(seconds)
            sender.send(work())

        sys.stdout.flush()
        child = context.Process(target=run)
        child.start()
        sender.close()
        try:
            value = receiver.recv()
        except EOFError:  # it ended without a value: its exit code says how
            value = None
        child.join()
        output.seek(0, os.SEEK_END)
        output.seek(max(0, output.tell() - OUTPUT_KEPT))
        shown = output.read().decode(errors="replace")
    if child.exitcode == -signal.SIGALRM:
        shown += f"\nno answer within {seconds} s"
    return {"rc": child.exitcode, "output": shown, "value": value}
