#!/usr/bin/env python3
"""Kill fresh deployments at random moments; each must end in a proven one when it is simply run again.

A first deployment is left in peace. Its duration is the span that the moments are drawn from, and what it leaves on its
host is what every other one must leave, too. Then, for each try, on a host made anew:

  1. the playbook is started, and SIGKILLed at the moment: by turns alone, as an operator or the OOM killer would, and
     with all that belongs to it, as the end of its machine would
  2. it is run again at once: it must succeed and prove every store and image
  3. it is run a third time: it must change nothing, and the host must be as if nothing had ever happened
"""

from __future__ import annotations

import argparse
import difflib
import random
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from labhost import CHECKOUT, OWN_WORLD, TASK, LabHost, Run, say

STATE = CHECKOUT / ".cache/chaos"
TRACES = Path(__file__).with_name("traces.sh")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Canaries of a killed run are spared until no other run can be using them; let the time pass.
AGE_CANARIES = """mysql --batch --skip-column-names glance --execute "
    UPDATE images SET created_at = created_at - INTERVAL 1 HOUR
    WHERE NOT deleted AND name LIKE 'openimage-glance-canary-%'; SELECT ROW_COUNT()" """


@dataclass(frozen=True)
class Moment:
    """When and how a try is killed: at a fraction of an undisturbed deployment, or of one of its tasks."""

    number: int
    alone: bool
    fraction: float
    task: str = ""


def traces(host: LabHost) -> list[str]:
    """Return what the deployment left on the host, in lines that can be compared with another host's."""
    lines = UUID.sub("UUID", host.shell(TRACES.read_text())).replace(host.address, "ADDRESS")
    return sorted(lines.replace(host.name, "HOST").splitlines())


def kill(host: LabHost, arguments: list[str], alone: bool, seconds: float, task: str) -> tuple[float, str]:
    """Start the playbook and kill it so long after its start, or after that of a task.

    Return how long it ran and the task that it was at, or no task when it had ended.
    """
    log = host.state / "1-killed.log"
    command = [*([] if alone else OWN_WORLD), *host.site, *arguments]
    began = time.monotonic()
    with log.open("w") as output:
        playbook = subprocess.Popen(command, env=host.environment, stdout=output, stderr=output, start_new_session=True)
        while task and playbook.poll() is None and task not in TASK.findall(log.read_text()):
            time.sleep(0.02)
        time.sleep(seconds)
        running = playbook.poll() is None
        playbook.kill()
        playbook.wait()
    tasks = TASK.findall(log.read_text()) or ["before the first task"]
    return time.monotonic() - began, tasks[-1] if running else ""


def complaints(host: LabHost, run: Run, again: Run) -> Iterator[str]:
    """Yield what is wrong with a deployment after a run that should have completed it, and one with nothing to do."""
    if not run.succeeded:
        yield f"running it again failed (exit status {run.status})"
        return
    yield from unproven(host)
    if not again.succeeded:
        yield f"the run with nothing to do failed (exit status {again.status})"
    elif again.changed:
        yield f"the run with nothing to do changed {again.changed}"
    if host.shell(AGE_CANARIES) != "0" and not host.deploy("4-later.log").succeeded:
        yield "the run that had to remove old canaries failed"


def differences(undisturbed: list[str], found: list[str]) -> Iterator[str]:
    """Yield the traces of one host only."""
    diff = difflib.unified_diff(undisturbed, found, n=0, lineterm="")
    yield from (f"the host differs: {line}" for line in diff if not line.startswith(("---", "+++", "@@")))


def unproven(host: LabHost) -> Iterator[str]:
    """Yield what the proof of the last run lacks."""
    stores, images = host.proof.get("stores", []), host.proof.get("images", [])
    if not stores or not images:
        yield "the run proved no stores or no images"
    for store in stores:
        levels = {level: store[level] for level in ("declared", "loaded", "writable")}
        if False in levels.values() or True not in levels.values():
            yield f"store {store['id']} is not proven: {levels}"
    yield from (f"image {image['name']} is {image['status']}" for image in images if image["status"] != "active")


