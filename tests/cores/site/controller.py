"""Run the programs of one ansible-core as a user does: the collection from its tarball, no ansible.cfg, no callback."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
# Of ansible-core in its own format, and of Python, such as "x.py:3: SyntaxWarning: invalid escape".
WARNING = re.compile(r"^\[(?:DEPRECATION )?WARNING\].*|^\S+:\d+: \w*Warning: .*", re.MULTILINE)
RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) ", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """How a program ended, and what it wrote to stdout and stderr."""

    code: int
    output: str

    @property
    def changed(self) -> int:
        """Count the changes on all hosts."""
        counts = RECAP.findall(self.output)
        assert counts, f"no recap in the output:\n{self.output}"
        return sum(map(int, counts))

    @property
    def warnings(self) -> list[str]:
        """Return the first line of each warning."""
        return WARNING.findall(self.output)

    @property
    def prose(self) -> str:
        """Return the output without its line breaks and indentation, to look for sentences in it."""
        return " ".join(self.output.split())


@dataclass
class Controller:
    """A user's home and working folder, and all that was run in them."""

    home: Path
    folder: Path
    runs: list[Run] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Return this process's environment without what pytest and test.sh set for Ansible."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "MOLECULE_"))}
        return {**kept, "HOME": str(self.home)}

    @property
    def warnings(self) -> list[str]:
        """Return the warnings of all runs."""
        return [warning for run in self.runs for warning in run.warnings]

    @property
    def collection(self) -> Path:
        """Return where the collection is once it is installed."""
        return self.home / ".ansible/collections/ansible_collections/openimage/glance"

    def run(self, program: str, *arguments: str | Path) -> Run:
        """Run a program of this interpreter's environment to its end."""
        command = [str(Path(sys.executable).parent / program), *map(str, arguments)]
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        run = Run(done.returncode, done.stdout)
        self.runs.append(run)
        print(f"$ {shlex.join([program, *command[1:]])}\n{run.output}\nexit status {run.code}\n")
        return run

    def install(self, tarball: Path) -> None:
        """Install the collection from its tarball alone."""
        run = self.run("ansible-galaxy", "collection", "install", tarball, "--offline")
        assert run.code == 0, run.output

    def build(self, folder: Path) -> Path:
        """Return the tarball of this checkout."""
        run = self.run("ansible-galaxy", "collection", "build", REPOSITORY, "--output-path", folder)
        assert run.code == 0, run.output
        (tarball,) = folder.glob("*.tar.gz")
        return tarball
