# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quick look: when it is sure, each reason for which it is not, and what it makes of a URL."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config.urls import database_url
from ansible_collections.openimage.glance.plugins.module_utils._schema import config_side, metadefs_side, quick_side
from ansible_collections.openimage.glance.plugins.module_utils._schema.config_side import Trouble
from ansible_collections.openimage.glance.plugins.module_utils._schema.metadefs_side import Execute
from ansible_collections.openimage.glance.plugins.module_utils._schema.quick_side import NotSure, Url, url_from
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PASSWORD = "p@ss:/w%rd#'\"$x"
URL = database_url("db1", "glance", PASSWORD, "glance", port=3306, query={"charset": "utf8mb4"})
DATABASE = {"host": "db1", "port": 3306, "database": "glance"}
NOTE = {"code": "c0de", "release": "30.0.0", "database": DATABASE, "revisions": ["2024_1_contract01"]}


# ---------------------------------------------------------------- URLs

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
HOSTS = st.sampled_from(["db.example.org", "192.0.2.1", "fd00::1", "::ffff:192.0.2.1", ""])
QUERIES = st.fixed_dictionaries({}, optional={"charset": TEXT, "ssl_ca": TEXT, "unix_socket": TEXT})
PORTS = st.none() | st.integers(0, 65535)


def parts(url: Any) -> list[Any]:
    return [url.username, url.password, url.host, url.port, url.database, dict(url.query), url.get_backend_name()]


def assert_same(text: str) -> None:
    """Compare with what SQLAlchemy reads, and with what it and oslo.db hand to PyMySQL."""
    ours, theirs = url_from(text), make_url(text)
    assert theirs.drivername == "mysql+pymysql"
    assert parts(ours) == parts(theirs)
    assert config_side.where(ours) == config_side.where(theirs)
    _none, wanted = MySQLDialect_pymysql().create_connect_args(theirs)
    given_to = quick_side.connect_arguments(ours)
    for name in ("connect_timeout", "read_timeout", "write_timeout"):
        assert given_to.pop(name) == quick_side.SECONDS
    assert given_to == {"charset": "utf8", **wanted}


@given(host=HOSTS, user=TEXT, password=TEXT, port=PORTS, query=QUERIES)
@example(
    host="db1", user="glance", password=PASSWORD, port=3306, query={"charset": "utf8mb4", "ssl_ca": "/a b$c&d.pem"}
)
@example(host="", user="gl@n:ce", password="", port=None, query={"unix_socket": "/run/mysqld/mysqld.sock"})
def test_urls_of_the_filter(host: str, user: str, password: str, port: int | None, query: dict[str, str]) -> None:
    assert_same(database_url(host, user, password, "glance_2-a.b", port=port, query=query))


@given(st.text("ab19%4:@/?&=#[]+.;$ ~\n\xe9\u0661", max_size=25))
@example("a@b/c?charset=1&charset=2")
@example("a@[::1]:3306/c")
@example("a:@b/c?charset=")
def test_any_other_url_is_read_as_sqlalchemy_does_or_not_at_all(rest: str) -> None:
    try:
        url_from(f"mysql+pymysql://{rest}")
    except NotSure:
        return
    assert_same(f"mysql+pymysql://{rest}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sqlite:////var/lib/glance/glance.sqlite",
        "mysql://glance@db1/glance",
        "mysql+mysqldb://glance@db1/glance",
        "mysql+pymysql://glance:p@ss@db1/glance",
        "mysql+pymysql://glance:p$ss@db1/glance",
        "mysql+pymysql://glance@db1",
        "mysql+pymysql://glance@db1/",
        "mysql+pymysql://glance@db1/glance?read_default_file=/etc/my.cnf",
        "mysql+pymysql://glance@db1/glance?charset=utf8&charset=latin1",
        "mysql+pymysql://glance@db1/glance?ssl_ca=/$my/ca.pem",
        f"{URL}\n",
    ],
)
def test_urls_that_are_left_to_the_full_look(text: str) -> None:
    with pytest.raises(NotSure) as caught:
        url_from(text)
    assert "p@ss" not in str(caught.value)


