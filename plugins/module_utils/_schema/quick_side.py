# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The quick look, which tells without Glance's own code that nothing is to be done. PRIVATE to the collection.

It travels with ``glance_side`` to Glance's own interpreter, and runs first there. What ``glance-manage db check`` says
follows from two things: the migrations that are installed and the revisions that the database is at. A full look that
found the schema current notes both. While both stay as they were, so does the answer, and the two seconds that it
takes to import Glance are saved. Whatever else it meets, the quick look is not sure: then the full look answers as if
there were no other.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

# By name: where this travels to, there is no package around it.
from ansible_collections.openimage.glance.plugins.module_utils._schema.child_side import in_child
from ansible_collections.openimage.glance.plugins.module_utils._schema.config_side import (
    Json,
    configuration,
    identity,
    metadefs_path,
    prepare,
    where,
)
from ansible_collections.openimage.glance.plugins.module_utils._schema.glance_side import answer_in_full
from ansible_collections.openimage.glance.plugins.module_utils._schema.metadefs_side import (
    Execute,
    compare,
    digest,
    released,
)
from ansible_collections.openimage.glance.plugins.module_utils._schema.state_side import State, marker_for

SECONDS = 5
"""How long the database may take to answer before the full look asks it, with more patience."""

# What the filter database_url makes, and no more: in all else SQLAlchemy could read something that is not seen here.
_LOGIN = r"(?:[A-Za-z0-9_.~-]|%[0-9A-Fa-f]{2})*"
_URL = re.compile(
    rf"mysql\+pymysql://(?P<user>{_LOGIN})(?::(?P<password>{_LOGIN}))?"
    r"@(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9_.-]*))(?::(?P<port>[0-9]{1,5}))?"
    r"/(?P<database>[A-Za-z0-9_.-]+)(?:\?(?P<query>[A-Za-z0-9_.~%+&=/:-]*))?"
)
_PARAMETERS = frozenset({"charset", "ssl_ca", "unix_socket"})
_FOREIGN = ("sql_connection", "connection_parameters", "mysql_wsrep_sync_wait")
"""Options of [database] that change which database is asked, or how."""


class NotSure(Exception):
    """Why only the full look can tell. Nobody reads it but tests and who looks for a fault."""


# ---------------------------------------------------------------- the installed code


def installed_code() -> str:
    """Return one figure that changes with the installed Glance and its migrations; empty when there is none.

    To find a package runs none of its code.
    """
    version = importlib.metadata.version("glance")
    found = importlib.util.find_spec("glance")
    places = (found.submodule_search_locations if found else None) or []
    folders = [Path(place) / "db" / "sqlalchemy" / "alembic_migrations" / "versions" for place in places]
    files = sorted(file for folder in folders for file in folder.glob("*.py"))
    total = hashlib.sha256(version.encode())
    for file in files:
        status = file.stat()
        total.update(f"\0{file}\0{status.st_size}\0{status.st_mtime_ns}".encode())
    return total.hexdigest() if files else ""


# ---------------------------------------------------------------- the connection


@dataclass(frozen=True)
class Url:
    """A connection URL as SQLAlchemy would read it."""

    username: str
    password: str | None = field(repr=False)
    host: str | None
    port: int | None
    database: str
    query: dict[str, str]

    def get_backend_name(self) -> str:
        """Return SQLAlchemy's name of the kind of database."""
        return "mysql"


def url_from(text: str) -> Url:
    """Return the parts of a URL that can mean only one thing."""
    found = _URL.fullmatch(text)
    if not found:
        raise NotSure("the connection is not one that the filter database_url makes for PyMySQL")
    pairs = parse_qsl(found["query"] or "")
    names = [name for name, _value in pairs]
    if len(set(names)) < len(names) or not _PARAMETERS.issuperset(names):
        raise NotSure("the connection has an unknown parameter, or one twice")
    return Url(
        username=unquote(found["user"]),
        password=None if found["password"] is None else unquote(found["password"]),
        host=found["name"] or found["address"],
        port=int(found["port"]) if found["port"] else None,
        database=found["database"],
        query=dict(pairs),
    )


