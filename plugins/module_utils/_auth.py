# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection openimage.glance: it can change in any release without notice.
"""From the login options of a module to an open session: one login, and errors that say what to do.

``import openstack`` takes longer (0.6 s) than all requests of most modules together. A login that is complete in
``auth`` therefore goes straight to keystoneauth1 (0.2 s), which openstacksdk brings; only named clouds need the rest.
"""

from __future__ import annotations

import difflib
import logging
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.openimage.glance.plugins.module_utils._api_errors import (
    AuthenticationError,
    explain,
    first_line,
    without_userinfo,
)

if TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule
    from keystoneauth1.adapter import Adapter
    from keystoneauth1.plugin import BaseAuthPlugin
    from keystoneauth1.session import Session

USER_AGENT = "ansible-openimage-glance"
# Seconds to connect, and between the bytes of an answer: a service that is down must be an error within a minute. Of a
# Keystone that accepts and stays silent two answers are waited for: that of its versions, and then that of the login.
TIMEOUT: tuple[float, float] = (5.0, 25.0)
# Plugins that ask nobody for a token.
OFFLINE = frozenset({"none", "noauth", "admin_token", "http_basic"})
# Option -> whether its value is secret: the options of keystoneauth1's plugins. Core masks a secret everywhere, since
# 2.22 even in later tasks of the run, so a user name or a URL must not be among them.
AUTH_OPTIONS = {
    **dict.fromkeys(
        (
            "auth_url",
            "endpoint",
            "username",
            "user_id",
            "user_domain_name",
            "user_domain_id",
            "project_name",
            "project_id",
            "project_domain_name",
            "project_domain_id",
            "default_domain_name",
            "default_domain_id",
            "domain_name",
            "domain_id",
            "system_scope",
            "trust_id",
            "application_credential_id",
            "application_credential_name",
            "identity_provider",
            "protocol",
            "client_id",
            "scope",
            "discovery_endpoint",
            "access_token_endpoint",
            "access_token_type",
            "device_authorization_endpoint",
            "code_challenge_method",
            "redirect_uri",
            "idp_otp_key",
            "oauth2_endpoint",
            "oauth2_client_id",
        ),
        False,
    ),
    **dict.fromkeys(
        (
            "password",
            "token",
            "passcode",
            "application_credential_secret",
            "client_secret",
            "access_token",
            "code",
            "oauth2_client_secret",
        ),
        True,
    ),
}
AUTH_ALIASES = {"username": ["user_name"], "project_id": ["tenant_id"], "project_name": ["tenant_name"]}


def auth_argument_spec() -> dict[str, Any]:
    """Return the options that the documentation fragment ``openimage.glance.auth`` describes."""
    auth: dict[str, dict[str, Any]] = {name: {"type": "str", "no_log": secret} for name, secret in AUTH_OPTIONS.items()}
    for name, aliases in AUTH_ALIASES.items():
        auth[name]["aliases"] = aliases
    return {
        # Not str: core would turn a dictionary into text before the module can refuse it.
        "cloud": {"type": "raw"},
        "auth": {"type": "dict", "options": auth},
        "auth_options": {"type": "dict", "no_log": True},
        "auth_type": {"type": "str"},
        "region_name": {"type": "str"},
        "interface": {
            "type": "str",
            "choices": ["admin", "internal", "public"],
            "default": "public",
            "aliases": ["endpoint_type"],
        },
        "validate_certs": {"type": "bool", "aliases": ["verify"]},
        "ca_cert": {"type": "path", "aliases": ["cacert"]},
        "client_cert": {"type": "path", "aliases": ["cert"]},
        "client_key": {"type": "path", "aliases": ["key"], "no_log": False},
        "api_timeout": {"type": "int"},
    }


def require_sdk(module: AnsibleModule) -> None:
    """End the module with a clear message when the library is missing, or when a login option cannot be used safely.

    Every module calls it first.
    """
    # First, because it hides what no failure may show.
    problem = login_problem(module.params)
    if problem:
        module.fail_json(msg=problem)
    try:
        import keystoneauth1.session  # noqa: F401
    except ImportError:
        module.fail_json(msg=missing_required_lib("openstacksdk"), exception=traceback.format_exc())


