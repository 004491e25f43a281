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
      - Name of a cloud in C(clouds.yaml).
      - A dictionary is refused; write its content as O(auth) and the options beside it.
      - Without O(cloud) and without O(auth.auth_url), the C(OS_*) environment variables or the only cloud in
        C(clouds.yaml) are used.
    type: raw
  auth:
    description:
      - What the authentication plugin needs. The options are those of keystoneauth1.
      - Passwords, tokens and other secrets are masked, names and URLs are shown.
      - When it has O(auth.auth_url) (or O(auth.endpoint), for the plugins that need no Keystone) and O(cloud) is not
        set, it is the whole login; neither C(clouds.yaml) nor the environment add to it.
      - Together with O(cloud) it replaces single values of that cloud.
    type: dict
    suboptions:
      auth_url:
        description: >-
          URL of Keystone, such as V(http://192.0.2.5:5000/v3). A URL with a password in it belongs in O(auth_options).
        type: str
      endpoint:
        description: >-
          URL of the service, for the plugins that do not log in to Keystone (V(none), V(http_basic), V(admin_token)).
        type: str
      username:
        description: Name of the user.
        type: str
        aliases: [user_name]
      user_id:
        description: ID of the user.
        type: str
      user_domain_name:
        description: Name of the user's domain. V(Default) with the plugin V(password) unless a default domain is given.
        type: str
      user_domain_id:
        description: ID of the user's domain.
        type: str
      project_name:
        description: Name of the project to log in to.
        type: str
        aliases: [tenant_name]
      project_id:
        description: ID of the project to log in to.
        type: str
        aliases: [tenant_id]
      project_domain_name:
        description: >-
          Name of the project's domain. V(Default) with the plugin V(password) unless a default domain is given.
        type: str
      project_domain_id:
        description: ID of the project's domain.
        type: str
      default_domain_name:
        description: Name of the domain of user and project, where theirs is not given.
        type: str
      default_domain_id:
        description: ID of the domain of user and project, where theirs is not given.
        type: str
      domain_name:
        description: Name of the domain to log in to, in place of a project.
        type: str
      domain_id:
        description: ID of the domain to log in to, in place of a project.
        type: str
      system_scope:
        description: V(all) to log in to the system, in place of a project.
        type: str
      trust_id:
        description: ID of a trust to log in with.
        type: str
      application_credential_id:
        description: ID of an application credential.
        type: str
      application_credential_name:
        description: Name of an application credential of the user.
        type: str
      identity_provider:
        description: Name of the identity provider in Keystone (OpenID Connect).
        type: str
      protocol:
        description: Name of the federation protocol in Keystone (OpenID Connect).
        type: str
      client_id:
        description: ID of the OAuth 2.0 client (OpenID Connect).
        type: str
      scope:
        description: Scopes to ask the identity provider for (OpenID Connect).
        type: str
      discovery_endpoint:
        description: URL of the identity provider's discovery document (OpenID Connect).
        type: str
      access_token_endpoint:
        description: URL of the identity provider's token endpoint (OpenID Connect).
        type: str
      access_token_type:
        description: Which token is sent to Keystone, V(access_token) or V(id_token) (OpenID Connect).
        type: str
      device_authorization_endpoint:
        description: URL of the identity provider's device authorization endpoint (OpenID Connect).
        type: str
      code_challenge_method:
        description: Method of the PKCE code challenge (OpenID Connect).
        type: str
      redirect_uri:
        description: The client's redirect URI (OpenID Connect).
        type: str
      idp_otp_key:
        description: Name of the parameter that carries a one-time password to the token endpoint (OpenID Connect).
        type: str
      oauth2_endpoint:
        description: URL of Keystone's OAuth 2.0 token endpoint.
        type: str
      oauth2_client_id:
        description: ID of the OAuth 2.0 client of Keystone.
        type: str
      password:
        description: The user's password.
        type: str
      token:
        description: A token.
        type: str
      passcode:
        description: A one-time password (V(v3totp)).
        type: str
      application_credential_secret:
        description: Secret of the application credential.
        type: str
      client_secret:
        description: Secret of the OAuth 2.0 client (OpenID Connect).
        type: str
      access_token:
        description: An access token of the identity provider (OpenID Connect).
        type: str
      code:
        description: An authorization code (OpenID Connect).
        type: str
      oauth2_client_secret:
        description: Secret of the OAuth 2.0 client of Keystone.
        type: str
  auth_options:
    description:
      - Further options of the authentication plugin, which are used like those in O(auth), for plugins that need others
        than O(auth) has.
      - All values are masked, from ansible-core 2.22 on in the whole run. Do not put names or other words here that
        messages contain.
    type: dict
  auth_type:
    description:
      - Name of the authentication plugin.
      - V(password) when neither this nor the cloud says otherwise.
      - V(none) is for a service without Keystone; then O(auth.endpoint) is needed unless the module has an endpoint.
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
