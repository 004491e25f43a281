"""Names, hosts and passwords with any characters, on a real MariaDB and with every way of quoting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pymysql
import pytest
from ansible_collections.openimage.glance.plugins.module_utils._database import names
from ansible_collections.openimage.glance.plugins.module_utils._database.model import NEEDED, Login, Wanted
from ansible_collections.openimage.glance.plugins.module_utils._database.plan import plan
from ansible_collections.openimage.glance.plugins.module_utils._database.server import Database
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mariadb_server import ROOT_PASSWORD, MariaDB, Run

MODES = ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "ANSI,NO_BACKSLASH_ESCAPES", "ORACLE", "TRADITIONAL"]
# What SQL and patterns know, and letters that are more than one byte.
CHARACTERS = st.sampled_from("_%`'\"\\- .;#$@/*(){}é漢aA0\u00a0")
NAMES = st.text(CHARACTERS, min_size=1, max_size=20).filter(lambda name: not names.database_problem(name))
USERS = st.text(CHARACTERS, min_size=1, max_size=20).filter(lambda name: not names.user_problem(name))
PASSWORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, server: MariaDB) -> Iterator[str]:
    """Set the server's sql_mode for new sessions."""
    ((before,),) = server.sql("SELECT @@GLOBAL.sql_mode")
    server.sql(f"SET GLOBAL sql_mode = '{request.param}'")
    yield request.param
    with server.connect(sql_mode="") as session:
        session.cursor().execute("SET GLOBAL sql_mode = %s", (before,))


def open_session(server: MariaDB) -> Database:
    return Database(Login("127.0.0.1", server.port, None, "root", ROOT_PASSWORD))


def drop(server: MariaDB, wanted: Wanted) -> None:
    with server.connect(sql_mode="NO_BACKSLASH_ESCAPES") as session, session.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {names.identifier(wanted.database)}")
        for host in wanted.hosts:
            cursor.execute(f"DROP USER IF EXISTS {names.account(wanted.user, host)}")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, USERS, PASSWORDS, PASSWORDS)
@example("glance_a", "glance", "secret", "other")
@example("a`b_c%d'e\"f\\g-", "u`s'e\"r\\x_%", "p'w\\", "p'w")
@example("\\", "\\'", "\\", "'")
def test_service_with_any_names_works_on_its_own_database_only(
    server: MariaDB, mode: str, name: str, user: str, password: str, other: str
) -> None:
    wanted = Wanted(name, "utf8mb4", None, user, password, ("127.0.0.1", "192.0.2.%"), NEEDED)
    database = open_session(server)
    try:
        first = plan(wanted, database.read(wanted))
        assert len(first.actions) == 5 and not first.problems
        database.apply(first, wanted)
        again = plan(wanted, database.read(wanted))
        assert not again.actions and not again.warnings and not again.problems

        with server.connect(user=user, password=password.encode(), database=name) as session:
            session.cursor().execute("CREATE TABLE t (id INT)")
            session.cursor().execute("INSERT INTO t VALUES (1)")
            with pytest.raises(pymysql.MySQLError):
                session.cursor().execute("CREATE DATABASE other")

        if other != password:
            changed = replace(wanted, password=other)
            database.apply(plan(changed, database.read(changed)), changed)
            assert server.can_log_in(user, other) and not server.can_log_in(user, password)
    finally:
        database.close()
        drop(server, wanted)


@pytest.mark.parametrize("name", ["glance_a", "glance%a", "gl_n%e_a"])
def test_database_with_a_similar_name_stays_closed(run: Run, site: dict[str, Any], server: MariaDB, name: str) -> None:
    similar = name.replace("_", "-").replace("%", "-")
    server.sql(f"CREATE DATABASE `{similar}`")
    try:
        run(site, name=name)
        server.connect(user=site["user"], password=site["password"], database=name).close()
        with pytest.raises(pymysql.MySQLError, match="1044"):
            server.connect(user=site["user"], password=site["password"], database=similar)
    finally:
        server.sql(f"DROP DATABASE `{similar}`", f"DROP DATABASE IF EXISTS `{name}`")


def test_database_name_in_lower_case_where_the_server_keeps_it_so(another: Any, run: Run, site: dict[str, Any]) -> None:
    server = another("--lower-case-table-names=1", "--skip-name-resolve")
    mixed = {**site, **server.login(), "name": "Glance_A"}
    assert run(mixed)["changed"]
    assert server.sql("SHOW DATABASES LIKE 'glance\\_a'") == [("glance_a",)]
    again = run(mixed)
    assert not again["changed"] and not again["warnings"]
    server.connect(user=site["user"], password=site["password"], database="Glance_A").close()


def test_names_that_differ_in_case_are_two_databases(run: Run, site: dict[str, Any], server: MariaDB) -> None:
    run(site)
    other = {**site, "name": site["name"].upper(), "user": site["user"].upper()}
    assert len(run(other)["actions"]) == 5
    server.connect(user=other["user"], password=site["password"], database=other["name"]).close()
