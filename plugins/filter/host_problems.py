# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter host_problems: why a host cannot run what its inventory asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._site import host

DOCUMENTATION = r"""
name: host_problems
short_description: List what keeps a host from running the wanted release
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Compares a host's facts with the release, the install method and the stores that it is to get.
  - Admitted are Debian 12 (packages of Zed) and Debian 13 (packages of 2025.1), both also with a virtual environment
    from PyPI with 2025.1, 2026.1 or 2026.2, and Ubuntu 22.04 and 24.04 with what PyPI has for their Python.
positional: _input
options:
  _input:
    description: >-
      The host's facts, C(ansible_facts), with C(distribution), C(distribution_version), C(python_version) and
      C(architecture).
    type: dict
    required: true
  release:
    description: C(glance_release), empty for the release of the host's own packages.
    type: str
    default: ""
  method:
    description: C(glance_install_method), empty for packages where the host has them and PyPI otherwise.
    type: str
    default: ""
  stores:
    description:
      - C(glance_stores), to be checked for keys that the release does not know.
      - What is wrong with them for any release is for P(openimage.glance.site_problems#filter).
    type: list
    elements: dict
    default: []
  defaults:
    description: C(glance_backend_defaults), which older releases do not know.
    type: dict
    default: null
  lab_only:
    description: Whether the host has lab services only, and no API that a release would have to run on.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Refuse a host that cannot run the release
  ansible.builtin.assert:
    that: problems | length == 0
    fail_msg: "{{ problems | join('\n') }}"
  vars:
    problems: >-
      {{ ansible_facts | openimage.glance.host_problems(
           release=glance_release, method=glance_install_method, stores=glance_stores,
           defaults=glance_backend_defaults) }}
"""

RETURN = r"""
_value:
  description: What is wrong, each as C(path), what is wrong, and what to write instead; empty when nothing is.
  type: list
  elements: str
  sample:
    - >-
      ansible_facts.distribution: 'Fedora 43' is not supported; use Debian 12, Debian 13, Ubuntu 22.04 or Ubuntu 24.04
"""


def host_problems(
    facts: Any, release: Any = "", method: Any = "", stores: Any = (), defaults: Any = None, lab_only: bool = False
) -> list[str]:
    """Return every mismatch as a text."""
    return [str(problem) for problem in host.host_problems(facts, release, method, stores, defaults, lab_only)]


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"host_problems": host_problems}
