#!/usr/bin/env python3
"""Deploy to a bare host by hand and with the playbook, by turns, and print both times and their ratio.

By hand means by_hand.sh: the commands of the common installation guide, typed as fast as a machine can. Each deployment
begins on a host made anew from the same image. The playbook does more: it checks the inventory and the configuration,
loads the metadata definitions, and proves every store and image; after it, it is run again with nothing to do.

This measures and does not judge: the exit status is 0 when all deployments work.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from labhost import CHECKOUT, LabError, LabHost, Run, run, say

STATE = CHECKOUT / ".cache/benchmarks"
BY_HAND = CHECKOUT / "benchmarks/by_hand.sh"
STEP = re.compile(r"^ *(\d+\.\d+) s  (.+)$", re.MULTILINE)
RATIO = 1.0
# A quarter of what OpenStack-Ansible's role os_glance takes on such a host, 57 s.
NOTHING = 14.0


def fresh(system: str) -> LabHost:
    """Return a bare host that has booted."""
    host = LabHost("glance-benchmark", system, STATE)
    host.make()
    return host


def by_hand(system: str) -> dict[str, Any]:
    """Return the seconds that the guide's commands take, and each step's."""
    host = fresh(system)
    host.copy(BY_HAND, host.state / "seed.qcow2")
    began = time.monotonic()
    steps = STEP.findall(host.shell("bash by_hand.sh"))
    seconds = time.monotonic() - began
    host.remove()
    return {"seconds": seconds, "steps": [[name, float(cost)] for cost, name in steps]}


def by_playbook(system: str, times: int) -> dict[str, Any]:
    """Return the seconds that the playbook takes, and those of runs with nothing to do after it."""
    host = fresh(system)
    first = checked(host.deploy("playbook.log"), host)
    again = [checked(host.deploy("again.log"), host) for _ in range(times)]
    host.remove()
    return {"seconds": first.seconds, "steps": first.slowest, "again": [figures(one) for one in again]}


def checked(done: Run, host: LabHost) -> Run:
    """Return the run if it worked."""
    if not done.succeeded:
        raise LabError(f"The playbook failed; its output is in {host.state}.")
    return done


def figures(done: Run) -> dict[str, Any]:
    """Return what there is to tell of a run with nothing to do."""
    return {"seconds": done.seconds, "changed": done.changed, "steps": done.slowest}


def one_round(system: str, number: int, times: int) -> dict[str, Any]:
    """Return the times of one pair. Every other round begins with the playbook, so that no drift favours a side."""
    if number % 2:
        hand = by_hand(system)
        playbook = by_playbook(system, times)
    else:
        playbook = by_playbook(system, times)
        hand = by_hand(system)
    ratio = playbook["seconds"] / hand["seconds"]
    again = ", ".join(f"{one['seconds']:.1f} s (changed={one['changed']})" for one in playbook["again"])
    say(f"{number:5}  {hand['seconds']:8.1f} s  {playbook['seconds']:8.1f} s  {ratio:5.2f}   {again}")
    return {"by_hand": hand, "playbook": playbook, "ratio": ratio}


def summary(rounds: list[dict[str, Any]]) -> dict[str, float]:
    """Return the medians."""
    again = [one["seconds"] for pair in rounds for one in pair["playbook"]["again"]]
    return {
        "by_hand": statistics.median(pair["by_hand"]["seconds"] for pair in rounds),
        "playbook": statistics.median(pair["playbook"]["seconds"] for pair in rounds),
        "ratio": statistics.median(pair["ratio"] for pair in rounds),
        **({"nothing_to_do": statistics.median(again)} if again else {}),
    }


def against(value: float, budget: float, unit: str) -> str:
    """Return a figure with the budget beside it."""
    compared = "within the budget" if value <= budget else "ABOVE the budget"
    return f"{value:.2f}{unit}: {compared} (at most {budget:g}{unit})"


def table(title: str, steps: list[Any], count: int = 10) -> None:
    """Print the longest steps."""
    say(f"\n{title}")
    for name, seconds in steps[:count]:
        say(f"{seconds:8.1f} s  {name}")


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "kernel": platform.release(),
        "commit": run("git", "-C", CHECKOUT, "describe", "--always", "--dirty"),
    }


def main() -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int, nargs="?", default=3, help="pairs of deployments (3)")
    parser.add_argument("--os", default="debian13", help="debian13 or debian12")
    parser.add_argument("--again", type=int, default=1, metavar="N", help="runs with nothing to do in each round (1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    wanted = parser.parse_args()

    here = machine()
    say(f"{wanted.rounds} rounds on {wanted.os}; {here['cpus']} processors, load {here['load']:.1f}, {here['commit']}")
    say("round     by hand    playbook  ratio   playbook again")
    try:
        rounds = [one_round(wanted.os, number, wanted.again) for number in range(1, wanted.rounds + 1)]
    except LabError as failure:
        say(f"{failure}\nThe host is kept for looking into it.")
        return 1
    medians = summary(rounds)
    say(f"\nmedian {medians['by_hand']:8.1f} s  {medians['playbook']:8.1f} s")
    say(f"Playbook to by hand: {against(medians['ratio'], RATIO, '')}")
    last = rounds[-1]
    if wanted.again:
        say(f"Nothing to do: {against(medians['nothing_to_do'], NOTHING, ' s')}")
    table("By hand (last round):", last["by_hand"]["steps"])
    table("Slowest tasks of the playbook (last round):", last["playbook"]["steps"])
    if wanted.again:
        table("Slowest tasks with nothing to do (last round):", last["playbook"]["again"][-1]["steps"])
    if wanted.json:
        report = {"machine": here, "os": wanted.os, "medians": medians, "rounds": rounds}
        wanted.json.write_text(json.dumps(report, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
