# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of ``glance_api_config``, the operator's own options: section → option → value.

PRIVATE to the collection: can change at any time.

Whether an option exists and what it takes, the installed Glance decides. Refused here is what has no such form, and
what other variables decide: of two places for one thing, the wrong one gets read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._config.values import render
from ansible_collections.openimage.glance.plugins.module_utils._stores.names import STAGING, TASKS
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import RESERVED, Reading
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, below, kind

ROOT = "glance_api_config"

_DATABASE = "set glance_database_host, _port, _name, _user and _password"
_STORES = "declare the stores in glance_stores"
# (section, option) → what to write instead. Sections in lower case, as oslo.config compares them.
OWNED = {
    ("default", "enabled_backends"): _STORES,
    ("glance_store", "default_backend"): "write default: true at a store in glance_stores",
    ("glance_store", "stores"): _STORES,
    ("glance_store", "default_store"): _STORES,
    ("database", "connection"): _DATABASE,
    ("keystone_authtoken", "password"): "set glance_service_password",
    ("keystone_authtoken", "memcache_secret_key"): "set glance_memcached_secret",
    (STAGING, "filesystem_store_datadir"): f"set {RESERVED[STAGING]}",
    (TASKS, "filesystem_store_datadir"): f"set {RESERVED[TASKS]}",
}


def _value(path: str, value: Any) -> Problem | None:
    """Return what is wrong about an option's value, without telling it: it may be secret."""
    items = (
        list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else [value]
    )
    for item in items:
        if item is not None and not isinstance(item, (str, int, float)):
            return Problem(
                path, f"is or contains {kind(item)}", "write a text, a number, true, false, or a list of those"
            )
    try:
        render(value)
    except ValueError as error:
        return Problem(path, f"cannot be written: {error}", "write one line of text, a number, true, false, or a list")
    return None


def check_api_config(config: Any, stores: Reading) -> list[Problem]:
    """Return the problems of the operator's own options."""
    if config is None:
        return []
    if not isinstance(config, Mapping):
        return [Problem(ROOT, f"is {kind(config)}", "write a mapping like {DEFAULT: {debug: true}}")]
    problems = []
    of_stores = {name.lower(): entry for name, entry in stores.ids.items()}
    for section, options in config.items():
        path = below(ROOT, section)
        if not isinstance(section, str) or not re.fullmatch(r"[A-Za-z0-9][\w.-]*", section):
            problems.append(Problem(path, "is not a section name", "write one like DEFAULT or image_format"))
            continue
        if section.lower() in of_stores:
            entry = of_stores[section.lower()]
            wrong = f"is the section of {entry.name}"
            problems.append(Problem(path, wrong, f"write its options in {below(entry.path, 'options')}"))
            continue
        if section.lower() == "backend_defaults":
            problems.append(Problem(path, "is decided elsewhere", "write its options in glance_backend_defaults"))
            continue
        if section.lower() == "default" and section != "DEFAULT":
            problems.append(Problem(path, "is not the section [DEFAULT]", "write DEFAULT"))
        if not isinstance(options, Mapping):
            advice = "write a mapping of options, like {debug: true}"
            problems.append(Problem(path, f"is {kind(options)}, not the options of a section", advice))
            continue
        problems.extend(_section(path, section, options))
    return problems


def _section(path: str, section: str, options: Mapping[Any, Any]) -> list[Problem]:
    problems = []
    for option, value in options.items():
        place = below(path, option)
        if not isinstance(option, str) or not re.fullmatch(r"[A-Za-z][\w.-]*", option):
            problems.append(Problem(place, "is not an option name", "write one like show_multiple_locations"))
            continue
        owned = OWNED.get((section.lower(), option.replace("-", "_")))
        if owned:
            problems.append(Problem(place, "is decided elsewhere", owned))
            continue
        wrong = _value(place, value)
        if wrong:
            problems.append(wrong)
    return problems
