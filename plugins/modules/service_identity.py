#!/usr/bin/python
# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give a service its project, user, roles and catalog entry in Keystone, in one session."""

from __future__ import annotations

DOCUMENTATION = r"""
module: service_identity
short_description: Give a service its project, user, roles and catalog entry in Keystone
version_added: "0.1.0"
author: [The openimage.glance contributors (@openimage)]
description:
  - Ensures everything that a service such as Glance needs in Keystone, with one login and one process.
  - These are a project, an enabled user in it with its roles, one service in the catalog and its endpoints in one
    region.
  - Missing roles are created. What is disabled is enabled again. An endpoint with another URL is changed, not joined by
    a second one.
  - A region in which Keystone has no identity endpoint is refused before anything is changed. The message lists the
    regions that have one.
  - The password is checked by logging in with it and set only when Keystone refuses it. After a change the module logs
    in once more as the user, with the project as scope, and fails when that does not work.
  - Nothing is ever deleted. When the catalog holds several services of the type, or several endpoints for one
    interface and region, and it is not certain which one clients would take, the module fails before it changes
    anything, with all ids and with the commands to look at them and to delete them. Those that cannot be mistaken (a
    disabled one, or one without endpoints, beside the one with the right name) only cause a warning.
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
  domain:
    description: Name or id of the domain of project and user. It must exist.
    type: str
    default: Default
  project:
    description: Name of the project of the service's user.
    type: str
    default: service
  user:
    description: Name of the service's user.
    type: str
    required: true
  password:
    description: Password of O(user). Any characters are allowed.
    type: str
    required: true
  roles:
    description: Names of the roles that O(user) has in O(project). Further ones that it has are left alone.
    type: list
    elements: str
    default: [admin, service]
  system_roles:
    description:
      - Names of the roles that O(user) has on the whole system.
      - Glance needs V(reader) there to enforce limits that are kept in Keystone.
    type: list
    elements: str
    default: []
  other_roles:
    description: Names of further roles that exist then. This gives them to nobody.
    type: list
    elements: str
    default: []
  grants:
    description:
      - Roles of other users, who exist already, in projects that exist already.
      - Further roles that they have are left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      user:
        description: Name of the user.
        type: str
        required: true
      project:
        description: Name of the project.
        type: str
        required: true
      roles:
        description: Names of the roles.
        type: list
        elements: str
        required: true
      domain:
        description: Name or id of the domain of user and project.
        type: str
        default: Default
  service_name:
    description:
      - Name of the service in the catalog.
      - The only service of its type gets this name when it has another, unless it also serves another region.
    type: str
    default: glance
  service_type:
    description: Type of the service in the catalog.
    type: str
    default: image
  service_description:
    description: Description of the service. Not compared when omitted.
    type: str
  region:
    description:
      - Region of the endpoints. Keystone must have an identity endpoint in it.
      - O(region_name) is about the login and has no influence on it.
    type: str
    default: RegionOne
  endpoints:
    description: URLs of the service. An interface that is omitted is left alone.
    type: dict
    default: {}
    suboptions:
      public:
        description: URL for everybody.
        type: str
      internal:
        description: URL for the other services of the cloud.
        type: str
      admin:
        description: URL for administration.
        type: str
  assume_absent:
    description:
      - For the check of a host on which the same play would install Keystone first, and register it in its region.
      - In check mode, when Keystone cannot be reached, predict that everything is to be created instead of failing. A
        region without identity endpoint is not refused.
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
  - openimage.glance.auth
seealso:
  - module: openstack.cloud.identity_user
  - module: openstack.cloud.endpoint
"""

EXAMPLES = r"""
- name: Register Glance
  openimage.glance.service_identity:
    auth:
      auth_url: http://192.0.2.10:5000/v3
      username: admin
      password: "{{ vault_keystone_admin_password }}"
      project_name: admin
    user: glance
    password: "{{ vault_glance_service_password }}"
    service_description: OpenStack Image service
    endpoints:
      public: https://image.example.org
      internal: http://192.0.2.11:9292
      admin: http://192.0.2.11:9292

- name: Let Glance read the limits in Keystone
  openimage.glance.service_identity:
    cloud: production
    user: glance
    password: "{{ vault_glance_service_password }}"
    system_roles: [reader]

- name: Register the Swift API of a Ceph cluster
  openimage.glance.service_identity:
    cloud: production
    user: swift
    password: "{{ vault_swift_password }}"
    roles: [member, admin]
    other_roles: [swiftoperator, ResellerAdmin]
    grants:
      - {user: admin, project: admin, roles: [swiftoperator]}
    service_name: swift
    service_type: object-store
    endpoints:
      public: http://192.0.2.3:8080/swift/v1/AUTH_%(tenant_id)s
      internal: http://192.0.2.3:8080/swift/v1/AUTH_%(tenant_id)s
"""