def configured(request: Json) -> tuple[Any, Url]:
    """Return the configuration and the URL in it. It is read as Glance reads it, with no other names for an option."""
    from oslo_config import cfg

    conf = configuration(request, [cfg.StrOpt(name) for name in ("connection", *_FOREIGN)])
    conf.register_opt(cfg.StrOpt("sql_connection"))
    conf.register_opt(cfg.StrOpt("connection"), "sql")
    if conf.sql_connection or conf.sql.connection or any(conf.database[name] for name in _FOREIGN):
        raise NotSure("the configuration has more about the connection than its URL")
    return conf, url_from(conf.database.connection or "")


def connect_arguments(url: Url) -> Json:
    """Return what SQLAlchemy and oslo.db would hand to PyMySQL, with less patience."""
    told = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "database": url.database,
        "unix_socket": url.query.get("unix_socket"),
        "ssl": {"ca": url.query["ssl_ca"]} if "ssl_ca" in url.query else None,
        "charset": url.query.get("charset", "utf8"),
    }
    timeouts = dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), SECONDS)
    return {**{name: value for name, value in told.items() if value}, **timeouts}


@contextmanager
def connected(url: Url) -> Iterator[Execute]:
    """Connect with PyMySQL alone."""
    import pymysql

    with closing(pymysql.connect(**connect_arguments(url))) as connection, closing(connection.cursor()) as cursor:

        def execute(query: str) -> Any:
            cursor.execute(query)
            return cursor.fetchall()

        yield execute


# ---------------------------------------------------------------- looking


def noted(content: Json, code: str) -> Json:
    """Return the note of the last look that found the schema current, if it was made with this very code."""
    note = content.get("current")
    if not isinstance(note, dict):
        raise NotSure("no look has found the schema current yet")
    if note["code"] != code:
        raise NotSure("another Glance is installed than then")
    return note


def definitions(request: Json, conf: Any, execute: Execute, marker: Json | None) -> Json:
    """Return the state of the metadata definitions when nothing is to be done with them."""
    path = metadefs_path(request, conf)
    found = {**compare(execute, released(path)), "path": path}
    found["digest"] = digest(path)
    if marker is None or marker["digest"] != found["digest"]:
        raise NotSure("other metadata definitions were loaded, or none")
    if found["missing"]:
        raise NotSure("the database lacks metadata definitions")
    return found


def look(request: Json, code: str) -> Json:
    """Return what the full look would answer, when nothing is to be done."""
    # Whoever else has the lock may be changing the schema: the full look waits for it.
    state = State({**request, "lock_timeout": 0}, create=False)
    content = state.read() or {}
    note = noted(content, code)
    conf, url = configured(request)
    place = where(url)
    database = identity(place)
    if note["database"] != database:
        raise NotSure("another database is configured than then")
    marker = marker_for(content, database)
    with connected(url) as execute:
        heads = sorted(row[0] for row in execute("SELECT version_num FROM alembic_version"))
        if heads != note["revisions"]:
            raise NotSure("the database is at another revision than then")
        metadefs = definitions(request, conf, execute, marker) if request["metadefs"] else None
    schema = {"check": 0, "heads": heads, "target": heads[0], "tables": {}, "metadefs": metadefs}
    found = {**schema, "marker": marker, "identity": database}
    return {"release": note["release"], "where": place, "steps": [], "state": found}


def answer(request: Json) -> Json:
    """Answer from the quick look if it is sure, else in full.

    The quick look is a child: however it ends, the full look begins as if it had not been.
    """
    code: str = in_child(installed_code)["value"] or ""
    if code and not request["steps"]:
        quick: Json | None = in_child(lambda: look(request, code), request["look_timeout"])["value"]
        if quick is not None:
            return quick
    return answer_in_full(request, code)


def main(request: Json) -> None:
    """Print the reply."""
    prepare()
    sys.stdout.write(json.dumps(answer(request)) + "\n")
