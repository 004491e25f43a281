# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter rooms: the directories of a site that fill with images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.module_utils._site import space

DOCUMENTATION = r"""
name: rooms
short_description: List the directories that fill with images, and what must be free for them
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Lists the directory of each file store and Glance's own for staging and tasks, for M(openimage.glance.host_facts)
    and P(openimage.glance.free_space#filter).
  - Left out is what C(glance_minimum_free_space), or the store's own C(minimum_free_space), switches off with 0. A site
    that is wrong has none; P(openimage.glance.site_problems#filter) tells what is wrong.
positional: _input
options:
  _input:
    description: The variables of a host by name.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Ask what is free for images
  openimage.glance.host_facts:
    paths: "{{ {'glance_stores': glance_stores} | openimage.glance.rooms | map(attribute='path') }}"
  become: true
"""

RETURN = r"""
_value:
  description: The directories, each with C(path), C(owner), C(origin), C(mount), C(wanted) (in bytes) and C(said).
  type: list
  elements: dict
"""


def rooms(site: Any) -> list[dict[str, Any]]:
    """Return the directories that want room."""
    if not isinstance(site, Mapping):
        raise AnsibleFilterError("rooms: give a dictionary of variables")
    return space.rooms(site)


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"rooms": rooms}