class Chaos:
    """All tries of one system and release."""

    def __init__(self, system: str, release: str) -> None:
        self.system = system
        self.arguments = ["-e", f"glance_release={release}"] if release else []
        self.spans: dict[str, float] = {}
        self.undisturbed: list[str] = []

    def host(self, number: int) -> LabHost:
        """Return the host of a try, made anew."""
        host = LabHost(f"glance-chaos-{number}", self.system, STATE / str(number))
        host.make()
        return host

    def measure(self) -> bool:
        """Deploy in peace, and keep how long that and each task takes, and what it leaves."""
        host = self.host(0)
        run = host.deploy("1-undisturbed.log", *self.arguments)
        again = host.deploy("2-nothing.log", *self.arguments)
        if self.broken(host, complaints(host, run, again)):
            return False
        self.spans = {**dict(run.slowest), "": run.seconds}
        self.undisturbed = traces(host)
        host.remove()
        say(f"Left in peace, a deployment takes {run.seconds:.1f} s, and {again.seconds:.1f} s with nothing to do.")
        return True

    def attempt(self, moment: Moment) -> bool:
        """Kill one deployment, run it again, and say what became of it."""
        wait, task = moment.fraction * self.spans[moment.task], ""
        while not task:
            host = self.host(moment.number)
            seconds, task = kill(host, self.arguments, moment.alone, wait, moment.task)
            if not task:
                say(f"{moment.number:4}  {seconds:7.1f} s  had ended already; once more, earlier")
                wait *= 0.9
        run = host.deploy("2-again.log", *self.arguments)
        again = host.deploy("3-nothing.log", *self.arguments) if run.succeeded else run
        found = list(complaints(host, run, again))
        if run.succeeded:
            found += differences(self.undisturbed, traces(host))
        what, verdict = "alone" if moment.alone else "all", "FAILED" if found else "passed"
        times = f"{seconds:7.1f} s  {what:<5}  {run.seconds:7.1f} s  {again.seconds:7.1f} s"
        say(f"{moment.number:4}  {times}  {verdict:<7}  {task}")
        if not self.broken(host, found):
            host.remove()
        return not found

    @staticmethod
    def broken(host: LabHost, found: Iterable[str]) -> bool:
        """Say what is wrong with a host, and return whether anything is."""
        lines = list(found)
        for line in lines:
            say(f"         {line}")
        if lines:
            say(f"         The host {host.name} is kept; the logs are in {host.state}.")
        return bool(lines)


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=10, help="how many deployments to kill (10)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of the moments, to repeat them")
    parser.add_argument("--task", nargs="+", default=[""], metavar="REGEX", help="kill amid these tasks, by turns")
    parser.add_argument("--how", choices=("alone", "all", "both"), default="both", help="what is killed (by turns)")
    parser.add_argument("--os", default="debian13", help="debian13 or debian12")
    parser.add_argument("--release", default="", help="the release of Glance; that of the packages when not given")
    parser.add_argument("--jobs", type=int, default=1, help="hosts side by side (1)")
    return parser.parse_args()


def main() -> int:
    """Return the exit status."""
    wanted = arguments()
    say(f"{wanted.times} deployments to {wanted.os}, Glance {wanted.release or 'as packaged'}, seed {wanted.seed}")
    chaos = Chaos(wanted.os, wanted.release)
    if not chaos.measure():
        return 1
    tasks = [task for regex in wanted.task for task in chaos.spans if (re.search(regex, task) if regex else not task)]
    if not tasks:
        say(f"No task is called {' or '.join(wanted.task)}. There are:\n" + "\n".join(sorted(chaos.spans)))
        return 1
    turns = {"alone": [True], "all": [False], "both": [False, True]}[wanted.how]
    chance = random.Random(wanted.seed)
    moments = [
        # Not the very first moment: a playbook that has not started is not worth a host.
        Moment(number, turns[number % len(turns)], chance.uniform(0.02, 1), tasks[number % len(tasks)])
        for number in range(1, wanted.times + 1)
    ]
    say(" try  killed at  what   run again  once more  verdict  at the task")
    with ThreadPoolExecutor(wanted.jobs) as pool:
        verdicts = list(pool.map(chaos.attempt, moments))
    say(f"{verdicts.count(True)} passed, {verdicts.count(False)} failed")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
