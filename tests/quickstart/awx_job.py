"""A job as AWX gives it to ansible-runner: the project of docs/awx.md, credentials and a survey's answers."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import yaml
from page import write_files

VAULT_PASSWORD = "the vault's own password"
INVENTORY = """\
all:
  hosts:
    image1:
      ansible_host: {address}
      ansible_user: root
      ansible_python_interpreter: /usr/bin/python3
  children:
    glance_api: {{hosts: {{image1: }}}}
    glance_all_in_one: {{hosts: {{image1: }}}}
"""
SITE = """\
glance_database_password: "{{ vault_glance_database_password }}"
glance_service_password: "{{ vault_glance_service_password }}"
glance_memcached_secret: "{{ vault_glance_memcached_secret }}"
"""


def credential(site: dict[str, Any]) -> dict[str, Any]:
    """Return the file that AWX makes of an OpenStack credential."""
    auth = {
        "auth_url": f"http://{site['address']}:5000/v3",
        "username": "admin",
        "password": site["admin_password"],
        "project_name": "admin",
        "domain_name": "Default",
    }
    return {"clouds": {"devstack": {"auth": auth, "verify": True}}}


class Job:
    """A directory of private data, and what a run leaves in it."""

    def __init__(self, directory: Path, state: Path, stores: list[dict[str, Any]]) -> None:
        self.directory, self.state = directory, state
        self.site: dict[str, Any] = yaml.safe_load((state / "site.yml").read_text())
        write_files("awx.md", directory / "project")
        variables = directory / "project" / "inventory" / "group_vars" / "all"
        (variables / "glance.yml").write_text(SITE + yaml.safe_dump({"glance_stores": stores}))
        (directory / "project" / "inventory" / "hosts.yml").write_text(INVENTORY.format(address=self.site["address"]))
        environment = directory / "env"
        environment.mkdir()
        password = environment / "vault_password"
        password.write_text(VAULT_PASSWORD)
        vault = {f"vault_glance_{name}": self.site[name] for name in self.secrets_in_vault}
        encrypted = subprocess.run(
            ["ansible-vault", "encrypt", "--vault-password-file", password, "--output", variables / "vault.yml", "-"],
            input=yaml.safe_dump(vault),
            capture_output=True,
            text=True,
            check=False,
        )
        assert encrypted.returncode == 0, encrypted.stderr
        (environment / "clouds.yaml").write_text(yaml.safe_dump(credential(self.site)))
        (environment / "ssh_key").write_text((state / "ssh_key").read_text())
        for path in environment.iterdir():
            path.chmod(0o600)
        inventory = directory / "project" / "inventory"
        (environment / "cmdline").write_text(f"-i {inventory} --vault-password-file {password}")

    secrets_in_vault = ("database_password", "service_password", "memcached_secret")

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets that the job is given, by name."""
        names = (*self.secrets_in_vault, "admin_password")
        return {**{name: self.site[name] for name in names}, "vault password": VAULT_PASSWORD}

    def run(self, playbook: str, collections: Path, answers: dict[str, str]) -> str:
        """Run a playbook of the project with a survey's answers; return the output of the job. It must succeed."""
        (self.directory / "env" / "extravars").write_text(json.dumps(answers))
        (self.directory / "env" / "envvars").write_text(
            json.dumps(
                {
                    "OS_CLIENT_CONFIG_FILE": str(self.directory / "env" / "clouds.yaml"),
                    "ANSIBLE_HOST_KEY_CHECKING": "False",
                    "ANSIBLE_COLLECTIONS_PATH": str(collections),
                }
            )
        )
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        address = self.site["address"]
        done = subprocess.run(
            ["ansible-runner", "run", self.directory, "--playbook", playbook, "--ident", Path(playbook).stem],
            env={**kept, "no_proxy": address, "NO_PROXY": address},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def artifacts(self, playbook: str) -> Path:
        """Return the directory of what a run leaves behind."""
        return self.directory / "artifacts" / Path(playbook).stem

    def custom_stats(self, playbook: str) -> dict[str, Any]:
        """Return the artifacts that AWX shows with the job."""
        events = [json.loads(path.read_text()) for path in (self.artifacts(playbook) / "job_events").glob("*.json")]
        found = [
            event["event_data"].get("artifact_data", {}) for event in events if event["event"].endswith("on_stats")
        ]
        return dict(found[0])
