# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection, on the service's side: count the images that stores hold, as the database says.

Each location of an image says in its metadata which store it is in. Travels to the interpreter of the installed
service, see ``holdings``.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def count(job: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """Return store -> (number of images, the id of one of them) for the stores that are asked about."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(job["url"], poolclass=sqlalchemy.pool.NullPool)
    found: dict[str, tuple[int, str]] = {}
    with engine.connect() as connection:
        if not sqlalchemy.inspect(connection).has_table("image_locations"):
            return found
        rows = connection.execute(
            sqlalchemy.text(
                "SELECT meta_data, COUNT(DISTINCT image_id), MIN(image_id) FROM image_locations"
                " WHERE deleted = 0 GROUP BY meta_data"
            )
        )
        for metadata, images, example in rows:
            store = json.loads(metadata or "{}").get("store")
            if store in job["stores"]:
                before, first = found.get(store, (0, example))
                found[store] = (before + images, first)
    return found


def main(job: dict[str, Any]) -> None:
    """Print the answer."""
    json.dump(count(job), sys.stdout)
