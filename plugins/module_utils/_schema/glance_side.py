# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs under Glance's own interpreter, as user glance. PRIVATE to the collection.

The module sends this file and ``quick_side`` to that interpreter's standard input, so it imports nothing of the
collection, and Glance only inside functions. ``import glance`` is the slow part (two seconds): it happens once, and
only when the quick look was not enough. Each glance-manage command then runs in a forked child, exactly as
``glance-manage`` itself would run it. The answer is one JSON document on standard output.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import multiprocessing
import os
import pwd
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, quote_plus

Json = dict[str, Any]
Parts = dict[str, set[tuple[str, str]]]
"""Namespace -> the (kind, name) of what it consists of; names in lower case, as the database compares them."""
Execute = Callable[[str], Iterable[Any]]
"""Runs one query and returns its rows, whichever library has the connection."""
OUTPUT_KEPT = 6000
"""Characters of a command's output that are handed back: its end, where the reason stands."""


class Trouble(Exception):
    """Something that the module must explain to the operator."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


# ---------------------------------------------------------------- configuration


def arguments(request: Json) -> list[str]:
    """Return glance-manage's options for exactly the configuration that the API reads, in its order."""
    files = [f"--config-file={path}" for path in request["files"]]
    return files + [f"--config-dir={path}" for path in request["dirs"]]


def configuration(request: Json, database_options: list[Any]) -> Any:
    """Return the few options that are needed before Glance itself is asked, from the files that the API reads."""
    from oslo_config import cfg

    conf = cfg.ConfigOpts()
    conf.register_opts(database_options, "database")
    conf.register_opt(cfg.StrOpt("metadata_source_path", default="/etc/glance/metadefs/"))
    try:
        conf(
            arguments(request), project="glance", prog="glance-manage", default_config_files=[], default_config_dirs=[]
        )
    except cfg.Error as error:
        raise Trouble("config", str(error)) from error
    return conf


def settings(request: Json) -> Any:
    """Return the configuration with all options of oslo.db; there must be a connection."""
    from oslo_db import options

    conf = configuration(request, options.database_opts)
    if not conf.database.connection:
        raise Trouble("unset", "[database] connection is not set")
    return conf


def url_of(conf: Any) -> Any:
    """Return the parsed connection URL."""
    from sqlalchemy.engine.url import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(conf.database.connection)
    except (ArgumentError, ValueError):  # their text quotes parts of the URL: it may be the password's
        text = "[database] connection is not a valid SQLAlchemy URL (is its password URL-quoted?)"
        raise Trouble("unset", text) from None


def where(url: Any) -> Json:
    """Return what may be said of a connection URL: everything but the password."""
    return {
        "dialect": url.get_backend_name(),
        "host": url.query.get("unix_socket") or url.host or "localhost",
        "port": url.port,
        "database": url.database,
        "user": url.username,
    }


def identity(place: Json) -> Json:
    """Return which database it is, for the state file; who asks it does not count."""
    return {name: place[name] for name in ("host", "port", "database")}


def mask(text: str, url: Any) -> str:
    """Remove the database password, in each of its spellings, from a text."""
    secret = str(url.password or "")
    spellings = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret)}
    for spelling in sorted(filter(None, spellings), key=len, reverse=True):
        text = text.replace(spelling, "********")
    return text


def metadefs_path(request: Json, conf: Any) -> str:
    """Return where this Glance's definitions lie: told, configured, the environment's own, or Glance's default."""
    own = Path(sys.prefix) / "etc" / "glance" / "metadefs"
    configured = conf.get_location("metadata_source_path").location.name in ("user", "environment", "command_line")
    if request["metadefs_path"]:
        return str(request["metadefs_path"])
    if not configured and sys.prefix != sys.base_prefix and own.is_dir():
        return str(own)
    return str(conf.metadata_source_path)


# ---------------------------------------------------------------- children


