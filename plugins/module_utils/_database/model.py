# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""The database of a service: what the operator declares, and what a server holds of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._database import names

PRIVILEGES = (
    *("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER"),
    *("CREATE TEMPORARY TABLES", "LOCK TABLES", "EXECUTE", "CREATE VIEW", "SHOW VIEW"),
    *("CREATE ROUTINE", "ALTER ROUTINE", "EVENT", "TRIGGER"),
)
"""The privileges that MariaDB and MySQL both grant on a schema, in the order in which the servers list them."""

NEEDED = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "TRIGGER")
"""Rows, schema changes, and the triggers of an online upgrade: what an OpenStack service needs on its own schema."""

GRANT_OPTION = "GRANT OPTION"


@dataclass(frozen=True)
class Wanted:
    """The database and the accounts, as the operator declares them.

    :ivar password: None for accounts that log in through the socket, as the system's user of that name.
    :ivar require_tls: None leaves the requirement of existing accounts as it is.
    """

    database: str
    character_set: str
    collation: str | None
    user: str
    password: str | None = field(repr=False)
    hosts: tuple[str, ...]
    privileges: tuple[str, ...] = NEEDED
    require_tls: bool | None = None


@dataclass(frozen=True)
class Login:
    """How the module logs in to the server."""

    host: str
    port: int
    socket: str | None
    user: str
    password: str | None = field(repr=False)
    ca_cert: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    check_hostname: bool = True
    connect_timeout: int = 30

    @property
    def place(self) -> str:
        """Return the server and the account that logs in, for messages."""
        at = f"the socket {self.socket}" if self.socket else f"{self.host}:{self.port}"
        return f"the database server at {at} (login_user '{self.user}')"


@dataclass(frozen=True)
class Collation:
    """A collation. MariaDB 10.10 and later have some under a short name that several character sets share."""

    character_set: str
    name: str
    full_name: str


@dataclass(frozen=True)
class Server:
    """Kind, version and settings of the server.

    :ivar current: user and client host of the account that is logged in.
    """

    kind: str
    version: tuple[int, ...]
    text: str
    variables: Mapping[str, str] = field(default_factory=dict)
    collations: tuple[Collation, ...] = ()
    current: tuple[str, str] = ("", "")

    @property
    def label(self) -> str:
        """Return kind and version, without what the distribution adds."""
        return f"{self.kind} {'.'.join(str(number) for number in self.version)}"

    def on(self, variable: str) -> bool:
        """Tell whether a switch is on. Kinds of read_only that are neither ON nor OFF (MariaDB 12) count as ON."""
        return self.variables.get(variable, "OFF").upper() not in ("OFF", "0", "")

    def stored(self, database: str) -> str:
        """Return how the server stores this name of a database."""
        return database if self.variables.get("lower_case_table_names", "0") == "0" else database.lower()


@dataclass(frozen=True)
class Account:
    """An account, as the server holds it.

    :ivar authentication: the plugins with which it can log in, each with what the server stores for it.
    :ivar tls: empty, SSL, X509 or SPECIFIED, as REQUIRE names them.
    :ivar privileges: those on the schema, with GRANT OPTION if it may pass them on.
    :ivar elsewhere: roles, and privileges that reach the schema in another way: on *.*, by a pattern, on a table.
    """

    user: str
    host: str
    authentication: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    tls: str = ""
    locked: bool = False
    expired: bool = False
    privileges: frozenset[str] = frozenset()
    elsewhere: tuple[str, ...] = ()

    @property
    def plugins(self) -> str:
        return " or ".join(plugin or "mysql_native_password" for plugin, _stored in self.authentication)


@dataclass(frozen=True)
class Found:
    """What the server holds.

    :ivar database: its character set and collation.
    :ivar accounts: all of the wanted user, by their client host.
    :ivar anonymous: client hosts of accounts without a name.
    """

    server: Server
    database: tuple[str, str] | None = None
    accounts: Mapping[str, Account] = field(default_factory=dict)
    anonymous: tuple[str, ...] = ()


def wanted_of(params: Mapping[str, Any]) -> tuple[Wanted, list[str]]:
    """Return what the parameters declare, and what is wrong in them."""
    hosts = list(params["hosts"])
    privileges = [" ".join(privilege.upper().split()) for privilege in params["privileges"]]
    wanted = Wanted(
        database=params["name"],
        character_set=params["character_set"],
        collation=params["collation"] or None,
        user=params["user"],
        password=params["password"] if params["authentication"] == "password" else None,
        # The server keeps names of hosts in lower case.
        hosts=tuple(dict.fromkeys(host.lower() for host in hosts)),
        privileges=tuple(dict.fromkeys(privileges)),
        require_tls=params["require_tls"],
    )
    return wanted, list(_problems(wanted, hosts, privileges, params))


def _problems(wanted: Wanted, hosts: list[str], privileges: list[str], params: Mapping[str, Any]) -> Iterator[str]:
    single = (
        ("name", wanted.database, names.database_problem(wanted.database)),
        ("user", wanted.user, names.user_problem(wanted.user)),
        ("character_set", wanted.character_set, names.charset_problem(wanted.character_set)),
        ("collation", wanted.collation, names.charset_problem(wanted.collation) if wanted.collation else ""),
    )
    yield from (f"{option}: {value!r} {problem}." for option, value, problem in single if problem)
    if not hosts:
        yield "hosts: is empty, so nobody could log in. Name the hosts from which clients connect."
    for number, host in enumerate(hosts):
        problem = names.host_problem(host)
        if problem:
            yield f"hosts[{number}]: {host!r} {problem}."
    if not privileges:
        yield "privileges: is empty, so the accounts could do nothing. Leave it out for those that a service needs."
    for number, privilege in enumerate(privileges):
        if privilege not in PRIVILEGES:
            known = ", ".join(PRIVILEGES)
            yield f"privileges[{number}]: {privilege!r} is no privilege on a schema. Write one of {known}."
    if wanted.password is None:
        if params["password"]:
            yield "password: is set, but with authentication=unix_socket an account has none. Leave one of them out."
        if set(wanted.hosts) != {"localhost"}:
            yield "hosts: accounts with authentication=unix_socket are for ['localhost'] only."
    elif not wanted.password:
        yield "password: is empty, so anybody could log in."
    elif "\0" in wanted.password:
        yield "password: has a NUL character in it, which no client can send."
    if params["login_unix_socket"] is None and not params["login_host"]:
        yield "login_host: is empty. Name the server, or its socket in login_unix_socket."
    if bool(params["client_cert"]) != bool(params["client_key"]):
        yield "client_cert: needs client_key, and the other way round."