def login_problem(params: dict[str, Any]) -> str | None:
    """Return what is wrong with the login options, None if nothing is; hide what the module's output must not show."""
    if isinstance(params.get("cloud"), dict):
        # Core repeats the options in the output of a module.
        params["cloud"] = "(not shown)"
        return (
            "cloud is a dictionary; it must be the name of a cloud in clouds.yaml. Write the login as auth, and what "
            "stands beside auth in the dictionary as auth_type, region_name, interface, validate_certs, ca_cert, "
            "client_cert, client_key and api_timeout."
        )
    auth, hidden = params.get("auth") or {}, params.get("auth_options") or {}
    for name, value in auth.items():
        if AUTH_OPTIONS.get(name) is False and "@" in _netloc(value):
            auth[name] = without_userinfo(value)
            return (
                f"auth.{name}: the URL of {auth[name]} has a user name or password in it, which Ansible would show. "
                f"Write it as auth_options.{name}, where all values are masked."
            )
    both = sorted(_clean(auth).keys() & _clean(hidden).keys())
    if both:
        return f"{both[0]} is an option in auth and in auth_options; write it once."
    return None


def adapter(params: dict[str, Any], service_type: str, endpoint: str | None = None) -> Adapter:
    """Log in and return an adapter for the service; raise AuthenticationError when that is impossible.

    :param params: the module's parameters.
    :param service_type: type in the catalog, such as ``image`` or ``identity``.
    :param endpoint: URL to use instead of the catalog's. Keystone itself is by default asked where the login went: that
        this address answers is already known, which cannot be said of the one in the catalog.
    """
    from keystoneauth1.adapter import Adapter

    # keystoneauth1 warns on stderr about each discovery that failed; the error that follows says it better.
    logging.getLogger("keystoneauth").addHandler(logging.NullHandler())
    session, found, scope, user = _open(params, service_type)
    endpoint = endpoint or found
    if not endpoint and type(session.auth).__name__ == "NoAuth" and not getattr(session.auth, "endpoint", None):
        raise AuthenticationError("auth_type none knows no catalog: set auth.endpoint to the URL of the service.")
    _log_in(session, user)
    if service_type == "identity" and not endpoint:
        endpoint = identity_url(session)
    result = Adapter(session, service_type=service_type, endpoint_override=endpoint, user_agent=USER_AGENT, **scope)
    if not endpoint and not _catalog_url(result):
        raise AuthenticationError(
            f"The catalog of {auth_url(session) or 'this cloud'} has no endpoint of service type '{service_type}' "
            f"with interface '{scope['interface']}' in region '{scope['region_name'] or '(any)'}'. "
            "Look with 'openstack catalog list'; create the endpoint or correct region_name and interface."
        )
    return result


def auth_url(session: Session) -> str:
    """Return the Keystone URL of a session without any user name in it, or an empty string."""
    return without_userinfo(str(getattr(session.auth, "auth_url", None) or ""))


def identity_url(session: Session) -> str:
    """Return the URL of the version 3 API of the Keystone that the session logged in to, or an empty string."""
    url = auth_url(session).rstrip("/")
    return url if not url or url.endswith("/v3") else f"{url}/v3"


# --- opening ------------------------------------------------------------------------------------------------------


def _open(params: dict[str, Any], service_type: str) -> tuple[Session, str | None, dict[str, Any], str]:
    """Return the session, the endpoint that the configuration names, the catalog's search terms, and who logs in."""
    auth = {**_clean(params.get("auth") or {}), **_clean(params.get("auth_options") or {})}
    auth_type = params.get("auth_type") or "password"
    if not params.get("cloud") and ("auth_url" in auth or "endpoint" in auth or auth_type in OFFLINE):
        scope = {"interface": params.get("interface") or "public", "region_name": params.get("region_name")}
        return _direct_session(params, auth_type, auth), None, scope, _who(auth)
    return _configured_session(params, auth, service_type)


def _direct_session(params: dict[str, Any], auth_type: str, auth: dict[str, Any]) -> Session:
    from keystoneauth1 import exceptions, loading
    from keystoneauth1.session import Session

    auth_type = "none" if auth_type == "noauth" else auth_type
    try:
        loader: Any = loading.get_plugin_loader(auth_type)
    except exceptions.NoMatchingPlugin:
        raise AuthenticationError(
            f"auth_type '{auth_type}': no such authentication plugin is installed here."
        ) from None
    names = {
        name: option.dest
        for option in loader.get_options()
        for name in (option.dest, *(old.dest for old in option.deprecated))
    }
    for name in {"auth_url", "endpoint"} & set(auth):
        if not str(auth[name]).startswith(("http://", "https://")):
            raise AuthenticationError(f"auth.{name}: '{auth[name]}' is not a URL such as http://host:5000/v3.")
    for name in auth:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean '{close[0]}'?" if close else f"; it knows {', '.join(sorted(set(names.values())))}."
            place = "auth" if (params.get("auth") or {}).get(name) else "auth_options"
            raise AuthenticationError(f"{place}.{name} is not an option of auth_type '{auth_type}'{hint}")
    options = {names[name]: value for name, value in auth.items()}
    if auth_type == "password" and not {"default_domain_id", "default_domain_name"} & set(options):
        options["default_domain_name"] = "Default"
    try:
        plugin: BaseAuthPlugin = loader.load_from_options(**options)
    except exceptions.MissingRequiredOptions as error:
        missing = ", ".join(f"auth.{option.dest}" for option in error.options)
        raise AuthenticationError(f"auth_type '{auth_type}' needs {missing}.") from None
    cert = params.get("client_cert")
    if cert and params.get("client_key"):
        cert = (cert, params["client_key"])
    verify: bool | str = params.get("validate_certs") is not False and (params.get("ca_cert") or True)
    if verify is False:
        _silence_insecure_warning()
    session = Session(auth=plugin, verify=verify, cert=cert, app_name=USER_AGENT)
    _limit(session, params.get("api_timeout"))
    return session


