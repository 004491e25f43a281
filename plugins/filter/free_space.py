# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter free_space: whether a host has room for images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site import space

DOCUMENTATION = r"""
name: free_space
short_description: Compare what must be free for images with what a host has
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - A directory that is still to be made on a file system without room is a problem. One that is there already is only
    worth a warning, because its site runs and may be changed in other ways.
  - An NFS export that is still to be mounted is passed over, and so is what the host could not tell.
positional: _input
options:
  _input:
    description: What P(openimage.glance.rooms#filter) returns.
    type: list
    elements: dict
    required: true
  file_systems:
    description: What M(openimage.glance.host_facts) returned under that name.
    type: list
    elements: dict
    required: true
  host:
    description: The host's name, for the messages.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse a host that has no room
  ansible.builtin.assert:
    that: space.problems | length == 0
    fail_msg: "{{ space.problems }}"
  vars:
    space: "{{ rooms | openimage.glance.free_space(file_systems=host.file_systems, host=inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: What is to be said.
  type: dict
  contains:
    problems:
      description: What must not be begun, each as C(path), what is wrong, and what to do.
      type: list
      elements: str
      sample:
        - >-
          glance_stores[0].path: /srv/images of store local on api1 is on the file system mounted at /, which has 300
          MiB free of the 1 GiB that glance_minimum_free_space wants; free space or add some there, choose another path,
          or lower glance_minimum_free_space, which 0 switches off
    warnings:
      description: What runs already, and is short of space, in the same form.
      type: list
      elements: str
"""


def free_space(rooms: Any, file_systems: Any, host: str) -> dict[str, list[str]]:
    """Return problems and warnings as texts."""
    found = space.judge(rooms, file_systems, host)
    return {"problems": [str(one) for one in found.problems], "warnings": [str(one) for one in found.doubts]}


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"free_space": free_space}
