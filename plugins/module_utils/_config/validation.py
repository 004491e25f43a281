# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: have the installed service examine new contents, see ``probe_side``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ansible_collections.openimage.glance.plugins.module_utils import _travel
from ansible_collections.openimage.glance.plugins.module_utils._config import (
    assignments_side,
    catalogue_side,
    findings_side,
    known_side,
    probe_side,
)

# What every Glance has, and what it has in some releases or with some packages only. The names are entry points of
# oslo.config.opts: those from which upstream generates its sample of glance-api.conf, and those that it forgets.
GLANCE_NAMESPACES = (
    "glance.api",
    "glance",
    "glance.multi_store",
    "glance.store",
    "keystonemiddleware.auth_token",
    "oslo.concurrency",
    "oslo.db",
    "oslo.log",
    "oslo.messaging",
    "oslo.policy",
)
OPTIONAL_NAMESPACES = (
    "castellan.config",
    "keystonemiddleware.audit",
    "os_brick",
    "oslo.db.concurrency",
    "oslo.limit",
    "oslo.middleware",
    "oslo.middleware.cors",
    "oslo.middleware.healthcheck",
    "oslo.middleware.http_proxy_to_wsgi",
    "oslo.middleware.sizelimit",
    "oslo.reports",
    "osprofiler",
)
# In the order in which they import each other.
SIDES = (assignments_side, catalogue_side, known_side, findings_side, probe_side)

Run = Callable[[list[str], bytes], tuple[int, str, str]]


class ProbeFailed(Exception):
    """The installed service could not be asked."""


class Answer(NamedTuple):
    """What the probe found, or which entry points the installation lacks; and the options whose values are secret."""

    findings: list[dict[str, Any]]
    missing: list[str]
    secret_options: Sequence[str] = ()


def ask(
    run: Run, python: str, files: Sequence[tuple[str, str]], stores: dict[str, str], namespaces: Sequence[str]
) -> Answer:
    """Have the service's own interpreter examine the contents."""
    job = {
        "files": [list(item) for item in files],
        "stores": stores,
        "namespaces": list(namespaces or GLANCE_NAMESPACES),
        "optional": [] if namespaces else list(OPTIONAL_NAMESPACES),
    }
    code, output, errors = run(_travel.command(python), _travel.luggage(SIDES, job))
    try:
        answer = json.loads(output)
    except ValueError as error:
        # The last line of a traceback names the reason; the lines before it quote the probe.
        last = (errors.strip().splitlines() or ["no output"])[-1]
        raise ProbeFailed(f"{python} could not load the service's options (exit status {code}): {last}") from error
    return Answer(answer.get("findings", []), answer.get("missing", []), tuple(answer.get("secret_options", ())))
