#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a service's database, its accounts and their privileges, in one session."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_database
short_description: Make a service's database, its accounts and their privileges
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Ensures a database, one account for each host from which the service connects, the privileges of these accounts on
    the database, and whether they must use TLS, with one login.
  - The password is compared with what the server stores of it, and set only when it differs or has expired. An account
    with another authentication plugin gets the password. A locked account is unlocked.
  - On the database the accounts have exactly O(privileges). Missing ones are granted, further ones are revoked, which
    actions and diff show. Privileges elsewhere (on every database, on single tables, by a pattern, by a role) are left
    alone and reported in a warning.
  - A database that exists keeps its character set and collation. A warning says so when they are not the declared ones.
  - Nothing is ever dropped. Accounts of O(user) for other hosts are reported in a warning.
requirements:
  - PyMySQL on the host that runs the module
notes:
  - For MariaDB 10.4 or later and MySQL 8.0 or later. Tested on MariaDB 10.11 and 11.8. For MySQL only the reading of
    its documented formats is tested.
  - O(login_user) needs C(SELECT) on C(mysql.*), C(CREATE USER), and O(privileges) on the database with
    C(GRANT OPTION).
  - The configuration file C(~/.my.cnf) is not read.
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Passwords are not in it, only that one would be set.
  idempotent:
    support: full
  platform:
    support: full
    platforms: posix
options:
  name:
    description: Name of the database. Any name that the server takes.
    type: str
    required: true
  character_set:
    description: Character set of a database that is created.
    type: str
    default: utf8mb4
  collation:
    description: Collation of a database that is created. When omitted, the server's default for O(character_set).
    type: str
  user:
    description: Name of the accounts.
    type: str
    required: true
  hosts:
    description:
      - The hosts from which the service connects, one account for each.
      - Addresses, names, or patterns such as V(192.0.2.%) or V(192.0.2.0/255.255.255.0). V(localhost) is the socket of
        the server, and the loopback address where the server resolves names. V(%) is every host.
    type: list
    elements: str
    default: [localhost]
  authentication:
    description:
      - How the accounts log in.
      - V(unix_socket) is for MariaDB and the host V(localhost), where the system's user O(user) needs no password.
    type: str
    choices: [password, unix_socket]
    default: password
  password:
    description: Password of the accounts. Required with O(authentication=password).
    type: str
  privileges:
    description: Privileges of the accounts on the database. C(ALL) is not among them, name them one by one.
    type: list
    elements: str
    default: [SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES, TRIGGER]
  require_tls:
    description:
      - Whether the server refuses the accounts without TLS (C(REQUIRE SSL)).
      - When omitted, existing accounts keep their requirement. C(REQUIRE X509) and stricter ones are kept in any case,
        with a warning.
    type: bool
  login_host:
    description: Name or address of the server. Not used with O(login_unix_socket).
    type: str
    default: localhost
  login_port:
    description: TCP port of the server.
    type: int
    default: 3306
  login_unix_socket:
    description: Path of the server's socket, in place of O(login_host).
    type: path
  login_user:
    description: Name of the account that makes all this.
    type: str
    default: root
  login_password:
    description: Password of O(login_user).
    type: str
  ca_cert:
    description:
      - Path of the CA certificate that signed the server's certificate. Setting it switches TLS on, and a server that
        offers no TLS is refused.
      - Not used with O(login_unix_socket).
    type: path
  client_cert:
    description: Path of a client certificate, if the server asks for one.
    type: path
  client_key:
    description: Path of the key of O(client_cert).
    type: path
  check_hostname:
    description: Whether O(login_host) must be a name in the server's certificate.
    type: bool
    default: true
  connect_timeout:
    description: Seconds within which the server must take the connection, and then answer each statement.
    type: int
    default: 30
  assume_absent:
    description:
      - In check mode, when the server or PyMySQL is not there, predict that everything is created instead of failing.
      - For the check of a host on which the same play would install the server first.
      - Without check mode it has no effect.
    type: bool
    default: false
  state:
    description: The only state that there is.
    type: str
    choices: [present]
    default: present
extends_documentation_fragment:
  - openimage.glance.attributes
seealso:
  - module: openimage.glance.service_identity
  - name: What the module does with what it finds
    description: The page for operators.
    link: https://github.com/openimage/glance/blob/main/docs/database.md
