"""One module at a time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._turns import BusyError, turn

HOLD = "import fcntl, os, sys, time; fcntl.flock(os.open(sys.argv[1], 0), 2); print(flush=True); time.sleep(60)"


@pytest.fixture
def other(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Return a process that has the turn."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_who_waits_in_vain_says_for_what(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    with pytest.raises(BusyError, match=f"{tmp_path} after 0.3 s"), turn(str(tmp_path), 0.3):
        pytest.fail("got the turn of another process")


def test_the_turn_of_a_killed_process_is_free_at_once(tmp_path: Path, other: subprocess.Popen[bytes]) -> None:
    other.kill()
    other.wait()
    with turn(str(tmp_path), 0):
        pass


def test_turns_follow_one_another_and_leave_nothing(tmp_path: Path) -> None:
    for _turn in range(2):
        with turn(str(tmp_path), 0), pytest.raises(BusyError), turn(str(tmp_path), 0):
            pytest.fail("two have the turn")
    assert list(tmp_path.iterdir()) == []


def test_programs_that_are_started_meanwhile_do_not_keep_the_turn(tmp_path: Path) -> None:
    with turn(str(tmp_path), 0):
        program = subprocess.Popen(["sleep", "60"])
    with turn(str(tmp_path), 0):
        program.kill()
    program.wait()
