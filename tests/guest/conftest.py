"""One guest for all tests here, and an NFS server in it."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from guest import REPOSITORY, Guest
from nfs_server import NfsServer


@pytest.fixture(scope="session")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    """Return a guest of our own; or that of GUEST_INVENTORY, which is kept, and GUEST_BOOT boots again."""
    scratch = tmp_path_factory.mktemp("guest")
    given = os.environ.get("GUEST_INVENTORY")
    if given:
        text = Path(given).read_text()
        name = text.split("hosts:", 1)[1].split(":", 1)[0].strip()
        kept = Guest(name, Path(given), scratch, os.environ["GUEST_BOOT"])
        kept.install()
        yield kept
        return
    script = str(REPOSITORY / "scripts" / "guest.sh")
    name = "nfs-faults-" + hashlib.sha256(str(REPOSITORY).encode()).hexdigest()[:6]
    environment = {**os.environ, "LAB_STATE": str(scratch / "lab"), "LAB_NETWORK": name, "GUEST_MEMORY": "768M"}
    subprocess.run([script, "down", name], check=True, env=environment)
    try:
        up = [script, "up", name, "nfs-server"]
        subprocess.run(up, check=True, env=environment)
        made = subprocess.run([script, "inventory", name], check=True, env=environment, capture_output=True, text=True)
        inventory = scratch / "inventory.yml"
        inventory.write_text(made.stdout)
        settings = " ".join(f"{key}={value}" for key, value in environment.items() if key[:4] in ("LAB_", "GUES"))
        # "start" does nothing to a container that still shuts down.
        again = f"sleep 10; env {settings} {shlex.join(up)}"
        made_now = Guest(name, inventory, scratch, again)
        made_now.install()
        yield made_now
    finally:
        subprocess.run([script, "down", name], check=True, env=environment)


@pytest.fixture(scope="session")
def nfs(guest: Guest) -> NfsServer:
    """Return the guest's own NFS server."""
    server = NfsServer(guest)
    server.prepare()
    return server
