"""A real Keystone on sqlite, served by waitress, for the tests of the modules that talk to it."""

from __future__ import annotations

import inspect
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ansible_collections.openimage.glance.plugins.module_utils._keystone import runner
from keystoneauth1.adapter import Adapter
from venvs import venv

Run = Callable[..., dict[str, Any]]
REPOSITORY = Path(__file__).resolve().parents[3]
LOCK = REPOSITORY / "requirements" / "keystone.txt"
ADMIN_PASSWORD = "adm p@ss:/w%rd#'\""
REGION = "RegionOne"

# Four rounds instead of twelve: each login of a test is 250 times cheaper. Only for throw-away users like these.
CONFIG = """\
[DEFAULT]
log_file = {home}/keystone.log
[cache]
enabled = true
backend = dogpile.cache.memory
[database]
connection = sqlite:///{home}/keystone.db
[identity]
password_hash_rounds = 4
[fernet_tokens]
key_repository = {home}/fernet
[credential]
key_repository = {home}/credential
"""

# Keystone reads the process's arguments as its own, so waitress's command line cannot start it.
SERVE = """\
import sys
port, sys.argv = int(sys.argv[1]), ["keystone"]
import waitress
from keystone.wsgi.api import application
waitress.serve(application, host="127.0.0.1", port=port)
"""


@dataclass
class Keystone:
    """A running server."""

    url: str
    home: Path
    process: subprocess.Popen[bytes]

    def auth(self) -> dict[str, str]:
        """Return the administrator's login."""
        return {
            "auth_url": f"{self.url}/v3",
            "username": "admin",
            "password": ADMIN_PASSWORD,
            "project_name": "admin",
        }

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def register_keystone(admin: Adapter, region: str, enabled: bool = True) -> None:
    """Give Keystone an identity endpoint in one more region, as an operator does."""
    service = admin.get("/services?type=identity").json()["services"][0]["id"]
    admin.post("/regions", json={"region": {"id": region}})
    endpoint = {"interface": "public", "region_id": region, "service_id": service, "enabled": enabled}
    admin.post("/endpoints", json={"endpoint": {**endpoint, "url": "http://keystone.example.org:5000/v3"}})


def configure(home: Path) -> Path:
    """Write a configuration; return the directory of Keystone's programs."""
    home.mkdir(parents=True, exist_ok=True)
    for name in ("fernet", "credential"):
        (home / name).mkdir(mode=0o700)
    (home / "keystone.conf").write_text(CONFIG.format(home=home))
    return programs()


def programs() -> Path:
    """Return the directory of Keystone's programs."""
    return venv(LOCK, "waitress==3.0.2") / "bin"


def start(home: Path) -> Keystone:
    """Create the database and the keys, bootstrap, serve."""
    python = configure(home)
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "OS_KEYSTONE_CONFIG_DIR": str(home),
        "OS_KEYSTONE_CONFIG_FILES": "keystone.conf",
        "OS_BOOTSTRAP_PASSWORD": ADMIN_PASSWORD,
    }
    owner = ["--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid())]
    urls = [f"--bootstrap-{interface}-url={url}/v3" for interface in ("public", "internal", "admin")]
    config = ["--config-file", str(home / "keystone.conf")]
    commands = (
        ["db_sync"],
        ["fernet_setup", *owner],
        ["credential_setup", *owner],
        ["bootstrap", f"--bootstrap-region-id={REGION}", *urls],
    )
    # The module's own way to start several commands costs one start of Keystone instead of four.
    steps = [{"name": command[0], "argv": [*config, *command]} for command in commands]
    program = f"{inspect.getsource(runner)}\nmain(json.loads({json.dumps(steps)!r}))"
    run = subprocess.run(
        [str(python / "python"), "-c", program], check=True, env=environment, capture_output=True, text=True
    )
    results = json.loads(run.stdout.splitlines()[-1])
    if list(results) != [command[0] for command in commands] or any(step["rc"] for step in results.values()):
        raise RuntimeError(f"Keystone could not be set up: {results}")
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [str(python / "python"), "-c", SERVE, str(port)],
            env=environment,
            stdout=log,
            stderr=log,
        )
    server = Keystone(url, home, process)
    _wait_until_it_answers(server)
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(server: Keystone, seconds: float = 600) -> None:
    """While its process lives; the limit ends one that hangs."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{server.url}/v3", timeout=30):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    server.stop()
    raise RuntimeError(f"Keystone did not start:\n{(server.home / 'server.log').read_text()[-4000:]}")
