# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: the script that asks an installed service what it thinks of new configuration files.

It never runs inside Ansible: ``config_files`` hands its source to the interpreter of the installed service, so only the
standard library and that installation can be imported. It states facts; ``verdicts.py`` puts them into words.
oslo.config itself is the judge: its parser reads the contents (in anonymous memory), its types convert the values.
"""

from __future__ import annotations

import copy
import importlib
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import Any, NamedTuple

# What an optional part of an installation may raise when one of its own dependencies is missing or too new.
BROKEN_IMPORT = (ImportError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
DEFAULT = "DEFAULT"
MULTI_STORE = "glance.multi_store"
RESERVED_STORES = {"os_glance_staging_store": "file", "os_glance_tasks_store": "file"}
# Modules that register further options while they are imported; too slow for every run, so only when in doubt.
LATE_MODULES = {"glance.api": ("glance.db.sqlalchemy.metadata", "glance.common.wsgi_app")}


class Assignment(NamedTuple):
    """One ``option = value`` as a file gives it."""

    path: str
    line: int
    section: str
    option: str
    value: str

    def where(self) -> dict[str, Any]:
        """The place, as every finding carries it."""
        return {"path": self.path, "line": self.line, "section": self.section, "option": self.option}


class Name(NamedTuple):
    """An option under one of the names by which a file may give it."""

    group: str
    opt: Any
    current: bool


def normal(section: str) -> str:
    """The form in which oslo.config compares section names."""
    return section if section == DEFAULT else section.lower()


class Catalogue:
    """All options that the installed service knows, also registered with a parser of our own."""

    def __init__(self) -> None:
        from oslo_config import cfg

        class Judge(cfg.ConfigOpts):
            """A parser that never fetches a remote configuration source."""

            def _load_alternative_sources(self) -> None:
                pass

        self.conf = Judge()
        self.groups: dict[str, str] = {DEFAULT: DEFAULT}
        self.names: dict[tuple[str, str], list[Name]] = {}
        self.duplicate = cfg.DuplicateOptError

    def add(self, group: Any, options: Iterable[Any]) -> None:
        """Register options; of two definitions of one option the first one judges its value."""
        name = str(getattr(group, "name", group) or DEFAULT)
        name = self.groups.setdefault(normal(name), name)
        for original in options:
            opt = copy.copy(original)
            opt.required = False  # a file need not be complete to be right
            self._name(name, opt.dest, Name(name, opt, True))
            for old in opt.deprecated_opts:
                if old.name or old.group:
                    self._name(old.group or name, old.name or opt.dest, Name(name, opt, False))
            try:
                self.conf.register_opt(opt, group=None if name == DEFAULT else name)
            except self.duplicate:
                continue

    def _name(self, section: str, option: str, name: Name) -> None:
        self.names.setdefault((normal(section), option), []).append(name)

    def find(self, section: str, option: str) -> Name | None:
        """The option that this name means, under its current name if it has one here."""
        found = self.names.get((normal(section), option), [])
        return next((name for name in found if name.current), found[0] if found else None)

    def has(self, section: str) -> bool:
        """Whether any option, also under an old name, may stand in the section."""
        return normal(section) in self.groups or any(known == normal(section) for known, _option in self.names)

    def options(self, section: str) -> list[str]:
        """The current names of the section's options."""
        group = normal(section)
        return sorted(option for (known, option), names in self.names.items() if known == group and names[0].current)

    def secrets(self) -> list[str]:
        """The names of the options whose values the service itself would not show, under old names as well.

        Without their sections: a file from before may have any of them in the section of a store that is gone.
        """
        return sorted({option for (_section, option), names in self.names.items() if any(n.opt.secret for n in names)})

    def sections_with(self, option: str) -> list[str]:
        """Every section that has an option of this name."""
        homes = {name.group for (_s, o), names in self.names.items() if o == option for name in names if name.current}
        return sorted(homes)

    def value(self, name: Name) -> Any:
        """Have oslo.config read the option from the files."""
        return self.conf[name.opt.dest] if name.group == DEFAULT else self.conf[name.group][name.opt.dest]


def entry_points(group: str) -> dict[str, Any]:
    """The installed entry points of a group by name."""
    found: Any = metadata.entry_points()
    return {p.name: p for p in (found.select(group=group) if hasattr(found, "select") else found.get(group, []))}


def read(path: str, content: str) -> tuple[list[Assignment], list[tuple[str, int]], dict[str, Any] | None]:
    """The assignments and sections of one file, and the syntax error that stopped the reading, if any."""
    from oslo_config import iniparser

    assignments: list[Assignment] = []
    sections: list[tuple[str, int]] = []

    class Reader(iniparser.BaseParser):
        """Collects what oslo.config's own parser sees, with line numbers."""

        def new_section(self, section: str) -> None:
            sections.append((section, self.lineno))

        def assignment(self, key: str, value: list[str]) -> None:
            # Called at the first line after the value, however many lines the value had.
            line = self.lineno - len(value)
            if not sections:
                raise self.parse_exc("an option stands before the first [section]", line, "")
            assignments.append(Assignment(path, line, sections[-1][0], key, "\n".join(value)))

    reader = Reader()
    try:
        # The lines that an open file would give, and one more, so that the last value ends before the text does.
        reader.parse([*io.StringIO(content, newline=None), "\n"])
    except iniparser.ParseError as error:
        # The error's own text quotes the line, which may hold a secret.
        found = {"kind": "syntax", "path": path, "line": error.lineno, "message": error.msg}
        return assignments, sections, found
    return assignments, sections, None


