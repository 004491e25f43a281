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
# The values of these are no secrets. The rest of ``auth`` and of ``cloud`` stays masked.
PUBLIC_SUFFIXES = (
    "_url",
    "_name",
    "_id",
    "username",
    "endpoint",
    "system_scope",
    "interface",
    "version",
    "verify",
    "auth_type",
)
SECRET_NAMES = frozenset({"application_credential_id", "access_token", "access_key_id"})


def auth_argument_spec() -> dict[str, Any]:
    """Return the options that the documentation fragment ``openimage.glance.auth`` describes."""
    # cloud and auth are masked as a whole, because no list of names could know every plugin's secret;
    # require_sdk() then releases what is known to be harmless.
    return {
        "cloud": {"type": "raw", "no_log": True},
        "auth": {"type": "dict", "no_log": True},
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
    """End the module with a clear message when the library is missing; otherwise let its messages be readable.

    Every module calls it first: it also takes names and URLs of the login out of the values that are masked in the
    module's output (else ``admin`` or ``Default`` could appear nowhere in it).
    """
    try:
        import keystoneauth1.session  # noqa: F401
    except ImportError:
        module.fail_json(msg=missing_required_lib("openstacksdk"), exception=traceback.format_exc())
    public, secret = _login_values(module.params)
    module.no_log_values.difference_update(public - secret)


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
    session, found, scope = _open(params, service_type)
    endpoint = endpoint or found
    if not endpoint and type(session.auth).__name__ == "NoAuth" and not getattr(session.auth, "endpoint", None):
        raise AuthenticationError("auth_type none knows no catalog: set auth.endpoint to the URL of the service.")
    _log_in(session)
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


def _open(params: dict[str, Any], service_type: str) -> tuple[Session, str | None, dict[str, Any]]:
    """Return the session, the endpoint that the configuration names, and the catalog's search terms."""
    cloud, auth = params.get("cloud"), _clean(params.get("auth") or {})
    auth_type = params.get("auth_type") or "password"
    if isinstance(cloud, dict):
        _refuse_beside_cloud(params)
    elif not cloud and ("auth_url" in auth or "endpoint" in auth or auth_type in OFFLINE):
        scope = {"interface": params.get("interface") or "public", "region_name": params.get("region_name")}
        return _direct_session(params, auth_type, auth), None, scope
    return _configured_session(params, service_type)


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
            raise AuthenticationError(f"auth.{name} is not an option of auth_type '{auth_type}'{hint}")
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


def _configured_session(params: dict[str, Any], service_type: str) -> tuple[Session, str | None, dict[str, Any]]:
    """Find the login in clouds.yaml or the environment, as every OpenStack client does."""
    try:
        from openstack.config import OpenStackConfig
        from openstack.exceptions import ConfigException
    except ImportError:
        raise AuthenticationError(missing_required_lib("openstacksdk")) from None
    from keystoneauth1 import exceptions

    if isinstance(params.get("cloud"), dict):
        wanted = dict(params["cloud"])
    else:
        wanted = {
            "cloud": params.get("cloud"),
            "auth": _clean(params.get("auth") or {}) or None,
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
    return session, region.get_endpoint(service_type), scope


def _refuse_beside_cloud(params: dict[str, Any]) -> None:
    names = (
        "auth",
        "auth_type",
        "region_name",
        "validate_certs",
        "ca_cert",
        "client_cert",
        "client_key",
        "api_timeout",
    )
    beside = [name for name in names if params.get(name) is not None]
    if beside:
        raise AuthenticationError(f"cloud is a dictionary, so {', '.join(beside)} must be inside it and not beside it.")


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


def _log_in(session: Session) -> None:
    from keystoneauth1 import exceptions

    url = auth_url(session)
    try:
        session.get_token()
    except exceptions.Unauthorized:
        raise AuthenticationError(
            f"Keystone at {url} refused the login (HTTP 401) of {_who(session.auth)}. "
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


def _who(auth: Any) -> str:
    user = getattr(auth, "_username", None) or getattr(auth, "_user_id", None)
    project = getattr(auth, "_project_name", None) or getattr(auth, "_project_id", None)
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


# --- what may be shown --------------------------------------------------------------------------------------------


def _clean(auth: dict[str, Any]) -> dict[str, Any]:
    return {str(name).replace("-", "_"): value for name, value in auth.items() if value is not None and value != ""}


def _login_values(params: dict[str, Any]) -> tuple[set[str], set[str]]:
    """Return what ``cloud`` and ``auth`` hold, as (harmless, secret) texts."""
    public: set[str] = set()
    secret: set[str] = set()
    cloud = params.get("cloud")
    if isinstance(cloud, str):
        public.add(cloud)

    def sort(values: dict[str, Any]) -> None:
        for name, value in values.items():
            key = str(name).replace("-", "_")
            if isinstance(value, dict):
                sort(value)
            elif isinstance(value, (str, int, float)) and not isinstance(value, bool):
                harmless = (
                    key.endswith(PUBLIC_SUFFIXES) and key not in SECRET_NAMES and "@" not in urlsplit(str(value)).netloc
                )
                (public if harmless else secret).add(str(value))

    sort(cloud if isinstance(cloud, dict) else {})
    sort(params.get("auth") or {})
    return public, secret
