# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""What a module does on a Keystone host: look at files, ask the running Keystone, start :mod:`runner` as its user."""

from __future__ import annotations

import inspect
import json
import os
import pwd
import ssl
import tempfile
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._keystone import runner
from ansible_collections.openimage.glance.plugins.module_utils._keystone.plan import (
    KeystoneError,
    last_line,
    without_passwords,
)

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def has_keys(repository: str) -> bool:
    """Return whether a key repository holds keys; they are files whose names are numbers."""
    try:
        return any(name.isdigit() for name in os.listdir(repository))
    except FileNotFoundError:
        return False


def has_user(name: str) -> bool:
    """Return whether the system knows a user."""
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def ask_running(url: str, environment: dict[str, str]) -> list[str] | None:
    """Return what a bootstrap would have to put right; None when no Keystone answers sensibly at the URL."""
    base = url.rstrip("/")
    base = base[: -len("/v3")] if base.endswith("/v3") else base
    request = urllib.request.Request(
        base + runner.TOKEN_PATH,
        data=json.dumps(runner.token_request(environment)).encode(),
        headers={"Content-Type": "application/json"},
    )
    # A proxy has no business between this host and itself.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        with opener.open(request, timeout=20) as answer:
            return runner.judge(answer.status, json.load(answer), environment)
    except urllib.error.HTTPError as error:
        return runner.judge(error.code, None, environment) if error.code == 401 else None
    except (OSError, ValueError):
        # Not there, not yet there, or something else listens: then Keystone's own code is asked.
        return None


def installation(command: str) -> str:
    """Return what tells one installed Keystone from the next: an upgrade replaces its programs."""
    return str(os.stat(command).st_ctime_ns)


def noted(state_file: str) -> str:
    """Return for which installation the schema was found up to date; empty when for none."""
    try:
        with open(state_file, encoding="ascii", errors="replace") as state:
            return state.read().strip()
    except FileNotFoundError:
        return ""


def note(state_file: str, text: str) -> None:
    """Remember it, at once or not at all."""
    if noted(state_file) == text:
        return
    partial = f"{state_file}.partial"
    with open(partial, "w", encoding="ascii") as state:
        state.write(f"{text}\n")
    os.replace(partial, state_file)


def run_steps(
    module: AnsibleModule, command: str, user: str, steps: list[dict[str, Any]], environment: dict[str, str]
) -> dict[str, dict[str, Any]]:
    """Run the steps as the user with the Python that keystone-manage itself uses."""
    with tempfile.TemporaryDirectory(prefix="keystone-manage-") as directory:
        # oslo.log names the log file after the program, so the program gets the name that it stands for.
        program = os.path.join(directory, "keystone-manage")
        with open(program, "w", encoding="utf-8") as source:
            source.write(f"{inspect.getsource(runner)}\nmain(json.loads({json.dumps(steps)!r}))\n")
        os.chmod(directory, 0o755)
        os.chmod(program, 0o644)
        rc, out, err = module.run_command(
            [*_become(user), *interpreter(command), program],
            environ_update=environment,
            cwd="/",
        )
    try:
        results: dict[str, dict[str, Any]] = json.loads(out.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise KeystoneError(
            f"Keystone's Python ({' '.join(interpreter(command))}, as user '{user}') ended with exit status {rc}: "
            f"{last_line(err) or without_passwords(out[-400:]) or 'no output'}"
        ) from None
    return results


def interpreter(command: str) -> list[str]:
    """Return the interpreter in the first line of a script."""
    with open(command, encoding="utf-8", errors="replace") as script:
        first = script.readline()
    words = first[2:].split()
    if not first.startswith("#!") or not words:
        raise KeystoneError(
            f"{command} is not a script with an interpreter in its first line, so Keystone cannot be run."
        )
    return words


def _become(user: str) -> list[str]:
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise KeystoneError(f"user: there is no user '{user}' on this host.") from None
    if entry.pw_uid == os.geteuid():
        return []
    if os.geteuid() != 0:
        raise KeystoneError(f"user: only root can run keystone-manage as '{user}'; use become: true.")
    # As its user, Keystone leaves no log files of root that its service could not write.
    return ["setpriv", f"--reuid={user}", f"--regid={entry.pw_gid}", "--init-groups"]
