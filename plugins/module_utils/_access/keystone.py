# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what Keystone's answers to a store's login mean, in an operator's words."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access.words import Words, listed, one_line, reason, tls

Json = dict[str, Any]


def explain(problem: Json) -> Words | None:
    """Explain a failed login or a missing endpoint; None for anything else."""
    kind, url = problem["kind"], problem.get("url", "")
    user, project = problem.get("user", ""), problem.get("project", "")
    tried = f"to log in to {url} as user {user} in project {project}"
    if kind == "password":
        why = "Keystone refuses the login even without a project: wrong password, wrong user name, or wrong user_domain"
        return Words(tried, why, "correct user, password and user_domain of the store")
    if kind == "project":
        seen = listed(problem["projects"], "no project")
        why = f"the password is right, but there is no such project, or the user has no role in it; it has in {seen}"
        return Words(tried, why, f"correct the store's project, or give the user a role in project {project}")
    if kind == "application_credential":
        why = "Keystone refuses it: wrong id, wrong secret, expired, or its user has lost the project"
        todo = "make another with 'openstack application credential create' and write its id and secret at the store"
        return Words(f"to log in to {url} with the application credential", why, todo)
    if kind == "not_keystone":
        why = f"what answers is not Keystone's version 3: {one_line(problem['text'])}"
        return Words(f"to log in to {url}", why, "correct the store's auth_url; it mostly ends in /v3")
    if kind == "login":
        return Words(tried, one_line(problem["text"]), "see Keystone's log")
    if kind == "endpoint":
        query = problem["query"]
        where = f" in region {query['region']}" if query["region"] else ""
        name = f" named {query['service_name']}" if query.get("service_name") else ""
        asked = f"{query['interface']} endpoint of service {query['service_type']}{name}{where}"
        has = f"the catalog has none; it has {listed(problem['offered'], 'none of that type for this login at all')}"
        todo = "correct the store's region or type of endpoint, or register the endpoint in Keystone"
        return Words(f"to find the {asked}", has, todo)
    if kind == "tls":
        return tls(f"to {problem['step']} at {url}", problem["text"], "cacert")
    if kind == "unreachable":
        todo = "correct the address, start the service, or open the way from this host"
        return Words(f"to {problem['step']} at {url}", reason(problem["text"]), todo)
    return None
