#!/usr/bin/env python3
"""Time runs of the playbook that have nothing to do, on the host that quickstart.sh made; print the slowest tasks."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from labhost import CHECKOUT, LabHost, say

BUDGET, GOAL = 15.0, 12.0


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
    for number in range(1, wanted.times + 1):
        done = host.deploy("nothing-to-do.log")
        say(f"{number:4}  {done.seconds:6.1f} s  changed={done.changed}{'' if done.succeeded else '  FAILED'}")
        clean &= done.succeeded and not done.changed
        seconds.append(done.seconds)
        for task, cost in done.slowest:
            tasks[task].append(cost)
    say(f"\nmedian {statistics.median(seconds):.1f} s (budget {BUDGET:g} s, goal {GOAL:g} s)")
    medians = {task: statistics.median(costs) for task, costs in tasks.items()}
    for task, cost in sorted(medians.items(), key=lambda item: -item[1])[:12]:
        say(f"{cost:8.2f} s  {task}")
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
