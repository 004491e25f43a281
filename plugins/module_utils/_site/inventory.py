# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mistakes of all API hosts together, each told once.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.checks import site_doubts, site_problems
from ansible_collections.openimage.glance.plugins.module_utils._site.places import Place
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import KNOWN
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem

# An inventory may have glance_ variables of its own; only a name that is nearly one of ours is called a mistake.
NEARLY = 0.85


def misspelt(names: Iterable[Any]) -> list[Problem]:
    """Return the variables that nobody reads and that look like one that somebody does."""
    problems = []
    for name in names:
        close = [] if name in KNOWN else difflib.get_close_matches(str(name), KNOWN, 1, NEARLY)
        if close:
            problems.append(Problem(str(name), "is no variable of this collection", f"write {close[0]}"))
    return problems


def problems_of(
    site: Mapping[Any, Any],
    hosts: int,
    place: Place | None = None,
    unresolved: Mapping[str, str] | None = None,
    object_store: bool = False,
) -> list[str]:
    """Return what is wrong in the variables of one host; see site_problems for the parameters."""
    found = site_problems(site, hosts, place, unresolved, object_store)
    return [str(problem) for problem in [*misspelt(site), *found]]


def doubts_of(site: Mapping[Any, Any], place: Place | None = None) -> list[str]:
    """Return what works in the variables of one host, but is rarely meant."""
    return [str(doubt) for doubt in site_doubts(site, place)]


def merged(problems: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the problems of all hosts, each once, with its hosts when it is not one of all.

    :param problems: host -> its problems.
    """
    hosts_of: dict[str, list[str]] = {}
    for host, texts in problems.items():
        for text in dict.fromkeys(texts):
            hosts_of.setdefault(text, []).append(host)
    return [
        text if len(hosts) == len(problems) else f"{text} (on {', '.join(hosts)})" for text, hosts in hosts_of.items()
    ]
