"""The login options: what is refused before any connection, what a failed one says, what may be shown."""

from __future__ import annotations

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from ansible_collections.openimage.glance.plugins.doc_fragments.auth import ModuleDocFragment
from ansible_collections.openimage.glance.plugins.module_utils import _auth
from ansible_collections.openimage.glance.plugins.module_utils._api_errors import without_userinfo
from yaml import safe_load

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "s3cr3t-p@ss"
LOGIN = {"username": "admin", "password": PASSWORD, "project_name": "admin"}
URL = {"auth_url": "http://127.0.0.1:1/v3"}
# The plugins that a login in clear text can use; the others want a browser, a ticket or several logins.
PLUGINS = [
    *("password", "token", "v3password", "v3token", "v3applicationcredential", "v3totp", "v3tokenlessauth"),
    *("v3oidcaccesstoken", "v3oidcauthcode", "v3oidcclientcredentials", "v3oidcdeviceauthz", "v3oidcpassword"),
    *("v3oauth2clientcredential", "v3oauth2mtlsclientcredential", "none", "admin_token", "http_basic"),
]


class Answer(BaseHTTPRequestHandler):
    """Answers with the status that the path begins with."""

    def do_GET(self) -> None:
        self.send_error(int(self.path[1:4]))

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def http() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Neither the tester's proxy nor his clouds."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "none.yaml"))
    monkeypatch.chdir(tmp_path)


def failure(**params: Any) -> _auth.AuthenticationError:
    with pytest.raises(_auth.AuthenticationError) as caught:
        _auth.adapter(params, "image")
    assert PASSWORD not in str(caught.value)
    return caught.value


def test_connection_refused() -> None:
    for path in ("/v3", ""):
        error = failure(auth={**LOGIN, "auth_url": f"http://u:{PASSWORD}@127.0.0.1:1{path}"})
        assert error.unreachable
        assert f"127.0.0.1:1 cannot be reached (http://127.0.0.1:1{path}): connection refused" in str(error)


def test_no_answer_in_time() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v3"
        error = failure(auth={**LOGIN, "auth_url": url}, api_timeout=1)
    assert error.unreachable and "no answer in time" in str(error)


@pytest.mark.parametrize("path", ["/v3", ""])
def test_a_keystone_that_accepts_and_stays_silent_is_an_error_within_a_minute(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """How often a default time limit is waited for, times what it is: this test itself does not wait for it."""
    to_connect, to_answer = _auth.TIMEOUT
    monkeypatch.setattr(_auth, "TIMEOUT", (to_connect, 0.2))
    accepted: list[socket.socket] = []
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        error = failure(auth={**LOGIN, "auth_url": f"http://127.0.0.1:{silent.getsockname()[1]}{path}"})
        silent.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                accepted.append(silent.accept()[0])
    for connection in accepted:
        connection.close()
    assert error.unreachable and "no answer in time" in str(error)
    assert accepted and len(accepted) * to_answer + to_connect < 60


def test_tls_to_a_server_that_has_none(http: str) -> None:
    error = failure(auth={**LOGIN, "auth_url": f"https://{http}/v3"})
    assert not error.unreachable
    assert "TLS with" in str(error) and "ca_cert" in str(error)


def test_a_certificate_file_that_is_not_there(http: str, tmp_path: Any) -> None:
    error = failure(auth={**LOGIN, "auth_url": f"https://{http}/v3"}, ca_cert=str(tmp_path / "no.pem"))
    assert "no.pem" in str(error)


@pytest.mark.parametrize(("status", "unreachable"), [("404", False), ("503", True), ("502", True)])
def test_something_else_answers(http: str, status: str, unreachable: bool) -> None:
    error = failure(auth={**LOGIN, "auth_url": f"http://{http}/{status}/v3"})
    assert error.unreachable is unreachable
    assert status in str(error)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"auth": {**LOGIN, "auth_url": "http://x/v3", "token": "y"}}, "auth.token is not an option of auth_type"),
        ({"auth": URL, "auth_options": {**LOGIN, "passwrod": "y"}}, "auth_options.passwrod is not an option"),
        ({"auth": URL, "auth_options": {**LOGIN, "passwrod": "y"}}, "did you mean 'password'"),
        ({"auth": {**LOGIN, "auth_url": "x:5000/v3"}}, "auth.auth_url: 'x:5000/v3' is not a URL"),
        ({"auth": {"auth_url": "http://x/v3"}, "auth_type": "nonesuch"}, "auth_type 'nonesuch'"),
        ({"auth_type": "none"}, "auth.endpoint"),
        ({"cloud": "nowhere"}, "nowhere was not found"),
        ({"auth": URL, "auth_options": LOGIN}, "connection refused"),
    ],
)
def test_refused_with_a_reason(params: dict[str, Any], text: str) -> None:
    assert text in str(failure(**params))


