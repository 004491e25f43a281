# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup site_variables: what one host's variables say, and which of them say nothing."""

from __future__ import annotations

DOCUMENTATION = r"""
name: site_variables
short_description: Resolve a host's variables of this collection, each by itself
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Reads the variables whose names begin with C(glance_), as the host has them, for the filters
    P(openimage.glance.site_problems#filter) and P(openimage.glance.site_warnings#filter).
  - A variable that refers to something that is not there does not hide the others.
  - Variables that no role of this collection reads are named, but not resolved. They may refer to what is only known
    later.
options: {}
"""

EXAMPLES = r"""
- name: Show which variables cannot be resolved
  ansible.builtin.debug:
    msg: "{{ query('openimage.glance.site_variables') | map(attribute='unresolved') | first }}"
"""

RETURN = r"""
_raw:
  description: One dictionary.
  type: list
  elements: dict
  contains:
    resolved:
      description: Name and value of each variable that can be resolved. Those of other owners have no value.
      type: dict
    unresolved:
      description: Name of each variable that cannot, and why.
      type: dict
"""

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import KNOWN


class LookupModule(LookupBase):
    """Resolves variables."""

    def __init__(self, loader: Any = None, templar: Any = None, **options: Any) -> None:
        super().__init__(loader=loader, templar=templar, **options)
        # LookupBase keeps its own copy under a private name only.
        self.resolver = templar

    def run(self, _terms: list[str], variables: dict[str, Any], **_options: Any) -> list[dict[str, Any]]:
        """Return one dictionary of values and reasons."""
        ours = [name for name in variables if name.startswith("glance_")]
        values: dict[str, Any] = {name: None for name in ours if name not in KNOWN}
        unresolved = {}
        for name in KNOWN.intersection(ours):
            try:
                values[name] = self.resolver.template(variables[name])
            except AnsibleError as error:
                unresolved[name] = str(error)
        return [{"resolved": values, "unresolved": unresolved}]
