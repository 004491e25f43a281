"""A lab host, and deployments of the quickstart's inventory to it: what the benchmarks and the chaos test share.

To be imported. It needs nothing but Python 3.11 and what scripts/host.sh installs.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]

TASK = re.compile(r"^TASK \[(.*)\] \**$", re.MULTILINE)
RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)
# A world of its own: who dies with its first process are all processes, shared ssh connections too.
OWN_WORLD = ["unshare", *([] if os.geteuid() == 0 else ["--map-current-user"])]
OWN_WORLD += ["--pid", "--fork", "--kill-child", "--mount-proc"]


class LabError(Exception):
    """A command failed; the text has the end of its output."""


def say(text: str = "") -> None:
    """Tell the person at the terminal."""
    print(text, flush=True)


def run(*command: str | Path, **environment: str) -> str:
    """Return what a command prints."""
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        words = " ".join(map(str, command))
        raise LabError(f"'{words}' ended with {done.returncode}:\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout.strip()


@functools.cache
def control() -> Path:
    """Return the directory of the control environment's programs."""
    return Path(run(CHECKOUT / "scripts/venvs.sh", "control")) / "bin"


@dataclass(frozen=True)
class Run:
    """How a run of ansible-playbook ended."""

    status: int
    seconds: float
    output: str
    # Tasks in the order of the run, with the seconds from each one's headline to the next.
    costs: Sequence[tuple[str, float]] = ()

    @property
    def changed(self) -> int:
        """Changes on all hosts."""
        return sum(int(changed) for changed, _, _ in RECAP.findall(self.output))

    @property
    def succeeded(self) -> bool:
        """Whether it came to its end, and no host failed or was out of reach."""
        recap = RECAP.findall(self.output)
        return self.status == 0 and bool(recap) and all(lost == failed == "0" for _, lost, failed in recap)

    @property
    def slowest(self) -> list[tuple[str, float]]:
        """Tasks and their seconds, the longest first."""
        return sorted(self.costs, key=lambda cost: -cost[1])


class LabHost:
    """A container like a server. What belongs to it lies in a directory of its own: key, secrets, seed, proof, logs."""

    def __init__(self, name: str, system: str, state: Path) -> None:
        self.name, self.system, self.state = name, system, state

    def make(self) -> None:
        """Make it anew, and wait until it has booted."""
        self.remove()
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        address = self._lab("up", self.name, self.system)
        # The empty word is the release: what the host has packages of.
        run(control() / "python", CHECKOUT / "scripts/quickstart_site.py", self.state, address, "")
        run("qemu-img", "create", "-q", "-f", "qcow2", self.state / "seed.qcow2", "16M")
        # Whatever its state is then, but not while it still starts. (124: the time is up.)
        self.shell("timeout 600 systemctl is-system-running --wait || test $? -ne 124")

    def remove(self) -> None:
        """Remove the container; what lies in the directory stays."""
        self._lab("down", self.name)

    def shell(self, script: str) -> str:
        """Return what a shell script prints that runs on the host as root."""
        return run(*self.ssh, script)

    def copy(self, *files: Path) -> None:
        """Copy files to root's home on the host."""
        run("scp", "-q", *self._login, *files, f"root@{self.address}:")

    @functools.cached_property
    def address(self) -> str:
        """The address at which it answers."""
        return self._lab("address", self.name)

    @property
    def ssh(self) -> list[str]:
        """The command that runs another one on the host."""
        return ["ssh", *self._login, f"root@{self.address}"]

    @property
    def proof(self) -> dict[str, Any]:
        """What the last run has proven; empty when it did not come to that."""
        path = self.state / "proof.json"
        return json.loads(path.read_text()) if path.exists() else {}

    @property
    def site(self) -> list[str]:
        """The command that deploys to the host."""
        inventory, site = CHECKOUT / "inventories/quickstart", self.state / "site.yml"
        playbook = [str(control() / "ansible-playbook"), "openimage.glance.site", "-i", str(inventory)]
        return [*playbook, "-e", f"glance_quickstart_state={site}"]

    @property
    def environment(self) -> dict[str, str]:
        """The environment for that command."""
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {
            **inherited,
            "ANSIBLE_COLLECTIONS_PATH": run(CHECKOUT / "scripts/collection.sh"),
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "GLANCE_PROOF_REPORT": str(self.state / "proof.json"),
        }

    def deploy(self, log: str, *arguments: str) -> Run:
        """Run the playbook to its end, with its output in a file of the host's directory."""
        (self.state / "proof.json").unlink(missing_ok=True)
        path = self.state / log
        command, environment = [*OWN_WORLD, *self.site, *arguments], self.environment
        headlines: list[tuple[str, float]] = []
        began = time.monotonic()
        with (
            path.open("w") as output,
            subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as process,
        ):
            for line in process.stdout or ():
                output.write(line)
                if headline := TASK.match(line):
                    headlines.append((headline[1], time.monotonic()))
        ended = time.monotonic()
        ends = [moment for _task, moment in headlines[1:]] + [ended]
        costs = [(task, end - start) for (task, start), end in zip(headlines, ends, strict=True)]
        return Run(process.returncode, ended - began, path.read_text(), costs)

    @property
    def _login(self) -> list[str]:
        known = f'UserKnownHostsFile="{self.state}/known_hosts"'
        return ["-i", f"{self.state}/ssh_key", "-o", known, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]

    def _lab(self, *arguments: str) -> str:
        return run(CHECKOUT / "scripts/lab.sh", *arguments, LAB_STATE=str(self.state), LAB_NETWORK=self.name)