def _configured_session(
    params: dict[str, Any], auth: dict[str, Any], service_type: str
) -> tuple[Session, str | None, dict[str, Any], str]:
    """Find the login in clouds.yaml or the environment, as every OpenStack client does."""
    try:
        from openstack.config import OpenStackConfig
        from openstack.exceptions import ConfigException
    except ImportError:
        raise AuthenticationError(missing_required_lib("openstacksdk")) from None
    from keystoneauth1 import exceptions

    wanted: dict[str, Any] = {
        "cloud": params.get("cloud"),
        "auth": auth or None,
        "auth_type": params.get("auth_type"),
        "region_name": params.get("region_name"),
        "interface": params.get("interface"),
        "verify": params.get("validate_certs"),
        "cacert": params.get("ca_cert"),
        "cert": params.get("client_cert"),
        "key": params.get("client_key"),
        "api_timeout": params.get("api_timeout"),
    }
    try:
        region = OpenStackConfig(app_name=USER_AGENT).get_one(**{k: v for k, v in wanted.items() if v is not None})
        session = region.get_session()
    except (ConfigException, exceptions.ClientException) as error:
        raise AuthenticationError(
            f"No login found: {first_line(error)}. "
            "Set cloud (a name in clouds.yaml), auth, or the OS_* environment variables."
        ) from None
    _limit(session, None)
    scope = {
        "interface": region.get_interface(service_type) or "public",
        "region_name": region.get_region_name(service_type),
    }
    return session, region.get_endpoint(service_type), scope, _who(region.config.get("auth") or {})


def _limit(session: Session, seconds: int | None) -> None:
    if seconds:
        session.timeout = float(seconds)
    elif session.timeout is None:
        # requests takes the pair; keystoneauth1's annotation does not say so.
        session.timeout = TIMEOUT


def _silence_insecure_warning() -> None:
    """Say nothing on stderr about what the operator has asked for."""
    import urllib3

    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


def _log_in(session: Session, user: str) -> None:
    from keystoneauth1 import exceptions

    url = auth_url(session)
    try:
        session.get_token()
    except exceptions.Unauthorized:
        raise AuthenticationError(
            f"Keystone at {url} refused the login (HTTP 401) of {user}. "
            "The user, its password, project or domain is wrong, or one of them is disabled."
        ) from None
    except exceptions.NotFound as error:
        raise AuthenticationError(
            f"{url} answered HTTP 404: {first_line(error)}. Is it the URL of Keystone, such as http://host:5000/v3?"
        ) from None
    except exceptions.ClientException as error:
        raise explain(error, url) from None
    except OSError as error:
        # A certificate file that cannot be read comes through keystoneauth1 as it is.
        raise AuthenticationError(f"{url}: {first_line(error)}.") from None


def _who(auth: dict[str, Any]) -> str:
    """Return user and project of a login for a message."""
    user = auth.get("username") or auth.get("user_id")
    project = auth.get("project_name") or auth.get("project_id")
    return " in ".join(
        part
        for part in (f"user '{user}'" if user else "these credentials", f"project '{project}'" if project else "")
        if part
    )


def _catalog_url(client: Adapter) -> str | None:
    from keystoneauth1 import exceptions

    try:
        url: str | None = client.get_endpoint()
    except exceptions.CatalogException:
        return None
    return url


# --- values -------------------------------------------------------------------------------------------------------


def _clean(auth: dict[str, Any]) -> dict[str, Any]:
    """Return the options that have a value, each once: core leaves an alias beside the name that it stands for."""
    given = {str(name): value for name, value in auth.items() if value not in (None, "")}
    doubles = {alias for name, aliases in AUTH_ALIASES.items() if name in given for alias in aliases}
    return {name: value for name, value in given.items() if name not in doubles}


def _netloc(value: Any) -> str:
    try:
        return urlsplit(str(value or "")).netloc
    except ValueError:
        return ""
