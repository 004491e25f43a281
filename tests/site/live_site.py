"""The site that a molecule scenario has deployed: its host, its variables, its APIs, and its playbook to run again."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openstack
import yaml
from waits import LIMIT


@dataclass(frozen=True)
class Run:
    """What a playbook did."""

    code: int
    output: str
    seconds: float

    @property
    def changed(self) -> int:
        """How many tasks changed something."""
        recap = self.output.rpartition("PLAY RECAP")[2]
        return sum(int(word.removeprefix("changed=")) for word in recap.split() if word.startswith("changed="))

    @property
    def prose(self) -> str:
        """The output without its line breaks and indentation, to look for sentences in it."""
        return " ".join(self.output.split())


@dataclass(frozen=True)
class LiveSite:
    """A site seen from one of its hosts: an API host, or the one with Keystone and the database."""

    name: str
    variables: dict[str, Any]
    inventory: Path
    keystone_address: str

    @property
    def address(self) -> str:
        """Where clients reach the host."""
        return str(self.variables["ansible_host"])

    @property
    def url(self) -> str:
        """The node's image API."""
        return f"http://{self.address}:9292"

    @property
    def keystone_url(self) -> str:
        """Keystone, with version."""
        return f"http://{self.keystone_address}:5000/v3"

    @property
    def from_pypi(self) -> bool:
        """Whether Glance runs from a virtual environment."""
        return "glance_from_pypi" in self.variables["group_names"]

    @property
    def secrets(self) -> dict[str, str]:
        """The inventory's secrets by name."""
        return {name: value for name, value in self.variables.items() if name.endswith(("_password", "_secret"))}

    @property
    def stores(self) -> dict[str, dict[str, Any]]:
        """The declared stores by id."""
        return {store["id"]: store for store in self.variables["glance_stores"]}

    # --- the host

    def shell(self, command: str, text: str = "") -> str:
        """Run a command on the host as root, with text as its input; return what it prints."""
        ssh = [
            "ssh",
            # A host that was rebooted amid a command is noticed.
            "-o",
            "ServerAliveInterval=30",
            *shlex.split(self.variables["ansible_ssh_common_args"]),
            "-i",
            self.variables["ansible_private_key_file"],
            f"{self.variables['ansible_user']}@{self.address}",
            command,
        ]
        done = subprocess.run(ssh, input=text, capture_output=True, text=True, timeout=LIMIT, check=False)
        assert done.returncode == 0, f"{command}: exit status {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def main_pid(self) -> int:
        """Return the process id of the API's uWSGI master."""
        return int(self.shell("systemctl show --value --property MainPID glance-api"))

    def sql(self, statement: str) -> list[list[str]]:
        """Return the rows that the database server's administrator sees."""
        return [line.split("\t") for line in self.shell("mariadb --batch --skip-column-names", statement).splitlines()]

    # --- the APIs

    def connect(self, **overrides: Any) -> openstack.connection.Connection:
        """Log in as the cloud's administrator, or as who is given instead."""
        who = {
            "auth_url": self.keystone_url,
            "username": "admin",
            "password": self.secrets["glance_keystone_admin_password"],
            "project_name": "admin",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        }
        return openstack.connect(auth={**who, **overrides}, region_name="RegionOne", load_yaml_config=False)

    # --- the playbooks

    def command(
        self, variables_file: Path, variables: dict[str, Any], *arguments: str, playbook: str = "openimage.glance.site"
    ) -> list[str]:
        """Return the ansible-playbook command; the variables go through a file, because they may be secrets."""
        variables_file.write_text(json.dumps(variables))
        return ["ansible-playbook", playbook, "-i", str(self.inventory), "-e", f"@{variables_file}", *arguments]

    def play(
        self,
        *arguments: str,
        directory: Path,
        timeout: float = 3 * LIMIT,
        playbook: str = "openimage.glance.site",
        environment: dict[str, str] | None = None,
        **variables: Any,
    ) -> Run:
        """Run a playbook on the site with variables of higher precedence than its own.

        :param timeout: seconds after which it hangs. It says nothing of how long a run should take: machines differ.
        """
        command = self.command(directory / "variables.json", variables, *arguments, playbook=playbook)
        started = time.monotonic()
        done = subprocess.run(
            command,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        run = Run(done.returncode, done.stdout, time.monotonic() - started)
        print(f"{shlex.join(command)}\n{run.output}\nexit status {run.code} after {run.seconds:.1f} s")
        return run


def load(name: str, variables: dict[str, Any], lab: dict[str, Any] | None = None) -> LiveSite:
    """Return the site of the running scenario.

    :param variables: the API host's variables, not resolved.
    :param lab: those of the host with Keystone, if that is another.
    """
    keystone = str((lab or variables)["ansible_host"])
    return LiveSite(name, variables, Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent, keystone)


def dump(content: Sequence[Any]) -> str:
    """Return a playbook as text."""
    return yaml.safe_dump(list(content), sort_keys=False)
