# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was not proven."""

from __future__ import annotations

DOCUMENTATION = r"""
name: proof_failures
author: The openimage.glance contributors (@openimage)
short_description: List the stores that are not proven
version_added: "0.1.0"
description:
  - Makes a sentence of each store, node and level of a proof that came out false.
options:
  _input:
    description: A dictionary whose C(stores) are what P(openimage.glance.proof#filter) returns.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Fail unless everything is proven
  ansible.builtin.assert:
    that: failures | length == 0
    fail_msg: "{{ failures }}"
  vars:
    failures: "{{ {'stores': proof} | openimage.glance.proof_failures }}"
"""

RETURN = r"""
_value:
  description: The sentences; empty when everything is proven.
  type: list
  elements: str
  sample:
    - "Store archive on api1 failed at level writable: The disk or pool behind store archive is full on api1."
"""

from typing import TYPE_CHECKING, Any

from ansible_collections.openimage.glance.plugins.module_utils._verify.proof import failures

if TYPE_CHECKING:
    from collections.abc import Callable


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"proof_failures": failures}