def test_without_keystone() -> None:
    params = {"auth_type": "none", "auth": {"endpoint": "http://192.0.2.1:9292"}}
    assert _auth.adapter(params, "image").get_endpoint() == "http://192.0.2.1:9292"
    params = {"auth_type": "none"}
    client = _auth.adapter(params, "image", endpoint="http://192.0.2.2:9292")
    assert client.get_endpoint() == "http://192.0.2.2:9292"


def test_a_service_that_is_down_is_an_error_soon() -> None:
    client = _auth.adapter({"auth_type": "none", "auth": {"endpoint": "http://192.0.2.1"}}, "image")
    connect, read = client.session.timeout
    assert connect <= 5 and read <= 60
    limited = _auth.adapter({"auth_type": "none", "auth": {"endpoint": "http://192.0.2.1"}, "api_timeout": 7}, "image")
    assert limited.session.timeout == 7


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://u:p@h:5000/v3", "http://h:5000/v3"),
        ("https://h/v3?x=a@b", "https://h/v3?x=a@b"),
        ("", ""),
    ],
)
def test_urls_are_shown_without_who_and_password(url: str, shown: str) -> None:
    assert without_userinfo(url) == shown


def test_auth_declares_the_options_of_each_plugin() -> None:
    from keystoneauth1 import loading

    options = [option for name in PLUGINS for option in loading.get_plugin_loader(name).get_options()]
    assert {option.dest: bool(option.secret) for option in options} == _auth.AUTH_OPTIONS
    aliases = {(option.dest, old.dest) for option in options for old in option.deprecated}
    # Not taken over: both are names from before version 3 of Keystone's API, and too short to be clear.
    aliases -= {("endpoint", "url"), ("code", "authorization_code")}
    assert aliases == {(name, alias) for name, names in _auth.AUTH_ALIASES.items() for alias in names}


def test_auth_masks_only_secrets() -> None:
    spec = _auth.auth_argument_spec()
    assert {name for name, option in spec["auth"]["options"].items() if option["no_log"]} == {
        "password",
        "token",
        "passcode",
        "application_credential_secret",
        "client_secret",
        "access_token",
        "code",
        "oauth2_client_secret",
    }
    assert [name for name, option in spec.items() if option.get("no_log")] == ["auth_options"]


def test_alias_counts_once() -> None:
    # What core leaves of tenant_name.
    auth = {**LOGIN, **URL, "tenant_name": "admin"}
    assert "connection refused" in str(failure(auth=auth))
    assert _auth.login_problem({"auth": auth}) is None


@pytest.mark.parametrize("url", [f"http://u:{PASSWORD}@h:5000/v3", "http://u@h:5000/v3"])
def test_url_with_login_is_refused_and_hidden(url: str) -> None:
    params = {"auth": {"auth_url": url}}
    problem = _auth.login_problem(params)
    assert problem and "auth.auth_url" in problem and "auth_options.auth_url" in problem
    assert PASSWORD not in problem + str(params)
    assert _auth.login_problem({"auth_options": {"auth_url": url}}) is None


def test_option_in_auth_and_auth_options_is_refused() -> None:
    problem = _auth.login_problem({"auth": {"username": "a", "password": None}, "auth_options": {"username": "b"}})
    assert problem == "username is an option in auth and in auth_options; write it once."


def test_cloud_as_dictionary_is_refused_and_hidden() -> None:
    params = {"cloud": {"auth": {"password": PASSWORD}}}
    problem = _auth.login_problem(params)
    assert problem and "auth" in problem and "region_name" in problem
    assert PASSWORD not in problem + str(params)
    assert _auth.login_problem({"cloud": "mycloud"}) is None


def test_documentation_fragment_has_the_options_of_the_spec() -> None:
    documented = safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    spec = _auth.auth_argument_spec()
    pairs = [(documented, spec), (documented["auth"]["suboptions"], spec["auth"]["options"])]
    for described, options in pairs:
        assert set(described) == set(options)
        for name, option in options.items():
            for key in ("type", "choices", "default", "aliases"):
                assert described[name].get(key) == option.get(key), (name, key)
