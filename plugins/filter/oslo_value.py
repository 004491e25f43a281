# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write one value of a configuration file that oslo.config reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.module_utils._config.values import ValueRefused, render

DOCUMENTATION = r"""
name: oslo_value
short_description: Write a value so that oslo.config reads back the same one
version_added: "0.1.0"
author:
  - The openimage.glance contributors (@openimage)
description:
  - Booleans become C(true) or C(false), lists C(a,b), dictionaries C(a:1,b:2).
  - A dollar sign is written twice, because C($name) means the value of another option. Spaces at the ends and quotes
    around a value are protected.
  - Refuses what no such file can say, that is line ends, items with commas, and null.
options:
  _input:
    description: The value.
    type: raw
    required: true
  bounds:
    description: Put brackets around a list, or braces around a dictionary. A few options want that, in Glance those of
      C([import_filtering_opts]) and C([glance_download_properties]).
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Lines of a template
  ansible.builtin.debug:
    msg: |
      password = {{ 'pa$$word' | openimage.glance.oslo_value }}
      enabled_import_methods = {{ ['glance-direct', 'web-download'] | openimage.glance.oslo_value(bounds=true) }}
"""

RETURN = r"""
_value:
  description: What stands behind the equals sign.
  type: str
"""


def oslo_value(value: Any, bounds: bool = False) -> str:
    """The filter."""
    try:
        return render(value, bounds)
    except ValueRefused as error:
        raise AnsibleFilterError(f"openimage.glance.oslo_value: {error}") from error


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., str]]:
        """Name to function."""
        return {"oslo_value": oslo_value}
