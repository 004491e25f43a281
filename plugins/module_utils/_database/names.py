# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Quote names and passwords in SQL, and refuse names that no server takes.

The quoting is for a session whose ``sql_mode`` has NO_BACKSLASH_ESCAPES and not ANSI_QUOTES, as ``server.py`` sets it.
"""

from __future__ import annotations

import ipaddress
import re

_WORD = re.compile(r"[A-Za-z0-9_]+")
_CIDR = re.compile(r"[0-9.]+/[0-9]{1,2}")
# Identifiers are stored in utf8mb3: another character is refused by CREATE DATABASE and becomes "?" in CREATE USER.
_LAST_CHARACTER = "\uffff"


def identifier(name: str) -> str:
    """Quote a name of a database."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: str) -> str:
    """Quote a text."""
    return "'" + value.replace("'", "''") + "'"


def account(user: str, host: str) -> str:
    """Quote an account."""
    return f"{literal(user)}@{literal(host)}"


def grantee(user: str, host: str) -> str:
    """Return an account as the column GRANTEE of information_schema shows it: quoted, nothing in it escaped."""
    return f"'{user}'@'{host}'"


def pattern(database: str) -> str:
    """Return the pattern that only this database matches: a grant on a schema is a LIKE pattern."""
    return re.sub(r"([\\_%])", r"\\\1", database)


def matches(a_pattern: str, database: str) -> bool:
    """Tell whether a grant on this pattern is valid for the database."""
    parts = re.findall(r"\\.|.", a_pattern, re.DOTALL)
    wildcards = {"_": ".", "%": ".*"}
    expression = "".join(wildcards.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(expression, database, re.DOTALL) is not None


def host_matches(a_pattern: str, host: str) -> bool:
    """Tell whether an account for this host pattern lets a client of the host in, netmasks aside."""
    return matches(a_pattern.lower(), host.lower())


def is_name(host: str) -> bool:
    """Tell whether a client host is a name that the server must resolve, not an address or a pattern."""
    bare = host.partition("/")[0]
    if host == "localhost" or "%" in host or re.fullmatch(r"[0-9._]+", bare):
        return False
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return True
    return False


def database_problem(name: str) -> str:
    """Return why no server takes this name for a database; empty when it does."""
    return _problem(name, 64)


def user_problem(name: str, longest: int = 80) -> str:
    """Return why no server takes this name for an account; empty when it does."""
    if len(name) > 1 and name[0] == name[-1] == "'":
        return "begins and ends with an apostrophe; servers cut these off at a login"
    return _problem(name, longest)


def host_problem(host: str, kind: str = "") -> str:
    """Return why an account cannot be for this client host; empty when it can."""
    if re.search(r"\s", host):
        return "has a space in it; write one host in each element"
    if "@" in host or "'" in host or "`" in host:
        return "is no host; write an address, a name, a pattern such as 192.0.2.% or %"
    if kind == "MariaDB" and _CIDR.fullmatch(host):
        return _no_cidr(host)
    return _problem(host, 255)


def charset_problem(name: str) -> str:
    """Return why this is no name of a character set or collation; empty when it can be one."""
    return "" if _WORD.fullmatch(name) else "may only have letters, digits and '_'"


def _problem(name: str, longest: int) -> str:
    if not name:
        return "is empty"
    if len(name) > longest:
        return f"has {len(name)} characters; at most {longest} are possible"
    if name != name.rstrip():
        return "ends with a space, which the server cuts off or refuses"
    for character in name:
        if character < " " or character == "\x7f":
            return f"has the control character {character!a} in it"
        if character > _LAST_CHARACTER or "\ud800" <= character <= "\udfff":
            return f"has {character!a} in it; the server's names can only have characters up to U+FFFF"
    return ""


def _no_cidr(host: str) -> str:
    try:
        network = ipaddress.IPv4Network(host, strict=False)
    except ValueError:
        return "is no network"
    return f"is a CIDR block, which MariaDB does not know; write {network.network_address}/{network.netmask}"