"""

EXAMPLES = r"""
- name: Make Glance's database on a server with TLS
  openimage.glance.service_database:
    name: glance
    user: glance
    password: "{{ vault_glance_database_password }}"
    hosts: [192.0.2.11, 192.0.2.12]
    require_tls: true
    login_host: db.example.org
    login_user: provisioner
    login_password: "{{ vault_database_login_password }}"
    ca_cert: /etc/ssl/certs/ca-certificates.crt

- name: Make a database on this host, for the system's user keystone
  openimage.glance.service_database:
    name: keystone
    user: keystone
    authentication: unix_socket
    login_unix_socket: /run/mysqld/mysqld.sock
  become: true
"""

RETURN = r"""
actions:
  description: What was done, or would be in check mode, in order.
  returned: success
  type: list
  elements: str
  sample:
    - create database 'glance' with character set utf8mb4, collation utf8mb4_general_ci
    - create account 'glance@192.0.2.11' with a password, which must use TLS
server:
  description: Kind and version of the server; null when it was assumed to be absent.
  returned: success
  type: str
  sample: MariaDB 11.8.3
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._database.errors import DatabaseError
from ansible_collections.openimage.glance.plugins.module_utils._database.model import (
    NEEDED,
    Found,
    Login,
    Wanted,
    wanted_of,
)
from ansible_collections.openimage.glance.plugins.module_utils._database.plan import Plan, plan
from ansible_collections.openimage.glance.plugins.module_utils._database.server import Database, Unreachable


def argument_spec() -> dict[str, Any]:
    """Return the module's options."""
    return {
        "name": {"type": "str", "required": True},
        "character_set": {"type": "str", "default": "utf8mb4"},
        "collation": {"type": "str"},
        "user": {"type": "str", "required": True},
        "hosts": {"type": "list", "elements": "str", "default": ["localhost"]},
        "authentication": {"type": "str", "choices": ["password", "unix_socket"], "default": "password"},
        "password": {"type": "str", "no_log": True},
        "privileges": {"type": "list", "elements": "str", "default": list(NEEDED)},
        "require_tls": {"type": "bool"},
        "login_host": {"type": "str", "default": "localhost"},
        "login_port": {"type": "int", "default": 3306},
        "login_unix_socket": {"type": "path"},
        "login_user": {"type": "str", "default": "root"},
        "login_password": {"type": "str", "no_log": True},
        "ca_cert": {"type": "path"},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path", "no_log": False},
        "check_hostname": {"type": "bool", "default": True},
        "connect_timeout": {"type": "int", "default": 30},
        "assume_absent": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present"], "default": "present"},
    }


def login_of(params: dict[str, Any]) -> Login:
    """Return how to log in to the server."""
    return Login(
        host=params["login_host"],
        port=params["login_port"],
        socket=params["login_unix_socket"],
        user=params["login_user"],
        password=params["login_password"],
        ca_cert=params["ca_cert"],
        client_cert=params["client_cert"],
        client_key=params["client_key"],
        check_hostname=params["check_hostname"],
        connect_timeout=params["connect_timeout"],
    )


def refuse(problems: list[str]) -> None:
    """End the run before anything is changed."""
    if problems:
        raise DatabaseError("Nothing was changed.\n" + "\n".join(problems))


def connect(module: AnsibleModule) -> Database | None:
    """Return the session; None when the server may be absent and is."""
    try:
        return Database(login_of(module.params))
    except Unreachable:
        if module.check_mode and module.params["assume_absent"]:
            return None
        raise


def planned(module: AnsibleModule, wanted: Wanted, found: Found | None) -> Plan:
    """Return the plan, after its warnings are shown and its problems have ended the run."""
    the_plan = plan(wanted, found)
    for warning in the_plan.warnings:
        module.warn(warning)
    refuse([f"{problem} ({login_of(module.params).place})" for problem in the_plan.problems])
    return the_plan


def run(module: AnsibleModule) -> dict[str, Any]:
    """Read, plan, and unless in check mode apply the plan."""
    wanted, problems = wanted_of(module.params)
    refuse(problems)
    database = connect(module)
    try:
        the_plan = planned(module, wanted, database.read(wanted) if database else None)
        if database and not module.check_mode:
            database.apply(the_plan, wanted)
    finally:
        if database:
            database.close()
    return {
        "changed": bool(the_plan.actions),
        "actions": the_plan.sentences(),
        "server": database.server.label if database else None,
        "diff": the_plan.diff(),
    }


def main() -> None:
    """Run as a module."""
    module = AnsibleModule(
        argument_spec=argument_spec(),
        required_if=[("authentication", "password", ("password",))],
        supports_check_mode=True,
    )
    try:
        result = run(module)
    except DatabaseError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
