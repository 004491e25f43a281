# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was proven of each store through each node."""

from __future__ import annotations

DOCUMENTATION = r"""
name: proof
author: The openimage.glance contributors (@openimage)
short_description: Join what was found of each store on each level
version_added: "0.1.0"
description:
  - Joins the results of M(openimage.glance.stores_info) of every node and of M(openimage.glance.store_canary) to one
    row for each store and node.
options:
  _input:
    description: The C(expected) stores of the store plan.
    type: list
    elements: dict
    required: true
  infos:
    description: Node name -> what M(openimage.glance.stores_info) returned for it.
    type: dict
    required: true
  canaries:
    description: The C(results) of M(openimage.glance.store_canary).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what is proven
  ansible.builtin.debug:
    msg: "{{ plan.expected | openimage.glance.proof(infos={'api1': info}, canaries=canary.results) }}"
"""

RETURN = r"""
_value:
  description:
    - Rows with C(id), C(type), C(default), C(node), C(seconds), C(message), and for each of C(declared), C(loaded) and
      C(writable) true, false, or null where the level does not apply.
  type: list
  elements: dict
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._verify.proof import proofs

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"proof": proofs}
