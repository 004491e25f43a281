"""What is planned for servers that the tests of tests/api/database cannot start: MySQL, old ones, none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._database.model import (
    Account,
    Collation,
    Found,
    Server,
    Wanted,
    wanted_of,
)
from ansible_collections.openimage.glance.plugins.module_utils._database.plan import plan
from ansible_collections.openimage.glance.plugins.modules.service_database import argument_spec

COLLATIONS = (
    Collation("utf8mb4", "utf8mb4_0900_ai_ci", "utf8mb4_0900_ai_ci"),
    Collation("latin1", "latin1_bin", "latin1_bin"),
)
MYSQL = Server("MySQL", (8, 4, 3), "8.4.3", collations=COLLATIONS, current=("root", "localhost"))
MARIADB = Server("MariaDB", (10, 11, 19), "10.11.19-MariaDB", collations=COLLATIONS, current=("root", "localhost"))
WANTED = Wanted("glance", "utf8mb4", None, "glance", "it's", ("%",))
DONE = frozenset(WANTED.privileges)


def test_plan_without_a_server_predicts_everything() -> None:
    result = plan(replace(WANTED, require_tls=True), None)
    assert [action.sql for action in result.actions] == [
        "CREATE DATABASE `glance` CHARACTER SET utf8mb4",
        "CREATE USER 'glance'@'%' IDENTIFIED BY 'it''s' REQUIRE SSL",
        f"GRANT {', '.join(WANTED.privileges)} ON `glance`.* TO 'glance'@'%'",
    ]
    assert not result.problems and not result.warnings
    assert "it's" not in repr(result.actions) + repr(result.diff()) + repr(WANTED)


@pytest.mark.parametrize(
    ("plugin", "statement"),
    [
        ("caching_sha2_password", "IDENTIFIED WITH caching_sha2_password BY 'it''s'"),
        ("mysql_native_password", "IDENTIFIED WITH mysql_native_password BY 'it''s'"),
        ("sha256_password", "IDENTIFIED WITH sha256_password BY 'it''s'"),
        ("auth_socket", "IDENTIFIED WITH caching_sha2_password BY 'it''s'"),
    ],
)
def test_plan_names_the_plugin_of_a_new_password_on_mysql(plugin: str, statement: str) -> None:
    account = Account("glance", "%", ((plugin, b""),), privileges=DONE)
    found = Found(MYSQL, ("utf8mb4", "utf8mb4_0900_ai_ci"), {"%": account})
    assert [action.sql for action in plan(WANTED, found).actions] == [f"ALTER USER 'glance'@'%' {statement}"]


def test_plan_changes_an_account_with_one_statement() -> None:
    account = Account("glance", "%", (("mysql_native_password", b"*0"),), locked=True, privileges=DONE)
    found = Found(MARIADB, ("utf8mb4", "utf8mb4_general_ci"), {"%": account})
    (action,) = plan(replace(WANTED, require_tls=True), found).actions
    assert action.sql == "ALTER USER 'glance'@'%' IDENTIFIED BY 'it''s' REQUIRE SSL ACCOUNT UNLOCK"
    assert action.before == {
        "authentication": "mysql_native_password (another password)",
        "require": "NONE",
        "locked": True,
    }


@pytest.mark.parametrize(
    ("server", "changes", "problem"),
    [
        (replace(MARIADB, version=(10, 3, 39), text="10.3.39-MariaDB"), {}, "MariaDB 10.4 or later is needed"),
        (replace(MYSQL, version=(5, 7, 44), text="5.7.44"), {}, "MySQL 8.0 or later is needed"),
        (MYSQL, {"password": None, "hosts": ("localhost",)}, "exists on MariaDB only"),
        (MYSQL, {"user": "a" * 33}, "user: '" + "a" * 33 + "' has 33 characters; at most 32 are possible on MySQL."),
        (MYSQL, {"collation": "utf8mb4_uca1400_ai_ci"}, "no collation 'utf8mb4_uca1400_ai_ci'"),
        (MYSQL, {"collation": "latin1_bin"}, "belongs to the character set latin1, not utf8mb4"),
        (MYSQL, {"character_set": "utf8mb5"}, "no character set 'utf8mb5'"),
        (MARIADB, {"hosts": ("192.0.2.0/24",)}, "hosts[0]: '192.0.2.0/24' is a CIDR block"),
        (replace(MYSQL, current=("glance", "%")), {}, "is the account with which this module logs in"),
        (replace(MARIADB, variables={"have_ssl": "DISABLED"}), {"require_tls": True}, "the server has no certificate"),
        (replace(MARIADB, variables={"read_only": "1"}), {}, "The server is read-only"),
        (replace(MARIADB, variables={"read_only": "NO_LOCK_NO_ADMIN"}), {}, "The server is read-only"),
    ],
)
def test_plan_refuses(server: Server, changes: dict[str, Any], problem: str) -> None:
    assert any(problem in text for text in plan(replace(WANTED, **changes), Found(server)).problems)


def test_plan_has_no_problem_with_a_read_only_server_that_needs_no_change() -> None:
    server = replace(MYSQL, variables={"read_only": "ON"})
    stored = bytes.fromhex(
        "24412430303524031A69251C34295C4B35167C7F1E5A7B63091349503974624D34504B5A424679354856336868686F5248"
        "5A736E4A733368786E427575516C73446469496537"
    )
    account = Account("glance", "%", (("caching_sha2_password", stored),), privileges=DONE)
    result = plan(replace(WANTED, password="foobar"), Found(server, ("utf8mb4", "utf8mb4_0900_ai_ci"), {"%": account}))
    assert not result.problems and not result.actions and not result.warnings


@pytest.mark.parametrize(
    ("anonymous", "hosts", "count"),
    [
        ("localhost", ("%",), 1),
        ("localhost", ("%", "localhost"), 0),
        ("%", ("%",), 0),
        ("192.0.2.1", ("198.51.100.%",), 0),
    ],
)
def test_plan_warns_of_an_account_without_a_name_that_comes_first(
    anonymous: str, hosts: tuple[str, ...], count: int
) -> None:
    found = Found(MARIADB, anonymous=(anonymous,))
    assert len(plan(replace(WANTED, hosts=hosts), found).warnings) == count


def test_plan_warns_of_names_where_the_server_resolves_none() -> None:
    server = replace(MARIADB, variables={"skip_name_resolve": "ON"})
    (warning,) = plan(replace(WANTED, hosts=("node-1", "localhost", "192.0.2.1")), Found(server)).warnings
    assert "for node-1. Use addresses" in warning


def test_plan_uses_the_name_that_the_server_stores() -> None:
    server = replace(MARIADB, variables={"lower_case_table_names": "1"})
    sql = [action.sql for action in plan(replace(WANTED, database="Glance_A"), Found(server)).actions]
    assert sql[0].startswith("CREATE DATABASE `glance_a` ") and r" ON `glance\_a`.* " in sql[-1]


def read(**values: Any) -> tuple[Wanted, list[str]]:
    params = {name: option.get("default") for name, option in argument_spec().items()}
    return wanted_of({**params, "name": "glance", "user": "glance", "password": "secret", **values})


def test_wanted_of_sorts_out_case_and_repetition() -> None:
    wanted, problems = read(hosts=["Node-1", "node-1"], privileges=["select", "Create   View"], collation="")
    assert not problems
    assert (wanted.hosts, wanted.privileges, wanted.collation) == (("node-1",), ("SELECT", "CREATE VIEW"), None)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"name": "glance "}, "name: 'glance ' ends with a space"),
        ({"user": ""}, "user: '' is empty"),
        ({"hosts": []}, "hosts: is empty"),
        ({"hosts": ["%", ""]}, "hosts[1]: '' is empty"),
        ({"hosts": ["a b"]}, "hosts[0]: 'a b' has a space in it"),
        ({"privileges": []}, "privileges: is empty"),
        ({"privileges": ["SELECT", "ALL"]}, "privileges[1]: 'ALL' is no privilege on a schema"),
        ({"collation": "x; DROP"}, "collation: 'x; DROP' may only have"),
        ({"character_set": "utf8mb4 COLLATE x"}, "character_set: 'utf8mb4 COLLATE x' may only have"),
        ({"password": ""}, "password: is empty"),
        ({"password": "a\0"}, "password: has a NUL"),
        ({"authentication": "unix_socket"}, "password: is set, but"),
        ({"authentication": "unix_socket", "password": None, "hosts": ["%"]}, "are for ['localhost'] only"),
        ({"login_host": ""}, "login_host: is empty"),
        ({"client_cert": "/x"}, "client_cert: needs client_key"),
    ],
)
def test_wanted_of_refuses_with_the_place(values: dict[str, Any], problem: str) -> None:
    _wanted, problems = read(**values)
    assert len(problems) == 1 and problem in problems[0]
