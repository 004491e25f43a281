# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""A virtual environment that holds exactly what a lock file names, or is not taken for one."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from typing import Callable, NamedTuple, Optional

from ansible_collections.openimage.glance.plugins.module_utils._site.systems import (
    CA_BUNDLE,
    MODULE_PACKAGES,
    MODULES_DIRECTORY,
)
from ansible_collections.openimage.glance.plugins.module_utils._turns import turn

# Written last: an environment without it, or with another digest in it, is brought to the lock again.
MARKER = ".lock-digest"
# Seconds that a run may take that was cut off from its playbook.
PATIENCE = 900.0

# (return code, output, errors) of a command with an environment and standard input.
Runner = Callable[[list[str], dict[str, str], Optional[str]], tuple[int, str, str]]
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)


class VenvError(Exception):
    """Why the environment could not be made; the text is for the operator."""


class Venv(NamedTuple):
    """Where the environment lies and what it must hold.

    ``installer`` is the lock of uv, which is put into a folder of its own, so that the environment holds nothing
    that the lock does not name.
    """

    path: str
    lock: str
    installer: str
    python: str
    index_url: str = ""
    # USER:PASSWORD as it stands in a URL.
    index_login: str = ""
    libraries: Sequence[str] = ()

    def digest(self, python_version: str) -> str:
        """Return what the marker says of a complete environment."""
        return hashlib.sha256(f"{python_version}\n{self.lock}".encode()).hexdigest()

    @property
    def interpreter(self) -> str:
        return os.path.join(self.path, "bin", "python")

    @property
    def marker(self) -> str:
        return os.path.join(self.path, MARKER)

    @property
    def tool_directory(self) -> str:
        name = hashlib.sha256(self.installer.encode()).hexdigest()[:12]
        return os.path.join(os.path.dirname(self.path), f".uv-{name}")

    @property
    def scratch(self) -> str:
        return os.path.join(os.path.dirname(self.path), ".scratch")


def pins(lock: str) -> dict[str, str]:
    """Return name -> version of every requirement in a lock file."""
    return dict(_PIN.findall(lock))


def installed_digest(venv: Venv) -> str:
    """Return the digest of the lock that the environment was completed with, empty if it was not."""
    try:
        with open(venv.marker, encoding="ascii") as marker:
            return marker.read().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""


_FIND = """
import importlib.util, json, sys
found = {name: importlib.util.find_spec(name) for name in sys.argv[1:]}
print(json.dumps({name: spec.origin if spec else "" for name, spec in found.items()}))
"""


class Links(NamedTuple):
    """Borrowed modules: link -> target, what is wanted and what is there."""

    wanted: dict[str, str]
    there: dict[str, str]
    # Modules that the system does not have.
    missing: list[str]

    @property
    def changed(self) -> bool:
        return self.wanted != self.there or bool(self.missing)


def site_packages(venv: Venv) -> str:
    """Return the directory of the environment's modules, empty before it is made."""
    parent = os.path.join(venv.path, "lib")
    names = sorted(os.listdir(parent)) if os.path.isdir(parent) else []
    directories = [os.path.join(parent, name, "site-packages") for name in names if name.startswith("python")]
    return next((directory for directory in directories if os.path.isdir(directory)), "")


def links(venv: Venv, run: Runner) -> Links:
    """Compare the modules that the environment borrows from the system with those it should."""
    directory = site_packages(venv)
    there = {}
    for name in os.listdir(directory) if directory else ():
        path = os.path.join(directory, name)
        if os.path.islink(path) and os.path.dirname(os.readlink(path)) == MODULES_DIRECTORY:
            there[path] = os.readlink(path)
    if not venv.libraries:
        return Links({}, there, [])
    command = [venv.python, "-I", "-c", _FIND, *venv.libraries]
    code, output, errors = run(command, {}, None)
    if code != 0:
        raise VenvError(f"Cannot ask {venv.python} for its modules: {(errors or output).strip()}")
    found = json.loads(output)
    wanted = {os.path.join(directory, os.path.basename(origin)): origin for origin in found.values() if origin}
    return Links(wanted, there, [name for name, origin in found.items() if not origin])