RETURN = r"""
actions:
  description: What was done, or would be in check mode, in order.
  returned: success
  type: list
  elements: str
  sample: ["create role 'service'", "give user 'glance' the role 'service' in project 'service'"]
project_id:
  description: Id of the project; null when it would be created in check mode.
  returned: success
  type: str
user_id:
  description: Id of the user; null when it would be created in check mode.
  returned: success
  type: str
service_id:
  description: Id of the service; null when it would be created in check mode.
  returned: success
  type: str
endpoints:
  description: The endpoints, by interface.
  returned: success
  type: dict
  sample:
    public: {id: 0a2c5d5b1e7f4e3c8f6f4f0c8b1a9d3e, region: RegionOne, url: "https://image.example.org"}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.openimage.glance.plugins.module_utils._auth import (
    AuthenticationError,
    adapter,
    auth_argument_spec,
    identity_url,
    require_sdk,
)
from ansible_collections.openimage.glance.plugins.module_utils._identity.client import Identity, IdentityError
from ansible_collections.openimage.glance.plugins.module_utils._identity.plan import Found, Grant, Plan, Wanted, plan


def argument_spec() -> dict[str, Any]:
    """Return the module's options."""
    urls = {interface: {"type": "str"} for interface in ("public", "internal", "admin")}
    grant = {
        "user": {"type": "str", "required": True},
        "project": {"type": "str", "required": True},
        "roles": {"type": "list", "elements": "str", "required": True},
        "domain": {"type": "str", "default": "Default"},
    }
    return {
        **auth_argument_spec(),
        "domain": {"type": "str", "default": "Default"},
        "project": {"type": "str", "default": "service"},
        "user": {"type": "str", "required": True},
        "password": {"type": "str", "required": True, "no_log": True},
        "roles": {"type": "list", "elements": "str", "default": ["admin", "service"]},
        "system_roles": {"type": "list", "elements": "str", "default": []},
        "other_roles": {"type": "list", "elements": "str", "default": []},
        "grants": {"type": "list", "elements": "dict", "default": [], "options": grant},
        "service_name": {"type": "str", "default": "glance"},
        "service_type": {"type": "str", "default": "image"},
        "service_description": {"type": "str"},
        "region": {"type": "str", "default": "RegionOne"},
        "endpoints": {"type": "dict", "default": {}, "options": urls},
        "assume_absent": {"type": "bool", "default": False},
        "state": {"type": "str", "choices": ["present"], "default": "present"},
    }


def wanted_of(params: dict[str, Any]) -> Wanted:
    """Return what the parameters declare."""
    return Wanted(
        domain=params["domain"],
        project=params["project"],
        user=params["user"],
        password=params["password"],
        roles=tuple(params["roles"]),
        system_roles=tuple(params["system_roles"]),
        service_name=params["service_name"],
        service_type=params["service_type"],
        service_description=params["service_description"],
        region=params["region"],
        endpoints={interface: url for interface, url in (params["endpoints"] or {}).items() if url},
        other_roles=tuple(params["other_roles"]),
        grants=tuple(
            Grant(grant["user"], grant["project"], grant["domain"], tuple(grant["roles"])) for grant in params["grants"]
        ),
    )


def prove_login(identity: Identity, wanted: Wanted, ids: dict[tuple[str, str], str]) -> None:
    """Log in as the service will."""
    project_id = ids["project", wanted.project] if wanted.roles else None
    refusal = identity.login(ids["user", wanted.user], wanted.password, project_id)
    if refusal:
        raise IdentityError(
            f"Everything is set, yet Keystone refuses the login of user '{wanted.user}' to project '{wanted.project}': "
            f"{refusal} Look for password rules ([security_compliance]) in keystone.conf and at the user's options."
        )


def result_of(wanted: Wanted, the_plan: Plan, ids: dict[tuple[str, str], str]) -> dict[str, Any]:
    """Return what the module reports."""
    return {
        "changed": bool(the_plan.actions),
        "actions": the_plan.sentences(),
        "project_id": ids.get(("project", wanted.project)),
        "user_id": ids.get(("user", wanted.user)),
        "service_id": ids.get(("service", wanted.service_name)),
        "endpoints": {
            interface: {"id": ids.get(("endpoint", interface)), "url": url, "region": wanted.region}
            for interface, url in wanted.endpoints.items()
        },
    }


def run(module: AnsibleModule) -> dict[str, Any]:
    """Read, plan, and unless in check mode apply the plan."""
    wanted = wanted_of(module.params)
    may_be_absent = module.check_mode and module.params["assume_absent"]
    identity = None
    try:
        client = adapter(module.params, "identity")
        identity = Identity(client, identity_url(client.session))
        found = identity.read(wanted)
    except AuthenticationError as error:
        if not (error.unreachable and may_be_absent):
            raise
        module.warn(f"Predicted for an empty Keystone, because there is none yet: {error}")
        found = Found()
    the_plan = plan(wanted, found, assume_absent=identity is None, assume_region=may_be_absent)
    for warning in the_plan.warnings:
        module.warn(warning)
    if the_plan.problems:
        raise IdentityError("Nothing was changed.\n" + "\n".join(the_plan.problems))
    ids = the_plan.ids
    if the_plan.actions and identity and not module.check_mode:
        ids = identity.apply(the_plan, wanted)
        prove_login(identity, wanted, ids)
    return {**result_of(wanted, the_plan, ids), "diff": the_plan.diff()}


def main() -> None:
    """Run as a module."""
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    require_sdk(module)
    try:
        result = run(module)
    except (AuthenticationError, IdentityError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
