"""Write what the quickstart's inventory and its clients need to know: site.yml and clouds.yaml.

Usage: quickstart_site.py STATE ADDRESS RELEASE
Both can be read by their owner only. Secrets are made once and kept; the address is the host's present one. An empty
release means the one of the run before: without being told to, no run takes the host to another one. It is printed.
"""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from pathlib import Path
from typing import Any

import yaml

SECRETS = ("database_password", "admin_password", "service_password", "memcached_secret")


def write(path: Path, head: str, content: dict[str, Any]) -> None:
    """Replace a file at once, so that an interrupted run leaves the old one or the new one."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"# {head}\n")
        yaml.safe_dump(content, file, sort_keys=False)
    new.replace(path)


def ssh_options(state: Path) -> list[str]:
    """Return how the host is reached: by its own key, asked for nothing else."""
    return [
        f'UserKnownHostsFile="{state}/known_hosts"',
        "IdentitiesOnly=yes",
        "PreferredAuthentications=publickey",
    ]


def site(path: Path, state: Path, address: str, release: str) -> dict[str, Any]:
    """Return the site, with the secrets that it already has, and with its release unless another one is given."""
    known = yaml.safe_load(path.read_text()) if path.exists() else {}
    return {
        "address": address,
        "release": release or known.get("release", ""),
        "ssh_key": str(state / "ssh_key"),
        # For ansible_ssh_common_args; quoted for Ansible, and within that for ssh, because the path may have blanks.
        "ssh_args": shlex.join([part for option in ssh_options(state) for part in ("-o", option)]),
        **{name: known.get(name) or secrets.token_urlsafe(24) for name in SECRETS},
    }


def clouds(values: dict[str, Any]) -> dict[str, Any]:
    """Return the administrator's login for OpenStack clients.

    Without a region: there is one, and what follows "--" may have given it another name.
    """
    return {
        "clouds": {
            "quickstart": {
                "auth": {
                    "auth_url": f"http://{values['address']}:5000/v3",
                    "username": "admin",
                    "password": values["admin_password"],
                    "project_name": "admin",
                    "user_domain_name": "Default",
                    "project_domain_name": "Default",
                },
                "interface": "public",
            }
        }
    }


def main() -> None:
    """Write both files."""
    state, address, release = Path(sys.argv[1]), *sys.argv[2:4]
    values = site(state / "site.yml", state, address, release)
    write(state / "site.yml", "Made by quickstart.sh, read by inventories/quickstart.", values)
    write(state / "clouds.yaml", "Made by quickstart.sh.", clouds(values))
    print(values["release"])


if __name__ == "__main__":
    main()
