#!/usr/bin/env python3
"""Try the collection with each ansible-core that requirements/ locks, and print a table of the results.

Usage: cores.py [CORE…]     such as 2.21; all of them without
Newer cores need a newer Python than this machine may have, so a Debian 13 container is the controller. With each core
it runs the unit tests, the sanity tests that depend on the core, and tests/cores/site: the collection is installed from
its tarball and deployed to a host made for it. The logs are in .cache/cores/.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from labhost import CHECKOUT, LabError, run, say

STATE = CHECKOUT / ".cache" / "cores"
NAME = f"glance-cores-{hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:6]}"
# On the controller: one copy of the working tree in which tests run, and one that stays as it is.
TREE, CLEAN = (f"/root/{name}/ansible_collections/openimage/glance" for name in ("tests", "clean"))
TARBALL = "/root/openimage-glance.tar.gz"
# Columns of the table, with the tests of tests/cores/site that fill them.
UNIT, SANITY, WARNINGS = "unit", "sanity", "warnings"
SITE = {
    "test_site_deploys": "site",
    "test_second_run_changes_nothing": "second run",
    "test_verify_proves_the_stores": "verify",
    "test_verify_names_a_broken_store": "broken store",
}
COLUMNS = (UNIT, SANITY, *SITE.values(), WARNINGS)
PASSED, FAILED, MISSING = "passed", "FAILED", "not run"
# Sanity tests that do not load the collection into ansible-core. The part "sanity" of test.sh runs them. (For a release
# candidate ansible-test may install pylint's requirements from GitHub, which not every network reaches.)
SAME_WITH_EVERY_CORE = (
    "changelog",
    "empty-init",
    "ignores",
    "line-endings",
    "no-assert",
    "no-get-exception",
    "no-illegal-filenames",
    "no-smart-quotes",
    "pep8",
    "pslint",
    "pylint",
    "replace-urlopen",
    "shebang",
    "shellcheck",
    "symlinks",
    "use-argspec-type-path",
    "use-compat-six",
    "yamllint",
)


@dataclass
class Core:
    """An ansible-core, and what was found with it."""

    name: str
    version: str
    results: dict[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether all was run, nothing failed and nothing warned."""
        wanted = {**dict.fromkeys(COLUMNS, PASSED), WARNINGS: "0"}
        return all(self.results.get(column) == value for column, value in wanted.items())


def cores(names: list[str]) -> list[Core]:
    """Return the cores that are locked, the oldest first, or those that are named."""
    found = {}
    for lock in (CHECKOUT / "requirements").glob("control-*.txt"):
        version = re.search(r"^ansible-core==(\S+)", lock.read_text(), re.MULTILINE)
        assert version, lock
        found[lock.stem.removeprefix("control-")] = version[1]
    unknown = set(names) - set(found)
    if unknown:
        raise LabError(f"requirements/ locks no ansible-core {', '.join(sorted(unknown))}, but {', '.join(found)}")
    ordered = sorted(found, key=lambda name: [int(part) for part in name.split(".")])
    return [Core(name, found[name]) for name in names or ordered]


def site_results(report: str) -> dict[str, str]:
    """Return the columns that the report of tests/cores/site fills, in JUnit's format."""
    results = {}
    for case in ET.fromstring(report).iter("testcase"):
        bad = any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
        name = case.get("name", "")
        if name in SITE:
            results[SITE[name]] = FAILED if bad else PASSED
        for stored in case.iter("property"):
            if stored.get("name") == WARNINGS:
                results[WARNINGS] = stored.get("value", MISSING)
    return results


def table(tried: list[Core]) -> list[str]:
    """Return the lines of the table."""
    rows = [["core", *COLUMNS]]
    rows += [[core.version, *(core.results.get(column, MISSING) for column in COLUMNS)] for core in tried]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


