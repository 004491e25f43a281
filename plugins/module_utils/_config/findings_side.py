# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection, on the service's side: compare what files say with what is known.

Travels to the interpreter of the installed service, see ``probe_side``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.openimage.glance.plugins.module_utils._config.assignments_side import Assignment, normal
from ansible_collections.openimage.glance.plugins.module_utils._config.catalogue_side import Catalogue
from ansible_collections.openimage.glance.plugins.module_utils._config.known_side import Drivers


def needs_login_plugin(catalogue: Catalogue, assignment: Assignment, seen: set[tuple[str, str]]) -> bool:
    """Whether the option would be known if the section named a login plugin."""
    section = normal(assignment.section)
    if not catalogue.find(section, "auth_type") or {(section, "auth_type"), (section, "auth_plugin")} & seen:
        return False
    from keystoneauth1 import loading

    return any(opt.dest == assignment.option for opt in loading.get_auth_plugin_conf_options("password"))


def unknown(catalogue: Catalogue, drivers: Drivers | None, job: dict, assignments: list[Assignment]) -> Iterator[dict]:
    """Options that nothing reads."""
    seen = {(normal(a.section), a.option) for a in assignments}
    placeholders = set(job["placeholders"])
    for assignment in assignments:
        section, option = assignment.section, assignment.option
        if not catalogue.has(section) or catalogue.find(section, option):
            continue
        yield {
            "kind": "option",
            **assignment.where(),
            "choices": catalogue.options(section),
            "elsewhere": [g for g in catalogue.sections_with(option) if g not in placeholders | set(job["stores"])],
            "store_type": job["stores"].get(section, ""),
            "types": drivers.types_with(option) if drivers else [],
            "needs_auth_type": needs_login_plugin(catalogue, assignment, seen),
        }


def headings(catalogue: Catalogue, job: dict, headers: list[tuple[str, str, int]]) -> Iterator[dict]:
    """Sections that nothing reads, and sections that one file opens twice."""
    placeholders = {normal(name) for name in job["placeholders"]}
    choices = sorted(name for key, name in catalogue.groups.items() if key not in placeholders)
    first: dict[tuple[str, str], int] = {}
    for path, section, line in headers:
        found = {"path": path, "line": line, "section": section}
        if (path, normal(section)) in first:
            yield {"kind": "repeated_section", **found, "first": first[path, normal(section)]}
            continue
        first[path, normal(section)] = line
        if not catalogue.has(section):
            yield {"kind": "section", **found, "choices": choices}
        elif normal(section) in placeholders:
            yield {"kind": "unread", **found}


def repeated(catalogue: Catalogue, assignments: list[Assignment]) -> Iterator[dict]:
    """Options that one file sets more than once although only the last counts."""
    first: dict[tuple[str, str, str], Assignment] = {}
    for assignment in assignments:
        name = catalogue.find(assignment.section, assignment.option)
        if name is None or name.opt.multi:
            continue
        before = first.setdefault((assignment.path, normal(assignment.section), assignment.option), assignment)
        if before is not assignment:
            kind = "repeated" if before.value == assignment.value else "conflict"
            yield {"kind": kind, **assignment.where(), "first": before.line}


def conversions(catalogue: Catalogue, assignments: list[Assignment]) -> Iterator[dict]:
    """Values that do not convert, and options that have a newer name or will go."""
    from oslo_config import cfg

    # What a later file or line overrides is never read.
    last = {(normal(a.section), a.option): a for a in assignments}
    for assignment in last.values():
        name = catalogue.find(assignment.section, assignment.option)
        if name is None:
            continue
        opt, where = name.opt, assignment.where()
        if not name.current:
            yield {"kind": "renamed", **where, "to_section": name.group, "to_option": opt.dest}
        if opt.deprecated_for_removal:
            yield {"kind": "removal", **where, "reason": opt.deprecated_reason or ""}
        # oslo.config's own sentences quote values, whole or in part; those of a secret option are not repeated.
        try:
            catalogue.value(name)
        except (cfg.NoSuchOptError, cfg.TemplateSubstitutionError) as error:
            yield {"kind": "substitution", **where, "name": "" if opt.secret else getattr(error, "opt_name", "")}
        except ValueError as error:
            # The cause is the type's own sentence; the outer one names temporary places.
            cause = error.__context__ if isinstance(error.__context__, ValueError) else error
            yield {"kind": "type", **where, "message": "" if opt.secret else str(cause)}
