"""Run parts with scripts/run_parts.sh; a small script plays each part and fails as often as its name says."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

RUN_PARTS = Path(__file__).parents[3] / "scripts" / "run_parts.sh"

# fails-2-NAME fails at its first two runs. Each run notes its beginning and its end in the file "order".
PART = """\
#!/bin/bash
cd "${0%/*}"
echo x >>"$1.runs"
runs=$(wc -l <"$1.runs")
echo "begin $1" >>order
echo "this is run $runs of $1"
case $1 in
hangs*) echo $$ >>"$1.pid"; sleep 300 & echo $! >>"$1.pid"; wait ;;
esac
if [[ $1 == again-hangs* ]] && ((runs == 2)); then
    echo $$ >>"$1.pid"; sleep 300 & echo $! >>"$1.pid"; wait
fi
echo "end $1" >>order
case $1 in
killed-*) kill -KILL $$ ;;
fails-*) limit=${1#fails-}; ((runs > ${limit%%-*})) ;;
again-hangs*) false ;;
esac
"""


class Runs:
    """A folder with the script that plays the parts, and what the runs of it left there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"
        script = folder / "part.sh"
        script.write_text(PART)
        script.chmod(0o755)
        self.arguments = [str(RUN_PARTS), str(self.logs), str(script)]

    def start(self, *parts: str, **environment: str) -> subprocess.Popen[str]:
        kept = {
            name: value for name, value in os.environ.items() if name not in ("CI", "LANES", "RETRY_LIMIT", "RUN_BEGAN")
        }
        return subprocess.Popen(
            [*self.arguments, "--", *parts],
            env={**kept, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Bash cannot trap a signal that it inherits as ignored, as commands do that a script starts with "&".
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def __call__(self, *parts: str, **environment: str) -> tuple[int, list[str]]:
        """Return the exit code and the lines of a whole run."""
        process = self.start(*parts, **environment)
        output, _none = process.communicate(timeout=600)
        return process.returncode, output.splitlines()

    def log(self, name: str) -> str:
        return (self.logs / name).read_text()

    def order(self) -> list[str]:
        return (self.folder / "order").read_text().splitlines()

    def processes(self, part: str) -> list[int]:
        """Return the ids of a hanging part and its child, once it has written both."""
        noted = self.folder / f"{part}.pid"
        for _round in range(6000):
            if noted.exists() and len(found := noted.read_text().split()) == 2:
                return [int(number) for number in found]
            time.sleep(0.05)
        raise AssertionError(f"{part} did not start")


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def gone(process: int) -> bool:
    """Return True once the process has ended; a zombie has."""
    for _round in range(6000):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def row(lines: list[str], part: str, state: str) -> str:
    """Return the only line that gives a part this state."""
    (found,) = [line for line in lines if line.split()[:2] == [state, part]]
    return found


def test_run_without_ci_does_not_retry_a_failed_part(runs: Runs) -> None:
    code, lines = runs("fails-1", "good")
    assert (code, lines[-1]) == (1, "1 passed, 1 failed")
    assert str(runs.logs / "fails-1.log") in row(lines, "fails-1", "FAILED")
    assert runs.log("fails-1.log") == "this is run 1 of fails-1\n"
    assert not (runs.logs / "fails-1.first.log").exists()


@pytest.mark.parametrize("ci", ["", "false", "1"])
def test_run_retries_only_when_ci_is_true(runs: Runs, ci: str) -> None:
    code, lines = runs("fails-1", CI=ci)
    assert (code, lines[-1]) == (1, "0 passed, 1 failed")


@pytest.mark.parametrize("environment", [{}, {"CI": "true"}])
def test_run_exits_with_0_when_all_parts_pass(runs: Runs, environment: dict[str, str]) -> None:
    code, lines = runs("one", "two", "three", **environment)
    assert (code, lines[-1]) == (0, "3 passed, 0 failed")
    assert sorted(runs.order()) == sorted(
        f"{what} {part}" for part in ("one", "two", "three") for what in ("begin", "end")
    )


def test_two_parts_that_pass_at_the_retry_are_flaky_and_the_run_passes(runs: Runs) -> None:
    code, lines = runs("fails-1-a", "good", "fails-1-b", CI="true")
    assert (code, lines[-1]) == (0, "3 passed, 0 failed")
    assert "FLAKY, a defect to mend: fails-1-a fails-1-b" in lines
    for part in ("fails-1-a", "fails-1-b"):
        flaky = row(lines, part, "FLAKY")
        assert str(runs.logs / f"{part}.first.log") in flaky and str(runs.logs / f"{part}.log") in flaky
        assert runs.log(f"{part}.first.log") == f"this is run 1 of {part}\n"
        assert runs.log(f"{part}.log") == f"this is run 2 of {part}\n"
    assert not any(line.split()[:1] == ["FAILED"] for line in lines)


def test_retries_run_alone_and_after_all_other_parts(runs: Runs) -> None:
    runs("fails-1-a", "fails-1-b", "one", "two", "three", CI="true", LANES="3")
    order = runs.order()
    assert len(order) == 2 * 7
    again = order[-4:]
    assert sorted([again[0], again[2]]) == ["begin fails-1-a", "begin fails-1-b"]
    assert [again[1], again[3]] == [again[0].replace("begin", "end"), again[2].replace("begin", "end")]


def test_part_that_fails_twice_fails_the_run_and_keeps_both_logs(runs: Runs) -> None:
    code, lines = runs("fails-2", "fails-1", "good", CI="true")
    assert (code, lines[-1]) == (1, "2 passed, 1 failed")
    failed = row(lines, "fails-2", "FAILED")
    assert str(runs.logs / "fails-2.first.log") in failed and str(runs.logs / "fails-2.log") in failed
    assert (runs.log("fails-2.first.log"), runs.log("fails-2.log")) == (
        "this is run 1 of fails-2\n",
        "this is run 2 of fails-2\n",
    )
    assert "FLAKY, a defect to mend: fails-1" in lines


def test_first_log_of_an_earlier_run_is_removed(runs: Runs) -> None:
    runs("fails-1", CI="true")
    runs("fails-1", CI="true")
    assert not (runs.logs / "fails-1.first.log").exists()


def test_retry_that_would_end_after_the_limit_is_not_begun(runs: Runs) -> None:
    began = int(time.time()) - 60 * 80 - 1
    code, lines = runs("fails-1", CI="true", RUN_BEGAN=str(began))
    assert (code, lines[-1]) == (1, "0 passed, 1 failed")
    assert "not run once more: it would end later than 80 minutes" in row(lines, "fails-1", "FAILED")
    assert runs.order() == ["begin fails-1", "end fails-1"]
    assert runs.log("fails-1.log") == "this is run 1 of fails-1\n"


def test_retry_limit_can_be_set(runs: Runs) -> None:
    began = int(time.time()) - 60 * 80 - 1
    code, lines = runs("fails-1", CI="true", RUN_BEGAN=str(began), RETRY_LIMIT="100")
    assert (code, lines[-1]) == (0, "1 passed, 0 failed")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_ends_the_run_with_130_and_all_its_processes(runs: Runs, number: int) -> None:
    process = runs.start("hangs", "hangs-too", "later", CI="true")
    started = runs.processes("hangs") + runs.processes("hangs-too")
    process.send_signal(number)
    output, _none = process.communicate(timeout=600)
    assert process.returncode == 130
    assert all(gone(number) for number in started)
    # An interrupted run has no result, and what was interrupted is not run again.
    assert " passed, " not in output
    assert sorted(runs.order()) == ["begin hangs", "begin hangs-too"]


def test_interrupt_of_a_retry_ends_the_run_with_130_and_all_its_processes(runs: Runs) -> None:
    process = runs.start("again-hangs", CI="true")
    started = runs.processes("again-hangs")
    process.send_signal(signal.SIGTERM)
    output, _none = process.communicate(timeout=600)
    assert process.returncode == 130
    assert all(gone(number) for number in started)
    assert " passed, " not in output


def test_parts_that_a_signal_ends_are_failures_with_a_reason(runs: Runs) -> None:
    parts = [f"killed-{number}" for number in range(8)]
    # All at once, so that some end before the script waits for them.
    code, lines = runs(*parts, "fails-0-a", LANES="9")
    assert (code, lines[-1]) == (1, "1 passed, 8 failed")
    assert all("Killed" in runs.log(f"{part}.log") for part in parts)