class Lab:
    """The controller and the hosts, on a network of their own."""

    def __init__(self, tried: list[Core]) -> None:
        self.names = [f"{NAME}-controller", *(self.name(core) for core in tried)]
        self.address = ""

    @staticmethod
    def name(core: Core) -> str:
        """Return the name of a core's host."""
        return f"{NAME}-{core.name.replace('.', '-')}"

    def lab(self, *arguments: str) -> str:
        """Return what scripts/lab.sh prints."""
        return run(CHECKOUT / "scripts/lab.sh", *arguments, LAB_STATE=str(STATE), LAB_NETWORK=NAME)

    def remove(self) -> None:
        """Remove the controller and all hosts, those of an earlier run too."""
        self.lab("down", *self.names)

    @property
    def ssh(self) -> list[str]:
        """The command that runs another one on the controller."""
        known = f'UserKnownHostsFile="{STATE}/known_hosts"'
        options = ["-i", f"{STATE}/ssh_key", "-o", known, "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]
        return ["ssh", *options, f"root@{self.address}"]

    def on_controller(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a shell script on the controller to its end."""
        settings = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
        script = f"set -e\nexport LANG=C.UTF-8\n{settings}{script}"
        return subprocess.run(
            [*self.ssh, f"bash -c {shlex.quote(script)}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )

    def checked(self, script: str) -> str:
        """Return what a shell script prints on the controller; it must succeed."""
        done = self.on_controller(script)
        if done.returncode:
            raise LabError(f"On the controller '{script}' ended with {done.returncode}:\n{done.stdout[-4000:]}")
        return done.stdout

    def send(self, command: list[str | Path], script: str) -> None:
        """Run a command here, and a shell script on the controller that reads its output."""
        with subprocess.Popen(command, stdout=subprocess.PIPE) as source:
            subprocess.run([*self.ssh, script], stdin=source.stdout, check=True)
        if source.returncode:
            raise LabError(f"{command} ended with {source.returncode}")

    def make_controller(self, tried: list[Core]) -> None:
        """Make the controller with the working tree, the environments of all cores, and the tarball."""
        self.address = self.lab("up", self.names[0], "debian13-controller")
        unpacked = " && ".join(f"mkdir -p {tree} && tar -C {tree} -xf tree.tar" for tree in (TREE, CLEAN))
        self.send([CHECKOUT / "scripts/copy_tree.sh"], f"cat >tree.tar && {unpacked}")
        key = "mkdir -p -m 700 .ssh && install -m 600 /dev/stdin .ssh/id_ed25519"
        self.send(["cat", STATE / "ssh_key"], key)
        for core in tried:
            self.checked(activate(core))
        built = f"ansible-galaxy collection build {CLEAN} --output-path built && mv built/*.tar.gz {TARBALL}"
        self.checked(f"{activate(tried[0])}\n{built}")

    @contextmanager
    def host(self, core: Core) -> Iterator[str]:
        """Make a bare host that the controller can log in to, yield its address, and remove it."""
        name = self.name(core)
        address = self.lab("up", name, "debian13-services")
        self.send(["grep", f"^{address} ", STATE / "known_hosts"], "cat >>.ssh/known_hosts")
        try:
            yield address
        finally:
            self.lab("down", name)


def activate(core: Core) -> str:
    """Return the shell command that makes a core's environment and enters it."""
    return f"cd {TREE} && venv=$(scripts/venvs.sh control-{core.name} unit) && source $venv/bin/activate && cd"


def report(core: Core, step: str, done: subprocess.CompletedProcess[str], began: float) -> bool:
    """Keep the output of a step, show it if it failed, and return whether it passed."""
    log = STATE / f"{core.name}-{step}.log"
    log.write_text(done.stdout)
    good = done.returncode == 0
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    say(f"{core.version:<10} {step:<8} {PASSED if good else FAILED}  {minutes} min {seconds:02} s  {log}")
    if not good:
        say(done.stdout)
    return good


def try_code(lab: Lab, core: Core) -> None:
    """Run the unit and the sanity tests."""
    skipped = " ".join(f"--skip-test {test}" for test in SAME_WITH_EVERY_CORE)
    steps = {UNIT: f"cd {TREE}; ./test.sh --run unit", SANITY: f"cd {CLEAN}; scripts/sanity.sh {skipped}"}
    for step, script in steps.items():
        began = time.monotonic()
        done = lab.on_controller(f"{activate(core)}\n{script}")
        core.results[step] = PASSED if report(core, step, done, began) else FAILED


def try_site(lab: Lab, core: Core) -> None:
    """Deploy the example site to a host, run it again, prove it, and break a store."""
    began = time.monotonic()
    file = f"/root/{core.name}.xml"
    with lab.host(core) as address:
        # Hosts in containers are reached directly, whatever proxy there is.
        script = f'{activate(core)}\nexport no_proxy="${{no_proxy:+$no_proxy,}}{address}"\ncd {TREE}\n'
        script += f"pytest -v -rA --color no --durations 0 tests/cores/site --junitxml {file}"
        done = lab.on_controller(script, CORES_HOST=address, CORES_TARBALL=TARBALL)
        report(core, "site", done, began)
        core.results.update(site_results(lab.checked(f"cat {file}")))


def try_each(attempt: Callable[[Lab, Core], None], lab: Lab, tried: list[Core]) -> None:
    """Try one core after the other."""
    for core in tried:
        attempt(lab, core)


def main(names: list[str]) -> int:
    """Return the exit status: 0 when everything passed with every core, without a warning."""
    tried = cores(names)
    STATE.mkdir(parents=True, exist_ok=True)
    lab = Lab(tried)
    lab.remove()
    try:
        lab.make_controller(tried)
        # A site waits for its host much of the time; the other tests use the processors meanwhile.
        with ThreadPoolExecutor(2) as lanes:
            waiting = [
                lanes.submit(try_each, try_site, lab, tried),
                lanes.submit(try_each, try_code, lab, tried),
            ]
        for lane in waiting:
            if problem := lane.exception():
                say(f"{type(problem).__name__}: {problem}")
    finally:
        lab.remove()
    say()
    say("\n".join(table(tried)))
    return 0 if all(core.passed for core in tried) else 1


if __name__ == "__main__":
    # So that an end from outside removes the containers, too.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except LabError as error:
        sys.exit(f"cores.py: {error}")
