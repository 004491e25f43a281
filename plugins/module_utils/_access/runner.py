# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: have Glance's own interpreter try stores, as the service user."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils import _travel
from ansible_collections.openimage.glance.plugins.module_utils._access import (
    cinder_side,
    file_side,
    keystone_side,
    rbd_side,
    s3_side,
    shared_side,
    side,
    swift_side,
)

Json = dict[str, Any]
Run = Callable[[list[str], bytes], tuple[int, str, str]]
# In the order in which they import each other.
SIDES: tuple[Any, ...] = (shared_side, keystone_side, rbd_side, swift_side, s3_side, cinder_side, file_side, side)
PROBE = "openimage-glance-probe"
"""How the names of all images, objects, buckets and containers begin that are made only to be removed again."""
GRACE = 300
"""Seconds that starting the interpreter and its libraries may take on top: they are large, and hosts may be busy."""


class AccessError(Exception):
    """What the operator must know; ``not_yet`` when a fresh host would say the same before its first real run."""

    def __init__(self, message: str, not_yet: bool = False) -> None:
        super().__init__(message)
        self.not_yet = not_yet


class Settings(NamedTuple):
    """How stores are tried."""

    python: str
    user: str
    host: str
    seconds: int
    write: bool


def command(settings: Settings) -> list[str]:
    """Return the command that starts Glance's interpreter as the service user, isolated from the caller."""
    python = _travel.command(settings.python)
    try:
        account = pwd.getpwnam(settings.user)
    except KeyError:
        message = f"The system user '{settings.user}' does not exist. To do: install Glance first."
        raise AccessError(message, not_yet=True) from None
    if os.geteuid() == 0:
        group = str(account.pw_gid)
        return ["setpriv", "--reuid", settings.user, "--regid", group, "--init-groups", "--", *python]
    if os.geteuid() != account.pw_uid:
        raise AccessError(f"Must run as root or as user '{settings.user}'. To do: set become to true.")
    return python


def job(settings: Settings, stores: Sequence[Json], files: Sequence[Json]) -> Json:
    """Return what the other side is told."""
    return {
        "stores": list(stores),
        "files": [{"path": item["path"], "content": item["content"]} for item in files],
        "write": settings.write,
        "seconds": settings.seconds,
        "probe": PROBE,
        "host": settings.host,
    }


def attempt(run: Run, settings: Settings, stores: Sequence[Json], files: Sequence[Json]) -> dict[str, Json]:
    """Try all stores; return store id -> what was found."""
    if not os.path.exists(settings.python):
        message = f"Glance's interpreter {settings.python} does not exist. To do: install Glance first."
        raise AccessError(message, not_yet=True)
    rounds = -(-len(stores) // side.AT_ONCE)
    limit = GRACE + rounds * settings.seconds
    bounded = ["timeout", "--kill-after=5", str(limit), *command(settings)]
    code, output, errors = run(bounded, _travel.luggage(SIDES, job(settings, stores, files)))
    if code in (124, 137):
        message = f"{settings.python} did not come to an end in {limit} s while it tried the stores"
        raise AccessError(f"{message}. To do: see what hangs on this host, perhaps a file system or a name server.")
    try:
        answer = json.loads(output)
    except ValueError:
        # Only the last line: those before it quote the source.
        last = (errors.strip().splitlines() or ["no output"])[-1]
        message = f"{settings.python} could not try the stores (exit status {code}): {last}"
        raise AccessError(f"{message}. To do: see whether it starts as user {settings.user}.") from None
    return {result["id"]: result for result in answer["results"]}