def test_the_password_is_not_shown() -> None:
    assert "w%rd" in str(url_from(URL).password) and "w%rd" not in repr(url_from(URL))


@pytest.mark.parametrize(
    "text",
    ["mysql+pymysql://glance@db1/c?charset=%zz", "mysql+pymysql://%ff:%C3@db1/c", "mysql+pymysql://a@b:007/c"],
)
def test_odd_escapes(text: str) -> None:
    assert_same(text)


def test_sqlalchemy_refuses_what_is_no_url() -> None:
    with pytest.raises(ArgumentError):
        make_url("")


# ---------------------------------------------------------------- the installed code


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install something called glance, which cannot be imported; return its migrations' directory."""
    versions = tmp_path / "glance" / "db" / "sqlalchemy" / "alembic_migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "glance" / "__init__.py").write_text("raise AssertionError('imported')")
    (versions / "a_contract01.py").write_text("one")
    info = tmp_path / "glance-30.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: glance\nVersion: 30.0.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return versions


def test_the_code_is_known_by_its_migrations(installed: Path) -> None:
    seen = [quick_side.installed_code()]
    assert quick_side.installed_code() == seen[0]
    (installed / "__pycache__").mkdir()
    (installed / "__pycache__" / "a_contract01.cpython-313.pyc").touch()
    assert quick_side.installed_code() == seen[0]
    os.utime(installed / "a_contract01.py", ns=(1, 1))
    seen.append(quick_side.installed_code())
    (installed / "a_contract01.py").write_text("another")
    os.utime(installed / "a_contract01.py", ns=(1, 1))
    seen.append(quick_side.installed_code())
    (installed / "b_contract01.py").touch()
    seen.append(quick_side.installed_code())
    assert len(set(seen)) == 4 and "" not in seen


def test_the_code_is_known_by_its_version(installed: Path, tmp_path: Path) -> None:
    before = quick_side.installed_code()
    metadata = tmp_path / "glance-30.0.0.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text().replace("30.0.0", "30.0.1"))
    assert quick_side.installed_code() not in ("", before)


def test_a_glance_without_migrations_is_not_known(installed: Path) -> None:
    (installed / "a_contract01.py").unlink()
    assert quick_side.installed_code() == ""


# ---------------------------------------------------------------- looking

TABLES = """
CREATE TABLE alembic_version (version_num TEXT);
CREATE TABLE metadef_namespaces (id INTEGER, namespace TEXT);
CREATE TABLE metadef_resource_types (id INTEGER, name TEXT);
CREATE TABLE metadef_properties (namespace_id INTEGER, name TEXT);
CREATE TABLE metadef_objects (namespace_id INTEGER, name TEXT);
CREATE TABLE metadef_tags (namespace_id INTEGER, name TEXT);
CREATE TABLE metadef_namespace_resource_types (namespace_id INTEGER, resource_type_id INTEGER);
INSERT INTO alembic_version VALUES ('2024_1_contract01');
INSERT INTO metadef_namespaces VALUES (1, 'OS::One'), (2, 'OS::Mine');
INSERT INTO metadef_properties VALUES (1, 'P');
INSERT INTO metadef_objects VALUES (1, 'o');
INSERT INTO metadef_tags VALUES (1, 't');
INSERT INTO metadef_resource_types VALUES (7, 'OS::Glance::Image');
INSERT INTO metadef_namespace_resource_types VALUES (1, 7);
"""
ONE = {
    "namespace": "OS::One",
    "properties": {"P": {}},
    "objects": [{"name": "o"}],
    "tags": [{"name": "t"}],
    "resource_type_associations": [{"name": "OS::Glance::Image"}],
}


