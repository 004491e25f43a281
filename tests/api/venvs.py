"""Virtual environments of the real services under test, cached by the content of their lock files."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "openimage-glance" / "venvs"


def _uv() -> str:
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if beside.exists() else shutil.which("uv") or "uv"


def venv(lock: Path, *extra: str) -> Path:
    """Return the directory of a virtual environment that holds exactly what the lock file names.

    :param lock: a requirements file with hashes.
    :param extra: further requirements (pinned), installed without hashes; for what only a test needs.
    """
    digest = hashlib.sha256(lock.read_bytes() + repr((extra, sys.version_info[:2])).encode()).hexdigest()[:16]
    home = CACHE / f"{lock.stem}-{digest}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{home.name}.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if (home / "complete").exists():
            return home
        python = str(home / "bin" / "python")
        subprocess.run([_uv(), "venv", "-q", "--clear", "--python", sys.executable, str(home)], check=True)
        subprocess.run([_uv(), "pip", "sync", "-q", "--python", python, "--require-hashes", str(lock)], check=True)
        if extra:
            subprocess.run([_uv(), "pip", "install", "-q", "--python", python, *extra], check=True)
        (home / "complete").touch()
    return home
