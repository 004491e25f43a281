# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what an installed service's interpreter says of a configuration's database login.

The service's own interpreter does it, because its driver, its TLS library and its network place are what counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._schema.errors import explain

SECONDS = 10
# Arrives through standard input together with the URL: arguments can be read by every user of the host.
SOURCE = '''
import sqlalchemy


def main(job):
    """Log in and ask the least; return where it went and what went wrong."""
    url = sqlalchemy.engine.make_url(job["url"])
    where = {
        "dialect": url.get_backend_name(),
        "host": url.query.get("unix_socket") or url.host or "localhost",
        "port": url.port,
        "database": url.database,
        "user": url.username,
    }
    patience = {"connect_timeout": job["seconds"]} if where["dialect"] == "mysql" else {}
    try:
        engine = sqlalchemy.create_engine(url, connect_args=patience, poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("SELECT 1"))
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, OSError, RuntimeError) as error:
        return {"where": where, "error": f"{type(error).__name__}: {getattr(error, 'orig', None) or error}"}
    return {"where": where, "error": ""}
'''
_BOOTSTRAP = (
    "import json, sys; job = json.load(sys.stdin.buffer); space = {}; "
    "exec(compile(job.pop('source'), '<question>', 'exec'), space); print(json.dumps(space['main'](job)))"
)
Run = Callable[[list[str], bytes], tuple[int, str, str]]


class ServiceSilentError(Exception):
    """The service's interpreter gave no answer. The text says what was asked, not what it was asked with."""


def in_service(run: Run, python: str, what: str, source: str, job: dict[str, Any]) -> str:
    """Have the service's own interpreter run the C(main) of a source with a job; return its answer as JSON text."""
    data = json.dumps({**job, "source": source}).encode()
    code, output, errors = run([python, "-I", "-B", "-W", "ignore", "-c", _BOOTSTRAP], data)
    if code or not output.strip():
        # Nothing of the traceback but its kind: SQLAlchemy quotes parts of a URL that it cannot read.
        kind = (errors.strip().splitlines() or ["no output"])[-1].split(":")[0]
        raise ServiceSilentError(f"{what} with {python} failed (exit status {code}): {kind}")
    return output


def refused(run: Run, python: str, url: str) -> str:
    """Return why the database does not let this configuration in, in the operator's words; empty when it does.

    :param run: runs a command with bytes as its standard input; returns exit status, output and errors.
    :param url: the SQLAlchemy URL of [database] connection.
    """
    try:
        job = {"url": url, "seconds": SECONDS}
        answer = json.loads(in_service(run, python, "Trying the database login", SOURCE, job))
    except ServiceSilentError as error:
        return f"{error}. To do: check the URL's parts."
    if not answer["error"]:
        return ""
    return explain("Logging in with the new configuration", answer["error"], answer["where"])