class Place:
    """A database, a configuration, definitions and a state file with which nothing is to be done."""

    def __init__(self, home: Path) -> None:
        self.database = sqlite3.connect(":memory:")
        self.database.executescript(TABLES)
        self.urls: list[Url] = []
        self.config, self.definitions, self.state = home / "api.conf", home / "metadefs", home / "state.json"
        self.configure(f"[database]\nconnection = {URL}\n")
        self.definitions.mkdir()
        (self.definitions / "one.json").write_text(json.dumps(ONE))
        self.marker = {"database": DATABASE, "digest": metadefs_side.digest(str(self.definitions)), "how": "loaded"}
        self.keep({**self.marker, "current": NOTE})
        self.request: dict[str, Any] = {
            "files": [str(self.config)],
            "dirs": [],
            "metadefs": True,
            "metadefs_path": str(self.definitions),
            "state_file": str(self.state),
            "lock_timeout": 60,
            "look_timeout": 30,
            "steps": [],
        }

    def configure(self, text: str) -> None:
        self.config.write_text(text)

    def keep(self, content: dict[str, Any]) -> None:
        self.state.write_text(json.dumps(content))

    @contextmanager
    def connected(self, url: Url) -> Iterator[Execute]:
        self.urls.append(url)
        yield self.database.execute

    def look(self, code: str = "c0de") -> dict[str, Any]:
        before = self.state.read_bytes()
        try:
            return quick_side.look(self.request, code)
        finally:
            assert self.state.read_bytes() == before


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path)
    monkeypatch.setattr(quick_side, "connected", made.connected)
    return made


def test_nothing_to_do(place: Place) -> None:
    reply = place.look()
    assert (reply["release"], reply["steps"]) == ("30.0.0", [])
    assert reply["where"] == {**DATABASE, "dialect": "mysql", "user": "glance"}
    state = reply["state"]
    assert state["check"] == 0 and state["heads"] == ["2024_1_contract01"] and state["target"] == "2024_1_contract01"
    assert state["tables"] == {} and state["identity"] == DATABASE and state["marker"]["how"] == "loaded"
    digest = place.marker["digest"]
    path = str(place.definitions)
    assert state["metadefs"] == {"total": 1, "missing": [], "incomplete": [], "path": path, "digest": digest}
    assert place.urls[0].password == PASSWORD and PASSWORD not in json.dumps(reply)


def test_without_definitions_none_are_needed(place: Place) -> None:
    place.request["metadefs"] = False
    place.keep({"current": NOTE})
    place.database.execute("DELETE FROM metadef_namespaces")
    state = place.look()["state"]
    assert state["metadefs"] is None and state["marker"] is None


def test_a_part_that_somebody_removed_stays_removed(place: Place) -> None:
    place.database.execute("DELETE FROM metadef_tags")
    assert place.look()["state"]["metadefs"]["incomplete"] == ["os::one: tag t"]


def test_files_from_before_the_note(place: Place) -> None:
    for content in (json.dumps(place.marker), "", "[]", '{"torn', '{"current": "odd"}'):
        place.state.write_text(content)
        with pytest.raises(NotSure, match="no look has found"):
            place.look()
    assert place.urls == []


def test_no_state_file(place: Place) -> None:
    place.state.unlink()
    with pytest.raises(NotSure, match="no look has found"):
        quick_side.look(place.request, "c0de")
    assert not place.state.exists()


def test_other_code(place: Place) -> None:
    with pytest.raises(NotSure, match="another Glance"):
        place.look("other")


@pytest.mark.parametrize("name", ["host", "port", "database"])
def test_another_database(place: Place, name: str) -> None:
    place.keep({**place.marker, "current": {**NOTE, "database": {**DATABASE, name: 1}}})
    with pytest.raises(NotSure, match="another database"):
        place.look()


@pytest.mark.parametrize(
    "more",
    [
        "connection_parameters = charset=latin1",
        "mysql_wsrep_sync_wait = 1",
        "sql_connection = mysql+pymysql://other@db2/glance",
        "[DATABASE]\nsql_connection = mysql+pymysql://other@db2/glance",
        "[sql]\nconnection = mysql+pymysql://other@db2/glance",
        "[DEFAULT]\nsql_connection = mysql+pymysql://other@db2/glance",
    ],
)
def test_more_about_the_connection_than_its_url(place: Place, more: str) -> None:
    place.configure(f"[database]\nconnection = {URL}\n{more}\n")
    with pytest.raises(NotSure, match="more about the connection"):
        place.look()


