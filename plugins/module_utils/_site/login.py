# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the administrator's login: ``glance_cloud`` or ``glance_keystone_admin_*``.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site.places import Place
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import ADMIN_SECRET, secret
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, Wrong

CLOUD = "glance_cloud"
ADMIN = (
    "glance_keystone_admin_user",
    ADMIN_SECRET,
    "glance_keystone_admin_project",
    "glance_keystone_admin_domain",
)


def check_login(site: Mapping[Any, Any], place: Place | None, unresolved: Container[str] = ()) -> list[Problem]:
    """Return what is wrong with the choice of the administrator's login.

    :param unresolved: variables whose templates cannot be resolved; they are reported as that.
    """
    if CLOUD in unresolved:
        return []
    if site.get(CLOUD) in (None, ""):
        return _password(site)
    beside = f"is a second login beside {CLOUD}"
    problems = [
        Problem(name, beside, f"remove it, or remove {CLOUD}") for name in ADMIN if site.get(name) not in (None, "")
    ]
    if place and place.all_in_one:
        wrong = "names the login of a Keystone that exists, and the hosts of the group glance_all_in_one make their own"
        advice = f"remove it and set {ADMIN_SECRET}, or remove the group to use the Keystone that you have"
        problems.append(Problem(CLOUD, wrong, advice))
    return problems


def _password(site: Mapping[Any, Any]) -> list[Problem]:
    value = site.get(ADMIN_SECRET)
    if value in (None, ""):
        advice = f"set it, best in a vault (ansible-vault encrypt_string), or name a cloud of clouds.yaml in {CLOUD}"
        return [Problem(ADMIN_SECRET, "is missing", advice)]
    try:
        secret(value)
    except Wrong as error:
        return [error.at(ADMIN_SECRET)]
    return []
