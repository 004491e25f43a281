# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs under Glance's own interpreter, as user glance. PRIVATE to the collection.

The module sends this file and the others of this folder whose names end in ``_side`` to that interpreter, so they
import nothing of the collection but each other, and Glance only inside functions. ``import glance`` is the slow part
(two seconds): it happens once, and only when the quick look was not enough. Each glance-manage command then runs in a
forked child, exactly as ``glance-manage`` itself would run it. The answer is one JSON document on standard output.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

# By name: where these travel to, there is no package around them.
from ansible_collections.openimage.glance.plugins.module_utils._schema.child_side import in_child
from ansible_collections.openimage.glance.plugins.module_utils._schema.config_side import (
    Json,
    Trouble,
    arguments,
    identity,
    mask,
    metadefs_path,
    settings,
    url_of,
    where,
)
from ansible_collections.openimage.glance.plugins.module_utils._schema.metadefs_side import (
    Execute,
    Parts,
    compare,
    digest,
    released,
)
from ansible_collections.openimage.glance.plugins.module_utils._schema.state_side import State, marker_for


def glance_manage(request: Json, words: list[str]) -> None:
    """Be glance-manage."""
    from glance.cmd import manage

    sys.argv = ["glance-manage", *arguments(request), *words]
    raise SystemExit(manage.main())


def check_code(request: Json) -> int:
    """Return what ``glance-manage db check`` exits with; anything but its four answers ends this child."""
    try:
        glance_manage(request, ["db", "check"])
    except SystemExit as done:
        if done.code not in (None, 0, 3, 4, 5):
            raise
        return int(done.code or 0)
    return 0


def asking(connection: Any) -> Execute:
    """Return what runs a query on SQLAlchemy's connection."""
    from sqlalchemy import text

    return lambda query: connection.execute(text(query))


def emptiness(engine: Any, known: list[str]) -> dict[str, bool | None]:
    """Return table -> whether it is empty; None for a table that is not Glance's."""
    import sqlalchemy

    found: dict[str, bool | None] = {}
    names = sqlalchemy.inspect(engine).get_table_names()
    with engine.connect() as connection:
        for name in sorted(names):
            query = sqlalchemy.text(f"SELECT 1 FROM {engine.dialect.identifier_preparer.quote(name)} LIMIT 1")
            found[name] = connection.execute(query).first() is None if name in known else None
    return found


def look(request: Json, wanted: Parts | None) -> Json:
    """Return the state of schema and definitions."""
    code = check_code(request)
    from glance.db.sqlalchemy import alembic_migrations, api

    engine = api.get_engine()
    tables = emptiness(engine, request["tables"]) if code else {}
    metadefs = None
    if wanted is not None:
        with engine.connect() as connection:
            made = not code or set(tables) >= {name for name in request["tables"] if name.startswith("metadef_")}
            metadefs = compare(asking(connection) if made else None, wanted)
    heads = sorted(alembic_migrations.get_current_alembic_heads())
    target = alembic_migrations.get_alembic_branch_head("contract") if code else heads[0]
    return {"check": code, "heads": heads, "target": target, "tables": tables, "metadefs": metadefs}


def drop(request: Json, names: list[str]) -> None:
    """Drop tables that an interrupted run left behind. One that holds a row is never dropped."""
    if not check_code(request):  # another run finished it between our look and this step
        return
    import sqlalchemy
    from glance.db.sqlalchemy import api

    engine = api.get_engine()
    full = [name for name, empty in emptiness(engine, names).items() if empty is False and name != "alembic_version"]
    if full:
        raise SystemExit(f"refused to drop tables: there are rows in {', '.join(full)}")
    quoted = [engine.dialect.identifier_preparer.quote(name) for name in names]
    with engine.begin() as connection:
        if engine.dialect.name == "mysql":  # the session's own switch: children and parents go together
            connection.execute(sqlalchemy.text("SET FOREIGN_KEY_CHECKS=0"))
        for name in quoted:
            connection.execute(sqlalchemy.text(f"DROP TABLE IF EXISTS {name}"))


