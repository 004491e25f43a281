# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection, on the service's side: ask an installed service about new configuration files.

It never runs inside Ansible: ``config_files`` sends it, and what it imports of the collection, to the interpreter of
the installed service. It states facts; ``verdicts.py`` puts them into words. oslo.config itself is the judge: its
parser reads the contents (in anonymous memory), its types convert the values.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._config.assignments_side import (
    Assignment,
    enabled_backends,
    normal,
    read,
)
from ansible_collections.openimage.glance.plugins.module_utils._config.catalogue_side import Catalogue, load
from ansible_collections.openimage.glance.plugins.module_utils._config.findings_side import (
    conversions,
    headings,
    repeated,
    unknown,
)
from ansible_collections.openimage.glance.plugins.module_utils._config.known_side import (
    MULTI_STORE,
    Drivers,
    add_dynamic_sections,
    add_global_options,
    add_namespaces,
    add_stores,
    entry_points,
)

RESERVED_STORES = {"os_glance_staging_store": "file", "os_glance_tasks_store": "file"}
# Modules that register further options while they are imported; too slow for every run, so only when in doubt.
LATE_MODULES = {"glance.api": ("glance.db.sqlalchemy.metadata", "glance.common.wsgi_app")}


def examine(job: dict[str, Any], catalogue: Catalogue) -> list[dict[str, Any]]:
    """All findings about the job's files; the catalogue is filled with what the service knows."""
    findings: list[dict[str, Any]] = []
    assignments: list[Assignment] = []
    headers: list[tuple[str, str, int]] = []
    for path, content in job["files"]:
        assigned, sections, broken = read(path, content)
        assignments += assigned
        headers += [(path, section, line) for section, line in sections]
        findings += [broken] if broken else []
    if findings:
        return findings

    drivers = None
    with_stores = MULTI_STORE in job["namespaces"]
    job["stores"] = {**RESERVED_STORES, **enabled_backends(assignments), **job["stores"]} if with_stores else {}
    # A sample file shows each driver's options in a section that no service reads, unless a store has its name.
    listed = entry_points("oslo.config.opts")[MULTI_STORE].load()() if with_stores else []
    stores = {normal(section) for section in job["stores"]}
    job["placeholders"] = [group for group, _opts in listed if group != "glance_store" and normal(group) not in stores]
    findings += add_namespaces(catalogue, job["namespaces"], job["optional"], stores)
    if with_stores:
        drivers = Drivers()
        findings += add_stores(catalogue, drivers, job["stores"])
    add_global_options(catalogue)
    findings += add_dynamic_sections(catalogue, assignments)
    load(catalogue, (content for _path, content in job["files"]))

    doubtful = any(catalogue.find(a.section, a.option) is None for a in assignments)
    for module in [late for name in job["namespaces"] for late in LATE_MODULES.get(name, ())] if doubtful else ():
        importlib.import_module(module)
        add_global_options(catalogue)
    findings += headings(catalogue, job, headers)
    findings += unknown(catalogue, drivers, job, assignments)
    findings += repeated(catalogue, assignments)
    findings += conversions(catalogue, assignments)
    return findings


def main(job: dict[str, Any]) -> None:
    """Print one JSON object; whatever the service prints while it is imported goes to standard error."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    missing = [name for name in job["namespaces"] if name not in entry_points("oslo.config.opts")]
    result: dict[str, Any] = {"missing": missing}
    if not missing:
        catalogue = Catalogue()
        result = {"findings": examine(job, catalogue), "secret_options": catalogue.secrets()}
    json.dump(result, answer)
    answer.close()
