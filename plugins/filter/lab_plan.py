# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter lab_plan: what the role all_in_one installs and runs on a host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.module_utils._site import host
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong

DOCUMENTATION = r"""
name: lab_plan
short_description: Plan what the lab services of a host are made of
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Takes from the table of systems what P(openimage.glance.all_in_one#role) installs and runs on a host.
  - Fails if the host's system is not in the table.
positional: _input
options:
  _input:
    description: The host's facts, C(ansible_facts), with C(distribution) and C(distribution_version).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what MariaDB, memcached and Keystone would be installed from
  ansible.builtin.debug:
    msg: "{{ (ansible_facts | openimage.glance.lab_plan).packages }}"
"""

RETURN = r"""
_value:
  description: The plan.
  type: dict
  contains:
    packages:
      description: Packages to install.
      type: list
      elements: str
    database_unit:
      description: The unit of MariaDB.
      type: str
    database_directory:
      description: The directory from which MariaDB includes configuration files last.
      type: str
    database_socket:
      description: The socket of MariaDB.
      type: str
    memcached_unit:
      description: The unit of memcached.
      type: str
    keystone_application:
      description: The file from which uWSGI loads Keystone.
      type: str
    unwanted_units:
      description: Units that the packages bring and that would listen on Keystone's port after a boot.
      type: list
      elements: str
    uwsgi:
      description: The distribution's uWSGI, as C(packages), C(program) and C(plugins).
      type: dict
"""


def lab_plan(facts: Any) -> dict[str, Any]:
    """Return the plan, or fail with what is wrong."""
    try:
        return host.lab_plan(facts)
    except Wrong as error:
        raise AnsibleFilterError(
            f"This host cannot have lab services:\n{error.at('ansible_facts.distribution')}"
        ) from error


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Name to function."""
        return {"lab_plan": lab_plan}
