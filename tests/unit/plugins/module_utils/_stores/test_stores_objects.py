"""Stores of the types swift and s3."""

from __future__ import annotations

import configparser
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan
from hypothesis import given, settings
from hypothesis import strategies as st

KEYSTONE = "http://keystone.example.org:5000/v3"
SWIFT = {
    "id": "swift-0",
    "type": "swift",
    "default": True,
    "auth_url": KEYSTONE,
    "user": "swift",
    "password": "s3cret",
    "project": "service",
}
CREDENTIAL = {
    "id": "swift-0",
    "type": "swift",
    "default": True,
    "auth_url": KEYSTONE,
    "application_credential_id": "0123",
    "application_credential_secret": "s3cret",
}
TENANTS = {"id": "swift-0", "type": "swift", "default": True, "multi_tenant": True}
S3 = {
    "id": "s3-0",
    "type": "s3",
    "default": True,
    "host": "https://s3.example.org",
    "access_key": "4ccess",
    "secret_key": "s3cret",
    "bucket": "glance",
}


def planned(*stores: Any, release: str = "2026.2", defaults: Any = None) -> dict[str, Any]:
    return store_plan(list(stores), "/srv/staging", "/srv/tasks", release, defaults)


def problems(store: dict[str, Any], release: str = "2026.2", **changes: Any) -> list[str]:
    changed = {name: value for name, value in {**store, **changes}.items() if value != "absent"}
    return list(planned(changed, release=release)["problems"])


def test_the_plan_of_one_tenant() -> None:
    plan = planned({**SWIFT, "create_container": True, "region": "RegionOne", "large_object_size": 1})
    assert plan["problems"] == []
    assert plan["sections"]["swift-0"] == {
        "swift_store_auth_version": "3",
        "swift_store_config_file": "/etc/glance/swift-swift-0.conf",
        "default_swift_reference": "ref1",
        "swift_store_container": "glance",
        "swift_store_create_container_on_put": True,
        "swift_store_region": "RegionOne",
        "swift_store_large_object_size": 1,
    }
    (file,) = plan["files"]
    assert (file["owner"], file["group"], file["mode"]) == ("root", "glance", "0640")
    assert file["content"] == (
        f"[ref1]\nauth_address = {KEYSTONE}\nuser = service:swift\nkey = s3cret\n"
        "user_domain_name = Default\nproject_domain_name = Default\n"
    )
    assert plan["secrets"] == ["s3cret"]
    assert plan["needs"] == {"package": ["swiftclient"], "venv": []}
    assert plan["access"] == [
        {
            "id": "swift-0",
            "type": "swift",
            "config_file": "/etc/glance/swift-swift-0.conf",
            "reference": "ref1",
            "container": "glance",
            "create_container": True,
            "region": "RegionOne",
            "endpoint": "",
            "endpoint_type": "publicURL",
            "service_type": "object-store",
            "cacert": "",
            "insecure": False,
            "multi_tenant": False,
        }
    ]
    # Glance's driver counts in units of 1000 * 1024.
    assert plan["expected"][0]["properties"] == {
        "container": "glance",
        "large_object_size": 1024000,
        "large_object_chunk_size": 204800000,
    }


@pytest.mark.parametrize(("release", "said"), [("zed", True), ("2025.1", True), ("", True), ("2026.1", False)])
def test_older_releases_must_be_told_which_version_of_keystone_there_is(release: str, said: bool) -> None:
    (file,) = planned(SWIFT, release=release)["files"]
    assert ("auth_version = 3\n" in file["content"]) is said


def test_an_application_credential() -> None:
    (file,) = planned(CREDENTIAL)["files"]
    assert "application_credential_id = 0123\napplication_credential_secret = s3cret\n" in file["content"]
    assert "user =" not in file["content"]
    assert problems(CREDENTIAL, release="2025.1") == [
        "glance_stores[0].application_credential_id: 2025.1 does not know swift_store_application_credential_id, "
        "which came with 2026.1; remove it",
        "glance_stores[0].application_credential_secret: 2025.1 does not know "
        "swift_store_application_credential_secret, which came with 2026.1; remove it",
    ]


