# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter site_problems: every mistake in the description of a site in one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.module_utils._site import inventory
from ansible_collections.openimage.glance.plugins.module_utils._site.places import Place

DOCUMENTATION = r"""
name: site_problems
short_description: List every mistake in the description of a site
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Checks what the inventory alone can tell, without asking any host. That is stores and their directories, release and
    install method, types and names of variables, secrets, C(glance_api_config) and C(glance_images).
  - Each mistake is one text, C(path) of the variable, what is wrong, and what to write instead. Secrets are never told.
positional: _input
options:
  _input:
    description:
      - The variables of one API host by name, like C(glance_stores) and C(glance_database_password).
      - Absent variables are taken to be right, except for C(glance_stores) and the secrets.
    type: dict
    required: true
  hosts:
    description: How many API hosts the site has.
    type: int
    default: 1
  place:
    description:
      - Where the host stands, as C(name), C(address), C(all_in_one) (the hosts with lab services), C(local) (whether it
        is the controller itself) and C(lab_only) (whether it has no API).
      - Without it nothing is said of what depends on it, such as an address of loopback.
    type: dict
  unresolved:
    description: Variables that are not in the input because their templates cannot be resolved, and why.
    type: dict
    default: {}
  object_store:
    description: Whether an object store is to be registered in Keystone, which needs its URL and its password.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Refuse an inventory that cannot work
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems }}"
  vars:
    problems: "{{ {'glance_stores': glance_stores} | openimage.glance.site_problems(hosts=2) }}"
"""

RETURN = r"""
_value:
  description: The mistakes; empty when there are none.
  type: list
  elements: str
  sample:
    - "glance_stores[1].typ: is not a key of file stores; write type"
    - "glance_database_password: is a placeholder; set a real secret, best in a vault (ansible-vault encrypt_string)"
"""


def site_problems(
    site: Any,
    hosts: Any = 1,
    place: Mapping[str, Any] | None = None,
    unresolved: Mapping[str, str] | None = None,
    object_store: bool = False,
) -> list[str]:
    """Return every mistake as a text."""
    if not isinstance(site, Mapping):
        raise AnsibleFilterError("site_problems: give a dictionary of variables")
    return inventory.problems_of(site, int(hosts), Place.of(place) if place else None, unresolved, object_store)


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"site_problems": site_problems}