def add_namespaces(catalogue: Catalogue, wanted: list[str], optional: list[str], skip: set[str]) -> Iterator[dict]:
    """Register what the service's entry points list, and what their import registered globally."""
    points = entry_points("oslo.config.opts")
    for namespace in [*wanted, *(name for name in optional if name in points and name not in wanted)]:
        try:
            listed = points[namespace].load()()
        except BROKEN_IMPORT as error:
            if namespace in wanted:
                raise
            yield {"kind": "namespace", "name": namespace, "message": f"{type(error).__name__}: {error}"}
            continue
        for group, options in listed:
            name = str(getattr(group, "name", group) or DEFAULT)
            if not (namespace == MULTI_STORE and normal(name) in skip):
                catalogue.add(name, options)


def add_global_options(catalogue: Catalogue) -> None:
    """Register what the imported modules registered for the running service."""
    from oslo_config import cfg

    for info, group in cfg.CONF._all_opt_infos():
        catalogue.add(group, [info["opt"]])


def enabled_backends(assignments: list[Assignment]) -> dict[str, str]:
    """The stores that the files themselves enable."""
    values = [a.value for a in assignments if (a.section, a.option) == (DEFAULT, "enabled_backends")]
    pairs = (pair.partition(":") for pair in (values[-1] if values else "").split(","))
    return {section.strip(): kind.strip() for section, colon, kind in pairs if colon}


class Drivers:
    """The store drivers of the installed glance_store."""

    def __init__(self) -> None:
        self.points = {n: p for n, p in entry_points("glance_store.drivers").items() if "." not in n and n != "no_conf"}
        self.options: dict[str, list[Any]] = {}
        self.broken: dict[str, str] = {}
        # Every store has them. Swift's entry point is no class but a function, which does not say so.
        common = getattr(importlib.import_module("glance_store.driver").Store, "MULTI_BACKEND_OPTIONS", None)
        for name, point in self.points.items():
            try:
                driver = point.load()
            except BROKEN_IMPORT as error:
                self.broken[name] = f"{type(error).__name__}: {error}"
                continue
            self.options[name] = [*(driver.OPTIONS or []), *(getattr(driver, "MULTI_BACKEND_OPTIONS", common) or [])]

    def types_with(self, option: str) -> list[str]:
        """The store types that have the option."""
        return sorted(name for name, options in self.options.items() if any(opt.dest == option for opt in options))


def add_stores(catalogue: Catalogue, drivers: Drivers, stores: dict[str, str]) -> Iterator[dict]:
    """Register each store's section with the options of its driver."""
    for section, kind in stores.items():
        found = {"section": section, "store_type": kind}
        if kind not in drivers.points:
            yield {"kind": "store_type", **found, "choices": sorted(drivers.points)}
        elif kind in drivers.broken:
            yield {"kind": "driver", **found, "message": drivers.broken[kind]}
        catalogue.add(section, drivers.options.get(kind, []))
    shared = getattr(importlib.import_module("glance_store.driver"), "SHARED_CONF_GROUP", None)
    for options in drivers.options.values() if shared else ():
        catalogue.add(shared, options)


def add_dynamic_sections(catalogue: Catalogue, assignments: list[Assignment]) -> Iterator[dict]:
    """Register what depends on values: login plugins, and the sections for several origins of CORS."""
    for section in {a.section for a in assignments}:
        if section.startswith("cors."):
            catalogue.add(section, [catalogue.names["cors", option][0].opt for option in catalogue.options("cors")])
    values = {(normal(a.section), a.option): a for a in assignments}
    for section in {section for section, option in values if option in ("auth_type", "auth_plugin", "auth_section")}:
        if catalogue.find(section, "auth_type"):
            yield from add_login(catalogue, values, section)


def add_login(catalogue: Catalogue, values: dict[tuple[str, str], Assignment], section: str) -> Iterator[dict]:
    """Register the options of the login plugin that a section names."""
    from keystoneauth1 import exceptions, loading

    elsewhere = values.get((section, "auth_section"))
    if elsewhere:
        section = normal(elsewhere.value)
        catalogue.add(elsewhere.value, loading.get_auth_common_conf_options())
        catalogue.add(elsewhere.value, loading.get_session_conf_options())
    plugin = values.get((section, "auth_type")) or values.get((section, "auth_plugin"))
    if plugin:
        try:
            catalogue.add(section, loading.get_auth_plugin_conf_options(plugin.value))
        except exceptions.NoMatchingPlugin:
            choices = sorted(loading.get_available_plugin_names())
            yield {"kind": "auth_type", **plugin.where(), "value": plugin.value, "choices": choices}
            # One mistake, one finding: the usual login options are not unknown for that.
            catalogue.add(section, loading.get_auth_plugin_conf_options("password"))
        except BROKEN_IMPORT as error:
            yield {"kind": "type", **plugin.where(), "message": f"{type(error).__name__}: {error}"}


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


def load(catalogue: Catalogue, contents: Iterable[str]) -> None:
    """Let oslo.config parse the contents from anonymous memory."""
    paths = []
    for content in contents:
        descriptor = os.memfd_create("config_files")
        with open(descriptor, "wb", closefd=False) as memory:
            memory.write(content.encode())
        paths.append(f"/proc/self/fd/{descriptor}")
    catalogue.conf(args=[], project="config_files", default_config_files=paths, default_config_dirs=[], use_env=False)


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