def link(venv: Venv, run: Runner) -> bool:
    """Link what the environment borrows from the system, and nothing else; whether that changed anything."""
    state = links(venv, run)
    if state.missing:
        raise VenvError(
            f"Cannot give {venv.path} the Python modules {', '.join(state.missing)}: {venv.python} does not have them. "
            f"Install their packages: {', '.join(MODULE_PACKAGES.get(name, name) for name in state.missing)}."
        )
    if not state.changed:
        return False
    # What runs with the environment's old content is older than its marker; also if this is cut off here.
    os.utime(venv.marker)
    for path in state.there.keys() - state.wanted.keys():
        os.unlink(path)
    for path, target in state.wanted.items():
        if state.there.get(path) != target:
            partial = f"{path}.partial"
            if os.path.lexists(partial):
                os.unlink(partial)
            os.symlink(target, partial)
            os.replace(partial, path)
    return True


def build(venv: Venv, python_version: str, run: Runner) -> None:
    """Bring the environment to its lock. What an interrupted run left is completed, not started over."""
    digest = venv.digest(python_version)
    os.makedirs(os.path.dirname(venv.path), mode=0o755, exist_ok=True)
    with turn(os.path.dirname(venv.path), PATIENCE):
        # Or another run has done it meanwhile.
        if installed_digest(venv) != digest:
            with _scratch(venv) as directory:
                _build(venv, digest, run, {**_environment(venv), "TMPDIR": directory})


@contextlib.contextmanager
def _scratch(venv: Venv) -> Iterator[str]:
    """Keep a directory for what pip and uv make on the way. uv leaves locks in there that every user may write to."""
    # An interrupted run's has the same name, and goes first.
    shutil.rmtree(venv.scratch, ignore_errors=True)
    os.mkdir(venv.scratch, mode=0o700)
    try:
        yield venv.scratch
    finally:
        shutil.rmtree(venv.scratch)


def _build(venv: Venv, digest: str, run: Runner, environment: dict[str, str]) -> None:
    if os.path.exists(venv.marker):
        os.unlink(venv.marker)
    uv = _installer(venv, environment, run)
    if not os.path.exists(venv.interpreter):
        _checked(run, [uv, "venv", "--quiet", "--clear", "--python", venv.python, venv.path], environment, None, venv)
    # Compiled now, because the service user cannot write beside the code: each start would compile it again.
    options = ["--quiet", "--no-cache", "--compile-bytecode", "--require-hashes", "--python", venv.interpreter]
    command = [uv, "pip", "sync", *options, "-"]
    _checked(run, command, environment, venv.lock, venv)
    partial = f"{venv.marker}.partial"
    with open(partial, "w", encoding="ascii") as marker:
        marker.write(digest + "\n")
        marker.flush()
        os.fsync(marker.fileno())
    os.replace(partial, venv.marker)


def _environment(venv: Venv) -> dict[str, str]:
    # uv and pip carry certificate lists of their own; a site with its own CA has it in the system's.
    environment = {"SSL_CERT_FILE": CA_BUNDLE, "PIP_CERT": CA_BUNDLE} if os.path.exists(CA_BUNDLE) else {}
    if venv.index_url:
        # Not an argument: such addresses may hold a password.
        login = f"{venv.index_login}@" if venv.index_login else ""
        address = venv.index_url.replace("://", f"://{login}", 1)
        environment.update(UV_DEFAULT_INDEX=address, PIP_INDEX_URL=address)
    return environment


def _installer(venv: Venv, environment: dict[str, str], run: Runner) -> str:
    uv = os.path.join(venv.tool_directory, "bin", "uv")
    complete = os.path.join(venv.tool_directory, MARKER)
    if not os.path.exists(complete):
        _checked(run, [venv.python, "-m", "venv", "--clear", venv.tool_directory], environment, None, venv)
        pip = [os.path.join(venv.tool_directory, "bin", "pip"), "--disable-pip-version-check", "--quiet"]
        command = [*pip, "install", "--no-cache-dir", "--require-hashes", "-r", "/dev/stdin"]
        _checked(run, command, environment, venv.installer, venv)
        with open(complete, "w", encoding="ascii"):
            pass
    return uv


def _checked(run: Runner, command: list[str], environment: dict[str, str], data: str | None, venv: Venv) -> None:
    code, output, errors = run(command, environment, data)
    if code == 0:
        return
    tail = "\n".join((errors or output).strip().splitlines()[-8:])
    advice = "Is the package index reachable from this host, and is there space?"
    if "ensurepip" in output + errors:
        advice = f"Install the package {MODULE_PACKAGES['ensurepip']} on this host."
    raise VenvError(f"Cannot make the virtual environment {venv.path}: `{' '.join(command)}` failed: {tail} {advice}")
