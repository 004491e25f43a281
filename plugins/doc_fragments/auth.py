# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The login options that all modules which talk to OpenStack share; they are those of the openstack.cloud modules."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of C(module_utils/_auth.py)."""

    DOCUMENTATION = r"""
options:
  cloud:
    description:
      - Name of a cloud in C(clouds.yaml), or a dictionary that is what such an entry would be.
      - Without O(cloud) and without an C(auth_url) in O(auth), the C(OS_*) environment variables or the only cloud
        in C(clouds.yaml) are used.
      - With a dictionary, O(auth), O(auth_type), O(region_name), O(validate_certs), O(ca_cert), O(client_cert),
        O(client_key) and O(api_timeout) belong into it and are refused beside it.
    type: raw
  auth:
    description:
      - What the authentication plugin needs, such as C(auth_url), C(username), C(password), C(project_name),
        C(user_domain_name) and C(project_domain_name). Names of domains default to V(Default) with the password plugin.
      - When it names an C(auth_url) (or an C(endpoint), for the plugins that need no Keystone) and O(cloud) is not set,
        it is the whole login; neither C(clouds.yaml) nor the environment add to it.
      - Together with O(cloud) it replaces single values of that cloud.
    type: dict
  auth_type:
    description:
      - Name of the authentication plugin.
      - V(password) when neither this nor the cloud says otherwise.
      - V(none) is for a service without Keystone; then O(auth) needs an C(endpoint) unless the module is told one.
    type: str
  region_name:
    description: Name of the region.
    type: str
  interface:
    description: Which endpoint of the catalog to use.
    type: str
    choices: [admin, internal, public]
    default: public
    aliases: [endpoint_type]
  validate_certs:
    description:
      - Whether the certificates of HTTPS endpoints are verified.
      - Verified when neither this nor the cloud says otherwise.
    type: bool
    aliases: [verify]
  ca_cert:
    description: File with the certificates of the authorities to trust for the API.
    type: path
    aliases: [cacert]
  client_cert:
    description: File with a client certificate for the API.
    type: path
    aliases: [cert]
  client_key:
    description: File with the key of O(client_cert).
    type: path
    aliases: [key]
  api_timeout:
    description:
      - Seconds to wait for an answer of the API.
      - Without it, 5 seconds to connect and 25 seconds for an answer.
    type: int
requirements:
  - openstacksdk >= 1.0
"""
