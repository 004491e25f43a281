# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Log in to a server, read what it holds, and apply a plan."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._database import names, reading
from ansible_collections.openimage.glance.plugins.module_utils._database.errors import DatabaseError, explain
from ansible_collections.openimage.glance.plugins.module_utils._database.model import (
    Account,
    Collation,
    Found,
    Login,
    Server,
    Wanted,
)
from ansible_collections.openimage.glance.plugins.module_utils._database.plan import Plan
from ansible_collections.openimage.glance.plugins.module_utils._site.systems import MODULE_PACKAGES

_VARIABLES = ("have_ssl", "read_only", "skip_name_resolve", "lower_case_table_names", "default_password_lifetime")


class Unreachable(DatabaseError):
    """There is no server, or no driver to ask it."""


class Database:
    """One session with the server."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._connection = _connect(login)
        self.server = self._read_server()

    def close(self) -> None:
        self._connection.close()

    # --- reading --------------------------------------------------------------------------------------------------

    def _read_server(self) -> Server:
        text = str(self._rows("ask for the version", "SELECT VERSION()")[0][0])
        kind, version = reading.server_version(text)
        # So that quoting does not depend on the server's sql_mode. A GRANT must not make an account.
        modes = "NO_BACKSLASH_ESCAPES" + (",NO_AUTO_CREATE_USER" if kind == "MariaDB" else "")
        self._rows("set the session's sql_mode", f"SET SESSION sql_mode = '{modes}'")
        listed = ", ".join(names.literal(variable) for variable in _VARIABLES)
        rows = self._rows("read settings", f"SHOW GLOBAL VARIABLES WHERE Variable_name IN ({listed})")
        (who,) = self._rows("ask who is logged in", "SELECT CURRENT_USER()")
        user, _at, host = str(who[0]).rpartition("@")
        return Server(
            kind=kind,
            version=version,
            text=text,
            variables={str(name).lower(): str(value) for name, value in rows},
            collations=self._collations(),
            current=(user, host.lower()),
        )

    def _collations(self) -> tuple[Collation, ...]:
        with self._connection.cursor() as cursor:
            self._execute(
                cursor,
                "read the collations",
                "SELECT * FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY",
            )
            columns = [column[0].upper() for column in cursor.description]
            rows = [dict(zip(columns, row)) for row in cursor.fetchall()]
        return tuple(
            Collation(row["CHARACTER_SET_NAME"], name, row.get("FULL_COLLATION_NAME") or name)
            for row in rows
            for name in [row["COLLATION_NAME"]]
        )

    def read(self, wanted: Wanted) -> Found:
        """Return what the server holds of the database and of all accounts of the user."""
        database = self.server.stored(wanted.database)
        schemas = self._rows(
            "read the databases",
            "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA",
        )
        accounts = self._accounts((wanted.user, ""))
        own = [account for account in accounts if account.user == wanted.user]
        rows = self._privileges(own)
        return Found(
            server=self.server,
            database=next((row[1:] for row in schemas if self.server.stored(row[0]) == database), None),
            accounts={account.host: reading.with_privileges(account, database, rows) for account in own},
            anonymous=tuple(account.host for account in accounts if account.user == ""),
        )

    def _accounts(self, users: Sequence[str]) -> list[Account]:
        ((now,),) = self._rows("ask for the time", "SELECT UNIX_TIMESTAMP()")
        lifetime = int(self.server.variables.get("default_password_lifetime", "0") or 0)
        mariadb = self.server.kind == "MariaDB"
        table = reading.MARIADB_ACCOUNTS if mariadb else reading.MYSQL_ACCOUNTS
        listed = ", ".join(names.literal(user) for user in users)
        rows = self._rows("read the accounts (it needs SELECT on mysql.*)", f"{table} WHERE User IN ({listed})")
        to_account = reading.mariadb_account if mariadb else reading.mysql_account
        accounts = (to_account(row, int(now), lifetime) for row in rows)
        return [account for account in accounts if account]

    def _privileges(self, accounts: Sequence[Account]) -> dict[str, list[Any]]:
        if not accounts:
            return {"global": [], "schema": [], "table": [], "roles": []}
        who = ", ".join(names.literal(names.grantee(account.user, account.host)) for account in accounts)
        users = ", ".join({names.literal(account.user) for account in accounts})
        tables = {
            "global": "GRANTEE, PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.USER_PRIVILEGES",
            "schema": "GRANTEE, TABLE_SCHEMA, PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.SCHEMA_PRIVILEGES",
            "table": "GRANTEE, TABLE_SCHEMA, TABLE_NAME, PRIVILEGE_TYPE, IS_GRANTABLE "
            "FROM information_schema.TABLE_PRIVILEGES",
        }
        rows: dict[str, list[Any]] = {
            name: self._rows("read the privileges", f"SELECT {columns} WHERE GRANTEE IN ({who})")
            for name, columns in tables.items()
        }
        roles = {
            "MariaDB": f"SELECT User, Host, Role FROM mysql.roles_mapping WHERE User IN ({users})",
            "MySQL": f"SELECT TO_USER, TO_HOST, FROM_USER FROM mysql.role_edges WHERE TO_USER IN ({users})",
        }
        rows["roles"] = self._rows("read the roles (it needs SELECT on mysql.*)", roles[self.server.kind])
        return rows

    def _rows(self, doing: str, sql: str) -> list[Any]:
        with self._connection.cursor() as cursor:
            self._execute(cursor, doing, sql)
            return list(cursor.fetchall())

    # --- changing -------------------------------------------------------------------------------------------------

    def apply(self, plan: Plan, wanted: Wanted) -> None:
        """Run the statements in order. Each takes effect at once; a second run goes on where this one failed."""
        for action in plan.actions:
            with self._connection.cursor() as cursor:
                self._execute(cursor, action.sentence, action.sql, secret=wanted.password)

    def _execute(self, cursor: Any, doing: str, sql: str, secret: str | None = None) -> None:
        import pymysql

        try:
            cursor.execute(sql)
        except (pymysql.MySQLError, OSError) as error:
            raise DatabaseError(without(secret, str(explain(doing, error, self._login)))) from None


def without(secret: str | None, message: str) -> str:
    """Return the message without a password that the server quotes in it, for instance in a syntax error."""
    for form in {secret or "", (secret or "").replace("'", "''")} - {""}:
        message = message.replace(form, "********")
    return message


def _connect(login: Login) -> Any:
    try:
        import pymysql
    except ImportError:
        raise Unreachable(
            f"The Python library PyMySQL is missing on {platform.node()} for {sys.executable} "
            f"(Python {platform.python_version()}). To do: install the package {MODULE_PACKAGES['pymysql']} "
            "there, or set ansible_python_interpreter to a Python that has PyMySQL."
        ) from None
    options: dict[str, Any] = {
        "user": login.user,
        # As bytes, because the driver would encode a text as Latin-1.
        "password": (login.password or "").encode(),
        "charset": "utf8mb4",
        "autocommit": True,
        "connect_timeout": login.connect_timeout,
        # For the server's greeting as well: one that hangs takes connections and stays silent.
        "read_timeout": login.connect_timeout,
        "write_timeout": login.connect_timeout,
    }
    if login.socket:
        options["unix_socket"] = login.socket
    else:
        options.update(host=login.host, port=login.port, **_tls(login))
    try:
        connection = pymysql.connect(**options)
    except (pymysql.MySQLError, OSError, RuntimeError, ValueError) as error:
        kind = Unreachable if _unreachable(error) else DatabaseError
        raise kind(str(explain("log in", error, login))) from None
    # Older releases of the driver go on without TLS when the server offers none.
    if "ssl" in options and not getattr(connection, "_secure", False):
        connection.close()
        raise explain("log in with TLS", RuntimeError("the server offers no TLS"), login)
    return connection


def _unreachable(error: BaseException) -> bool:
    return bool(error.args) and error.args[0] in (2002, 2003) and "CERTIFICATE" not in str(error)


def _tls(login: Login) -> dict[str, Any]:
    files = {"ca": ("ca_cert", login.ca_cert), "cert": ("client_cert", login.client_cert)}
    files["key"] = ("client_key", login.client_key)
    ssl: dict[str, Any] = {}
    for key, (option, path) in files.items():
        if not path:
            continue
        try:
            with Path(path).open("rb"):
                ssl[key] = path
        except OSError as error:
            raise DatabaseError(
                f"{option}: cannot read {path} on {platform.node()}: {error.strerror}. "
                f"To do: put the file there, or correct the path."
            ) from None
    if not ssl:
        return {}
    ssl["check_hostname"] = login.check_hostname
    return {"ssl": ssl}