def in_child(work: Callable[[], Any], seconds: int = 0) -> Json:
    """Run work in a forked child and return its value, exit code and output.

    A multiprocessing child ends as an interpreter does: an exception prints its traceback, ``sys.exit("text")`` its
    text.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    with tempfile.TemporaryFile() as output:

        def run() -> None:
            for descriptor in (1, 2):
                os.dup2(output.fileno(), descriptor)
            sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1, closefd=False)
            signal.alarm(seconds)
            sender.send(work())

        sys.stdout.flush()
        child = context.Process(target=run)
        child.start()
        sender.close()
        try:
            value = receiver.recv()
        except EOFError:  # it ended without a value: its exit code says how
            value = None
        child.join()
        output.seek(0, os.SEEK_END)
        output.seek(max(0, output.tell() - OUTPUT_KEPT))
        shown = output.read().decode(errors="replace")
    if child.exitcode == -signal.SIGALRM:
        shown += f"\nno answer within {seconds} s"
    return {"rc": child.exitcode, "output": shown, "value": value}


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


# ---------------------------------------------------------------- looking


def released(path: str) -> Parts:
    """Return namespace -> what it consists of, as the definition files of this release say."""
    found: Parts = {}
    for file in sorted(Path(path).glob("*.json")):
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Trouble("metadefs", f"{file}: {error}") from error
        parts = found.setdefault(content["namespace"].casefold(), set())
        parts.update(("property", name.casefold()) for name in content.get("properties", {}))
        parts.update(("object", item["name"].casefold()) for item in content.get("objects", []))
        parts.update(("tag", item["name"].casefold()) for item in content.get("tags", []))
        associations = content.get("resource_type_associations", [])
        parts.update(("resource type", item["name"].casefold()) for item in associations)
    if not found:
        raise Trouble("metadefs", f"{path}: holds no metadata definition (*.json)")
    return found


def stored(execute: Execute) -> Parts:
    """Return the same as :func:`released`, as the database has it."""
    rows = execute("SELECT namespace FROM metadef_namespaces")
    found: Parts = {row[0].casefold(): set() for row in rows}
    spaces = "metadef_namespaces n ON n.id = p.namespace_id"
    types = "metadef_resource_types t ON t.id = p.resource_type_id"
    for kind, query in (
        ("property", f"SELECT n.namespace, p.name FROM metadef_properties p JOIN {spaces}"),
        ("object", f"SELECT n.namespace, p.name FROM metadef_objects p JOIN {spaces}"),
        ("tag", f"SELECT n.namespace, p.name FROM metadef_tags p JOIN {spaces}"),
        (
            "resource type",
            f"SELECT n.namespace, t.name FROM metadef_namespace_resource_types p JOIN {spaces} JOIN {types}",
        ),
    ):
        for namespace, name in execute(query):
            found[namespace.casefold()].add((kind, name.casefold()))
    return found


def digest(path: str) -> str:
    """Return one figure that changes when any definition file does."""
    total = hashlib.sha256()
    for file in sorted(Path(path).glob("*.json")):
        total.update(f"{file.name}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def compare(execute: Execute | None, wanted: Parts) -> Json:
    """Return which definitions of the release the database lacks (all, when it cannot be asked)."""
    have = stored(execute) if execute else {}
    parts = [
        f"{namespace}: {kind} {name}"
        for namespace in wanted
        if namespace in have
        for kind, name in sorted(wanted[namespace] - have[namespace])
    ]
    spaces = sorted(set(wanted) - set(have))
    return {"total": len(wanted), "missing": spaces, "incomplete": parts}


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


# ---------------------------------------------------------------- changing


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


def marker_for(content: Json | None, database: Json) -> Json | None:
    """Return the marker of loaded definitions, None when it speaks of another database or there is none."""
    return content if content is not None and content.get("database") == database else None


class State:
    """The file that says what was loaded and found, and that is locked while the schema is looked at or changed.

    It holds the marker of the loaded definitions and, under ``current``, the note of the last look that found the
    schema current.
    """

    def __init__(self, request: Json, create: bool) -> None:
        self.path = request["state_file"]
        self.file: IO[str] | None = None
        if not create and not os.path.exists(self.path):
            return
        try:
            self.file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o640), "r+")
        except OSError as error:
            raise Trouble("state", f"{self.path}: {error.strerror}") from error
        self._lock(self.file, time.monotonic() + request["lock_timeout"])

    def _lock(self, file: IO[str], until: float) -> None:
        """Wait for a run that was cut off from its playbook and still works on this host."""
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Trouble("busy", f"{self.path}: another run still holds the lock") from None
                time.sleep(0.1)

    def read(self) -> Json | None:
        """Return the content, None when there is none (a torn one is none)."""
        if not self.file:
            return None
        self.file.seek(0)
        try:
            content = json.loads(self.file.read())
        except ValueError:
            return None
        return content if isinstance(content, dict) else None

    def write(self, content: Json | None) -> None:
        """Replace the content in place (the lock is on this very file).

        What is left of the old one is cut off after the new one is written: cut off first, it would be lost where the
        disk is full.
        """
        if self.file is None:
            raise AssertionError("the state file is written only by who has it locked")
        self.file.seek(0)
        self.file.write("" if content is None else json.dumps(content, indent=1, sort_keys=True))
        self.file.truncate()
        self.file.flush()
        os.fsync(self.file.fileno())

    def note(self, current: Json) -> None:
        """Keep what the next quick look compares with, beside the marker.

        A look makes no file, and one that cannot be written is no failure: the next run then looks in full.
        """
        content = self.read() or {}
        if self.file is not None and content.get("current") != current:
            with contextlib.suppress(OSError):
                self.write({**content, "current": current})


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


def prepare() -> None:
    """Leave of the environment only what Glance needs, and say what its configuration must not decide here."""
    os.environ.clear()
    os.environ["HOME"] = pwd.getpwuid(os.getuid()).pw_dir
    # stevedore would keep what it knows of entry points in HOME, where a share may be mounted, in check mode too.
    os.environ["XDG_CACHE_HOME"] = "/dev/null"
    # 0: the first refusal is the answer; Glance's own default would ask ten times, ten seconds apart.
    os.environ["OS_DATABASE__MAX_RETRIES"] = "0"
    os.environ["OS_DEFAULT__DEBUG"] = "False"
    os.environ["OS_DEFAULT__USE_STDERR"] = "True"
    os.umask(0o027)
