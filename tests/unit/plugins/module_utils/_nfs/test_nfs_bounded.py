# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Children that are given up in time. Real processes."""

from __future__ import annotations

import errno
import os
import signal
import time

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._nfs.bounded import (
    LEAST,
    Clock,
    TooLate,
    bounded,
    command,
)
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import NfsError


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_results_come_back() -> None:
    value = {"a": [1, "ä", None], "b": "x" * 300_000}
    assert bounded(lambda note: value, 20) == value
    assert bounded(lambda note: os.getpid(), 20) != os.getpid()


def test_errors_come_back() -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        bounded(lambda note: os.stat("/nowhere").st_mode, 20)
    assert caught.value.errno == errno.ENOENT

    def refuse(_note: object) -> None:
        raise NfsError("full", "no room", "make some")

    with pytest.raises(NfsError, match=r"no room\. To do: make some\.") as refusal:
        bounded(refuse, 20)
    assert refusal.value.cause == "full"
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        bounded(lambda note: 1 // 0, 20)
    with pytest.raises(RuntimeError, match="without a result"):
        bounded(lambda note: os.kill(os.getpid(), signal.SIGKILL), 20)


def test_a_child_that_hangs_is_given_up_and_ended(tmp_path: object) -> None:
    place = f"{tmp_path}/pid"

    def hang(note: object) -> None:
        with open(place, "w") as file:
            file.write(str(os.getpid()))
        note("waiting for godot")  # type: ignore[operator]
        time.sleep(60)

    with pytest.raises(TooLate, match="waiting for godot") as caught:
        bounded(hang, 1)
    assert caught.value.stuck == 0
    with open(place) as file:
        assert gone(int(file.read()))


def test_commands_end_or_are_ended() -> None:
    done = command(["sh", "-c", "echo out; echo err >&2; exit 3"], 20)
    assert done.code == 3 and sorted(done.output.split()) == ["err", "out"]
    # A daemon that is left behind keeps the output open; that is no reason to wait.
    assert command(["sh", "-c", "sleep 30 & echo $!"], 20).output.isdigit()
    with pytest.raises(TooLate, match="sleep 30"):
        command(["sleep", "30"], 0.3)


def test_what_is_left_of_the_time_is_never_nothing() -> None:
    clock = Clock(0)
    assert clock.left == LEAST
