from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.openimage.glance.plugins.module_utils._site.variables import (
    MEMCACHED_SECRET,
    SECRETS,
    check_secrets,
    check_variables,
    switch,
)

RIGHT = {
    "glance_region": "RegionOne",
    "glance_setup_host": "localhost",
    "glance_database_host": "::1",
    "glance_database_port": 3306,
    "glance_database_name": "glance",
    "glance_database_user": "glance",
    "glance_database_allowed_hosts": ["localhost", "%"],
    "glance_database_collation": "utf8mb4_unicode_ci",
    "glance_database_tls_ca": "",
    "glance_database_require_tls": False,
    "glance_keystone_url": "http://127.0.0.1:5000/v3",
    "glance_keystone_cacert": None,
    "glance_service_roles": ["admin", "service"],
    "glance_service_system_roles": [],
    "glance_memcached_servers": ["127.0.0.1:11211", "inet6:[::1]:11211", "cache-0.example:11211"],
    "glance_public_url": "https://image.example",
    "glance_api_port": "9292",
    "glance_api_bind_address": "0.0.0.0",
    "glance_all_in_one_keystone_bind": "::",
    "glance_api_threads": "8",
    "glance_verify_size": " 1024 ",
    "glance_load_metadefs": "False",
    "glance_database_login_host": "",
    "glance_database_login_tls_cert": "",
    "glance_import_methods": ["glance-direct", "web-download"],
    "glance_pip_index_url": "",
    "glance_somebody_elses": object(),
}
STRONG = {name: f"p@ss:/w%rd#'\" {number}" for number, name in enumerate([*SECRETS, MEMCACHED_SECRET])}


def test_a_right_site_has_no_problems() -> None:
    assert check_variables(RIGHT) == []
    assert check_variables({}) == []


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("glance_api_port", 99999, "is 99999; write a whole number from 1 to 65535"),
        ("glance_database_port", "mysql", "is the text 'mysql'; write a whole number from 1 to 65535 without quotes"),
        ("glance_keystone_url", "controller:5000/v3", "does not begin with http:// or https://; write it with scheme"),
        ("glance_api_node_url", "http://", "is not a URL: it has no host"),
        ("glance_public_url", None, "is empty; write a text"),
        ("glance_database_allowed_hosts", "localhost", "is the text 'localhost'; write a list"),
        ("glance_database_allowed_hosts", [], "is an empty list; write at least one entry"),
        ("glance_service_roles", ["admin", True], "its entry 1 is true, which YAML also makes of yes"),
        ("glance_memcached_servers", "127.0.0.1:11211", "is the text '127.0.0.1:11211'; write a list"),
        ("glance_memcached_servers", ["127.0.0.1"], "its entry 0 is not host:port; write entries like"),
        ("glance_load_metadefs", "perhaps", "is 'perhaps'; write true or false"),
        ("glance_load_metadefs", 2, "is 2; write true or false"),
        ("glance_verify_size", "1 MiB", "is the text '1 MiB'; write a whole number of at least 1 without quotes"),
        ("glance_verify_size", True, "is true; write a whole number"),
        ("glance_api_threads", "0", "is 0; write a whole number of at least 1"),
        ("glance_api_bind_address", "[::]", "'[::]' is not an address; write an address of the host"),
        ("glance_api_bind_address", "image1", "'image1' is not an address"),
        ("glance_all_in_one_keystone_bind", "[::1]", "'[::1]' is not an address"),
        ("glance_all_in_one_database_bind", "0.0.0.0:3306", "'0.0.0.0:3306' is not an address"),
        ("glance_all_in_one_keystone_processes", 0, "is 0; write a whole number of at least 1"),
        (
            "glance_keystone_url",
            "http://u:s3cr3t@h:5000/v3",
            "holds a user name or password, which messages would show",
        ),
        ("glance_public_url", "https://s3cr3t@h", "holds a user name or password"),
        ("glance_all_in_one_keystone_url", "lab1:5000", "does not begin with http:// or https://"),
        ("glance_database_login_host", "db:3306", "'db:3306' is more than a host"),
        ("glance_database_login_port", "mysql", "is the text 'mysql'; write a whole number from 1 to 65535"),
        ("glance_database_login_tls_ca", "ca.pem", "is not an absolute path: 'ca.pem'"),
        ("glance_database_login_unix_socket", "mysqld.sock", "is not an absolute path"),
        ("glance_database_host", "db:3306", "'db:3306' is more than a host; write name or address only"),
        ("glance_database_host", "mysql://u:s3cr3t@db/glance", "'db/glance' is more than a host"),
        ("glance_database_name", "glance;x", "'glance;x' is not a plain name"),
        ("glance_database_require_tls", "perhaps", "is 'perhaps'; write true or false"),
        ("glance_database_collation", "latin1_swedish_ci", "'latin1_swedish_ci' is not a collation of utf8mb4"),
        ("glance_keystone_cacert", "ca.pem", "is not an absolute path: 'ca.pem'; begin it with /"),
        ("glance_import_methods", ["web-donwload"], "is 'web-donwload'; write web-download"),
        ("glance_region", 1, "is the number 1; put it in quotes"),
        ("glance_api_threads", 0, "is 0; write a whole number of at least 1"),
    ],
)
def test_wrongly_typed_variables(name: str, value: Any, problem: str) -> None:
    (found,) = check_variables({**RIGHT, name: value})
    assert str(found).startswith(f"{name}: {problem}")
    assert "s3cr3t" not in str(found)


