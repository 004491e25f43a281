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

from ansible_collections.openimage.glance.plugins.module_utils import _travel
from ansible_collections.openimage.glance.plugins.module_utils._config import login_side
from ansible_collections.openimage.glance.plugins.module_utils._schema.errors import explain

SECONDS = 30
"""Seconds to connect to the database server. One that many hosts ask at once may be slow."""
Run = Callable[[list[str], bytes], tuple[int, str, str]]


class ServiceSilentError(Exception):
    """The service's interpreter gave no answer. The text says what was asked, not what it was asked with."""


def in_service(run: Run, python: str, what: str, side: Any, job: dict[str, Any]) -> Any:
    """Have the service's own interpreter run a side with a job; return its answer."""
    code, output, errors = run(_travel.command(python), _travel.luggage([side], job))
    if code or not output.strip():
        # Nothing of the traceback but its kind: SQLAlchemy quotes parts of a URL that it cannot read.
        kind = (errors.strip().splitlines() or ["no output"])[-1].split(":")[0]
        raise ServiceSilentError(f"{what} with {python} failed (exit status {code}): {kind}")
    return json.loads(output)


def refused(run: Run, python: str, url: str) -> str:
    """Return why the database does not let this configuration in, in the operator's words; empty when it does.

    :param run: runs a command with bytes as its standard input; returns exit status, output and errors.
    :param url: the SQLAlchemy URL of [database] connection.
    """
    try:
        job = {"url": url, "seconds": SECONDS}
        answer = in_service(run, python, "Trying the database login", login_side, job)
    except ServiceSilentError as error:
        return f"{error}. To do: check the URL's parts."
    if not answer["error"]:
        return ""
    return explain("Logging in with the new configuration", answer["error"], answer["where"])
