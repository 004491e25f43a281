"""Rows of the servers' tables: of MariaDB as 10.11 prints them, of MySQL in the formats of its manual."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._database import reading
from ansible_collections.openimage.glance.plugins.module_utils._database.model import Account

NOW = 1795900000
DAY = 86400
NOTHING: dict[str, list[Any]] = {"global": [], "schema": [], "table": [], "roles": []}
HASH = "*4E72D13DB71BA40E7927744EB1ADB0065DCCAD5F"


@pytest.mark.parametrize(
    ("text", "kind", "version"),
    [
        ("10.11.19-MariaDB-0+deb12u1", "MariaDB", (10, 11, 19)),
        ("11.8.3-MariaDB-ubu2404-log", "MariaDB", (11, 8, 3)),
        ("5.5.5-10.6.5-MariaDB", "MariaDB", (10, 6, 5)),
        ("8.0.36", "MySQL", (8, 0, 36)),
        ("8.4.3-3", "MySQL", (8, 4, 3)),
        ("8.0.36-28.1", "MySQL", (8, 0, 36)),
        ("5.7.44-log", "MySQL", (5, 7, 44)),
    ],
)
def test_server_version(text: str, kind: str, version: tuple[int, ...]) -> None:
    assert reading.server_version(text) == (kind, version)


def mariadb(**values: Any) -> Account | None:
    held = {"access": 0, "plugin": "mysql_native_password", "authentication_string": HASH, "password_last_changed": NOW}
    return reading.mariadb_account(("glance", "LocalHost", json.dumps({**held, **values})), NOW, 0)


def test_mariadb_account_plain() -> None:
    expected = Account("glance", "localhost", (("mysql_native_password", HASH.encode()),))
    assert mariadb() == expected


def test_mariadb_account_of_a_role_is_none() -> None:
    assert mariadb(is_role=True) is None


def test_mariadb_account_with_several_ways_to_authenticate() -> None:
    account = mariadb(auth_or=[{"plugin": "unix_socket"}, {}])
    assert account and account.authentication == (("unix_socket", b""), ("mysql_native_password", HASH.encode()))
    assert account.plugins == "unix_socket or mysql_native_password"


@pytest.mark.parametrize(("number", "name"), [(0, ""), (1, "SSL"), (2, "X509"), (3, "SPECIFIED")])
def test_mariadb_account_tls(number: int, name: str) -> None:
    account = mariadb(ssl_type=number)
    assert account and account.tls == name


@pytest.mark.parametrize(
    ("values", "lifetime", "expired"),
    [
        ({"password_last_changed": 0, "password_lifetime": -1}, 0, True),
        ({"password_last_changed": NOW - 4 * DAY, "password_lifetime": 3}, 0, True),
        ({"password_last_changed": NOW - 2 * DAY, "password_lifetime": 3}, 0, False),
        ({"password_last_changed": NOW - 4 * DAY}, 3, True),
        ({"password_last_changed": NOW - 4 * DAY, "password_lifetime": 0}, 3, False),
        ({"password_last_changed": NOW - 4 * DAY, "password_lifetime": -1}, 0, False),
    ],
)
def test_account_expired(values: dict[str, int], lifetime: int, expired: bool) -> None:
    held = {"plugin": "mysql_native_password", **values}
    account = reading.mariadb_account(("glance", "%", json.dumps(held)), NOW, lifetime)
    assert account and account.expired is expired


def mysql(**values: Any) -> Account:
    row = {
        "user": "glance",
        "host": "%",
        "plugin": "caching_sha2_password",
        "stored": b"$A$005$salt".hex().upper(),
        "tls": "",
        "locked": "N",
        "expired": "N",
        "changed": NOW,
        "days": None,
        **values,
    }
    return reading.mysql_account(tuple(row.values()), NOW, 0)


def test_mysql_account_plain() -> None:
    assert mysql() == Account("glance", "%", (("caching_sha2_password", b"$A$005$salt"),))


def test_mysql_account_with_every_hindrance() -> None:
    account = mysql(plugin="auth_socket", stored=None, tls="ANY", locked="Y", expired="Y")
    assert account == Account("glance", "%", (("auth_socket", b""),), tls="SSL", locked=True, expired=True)


@pytest.mark.parametrize(("tls", "name"), [("X509", "X509"), ("SPECIFIED", "SPECIFIED"), (b"ANY", "SSL")])
def test_mysql_account_tls(tls: Any, name: str) -> None:
    assert mysql(tls=tls).tls == name


def test_mysql_account_expired_by_age() -> None:
    assert mysql(changed=NOW - 4 * DAY, days=3).expired and not mysql(changed=NOW - 2 * DAY, days=3).expired
    assert not mysql(changed=None, days=3).expired


def test_with_privileges_tells_the_schema_from_elsewhere() -> None:
    who, other = "'glance'@'%'", "'glance'@'localhost'"
    rows = {
        "global": [(who, "USAGE", "NO"), (other, "SUPER", "NO")],
        "schema": [
            (who, r"glance\_a", "SELECT", "YES"),
            (who, r"glance\_a", "INSERT", "YES"),
            (who, "glance_a", "DROP", "NO"),
            (who, r"glance\_b", "DROP", "NO"),
            (other, r"glance\_a", "DROP", "NO"),
        ],
        "table": [(who, "glance_a", "images", "UPDATE", "NO")],
        "roles": [("glance", "%", "reader"), ("glance", "localhost", "writer"), ("nova", "%", "writer")],
    }
    account = reading.with_privileges(Account("glance", "%"), "glance_a", rows)
    assert account.privileges == {"SELECT", "INSERT", "GRANT OPTION"}
    assert account.elsewhere == ("DROP on `glance_a`.*", "UPDATE on `glance_a`.`images`", "role reader")


def test_with_privileges_that_are_only_a_grant_option() -> None:
    rows = {**NOTHING, "schema": [("'glance'@'%'", "glance", "USAGE", "YES")]}
    assert reading.with_privileges(Account("glance", "%"), "glance", rows).privileges == {"GRANT OPTION"}


def test_with_privileges_of_mysql_8_with_dynamic_ones() -> None:
    rows = {**NOTHING, "global": [("'glance'@'%'", "BACKUP_ADMIN", "NO"), ("'glance'@'%'", "USAGE", "NO")]}
    assert reading.with_privileges(Account("glance", "%"), "glance", rows).elsewhere == ("BACKUP_ADMIN on *.*",)