def test_url_of_the_package_index_may_hold_a_login() -> None:
    assert check_variables({**RIGHT, "glance_pip_index_url": "https://u:s3cr3t@mirror.example.org/simple"}) == []


def test_secrets_with_every_special_character_are_right() -> None:
    assert check_secrets(STRONG) == []


def test_all_missing_secrets_are_told() -> None:
    assert [problem.path for problem in check_secrets({"glance_memcached_servers": ["a:1"]})] == [
        "glance_database_password",
        "glance_service_password",
        "glance_keystone_admin_password",
        "glance_memcached_secret",
    ]
    without = {name: value for name, value in STRONG.items() if name != MEMCACHED_SECRET}
    assert [problem.path for problem in check_secrets({**without, "glance_memcached_servers": []})] == []
    # The role's default names a server.
    assert [problem.path for problem in check_secrets(without)] == [MEMCACHED_SECRET]


@pytest.mark.parametrize(
    ("value", "wrong"),
    [
        ("", "is missing"),
        (None, "is missing"),
        (31337, "is a number, not a text"),
        (True, "is a boolean, not a text"),
        (["s3cr3t"], "is a list, not a text"),
        ("s3cr3t\n", "contains a line break or a control character"),
        ("s3cr3t\t", "contains a line break or a control character"),
        (" s3cr3t", "begins or ends with a blank"),
        *(
            (text, "is a placeholder")
            for text in ("CHANGEME", "change-me", "change_me!", "Replace Me", "changeit", "TODO")
        ),
        *((text, "is a placeholder") for text in ("<password>", "{{ vault_x }}", "xxxx", "***", "your-password-here")),
    ],
)
def test_what_is_no_secret_is_told_without_telling_it(value: Any, wrong: str) -> None:
    (found,) = check_secrets({**STRONG, "glance_service_password": value})
    assert str(found).startswith(f"glance_service_password: {wrong}; ")
    for part in ("31337", "s3cr3t", "CHANGEME", "vault_x"):
        assert part not in str(found)


@pytest.mark.parametrize(
    "value", ["change the world 42", "exchangeme", "<a>b", "xx", "todolist", "Welcome123", "secret"]
)
def test_what_only_looks_like_a_placeholder(value: str) -> None:
    assert check_secrets({**STRONG, "glance_service_password": value}) == []


@pytest.mark.parametrize(
    "value", [True, False, "true", "False", "yes", "NO", "on", "off", "1", "0", 1, 0, "t", "f", 1.0]
)
def test_switches_are_what_ansible_takes_for_booleans(value: Any) -> None:
    assert switch(value) == boolean(value)


def test_the_password_of_the_database_server_may_be_missing_but_not_a_placeholder() -> None:
    assert check_secrets({**STRONG, "glance_database_login_password": ""}) == []
    (found,) = check_secrets({**STRONG, "glance_database_login_password": "CHANGE_ME"})
    assert str(found).startswith("glance_database_login_password: is a placeholder")


@pytest.mark.parametrize("name", ["glance_database_password", "glance_database_login_password"])
def test_a_database_password_is_one_that_its_driver_can_send(name: str) -> None:
    assert check_secrets({**STRONG, name: "p@ss:/w%rd#'\"$x"}) == []
    (found,) = check_secrets({**STRONG, name: "pässwort 42"})
    assert str(found).startswith(f"{name}: holds letters beyond ASCII") and "pässwort" not in str(found)
    assert check_secrets({**STRONG, "glance_service_password": "pässwort 42"}) == []