def test_the_accounts_of_all_tenants() -> None:
    plan = planned(TENANTS)
    assert plan["problems"] == plan["files"] == plan["secrets"] == []
    assert plan["sections"]["swift-0"] == {
        "swift_store_auth_version": "3",
        "swift_store_multi_tenant": True,
        "swift_store_container": "glance",
        "swift_store_create_container_on_put": True,
        "swift_store_use_trusts": False,
    }
    assert "container" not in plan["expected"][0]["properties"]
    found = problems({**SWIFT, "multi_tenant": True, "reference": "ref2"})
    assert [text.split(":")[0] for text in found] == [
        f"glance_stores[0].{key}" for key in ("auth_url", "password", "project", "reference", "user")
    ]
    assert problems(TENANTS, create_container=False)[0].startswith("glance_stores[0].create_container: is false, but")
    assert problems(TENANTS, release="zed")[0].startswith(
        "glance_stores[0].multi_tenant: is true, and the Glance of zed"
    )


class Reference(configparser.ConfigParser):
    """The parser of Glance's driver."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        value = super().get(*args, **kwargs)
        if value and value[0] in "\"'":
            if len(value) == 1 or value[-1] != value[0]:
                raise ValueError(f"Non-closed quote: {value}")
            value = value[1:-1]
        return value


@given(st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True))
@settings(max_examples=60, deadline=None)
def test_the_driver_reads_every_password_as_it_is(password: str) -> None:
    plan = planned({**SWIFT, "password": password})
    if plan["problems"]:
        assert "placeholder" in plan["problems"][0]
        return
    parser = Reference()
    parser.read_string(plan["files"][0]["content"])
    assert parser.get("ref1", "key") == password
    assert password in plan["secrets"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"auth_url": "absent"}, f"auth_url: is missing; write auth_url: {KEYSTONE[:4]}"),
        ({"user": "absent"}, "user: is missing; write user: glance"),
        ({"password": "absent"}, "password: is missing; write password: "),
        ({"project": "absent"}, "project: is missing; write project: service"),
        ({"password": ""}, "password: is missing; set it"),
        ({"password": "CHANGEME"}, "password: is a placeholder"),
        ({"user": "service:swift"}, "user: 'service:swift' has a colon in it"),
        ({"auth_url": "http://ks:5000/v2.0"}, "auth_url: is not the URL of Keystone's version 3; end it with /v3"),
        ({"auth_url": "http://me:s3cret@ks:5000/v3"}, "auth_url: holds a user name or password"),
        ({"auth_url": "ks:5000/v3"}, "auth_url: does not begin with http:// or https://"),
        ({"endpoint": "http://me:s3cret@swift/v1"}, "endpoint: holds a user name or password"),
        ({"container": "a/b"}, "container: 'a/b' is not the name of a container"),
        ({"reference": "DEFAULT"}, "reference: 'DEFAULT' is not the name of a reference"),
        ({"endpoint_type": "public"}, "endpoint_type: is 'public'; write publicURL"),
        ({"cacert": "/etc/ca.pem", "insecure": True}, "insecure: is true, so that cacert is not used"),
        (
            {"options": {"swift_store_key": "x"}},
            "options.swift_store_key: is not for options; write password one level",
        ),
        ({"options": {"swift_store_config_file": "/x"}}, "options.swift_store_config_file: is not for options; remove"),
    ],
)
def test_one_mistake_of_a_swift_store_is_one_problem(changes: dict[str, Any], problem: str) -> None:
    (found,) = problems(SWIFT, **changes)
    assert found.startswith(f"glance_stores[0].{problem}"), found
    assert "s3cret" not in found


def test_two_ways_to_log_in() -> None:
    found = problems({**SWIFT, **CREDENTIAL, "user_domain": "Default"})
    assert [text.split(":")[0] for text in found] == [
        f"glance_stores[0].{key}" for key in ("user", "password", "project", "user_domain")
    ]
    found = problems(CREDENTIAL, application_credential_secret="absent")
    assert [text.split(":")[0] for text in found] == ["glance_stores[0].application_credential_secret"]


def test_swift_stores_in_each_others_way() -> None:
    other = {**SWIFT, "id": "swift-1", "default": False}
    found = planned(SWIFT, other)["problems"]
    assert [text.split(" has ")[1] for text in found] == [
        "reference ref1 already; write another reference, like ref2",
        f"container glance of service at {KEYSTONE} already; "
        "remove one of the two stores, or give this one a place of its own",
    ]
    assert planned(SWIFT, {**other, "reference": "ref2", "container": "more"})["problems"] == []


def test_the_plan_of_a_bucket() -> None:
    plan = planned({**S3, "region": "eu", "bucket_url_format": "path", "large_object_chunk_size": 5})
    assert plan["problems"] == plan["warnings"] == plan["files"] == []
    assert plan["sections"]["s3-0"] == {
        "s3_store_host": "https://s3.example.org",
        "s3_store_access_key": "4ccess",
        "s3_store_secret_key": "s3cret",
        "s3_store_bucket": "glance",
        "s3_store_region_name": "eu",
        "s3_store_bucket_url_format": "path",
        "s3_store_large_object_chunk_size": 5,
    }
    assert plan["secrets"] == ["4ccess", "s3cret"]
    assert plan["needs"] == {"package": ["boto3"], "venv": []}
    assert plan["access"] == [
        {
            "id": "s3-0",
            "type": "s3",
            "host": "https://s3.example.org",
            "access_key": "4ccess",
            "secret_key": "s3cret",
            "bucket": "glance",
            "region": "eu",
            "create_bucket": False,
            "bucket_url_format": "path",
            "cacert": "",
            "integrity": False,
            "request_checksum": "",
            "response_checksum": "",
        }
    ]
    assert plan["expected"][0]["properties"] == {
        "s3_store_large_object_size": 100 << 20,
        "s3_store_large_object_chunk_size": 5 << 20,
        "s3_store_thread_pools": 10,
    }


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"host": "absent"}, "host: is missing; write host: https://s3.example.com"),
        ({"host": "s3.example.org"}, "host: does not begin with http:// or https://"),
        ({"host": "https://4ccess:s3cret@s3.example.org"}, "host: holds a user name or password"),
        ({"host": "https://s3.example.org?x=1"}, "host: has something after ? or #"),
        ({"access_key": ""}, "access_key: is missing; set it"),
        ({"secret_key": "absent"}, "secret_key: is missing; write secret_key"),
        ({"bucket": "a/b"}, "bucket: 'a/b' is not the name of a bucket"),
        ({"bucket": "My_Images", "bucket_url_format": "virtual"}, "bucket: My_Images cannot be a part of a host name"),
        ({"bucket_url_format": "dns"}, "bucket_url_format: is 'dns'; write one of auto, virtual, path"),
        ({"large_object_chunk_size": 4}, "large_object_chunk_size: is 4; write a whole number of at least 5"),
        ({"thread_pools": 0}, "thread_pools: is 0; write a whole number of at least 1"),
        ({"host": "http://s3", "cacert": "/etc/ca.pem"}, "cacert: is of no use: host begins with http://"),
    ],
)
def test_one_mistake_of_an_s3_store_is_one_problem(changes: dict[str, Any], problem: str) -> None:
    (found,) = problems(S3, **changes)
    assert found.startswith(f"glance_stores[0].{problem}"), found
    assert "s3cret" not in found


def test_what_older_releases_cannot_do_with_s3() -> None:
    assert problems(S3, release="2025.1", large_object_size=0)[0].startswith(
        "glance_stores[0].large_object_size: is 0, with which 2025.1 cannot use the store"
    )
    assert problems(S3, large_object_size=0) == []
    assert "2025.1" in problems(S3, release="zed", region="eu")[0]
    option = {"s3_store_enable_data_integrity_protection": True}
    assert "2026.1" in problems(S3, release="2025.1", options=option)[0]
    assert problems(S3, options=option) == []


def test_one_bucket_is_one_store() -> None:
    (problem,) = planned(S3, {**S3, "id": "s3-1", "default": False})["problems"]
    assert "has bucket glance at https://s3.example.org already" in problem


def test_plain_http_is_doubtful() -> None:
    (warning,) = planned({**S3, "host": "http://s3.example.org"})["warnings"]
    assert warning.startswith("glance_stores[0].host: sends images unencrypted")
