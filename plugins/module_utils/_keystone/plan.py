# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Which keystone-manage commands a Keystone host needs, and what their results mean. Nothing here runs anything."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

# Exit codes of 'keystone-manage db_sync --check': 0 up to date, 2 expand, 3 migrate, 4 contract. 1 is a crash.
SCHEMA_BEHIND = (2, 3, 4)
ACTIONS = {
    "db_sync": "create or upgrade the database schema",
    "fernet_setup": "create the keys for tokens in {fernet}",
    "credential_setup": "create the keys for credentials in {credential}",
    "bootstrap": "bootstrap",
}


class KeystoneError(Exception):
    """A command failed. The text is for the operator and holds no secret."""


@dataclass(frozen=True)
class Host:
    """What can be seen of a Keystone host without starting Keystone's Python.

    :ivar reasons: what a bootstrap would have to put right, by the answer of the running Keystone; None when none runs.
    """

    installed: bool
    fernet_keys: bool
    credential_keys: bool
    reasons: list[str] | None = None


@dataclass(frozen=True)
class Names:
    """Where and for whom."""

    user: str
    fernet: str
    credential: str
    config_file: str | None = None


@dataclass
class Outcome:
    """What was done, or would be."""

    actions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def steps_for(host: Host, names: Names, check_mode: bool) -> list[dict[str, Any]]:
    """Return the steps for :mod:`runner`; check mode only asks."""
    config = ["--config-file", names.config_file] if names.config_file else []
    owner = ["--keystone-user", names.user, "--keystone-group", names.user]
    check = [*config, "db_sync", "--check"]
    steps: list[dict[str, Any]] = [{"name": "schema_check", "argv": check, "fine": [0, *SCHEMA_BEHIND]}]
    if not check_mode:
        steps.append({"name": "db_sync", "argv": [*config, "db_sync"], "unless": "schema_check"})
        if not host.fernet_keys:
            steps.append({"name": "fernet_setup", "argv": [*config, "fernet_setup", *owner]})
        if not host.credential_keys:
            steps.append({"name": "credential_setup", "argv": [*config, "credential_setup", *owner]})
    keys = host.fernet_keys and host.credential_keys
    if host.reasons is None and keys:
        steps.append({"name": "login", "fine": [0, 1], "needs": "schema_check"})
    if not check_mode and (host.reasons or host.reasons is None):
        bootstrap: dict[str, Any] = {"name": "bootstrap", "argv": [*config, "bootstrap"]}
        if host.reasons is None and keys:
            bootstrap["unless"] = "login"
        steps.append(bootstrap)
    return steps


def outcome(host: Host, names: Names, results: dict[str, dict[str, Any]], check_mode: bool) -> Outcome:
    """Return what the results of the steps mean; raise KeystoneError when one failed."""
    result = Outcome()
    if not host.installed:
        result.actions = _named(list(ACTIONS.values()), names)
        return result
    schema = results["schema_check"]
    unknown = schema["rc"] not in (0, *SCHEMA_BEHIND)
    if unknown and not check_mode:
        raise KeystoneError(_failure("db_sync --check", schema))
    if unknown:
        result.warnings.append(
            "Everything is predicted as to be done, because the database cannot be asked: "
            + last_line(schema["output"])
        )
    needed = []
    if schema["rc"] != 0:
        needed.append("db_sync")
    if not host.fernet_keys:
        needed.append("fernet_setup")
    if not host.credential_keys:
        needed.append("credential_setup")
    result.actions = _named([ACTIONS[name] for name in needed], names)
    reasons = _bootstrap_reasons(host, results, bool(needed))
    if reasons:
        result.actions.append(f"{ACTIONS['bootstrap']}: {'; '.join(reasons)}")
    for name, step in results.items():
        if step["rc"] and name not in ("schema_check", "login"):
            raise KeystoneError(_failure(name, step))
    return result


def _bootstrap_reasons(host: Host, results: dict[str, dict[str, Any]], fresh: bool) -> list[str]:
    if host.reasons is not None:
        return host.reasons
    login = results.get("login")
    if login is None:
        return ["nobody can log in yet"] if fresh else []
    if login["rc"] == 0:
        return []
    if login["rc"] != 1:
        raise KeystoneError(_failure("login of the administrator", login))
    try:
        reasons: list[str] = json.loads(last_line(login["output"]))
    except ValueError:
        raise KeystoneError(_failure("login of the administrator", login)) from None
    return reasons


def _named(actions: list[str], names: Names) -> list[str]:
    return [action.format(fernet=names.fernet, credential=names.credential) for action in actions]


def _failure(what: str, result: dict[str, Any]) -> str:
    lines = [line for line in without_passwords(result["output"]).splitlines() if line.strip()]
    shown = "\n".join(lines[-8:])
    return (
        f"keystone-manage: {what} failed with exit status {result['rc']}. "
        f"See [database] connection in keystone.conf, and the log in /var/log/keystone.\n{shown}"
    )


def last_line(text: str) -> str:
    """Return the last line that is not empty, without any password of a URL."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return without_passwords(lines[-1]) if lines else ""


def without_passwords(text: str) -> str:
    """Hide the password in every URL; Keystone's errors like to quote the database connection."""
    return re.sub(r"(\w+://[^:/@\s]*):[^\s]*@", r"\1:********@", text)
