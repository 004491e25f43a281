# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter site_warnings: what works in a site, but is rarely meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.module_utils._site import inventory
from ansible_collections.openimage.glance.plugins.module_utils._site.places import Place

DOCUMENTATION = r"""
name: site_warnings
short_description: List what is doubtful in the description of a site
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Lists what the inventory alone can tell to work, but to be rarely meant. Each is one text, C(path) of the variable,
    what is doubtful, and what to write instead.
  - Mistakes are for P(openimage.glance.site_problems#filter).
positional: _input
options:
  _input:
    description: The variables of one API host by name.
    type: dict
    required: true
  place:
    description:
      - Where the host stands, as C(name), C(address), C(all_in_one) (the hosts with lab services), C(local) (whether it
        is the controller itself) and C(lab_only) (whether it has no API).
      - Without it nothing is said of what depends on it, such as an address of loopback.
    type: dict
"""

EXAMPLES = r"""
- name: Show what is doubtful
  ansible.builtin.debug:
    msg: "{{ {'glance_stores': glance_stores} | openimage.glance.site_warnings }}"
"""

RETURN = r"""
_value:
  description: The doubts; empty when there are none.
  type: list
  elements: str
  sample:
    - "glance_stores[0].host: sends images unencrypted; write https:// if the server has it"
"""


def site_warnings(site: Any, place: Mapping[str, Any] | None = None) -> list[str]:
    """Return every doubt as a text."""
    if not isinstance(site, Mapping):
        raise AnsibleFilterError("site_warnings: give a dictionary of variables")
    return inventory.doubts_of(site, Place.of(place) if place else None)


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"site_warnings": site_warnings}
