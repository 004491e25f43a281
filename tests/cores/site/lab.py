"""The lab host that CORES_HOST names."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class LabHost:
    """A bare host to which this user may log in as root."""

    address: str

    def shell(self, command: str) -> str:
        """Return what a shell command prints that runs on the host as root."""
        done = subprocess.run(
            ["ssh", "-o", "BatchMode=yes", f"root@{self.address}", command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: exit status {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout
