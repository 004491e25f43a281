# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection, on the service's side: fill the catalogue with what an installation knows.

Travels to the interpreter of the installed service, see ``probe_side``.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._config.assignments_side import (
    DEFAULT,
    Assignment,
    normal,
)
from ansible_collections.openimage.glance.plugins.module_utils._config.catalogue_side import Catalogue

# What an optional part of an installation may raise when one of its own dependencies is missing or too new.
BROKEN_IMPORT = (ImportError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
MULTI_STORE = "glance.multi_store"


def entry_points(group: str) -> dict[str, Any]:
    """The installed entry points of a group by name."""
    found: Any = metadata.entry_points()
    return {p.name: p for p in (found.select(group=group) if hasattr(found, "select") else found.get(group, []))}


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
