# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter url_host: a host as it stands in a URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.module_utils._config import hosts

DOCUMENTATION = r"""
name: url_host
short_description: Write a host as it stands in a URL
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Puts an IPv6 address in brackets. Everything else stays as it is.
positional: _input
options:
  _input:
    description: A host name, or an IPv4 or IPv6 address.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show a URL that is right for any address
  ansible.builtin.debug:
    msg: "http://{{ ansible_host | openimage.glance.url_host }}:9292"
"""

RETURN = r"""
_value:
  description: The host.
  type: str
  sample: "[2001:db8::10]"
"""


def url_host(host: Any) -> str:
    """Return the host as it stands in a URL."""
    if not isinstance(host, str):
        raise AnsibleFilterError("url_host: give a host name or an address as a text")
    return hosts.in_url(host)


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., str]]:
        """Name to function."""
        return {"url_host": url_host}
