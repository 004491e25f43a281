# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login of a store at Keystone: with a password, or with an application credential.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from ansible_collections.openimage.glance.plugins.module_utils._stores.model import Context
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, below

PASSWORD = ("user", "password", "project")
CREDENTIAL = ("application_credential_id", "application_credential_secret")
EXAMPLES = {
    "auth_url": "http://keystone.example.com:5000/v3",
    "user": "glance",
    "password": "…, best from a vault",
    "project": "service",
    "application_credential_id": "what `openstack application credential create` prints",
    "application_credential_secret": "what `openstack application credential create` prints, best from a vault",
}


def login_problems(context: Context, required: bool) -> list[Problem]:
    """Return what is missing or too much: a login is an address with one of the two ways, and is whole or absent."""
    written = context.written
    credential = [key for key in CREDENTIAL if key in written]
    password = [key for key in PASSWORD if key in written]
    domains = [key for key in ("user_domain", "project_domain") if key in written]
    problems: list[Problem] = []
    if credential and (password or domains):
        wrong = f"stands beside {credential[0]}, which says who logs in already"
        problems.extend(Problem(below(context.path, key), wrong, "remove one of the two") for key in password + domains)
    needed: tuple[str, ...] = ()
    if credential:
        needed = ("auth_url", *CREDENTIAL)
    elif required or password or "auth_url" in written:
        needed = ("auth_url", *PASSWORD)
    elif domains:
        problems.extend(
            Problem(
                below(context.path, key),
                "is of no use without a login",
                "write auth_url, user, password and project, or remove it",
            )
            for key in domains
        )
    otherwise = "" if required else ", or remove the rest of the login, so that each user's own is used"
    for key in needed:
        if key not in written:
            problems.append(Problem(below(context.path, key), "is missing", f"write {key}: {EXAMPLES[key]}{otherwise}"))
    return problems
