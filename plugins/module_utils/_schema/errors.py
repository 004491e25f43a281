# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the database's refusals mean and what to do about them. PRIVATE to the collection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.systems import MODULE_PACKAGES

# (1045, "Access denied …") as PyMySQL and mysqlclient print it: Python's own quoting of a number and a text.
_REFUSAL = re.compile(
    r"""\((?P<code>\d{1,5}), (?P<quote>["'])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)\)""", re.DOTALL
)
_RAISED = re.compile(r"^[\w.]*(?:Error|Exception|Warning|Failed)\b.*: ")
_FULL = re.compile(r"No space left on device|\bdisk full\b|err(?:no|code):? ?\"?28\b", re.IGNORECASE)
_ALREADY_THERE = re.compile(r"\(1050, [\"']Table '(?:[^'.]*\.)?([^'.]+)' already exists")

NOT_YET = frozenset({"1044", "1045", "1049", "1130", "1142", "1698", "2002", "2003"})
"""Codes that a fresh host gives before database and user are made: check mode predicts then."""

LEFT_BEHIND = frozenset({"1050", "1051", "1060", "1061", "1091"})
"""Codes of a migration that meets its own half-done work: MariaDB cannot roll DDL back."""

_MEANING = {
    "1040": ("the server has no free connection", "raise max_connections on the server or find who holds them"),
    "1044": (
        "the user may not use this database",
        "grant it (the database role does), or correct the name of the database",
    ),
    "1045": (
        "wrong password, or the user may not connect from this host",
        "compare glance_database_user, _password and _allowed_hosts with the account (the database role sets it)",
    ),
    "1047": ("the Galera node is not in its cluster's primary component", "recover the cluster, or use a synced node"),
    "1049": ("the database does not exist", "create it (the database role does), or correct its name"),
    "1129": ("the server blocks this host after many errors", "run 'mariadb-admin flush-hosts' on the server"),
    "1130": ("the server accepts no connection from this host", "add this host to glance_database_allowed_hosts"),
    "1142": (
        "the user lacks a privilege on Glance's tables",
        "grant select, insert, update, delete, create, drop, index, alter, references (the database role does)",
    ),
    "1205": ("another transaction holds a lock", "look for it with SHOW PROCESSLIST on the server, then run again"),
    "1290": ("the server is read-only", "connect to the primary server"),
    "1419": (
        "online expand creates triggers, for which binary logging needs a right",
        "set log_bin_trust_function_creators=1 on the server for the upgrade, or stop all glance-api and use mode=sync",
    ),
    "1698": (
        "the account logs in by another way than a password",
        "give the account a password (the database role does)",
    ),
    "2002": ("the server does not answer", "start it; check host, port and socket of [database] connection"),
    "2003": ("the server does not answer", "start it; check host, port and any firewall between"),
    "2006": ("the server closed the connection", "look into its log, then run again; what was done is kept"),
    "2013": ("the server went away during the query", "look into its log, then run again; what was done is kept"),
    "2026": ("TLS with the server failed", "check glance_database_tls_ca against the server's certificate"),
}


@dataclass(frozen=True)
class Refusal:
    """One refusal, found in what a command wrote."""

    code: str
    said: str
    cause: str
    remedy: str


def find(output: str) -> Refusal:
    """Return the last refusal in a command's output, with its meaning as far as it is known."""
    found = list(_REFUSAL.finditer(output))
    code = found[-1]["code"] if found else ""
    said = " ".join(found[-1]["text"].replace("\\", "").split())[:300] if found else last_line(output)
    if code in ("1021", "1114") or _FULL.search(said) or (not found and _FULL.search(output)):
        return Refusal(code, said, "no space left on the server's disk", "free some on the server, then run again")
    if "No module named 'pymysql'" in output or "No module named 'MySQLdb'" in output:
        driver = f"install {MODULE_PACKAGES['pymysql']} (packages) or PyMySQL in the virtual environment"
        return Refusal(code, said, "the database driver is not installed beside Glance", driver)
    if "Rolling upgrades are currently supported only for" in output:
        remedy = "use MariaDB or MySQL: Glance cannot tell the state of any other server"
        return Refusal(code, said, "this kind of database is not supported", remedy)
    if "Can't locate revision identified by" in output:
        remedy = "install the release that migrated it, or restore a backup from before: a schema cannot go back"
        return Refusal(code, said, "the database belongs to a newer release, or to other software", remedy)
    if "no answer within" in output:
        remedy = "look for a lock or an overloaded server with SHOW PROCESSLIST on the server"
        return Refusal(code, said, "the server accepts connections but does not answer", remedy)
    if code in LEFT_BEHIND:
        return Refusal(code, said, "an earlier migration was interrupted half-way", "")
    cause, remedy = _MEANING.get(code, ("", "see what it said, and Glance's log on this host"))
    return Refusal(code, said, cause, remedy)


def last_line(output: str) -> str:
    """Return the last line that names an exception, else the last that says something."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    raised = [line for line in lines if _RAISED.match(line)]
    return (raised or lines or ["no output"])[-1][:300]


def table_in_the_way(output: str) -> str:
    """Return the table that a migration could not create because it exists; empty when that was not the reason."""
    found = _ALREADY_THERE.findall(output)
    return found[-1] if found else ""


def place(where: dict[str, Any]) -> str:
    """Return the database in words, without its password."""
    if where["dialect"] == "sqlite":
        return f"SQLite file {where['database']}"
    port = f":{where['port']}" if where["port"] else ""
    return f"database '{where['database']}' on {where['host']}{port} as user '{where['user']}'"


def explain(doing: str, output: str, where: dict[str, Any]) -> str:
    """Return the operator's sentence: what was tried, where, why it failed, what to do."""
    refusal = find(output)
    code = f" ({refusal.code})" if refusal.code else ""
    cause = f"{refusal.cause}{code}; it said: {refusal.said}" if refusal.cause else f"{refusal.said}{code}"
    return f"{doing} failed in {place(where)}: {cause.rstrip('.')}. To do: {refusal.remedy}."


def explain_left_behind(doing: str, output: str, where: dict[str, Any], heads: list[str], used: list[str]) -> str:
    """Return exact instructions for the case that must not be healed: a half-done migration of a database in use."""
    at = ", ".join(heads) or "none"
    rows = ", ".join(used[:5]) or "none"
    return (
        f"{doing} failed in {place(where)}: an earlier migration was interrupted half-way, it said: "
        f"{find(output).said}. The database is at revision {at} and in use (tables with rows: {rows}), so nothing was "
        "removed. To do: stop all glance-api services, restore the backup made before the upgrade and run again. "
        "Without a backup, undo by hand what the message names and run again: it belongs to the revision that follows "
        f"{at}."
    )
