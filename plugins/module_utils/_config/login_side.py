# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection, on the service's side: log in to the database as the service would.

Travels to the interpreter of the installed service, see ``login``.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def look(job: dict[str, Any]) -> dict[str, Any]:
    """Log in and ask the least; return where it went and what went wrong."""
    import sqlalchemy

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


def main(job: dict[str, Any]) -> None:
    """Print the answer."""
    json.dump(look(job), sys.stdout)