@pytest.mark.parametrize("text", ["", "[database]\n", "[database]\nconnection = sqlite:////a\n"])
def test_no_usable_url(place: Place, text: str) -> None:
    place.configure(text)
    with pytest.raises(NotSure, match="not one that the filter"):
        place.look()


def test_the_configuration_decides_as_for_the_api(place: Place, tmp_path: Path) -> None:
    """The last file wins."""
    folder = tmp_path / "api.conf.d"
    folder.mkdir()
    (folder / "db.conf").write_text(f"[database]\nconnection = {URL.replace('db1', 'db2')}\n")
    place.request["dirs"] = [str(folder)]
    with pytest.raises(NotSure, match="another database"):
        place.look()


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM alembic_version",
        "UPDATE alembic_version SET version_num = '2023_1_contract01'",
        "INSERT INTO alembic_version VALUES ('2026_2_expand01')",
    ],
)
def test_another_revision(place: Place, change: str) -> None:
    place.database.execute(change)
    with pytest.raises(NotSure, match="another revision"):
        place.look()


def test_a_namespace_is_gone(place: Place) -> None:
    for table in ("properties", "objects", "tags", "namespace_resource_types"):
        place.database.execute(f"DELETE FROM metadef_{table}")
    place.database.execute("DELETE FROM metadef_namespaces WHERE id = 1")
    with pytest.raises(NotSure, match="lacks"):
        place.look()


def test_other_definitions(place: Place) -> None:
    (place.definitions / "one.json").write_text(json.dumps({**ONE, "description": "new"}))
    with pytest.raises(NotSure, match="other metadata definitions"):
        place.look()


@pytest.mark.parametrize("marker", [{}, {"database": {**DATABASE, "host": "db2"}, "digest": "d"}])
def test_definitions_without_a_marker(place: Place, marker: dict[str, Any]) -> None:
    place.keep({**marker, "current": NOTE})
    with pytest.raises(NotSure, match="or none"):
        place.look()


def test_another_run_holds_the_lock(place: Place) -> None:
    """The full look waits for it, so the quick one must not."""
    with place.state.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Trouble, match="another run"):
            place.look()


def test_the_lock_is_held_while_looking(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def connected(url: Url) -> Iterator[Execute]:
        with place.state.open() as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield place.database.execute

    monkeypatch.setattr(quick_side, "connected", connected)
    assert place.look()["state"]["check"] == 0


def test_a_server_that_is_not_there() -> None:
    url = Url("glance", PASSWORD, "127.0.0.1", 1, "glance", {})
    with pytest.raises(pymysql.err.OperationalError, match="2003"), quick_side.connected(url):
        pass


# ---------------------------------------------------------------- answering


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the full look only tell that it was asked; return with which code."""
    asked: list[str] = []

    def answer(request: dict[str, Any], code: str) -> dict[str, Any]:
        asked.append(code)
        return {"full": True}

    monkeypatch.setattr(quick_side, "answer_in_full", answer)
    monkeypatch.setattr(quick_side, "installed_code", lambda: "c0de")
    return asked


def test_a_sure_answer_is_enough(place: Place, full: list[str]) -> None:
    assert quick_side.answer(place.request)["state"]["check"] == 0
    assert full == []


@pytest.mark.parametrize(
    "error", [NotSure("x"), Trouble("metadefs", "x"), pymysql.err.OperationalError(1045), KeyError()]
)
def test_whatever_happens_the_full_look_answers(
    place: Place, full: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def look(request: dict[str, Any], code: str) -> dict[str, Any]:
        raise error

    monkeypatch.setattr(quick_side, "look", look)
    assert quick_side.answer(place.request) == {"full": True} and full == ["c0de"]


def test_steps_are_done_in_full(place: Place, full: list[str]) -> None:
    place.request["steps"] = [{"do": "run", "words": ["db", "sync"]}]
    assert quick_side.answer(place.request) == {"full": True} and full == ["c0de"]


def test_unknown_code_is_looked_at_in_full(place: Place, full: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def installed_code() -> str:
        raise PermissionError

    monkeypatch.setattr(quick_side, "installed_code", installed_code)
    assert quick_side.answer(place.request) == {"full": True} and full == [""]
