# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the inventory alone can tell about a site: every mistake in one run.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.api_config import check_api_config
from ansible_collections.openimage.glance.plugins.module_utils._site.images import check_images
from ansible_collections.openimage.glance.plugins.module_utils._site.login import check_login
from ansible_collections.openimage.glance.plugins.module_utils._site.places import Place, place_doubts, place_problems
from ansible_collections.openimage.glance.plugins.module_utils._site.releases import (
    combination,
    method_name,
    release_name,
)
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import (
    ADMIN_SECRET,
    OBJECT_STORE_SECRET,
    OBJECT_STORE_URL,
    SECRETS,
    check_secrets,
    check_variables,
    of_the_lab,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores import plan
from ansible_collections.openimage.glance.plugins.module_utils._stores.defaults import ROOT as DEFAULTS
from ansible_collections.openimage.glance.plugins.module_utils._stores.file import FileStore
from ansible_collections.openimage.glance.plugins.module_utils._stores.names import STAGING, TASKS
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong, below, kind

DEFAULT_PLACES = {name: f"/var/lib/glance/{name}" for name in (STAGING, TASKS)}


def _release(site: Mapping[Any, Any]) -> list[Problem]:
    problems = []
    release = method = ""
    try:
        release = release_name(site.get("glance_release"))
    except Wrong as error:
        problems.append(error.at("glance_release"))
    try:
        method = method_name(site.get("glance_install_method"))
    except Wrong as error:
        problems.append(error.at("glance_install_method"))
    impossible = combination(release, method)
    if impossible:
        problems.append(impossible.at("glance_install_method"))
    return problems


def _sharing(reading: plan.Reading, hosts: int) -> list[Problem]:
    """Return the problems of directories that each API host would have for itself."""
    return [
        Problem(
            below(entry.path, "shared"),
            f"{entry.name} is another directory on each of the {hosts} API hosts, so only one of them finds an image",
            "write nfs to have an export mounted there, shared: true if it is a shared filesystem already, or use a "
            "store of another type",
        )
        for entry in reading.entries
        # A `shared` that could not be read is reported as that.
        if hosts > 1
        and entry.store_class is FileStore
        and "nfs" not in entry.written
        and not entry.values.get("shared", "shared" in entry.written)
    ]


def read_stores(site: Mapping[Any, Any]) -> plan.Reading:
    """Return what a site says about its stores."""
    return plan.read(
        site.get("glance_stores"),
        site.get(plan.RESERVED[STAGING], DEFAULT_PLACES[STAGING]),
        site.get(plan.RESERVED[TASKS], DEFAULT_PLACES[TASKS]),
        site.get("glance_release"),
        site.get(DEFAULTS),
    )


def site_problems(
    site: Any,
    hosts: int,
    place: Place | None = None,
    unresolved: Mapping[str, str] | None = None,
    object_store: bool = False,
) -> list[Problem]:
    """Return everything that is wrong in a site's inventory.

    :param site: the site's variables by name, templates resolved. What is absent is taken to be right, except for
        secrets and stores.
    :param hosts: how many API hosts there are.
    :param place: where the host stands, whose variables these are; None if that is of no interest.
    :param unresolved: the variables whose templates cannot be resolved, and why. They are absent from the site.
    :param object_store: whether an object store is to be registered in Keystone, which needs its URL and its password.
    """
    if not isinstance(site, Mapping):
        return [
            Problem("inventory", f"the site's variables are {kind(site)}", "pass a mapping of variable names to values")
        ]
    silent = dict(unresolved or {})
    if place and place.lab_only:
        site, silent = of_the_lab(site), of_the_lab(silent)
    broken = [
        Problem(name, f"cannot be resolved: {reason}", "define what it refers to, or refer to something else")
        for name, reason in sorted(silent.items())
    ]
    if place and place.lab_only:
        found = _lab_problems(site, place)
    else:
        found = _api_problems(site, hosts, place, silent, object_store)
    # What cannot be resolved looks absent, which is not what is wrong about it.
    return broken + [problem for problem in found if problem.path not in silent]


def _lab_problems(site: Mapping[Any, Any], place: Place) -> list[Problem]:
    """Return what is wrong for a host that has lab services and no API."""
    secrets = check_secrets(site, memcached=False, needed=(ADMIN_SECRET,))
    return [*check_variables(site), *secrets, *place_problems(site, place)]


def _object_store(site: Mapping[Any, Any]) -> list[Problem]:
    """Return the missing URL of an object store that is to be registered."""
    if site.get(OBJECT_STORE_URL):
        return []
    advice = "write the URL for its clients, like http://192.0.2.3:8080/swift/v1/AUTH_%(tenant_id)s"
    return [Problem(OBJECT_STORE_URL, "is missing", advice)]


def _api_problems(
    site: Mapping[Any, Any], hosts: int, place: Place | None, silent: Mapping[str, str], object_store: bool
) -> list[Problem]:
    reading = read_stores(site)
    problems = []
    if hosts < 1:
        problems.append(Problem("glance_api", "the group has no host", "add at least one host to the group glance_api"))
    problems.extend(_release(site))
    problems.extend(check_variables(site))
    needed = [name for name in SECRETS if name != ADMIN_SECRET] + ([OBJECT_STORE_SECRET] if object_store else [])
    problems.extend(check_secrets(site, memcached=place is None or place.name in place.all_in_one, needed=needed))
    problems.extend(check_login(site, place, silent))
    problems.extend(_object_store(site) if object_store else [])
    problems.extend(place_problems(site, place) if place else [])
    problems.extend(plan.in_order(reading.problems + _sharing(reading, hosts)))
    problems.extend(check_api_config(site.get("glance_api_config"), reading))
    # Of stores that are not known, none can be the wrong one.
    if "glance_stores" not in silent:
        problems.extend(check_images(site.get("glance_images"), reading, site.get("glance_import_methods")))
    return problems


def site_doubts(site: Mapping[Any, Any], place: Place | None = None) -> list[Problem]:
    """Return what works, but is rarely meant."""
    if place and place.lab_only:
        return []
    return [*read_stores(site).doubts, *(place_doubts(site, place) if place else [])]
