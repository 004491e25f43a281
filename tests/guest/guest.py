"""A host with a kernel of its own, to be broken by tests: shell, and modules as a playbook runs them."""

from __future__ import annotations

import json
import shlex
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible
from waits import LIMIT, until

REPOSITORY = Path(__file__).resolve().parents[2]
PLACE = "/opt/collection"
# In place of Ansible's own wrapper: a tenth of the time of a playbook, which the molecule scenario runs.
RUNNER = """\
import importlib, json, sys
from ansible.module_utils.testing import patch_module_args
with patch_module_args(json.load(sys.stdin)):
    importlib.import_module("ansible_collections.openimage.glance.plugins.modules." + sys.argv[1]).main()
"""


@dataclass(frozen=True)
class Guest:
    """One guest, reached by an inventory that names it and nothing else."""

    name: str
    inventory: Path
    scratch: Path
    boot: str
    """The command that waits for its end and boots it again."""

    def shell(self, script: str, check: bool = True, timeout: float = LIMIT) -> str:
        """Run a script as root, return what it prints."""
        done = subprocess.run(
            [*self._ssh(), "bash -eu -s"], input=script, check=False, capture_output=True, text=True, timeout=timeout
        )
        assert not check or done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def install(self) -> None:
        """Bring the collection's modules, and what ansible-core would send along with them."""
        core = Path(ansible.__file__).parent
        parts = [(core.parent, f"ansible/{name}") for name in ("__init__.py", "release.py", "_vendor", "module_utils")]
        with tempfile.TemporaryFile() as archive:
            with tarfile.open(fileobj=archive, mode="w") as tar:
                for root, name in parts:
                    tar.add(root / name, name, filter=_no_bytecode)
                for name in ("plugins/modules", "plugins/module_utils"):
                    tar.add(REPOSITORY / name, f"ansible_collections/openimage/glance/{name}", filter=_no_bytecode)
            archive.seek(0)
            command = f"rm -rf {PLACE} && mkdir {PLACE} && tar -C {PLACE} -xf -"
            subprocess.run([*self._ssh(), command], stdin=archive, check=True, timeout=LIMIT)
        self.shell(f"cat >{PLACE}/run.py <<'END'\n{RUNNER}END\npython3 -m compileall -q {PLACE}")

    def module(self, name: str, check: bool = False, **arguments: Any) -> dict[str, Any]:
        """Run a module of the collection, return its result with `failed`."""
        given = {**arguments, "_ansible_check_mode": check}
        done = subprocess.run(
            [*self._ssh(), f"python3 {PLACE}/run.py {name}"],
            input=json.dumps(given),
            check=False,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        assert done.stdout.strip().startswith("{"), done.stdout + done.stderr
        return {"failed": False, **json.loads(done.stdout)}

    def killed(self, name: str, when: str, **arguments: Any) -> None:
        """Run a module, and kill it as soon as a condition of the shell is true; not the processes that it started."""
        given = shlex.quote(json.dumps(arguments))
        self.shell(
            f"""
            printf %s {given} | exec python3 {PLACE}/run.py {name} >/dev/null 2>&1 & module=$!
            while kill -0 $module && ! {{ {when}; }}; do sleep 0.01; done
            kill -KILL $module
            wait $module || test $? = 137
            """
        )

    def reboot(self) -> None:
        """Shut it down and boot it anew; user-mode Linux does not find its network again by itself."""
        subprocess.run([*self._ssh(), "systemctl poweroff"], check=False, capture_output=True, timeout=60)
        subprocess.run([*self._ssh(), "-O", "exit"], check=False, capture_output=True)
        subprocess.run(self.boot, check=True, shell=True, timeout=2 * LIMIT)
        booted = "systemctl is-system-running --wait >/dev/null || true; echo up"
        until(lambda: "up" in self.shell(booted, check=False), "the guest comes back", pause=1)

    def _ssh(self) -> list[str]:
        hosts = json.loads(self._ansible_inventory())["_meta"]["hostvars"][self.name]
        key, options = hosts["ansible_ssh_private_key_file"], shlex.split(hosts["ansible_ssh_common_args"])
        shared = ["-o", "ControlMaster=auto", "-o", "ControlPersist=60s", "-o", f"ControlPath={self.scratch}/ssh"]
        quick = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=5"]
        return ["ssh", "-i", key, *options, *shared, *quick, f"root@{hosts['ansible_host']}"]

    def _ansible_inventory(self) -> str:
        cached = self.scratch / "inventory.json"
        if not cached.exists():
            command = ["ansible-inventory", "--inventory", str(self.inventory), "--list"]
            cached.write_text(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        return cached.read_text()


def _no_bytecode(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else entry
