# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Compare declared database and accounts with what the server holds, and plan the statements. Nothing here connects.

Check mode, diff and the real run all use the one plan that :func:`plan` returns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._database import names, notes, passwords
from ansible_collections.openimage.glance.plugins.module_utils._database.model import (
    GRANT_OPTION,
    PRIVILEGES,
    Account,
    Found,
    Server,
    Wanted,
)


@dataclass(frozen=True)
class Action:
    """One statement that changes the server."""

    place: str
    sentence: str
    sql: str = field(repr=False)
    before: Any = None
    after: Any = None


@dataclass
class Plan:
    """The statements in order, and what to report.

    :ivar problems: reasons to change nothing at all.
    """

    actions: list[Action] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def sentences(self) -> list[str]:
        return [action.sentence for action in self.actions]

    def diff(self) -> dict[str, Any]:
        """Return before and after of all that changes, and of nothing else."""
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        for action in self.actions:
            for side, values in ((before, action.before), (after, action.after)):
                if values is None:
                    side.setdefault(action.place, None)
                else:
                    side[action.place] = {**(side.get(action.place) or {}), **values}
        return {"before": before, "after": after}


def plan(wanted: Wanted, found: Found | None) -> Plan:
    """Compare and return the statements.

    :param found: None when there is no server to ask yet.
    """
    result = Plan()
    there = found or Found(Server("MariaDB", (), ""))
    if found:
        result.problems += notes.problems(wanted, found)
        result.warnings += notes.warnings(wanted, found)
    _plan_database(wanted, there, result)
    for host in wanted.hosts:
        _plan_account(wanted, there, host, result)
    if found and result.actions and there.server.on("read_only"):
        result.problems.append(
            "The server is read-only (read_only is on), so it is a replica or under maintenance. "
            "Name the server that takes writes in login_host (glance_database_login_host)."
        )
    return result


def _plan_database(wanted: Wanted, found: Found, result: Plan) -> None:
    if found.database:
        return
    name = found.server.stored(wanted.database)
    sql = f"CREATE DATABASE {names.identifier(name)} CHARACTER SET {wanted.character_set}"
    after = {"character_set": wanted.character_set}
    if wanted.collation:
        sql += f" COLLATE {wanted.collation}"
        after["collation"] = wanted.collation
    sentence = f"create database '{name}' with " + ", ".join(f"{key} {value}" for key, value in after.items())
    result.actions.append(Action(f"database {name}", sentence.replace("_set ", " set ", 1), sql, None, after))


def _plan_account(wanted: Wanted, found: Found, host: str, result: Plan) -> None:
    account = found.accounts.get(host)
    if account is None:
        _plan_new_account(wanted, host, result)
    else:
        _plan_existing_account(wanted, found.server, account, result)
    _plan_privileges(wanted, found, host, account.privileges if account else frozenset(), result)


def _plan_new_account(wanted: Wanted, host: str, result: Plan) -> None:
    label = f"{wanted.user}@{host}"
    sql = f"CREATE USER {names.account(wanted.user, host)} {_identified(wanted)}"
    after: dict[str, Any] = {"authentication": _shown(wanted)}
    sentence = f"create account '{label}' with {'a password' if wanted.password else 'authentication by the socket'}"
    if wanted.require_tls:
        sql += " REQUIRE SSL"
        after["require"] = "SSL"
        sentence += ", which must use TLS"
    result.actions.append(Action(f"account {label}", sentence, sql, None, after))


def _plan_existing_account(wanted: Wanted, server: Server, account: Account, result: Plan) -> None:
    clauses, steps = [], []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    why = _why_set(wanted, account)
    if why:
        clauses.append(_identified(wanted, server, account))
        before["authentication"], after["authentication"] = account.plugins + why[0], _shown(wanted)
        steps.append(why[1])
    if wanted.require_tls and not account.tls:
        clauses.append("REQUIRE SSL")
        before["require"], after["require"] = "NONE", "SSL"
        steps.append("require TLS")
    if wanted.require_tls is False and account.tls == "SSL":
        clauses.append("REQUIRE NONE")
        before["require"], after["require"] = "SSL", "NONE"
        steps.append("no longer require TLS")
    if account.locked:
        clauses.append("ACCOUNT UNLOCK")
        before["locked"], after["locked"] = True, False
        steps.append("unlock it")
    if clauses:
        label = f"{account.user}@{account.host}"
        sql = " ".join(("ALTER USER", names.account(account.user, account.host), *clauses))
        sentence = f"change account '{label}': {', '.join(steps)}"
        result.actions.append(Action(f"account {label}", sentence, sql, before, after))


def _why_set(wanted: Wanted, account: Account) -> tuple[str, str] | None:
    """Return what the diff and the sentence say of the present authentication when it must be set."""
    if wanted.password is None:
        if any(plugin == "unix_socket" for plugin, _stored in account.authentication):
            return None
        return "", f"authenticate by the socket (it is {account.plugins})"
    if not any(passwords.matches(plugin, stored, wanted.password) for plugin, stored in account.authentication):
        known = any(plugin in ("", *passwords.COMPARABLE) for plugin, _stored in account.authentication)
        if known:
            return " (another password)", "set its password (it has another one)"
        return "", f"set its password (it authenticates with {account.plugins})"
    if account.expired:
        return " (expired)", "set its password again (it has expired)"
    return None


def _identified(wanted: Wanted, server: Server | None = None, account: Account | None = None) -> str:
    if wanted.password is None:
        return "IDENTIFIED VIA unix_socket"
    if server and account and server.kind == "MySQL":
        # Named, because without WITH the server decides between the account's plugin and its default.
        known = [plugin for plugin, _stored in account.authentication if plugin in passwords.COMPARABLE]
        plugin = known[0] if known else "caching_sha2_password"
        return f"IDENTIFIED WITH {plugin} BY {names.literal(wanted.password)}"
    return f"IDENTIFIED BY {names.literal(wanted.password)}"


def _shown(wanted: Wanted) -> str:
    return "password (new)" if wanted.password else "unix_socket"


def _plan_privileges(wanted: Wanted, found: Found, host: str, held: frozenset[str], result: Plan) -> None:
    database = found.server.stored(wanted.database)
    schema = f"{names.identifier(names.pattern(database))}.*"
    who, label = names.account(wanted.user, host), f"{wanted.user}@{host}"
    place = f"privileges of {label} on {database}"
    missing = [privilege for privilege in wanted.privileges if privilege not in held]
    surplus = in_order(held - set(wanted.privileges))
    before, after = {"privileges": in_order(held)}, {"privileges": in_order(frozenset(wanted.privileges))}
    if missing:
        listed = ", ".join(missing)
        sentence = f"grant '{label}' on database '{database}': {listed}"
        result.actions.append(Action(place, sentence, f"GRANT {listed} ON {schema} TO {who}", before, after))
    if surplus:
        listed = ", ".join(surplus)
        sentence = f"revoke from '{label}' on database '{database}': {listed}"
        result.actions.append(Action(place, sentence, f"REVOKE {listed} ON {schema} FROM {who}", before, after))


def in_order(privileges: frozenset[str]) -> list[str]:
    """Return privileges in the order in which the servers list them."""
    known = {privilege: number for number, privilege in enumerate((*PRIVILEGES, GRANT_OPTION))}
    return sorted(privileges, key=lambda privilege: (known.get(privilege, len(known)), privilege))
