# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter host_warnings: warn about a system that the tests do not cover."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site import host

DOCUMENTATION = r"""
name: host_warnings
short_description: List what the collection's tests do not cover on a host
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Lists what is admitted on a host, but not covered by the tests of the collection.
  - What is not admitted is for P(openimage.glance.host_problems#filter).
positional: _input
options:
  _input:
    description: The host's facts, C(ansible_facts), with C(distribution) and C(distribution_version).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Warn about a system that the tests do not cover
  ansible.builtin.debug:
    msg: "{{ ansible_facts | openimage.glance.host_warnings }}"
"""

RETURN = r"""
_value:
  description: The warnings, each as C(path), what is doubtful, and what to do; empty when there are none.
  type: list
  elements: str
  sample:
    - >-
      ansible_facts.distribution: Ubuntu 24.04 is not covered by the tests of this collection; try the deployment on a
      host that can be spared first
"""


def host_warnings(facts: Any) -> list[str]:
    """Return every warning as a text."""
    return [str(warning) for warning in host.host_warnings(facts)]


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"host_warnings": host_warnings}
