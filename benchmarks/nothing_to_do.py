#!/usr/bin/env python3
"""Time runs of the playbook that have nothing to do, on the host that quickstart.sh made; print the slowest tasks.

A shared machine's processor can be half as fast in one minute as in another. Beside each run stands therefore how long
one core needed for a fixed calculation just before and after it: a slow run beside a slow calculation says little. The
two are not in proportion, because much of a run is the kernel's work, which starts processes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from labhost import CHECKOUT, LabHost, say

BUDGET = 14.0


def calculation() -> float:
    """Return the seconds that this machine needs for a fixed calculation."""
    began = time.monotonic()
    sum(number & 1 for number in range(30_000_000))
    return time.monotonic() - began


def main() -> int:
    """Return the exit status: 0 when nothing was changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("times", type=int, nargs="?", default=5, help="how often (5)")
    parser.add_argument("--state", type=Path, default=CHECKOUT / "quickstart", help="where the host's site.yml is")
    wanted = parser.parse_args()
    if not (wanted.state / "site.yml").exists():
        parser.error(f"there is no {wanted.state}/site.yml: run ./quickstart.sh first")

    host = LabHost("glance-quickstart", "", wanted.state.resolve())
    seconds, tasks, clean = [], defaultdict(list), True
    say("run   seconds   calculation")
    for number in range(1, wanted.times + 1):
        before = calculation()
        done = host.deploy("nothing-to-do.log")
        speed = (before + calculation()) / 2
        state = f"changed={done.changed}{'' if done.succeeded else '  FAILED'}"
        say(f"{number:3}  {done.seconds:6.1f} s      {speed:5.2f} s   {state}")
        clean &= done.succeeded and not done.changed
        seconds.append(done.seconds)
        for task, cost in done.slowest:
            tasks[task].append(cost)
    say(f"\nmedian {statistics.median(seconds):.1f} s (budget {BUDGET:g} s)")
    costs_of = {task: statistics.median(costs) for task, costs in tasks.items()}
    for task, cost in sorted(costs_of.items(), key=lambda item: -item[1])[:12]:
        say(f"{cost:8.2f} s  {task}")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
