# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the URL of a database from its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.openimage.glance.plugins.module_utils._config import urls

DOCUMENTATION = r"""
name: database_url
short_description: Build a database URL that SQLAlchemy and oslo.config read back unharmed
version_added: "0.1.0"
author:
  - The openimage.glance contributors (@openimage)
description:
  - Percent-encodes user and password, whatever characters they have, so the result needs no further quoting.
options:
  _input:
    description: Host name, IPv4 or IPv6 address. Empty when O(query) names a socket.
    type: str
    required: true
  user:
    description: Name of the database user.
    type: str
    required: true
  password:
    description: Password of the user. Empty for a login without one.
    type: str
    default: ""
  name:
    description: Name of the database.
    type: str
    required: true
  port:
    description: Port; default is that of the driver.
    type: int
  driver:
    description: SQLAlchemy's dialect and driver.
    type: str
    default: mysql+pymysql
  query:
    description: Parameters of the driver such as C(charset) or C(ssl_ca). Empty ones are left out.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: One line of a template
  ansible.builtin.debug:
    msg: >-
      connection = {{ glance_database_host | openimage.glance.database_url(user=glance_database_user,
      password=glance_database_password, name=glance_database_name, query={'charset': 'utf8mb4'}) }}
"""

RETURN = r"""
_value:
  description: The URL.
  type: str
  sample: mysql+pymysql://glance:p%40ss@db.example.org:3306/glance?charset=utf8mb4
"""


def database_url(
    host: str,
    user: str,
    name: str,
    password: str = "",
    port: int | str | None = None,
    driver: str = "mysql+pymysql",
    query: Mapping[str, Any] | None = None,
) -> str:
    """The filter."""
    try:
        number = int(port) if port else None
        return urls.database_url(host, user, password, name, port=number, driver=driver, query=query)
    except ValueError as error:
        raise AnsibleFilterError(f"openimage.glance.database_url: {error}") from error


class FilterModule:
    """Ansible's list of the filters in this file."""

    def filters(self) -> dict[str, Callable[..., str]]:
        """Name to function."""
        return {"database_url": database_url}
