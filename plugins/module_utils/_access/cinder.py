# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PRIVATE to the collection: what Cinder's answers mean, in an operator's words."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._access import keystone
from ansible_collections.openimage.glance.plugins.module_utils._access.words import Words, listed, one_line

Json = dict[str, Any]
# Why nothing could be tried.
UNTRIED = "it has no login of its own, Glance uses that of whoever calls it"


def explain(store: Json, result: Json) -> list[Words]:
    """Return what is wrong."""
    problem = result["problem"]
    kind = problem["kind"]
    found = keystone.explain(problem)
    if kind == "volume_type":
        name, project = store["volume_type"], store["project"] or "of the application credential"
        why = f"project {project} sees no volume type {name}; it sees {listed(problem['seen'])}"
        todo = (
            f"run 'openstack volume type create {name}', correct the store's volume_type, or give the project access "
            f"to a private type: 'openstack volume type set --project {project} {name}'"
        )
        found = Words(f"to find the volume type {name}", why, todo)
    elif kind == "services":
        states = f": {listed(problem['states'])}" if problem["states"] else " at all"
        why = f"no cinder-volume service is up and enabled{states}"
        found = Words("to ask for the services", why, "start cinder-volume; see 'openstack volume service list'")
    elif kind == "refused":
        why = f"Cinder answers HTTP {problem['status']}: {one_line(problem['text'])}"
        found = Words(f"to {problem['step']} at {problem['url']}", why, "see Cinder's log")
    elif kind == "template":
        why = f"it needs {problem['text']}, which a login does not have"
        found = Words("to fill in endpoint_template", why, "use %(project_id)s in it, or catalog_info instead")
    return [found] if found else []
