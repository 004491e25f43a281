# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter merged_problems: the mistakes of all hosts, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.module_utils._site import inventory

DOCUMENTATION = r"""
name: merged_problems
short_description: List the mistakes of all hosts, each once
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Joins what P(openimage.glance.site_problems#filter) found on each host.
  - A mistake of all hosts is told once, one of some hosts with their names.
positional: _input
options:
  _input:
    description: Host -> its mistakes.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ {'api1': ['a: is wrong'], 'api2': ['a: is wrong', 'b: too']} | openimage.glance.merged_problems }}"
"""

RETURN = r"""
_value:
  description: The mistakes; empty when there are none.
  type: list
  elements: str
  sample:
    - "a: is wrong"
    - "b: too (on api2)"
"""


def merged_problems(problems: Any) -> list[str]:
    """Return every mistake once."""
    if not isinstance(problems, Mapping):
        raise AnsibleFilterError("merged_problems: give a dictionary of hosts, each with a list of its problems")
    return inventory.merged(problems)


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"merged_problems": merged_problems}