class Session:
    """One start of the interpreter: the configuration, the state file and the verbs."""

    def __init__(self, request: Json) -> None:
        self.request = request
        self.conf = settings(request)
        self.url = url_of(self.conf)
        self.where = where(self.url)
        self.path = metadefs_path(request, self.conf)

    @property
    def noteworthy(self) -> bool:
        """Return whether a quick look could ask this database; for any other its note would only cost time."""
        return bool(self.url.drivername == "mysql+pymysql")

    def child(self, work: Callable[[], Any], seconds: int = 0) -> Json:
        """Run work in a child; its output comes back without the password."""
        result = in_child(work, seconds)
        result["output"] = mask(result["output"], self.url)
        return result

    def look(self, state: State) -> Json:
        """Return all that the decision needs."""
        wanted = released(self.path) if self.request["metadefs"] else None
        file = self.url.database if self.where["dialect"] == "sqlite" else None
        if file and not os.path.exists(file):  # to connect would create it
            metadefs = None if wanted is None else compare(None, wanted)
            seen: Json = {"check": 3, "heads": [], "target": "", "tables": {}, "metadefs": metadefs}
        else:
            result = self.child(lambda: look(self.request, wanted), self.request["look_timeout"])
            if result["rc"]:
                raise Trouble("database", result["output"])
            seen = result["value"]
        if seen["metadefs"]:
            seen["metadefs"].update(path=self.path, digest=digest(self.path))
        database = identity(self.where)
        return {**seen, "marker": marker_for(state.read(), database), "identity": database}

    def step(self, state: State, step: Json) -> Json:
        """Do one step; it failed when rc is not 0."""
        began = time.monotonic()
        result: Json = {"rc": 0, "output": ""}
        if step["do"] == "run":
            result = self.child(lambda: glance_manage(self.request, step["words"]))
        elif step["do"] == "drop":
            result = self.child(lambda: drop(self.request, step["tables"]))
        elif step["do"] == "forget":
            state.write(None)
        elif step["do"] == "remember":
            result = self.remember(state, step["how"])
        return {"rc": result["rc"], "output": result["output"], "seconds": round(time.monotonic() - began, 2)}

    def remember(self, state: State, how: str) -> Json:
        """Write the marker, if all definitions are really there."""
        seen = self.look(state)
        metadefs = seen["metadefs"]
        lacking = metadefs["missing"] + metadefs["incomplete"]
        if lacking:
            return {"rc": 1, "output": f"still not in the database: {', '.join(lacking[:10])}"}
        marker = {"database": seen["identity"], "digest": metadefs["digest"], "path": metadefs["path"], "how": how}
        state.write({**marker, "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})
        return {"rc": 0, "output": ""}


def answer_in_full(request: Json, code: str) -> Json:
    """Do what is asked and return what there is to say.

    :param code: the figure of the installed code, taken before any of it was imported; empty when there is none.
    """
    reply: Json = {}
    try:
        import glance.cmd.manage
        import glance.version

        reply["release"] = glance.version.version_info.version_string()
        session = Session(request)
        reply["where"] = session.where
        state = State(request, create=bool(request["steps"]))
        reply["steps"] = []
        for step in request["steps"]:
            reply["steps"].append(session.step(state, step))
            if reply["steps"][-1]["rc"]:
                break
        reply["state"] = session.look(state)
        if code and request["may_note"] and session.noteworthy and not reply["state"]["check"]:
            found = {"database": reply["state"]["identity"], "revisions": reply["state"]["heads"]}
            state.note({"code": code, "release": reply["release"], **found})
    except ImportError as error:
        reply["trouble"] = {"kind": "import", "text": str(error)}
    except Trouble as trouble:
        reply["trouble"] = {"kind": trouble.kind, "text": str(trouble)}
    return reply
