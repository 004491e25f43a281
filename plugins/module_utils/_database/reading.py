# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""Turn rows of the server's tables into accounts and privileges. Nothing here connects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._database import names
from ansible_collections.openimage.glance.plugins.module_utils._database.model import GRANT_OPTION, Account

_DAY = 86400
_TLS_NUMBERS = {0: "", 1: "SSL", 2: "X509", 3: "SPECIFIED"}
_TLS_NAMES = {"": "", "ANY": "SSL", "X509": "X509", "SPECIFIED": "SPECIFIED"}

MYSQL_ACCOUNTS = (
    "SELECT User, Host, plugin, HEX(authentication_string), ssl_type, account_locked, password_expired, "
    "UNIX_TIMESTAMP(password_last_changed), password_lifetime FROM mysql.user"
)
MARIADB_ACCOUNTS = "SELECT User, Host, Priv FROM mysql.global_priv"


def server_version(text: str) -> tuple[str, tuple[int, ...]]:
    """Return kind and version out of what VERSION() says. Whatever is not MariaDB is taken for MySQL."""
    kind = "MariaDB" if "mariadb" in text.lower() else "MySQL"
    # Very old replication made MariaDB say 5.5.5-10.6.5-MariaDB.
    number = text.split("-")[1] if text.startswith("5.5.5-") else text.split("-")[0]
    return kind, tuple(int(part) for part in number.split(".") if part.isdigit())


def mariadb_account(row: Sequence[Any], now: int, lifetime: int) -> Account | None:
    """Return the account that a row of mysql.global_priv holds; None for a role.

    :param lifetime: days after which a password expires where the account does not say (default_password_lifetime).
    """
    user, host, held = row
    data = json.loads(held)
    if data.get("is_role"):
        return None
    own = (str(data.get("plugin", "")), str(data.get("authentication_string", "")).encode())
    # Several ways to authenticate: an empty one stands for the account's own.
    ways = data.get("auth_or") or [{}]
    authentication = tuple(
        (str(way["plugin"]), str(way.get("authentication_string", "")).encode()) if way.get("plugin") else own
        for way in ways
    )
    changed = data.get("password_last_changed")
    days = data.get("password_lifetime", -1)
    return Account(
        user=str(user),
        host=str(host).lower(),
        authentication=authentication,
        tls=_TLS_NUMBERS.get(int(data.get("ssl_type", 0)), "SPECIFIED"),
        locked=bool(data.get("account_locked")),
        expired=changed == 0 or _too_old(changed, lifetime if days < 0 else days, now),
    )


def mysql_account(row: Sequence[Any], now: int, lifetime: int) -> Account:
    """Return the account that a row of MySQL's mysql.user holds, as MYSQL_ACCOUNTS selects it."""
    user, host, plugin, stored, tls, locked, expired, changed, days = row
    return Account(
        user=_text(user),
        host=_text(host).lower(),
        authentication=((_text(plugin), bytes.fromhex(_text(stored or ""))),),
        tls=_TLS_NAMES.get(_text(tls or ""), "SPECIFIED"),
        locked=_text(locked) == "Y",
        expired=_text(expired) == "Y" or _too_old(changed, lifetime if days is None else int(days), now),
    )


def _too_old(changed: Any, days: int, now: int) -> bool:
    return bool(changed) and days > 0 and int(changed) + days * _DAY < now


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def with_privileges(account: Account, database: str, rows: Mapping[str, Iterable[Sequence[Any]]]) -> Account:
    """Return the account with its privileges.

    :param rows: by the table, rows of the privileges in information_schema: GRANTEE, then what names the place, then
        PRIVILEGE_TYPE and IS_GRANTABLE; and under ``roles`` user, host and name of each role.
    """
    who = names.grantee(account.user, account.host)
    own: set[str] = set()
    elsewhere: dict[str, list[str]] = {}
    for grantee, *place, privilege, grantable in (*rows["global"], *rows["schema"], *rows["table"]):
        if grantee != who:
            continue
        held = ([] if privilege == "USAGE" else [privilege]) + ([GRANT_OPTION] if grantable == "YES" else [])
        if place == [names.pattern(database)]:
            own.update(held)
            continue
        if place and not names.matches(place[0], database):
            continue
        shown = ".".join(names.identifier(part) for part in place) if place else "*.*"
        shown += ".*" if len(place) == 1 else ""
        known = elsewhere.setdefault(shown, [])
        known += [each for each in held if each not in known]
    further = [f"{', '.join(held)} on {shown}" for shown, held in elsewhere.items() if held]
    further += sorted(f"role {role}" for user, host, role in rows["roles"] if names.grantee(user, host.lower()) == who)
    return replace(account, privileges=frozenset(own), elsewhere=tuple(further))
