# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that may hang in the kernel, done by a child that is given up in time. PRIVATE to the collection.

A process that waits for an NFS server can be in a state in which not even SIGKILL ends it. So whatever touches such a
mount runs in a child, and nothing here ever waits for a child longer than it was told to.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError

GRACE = 1.0
"""Seconds for a killed child to go."""
PAUSE = 0.02
LEAST = 3.0
"""Seconds that each step is given on a slow host, however long the steps before it took."""
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}

Note = Callable[[str], None]


class TooLate(Exception):
    """The time is over; what the child did last, and its process id if even killing did not end it."""

    def __init__(self, seconds: float, step: str, stuck: int) -> None:
        super().__init__(f"no answer within {seconds:.0f} s" + (f" ({step})" if step else ""))
        self.seconds = seconds
        self.step = step
        self.stuck = stuck


class Clock:
    """What is left of the time that the module may take."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Return the seconds left; never so few that a server in good health would not make it."""
        return max(LEAST, self.until - time.monotonic())


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    output: str


def bounded(work: Callable[[Note], Any], seconds: float) -> Any:
    """Return what ``work`` returns (plain types), done in a child of its own. Its OSError and NfsError are raised here.

    ``work`` is given a function that notes what it does next, so that a hanging step has a name.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _child(work, writer)
    os.close(writer)
    try:
        text, in_time = _read(reader, time.monotonic() + seconds)
    finally:
        os.close(reader)
        gone = _end(pid)
    lines = [json.loads(line) for line in text.splitlines()]
    step = next((line["step"] for line in reversed(lines) if "step" in line), "")
    if not in_time:
        raise TooLate(seconds, step, 0 if gone else pid)
    return _result(lines[-1] if lines else {}, step)


def _result(last: dict[str, Any], step: str) -> Any:
    if "value" in last:
        return last["value"]
    if "errno" in last:
        raise OSError(last["errno"], last["text"])
    if "cause" in last:
        raise NfsError(last["cause"], last["message"], last["todo"])
    if "late" in last:
        raise TooLate(last["late"], step or last["what"], last["stuck"])
    raise RuntimeError(f"The child of nfs_mount ended without a result ({step}): {last.get('traceback', 'killed')}")


def _child(work: Callable[[Note], Any], writer: int) -> NoReturn:
    def send(**line: Any) -> None:
        os.write(writer, json.dumps(line).encode() + b"\n")

    try:
        # A group of its own, so that what it starts is ended with it.
        os.setpgid(0, 0)
        send(value=work(lambda step: send(step=step)))
    except OSError as error:
        send(errno=error.errno or 0, text=error.strerror or str(error))
    except NfsError as error:
        send(cause=error.cause, message=error.message, todo=error.todo)
    except TooLate as error:
        send(late=error.seconds, what=error.step, stuck=error.stuck)
    finally:
        # Whatever happens: this process must not go on as a second copy of the module.
        if sys.exc_info()[0]:
            send(traceback=traceback.format_exc())
        os._exit(0)


def _read(reader: int, until: float) -> tuple[str, bool]:
    """Return what the child wrote, whole lines only, and whether it came to its end."""
    data = b""
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([reader], [], [], left)[0]:
            return data.rpartition(b"\n")[0].decode(), False
        chunk = os.read(reader, 65536)
        if not chunk:
            return data.decode(), True
        data += chunk


def _end(pid: int) -> bool:
    """Kill a child and all of its group; return whether it is gone."""
    for group in (True, False):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if group else os.kill)(pid, signal.SIGKILL)
    until = time.monotonic() + GRACE
    while time.monotonic() < until:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(PAUSE)
    return False


def command(argv: list[str], seconds: float) -> Done:
    """Run a command to its end, or give it up.

    Its output goes to a file: a daemon that it leaves behind would keep a pipe open.
    """
    with tempfile.TemporaryFile() as output:
        # AnsibleModule.run_command waits without a limit.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        until = time.monotonic() + seconds
        while process.poll() is None:
            if time.monotonic() > until:
                gone = _kill(process)
                raise TooLate(seconds, " ".join(argv[:2]), 0 if gone else process.pid)
            time.sleep(PAUSE)
        output.seek(0)
        return Done(process.returncode, output.read().decode(errors="replace").strip())


def _kill(process: subprocess.Popen[bytes]) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    until = time.monotonic() + GRACE
    while process.poll() is None and time.monotonic() < until:
        time.sleep(PAUSE)
    return process.returncode is not None
