"""What an operator reads, from facts that real services gave."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._access import verdicts, words

RBD = {"id": "ceph-0", "type": "rbd", "pool": "images", "user": "glance", "conf": "/etc/ceph/ceph-0.conf"}
SWIFT = {
    "id": "swift-0",
    "type": "swift",
    "config_file": "/etc/glance/swift-swift-0.conf",
    "reference": "ref1",
    "container": "glance",
}
S3 = {"id": "s3-0", "type": "s3", "host": "http://192.0.2.5:7480", "bucket": "images", "region": "mars"}
CINDER = {"id": "lvm", "type": "cinder", "volume_type": "fast", "project": "service"}
CONNECT = {"kind": "connect", "number": 13, "text": "RADOS permission denied", "monitors": "192.0.2.1", "answers": {}}
KEYRING = {"keyring": "/etc/ceph/ceph-0.client.glance.keyring"}
CAPS = "ceph auth caps client.glance mon 'profile rbd' osd 'profile rbd pool=images' mgr 'profile rbd pool=images'"
LOGIN = {"url": "http://keystone:5000/v3", "user": "glance", "project": "service"}
REFUSED = {"kind": "refused", "step": "ask for the bucket", "status": 403, "region": "", "text": "An error occurred"}
UNREACHED = {"kind": "connect", "verdict": "", "number": 110, "text": "RADOS timed out", "monitors": "192.0.2.1"}
RGW = {"url": "http://192.0.2.5:7480/swift/v1/AUTH_1"}


def judge(store: dict[str, Any], problem: dict[str, Any], step: str = "look") -> verdicts.Verdict:
    result = {"id": store["id"], "step": step, "seconds": 1.0, "problem": problem}
    return verdicts.judge([store], {store["id"]: result}, "glance-1", "/usr/bin/python3", 30)


@pytest.mark.parametrize(
    ("store", "problem", "parts"),
    [
        # Ceph
        (RBD, {**CONNECT, **KEYRING, "verdict": "mon_cap"}, ["has no mon cap", "192.0.2.1", "the key is right", CAPS]),
        (RBD, {**CONNECT, **KEYRING, "verdict": "key"}, ["refuses the key", "ceph-0.client.glance.keyring"]),
        (RBD, {**CONNECT, **KEYRING, "verdict": "denied"}, ["wrong key, no such user, or no mon cap"]),
        (
            RBD,
            {**UNREACHED, **KEYRING, "answers": {"192.0.2.1:6789": "Connection refused"}},
            ["192.0.2.1:6789: Connection refused", "start the monitors"],
        ),
        (RBD, {**UNREACHED, **KEYRING, "answers": {"192.0.2.1:6789": ""}}, ["ports are open", "quorum"]),
        (RBD, {**UNREACHED, **KEYRING, "monitors": "", "answers": {}}, ["names no monitors", "mon_host"]),
        (
            RBD,
            {"kind": "list", "number": 1, "text": "RBD permission error", "missing": {"mgr": ""}},
            ["lacks the osd cap for pool images", CAPS],
        ),
        (
            RBD,
            {"kind": "write", "step": "create an image", "number": 1, "text": "RBD permission error", "health": ""},
            ["to create an image in pool images", "osd cap"],
        ),
        (RBD, {"kind": "mgr", "missing": {"mgr": "denied"}}, ["has no mgr cap", CAPS]),
        (
            RBD,
            {"kind": "children", "pools": ["volumes"], "missing": {"mgr": ""}},
            ["volumes", "class-read on rbd_children", CAPS],
        ),
        (
            RBD,
            {"kind": "pool_missing", "pools": ["volumes"], "text": ""},
            ["open pool images", "sees volumes", "ceph osd pool create images && rbd pool init images"],
        ),
        (
            RBD,
            {"kind": "full", "flags": ["pool full", "pool full_quota"], "health": "1 pool(s) full"},
            ["reached its quota", "1 pool(s) full"],
        ),
        (RBD, {"kind": "full", "flags": ["full"], "health": "1 full osd(s)"}, ["the cluster is full", "1 full osd(s)"]),
        (RBD, {"kind": "full", "flags": ["pausewr"], "health": ""}, ["paused", "unpause"]),
        (
            RBD,
            {"kind": "write", "step": "create an image", "number": 95, "text": "not supported", "health": ""},
            ["cannot hold what RBD needs", "replicated"],
        ),
        (RBD, {"kind": "erasure", "missing": {"mgr": ""}}, ["erasure-coded", "omap", "rbd_default_data_pool"]),
        (RBD, {"kind": "write", "step": "write", "number": 28, "text": "no space", "health": ""}, ["no space is left"]),
        (
            RBD,
            {"kind": "list", "number": 110, "text": "timeout", "health": "8 pgs incomplete"},
            ["OSDs do not answer", "8 pgs incomplete"],
        ),
        (RBD, {"kind": "other_pool", "pool": "ec", "health": "8 pgs incomplete"}, ["pool ec does not answer"]),
        (
            RBD,
            {"kind": "keyring_missing", "refused": {"/etc/ceph/k": "Permission denied"}},
            ["/etc/ceph/k: Permission"],
        ),
        (
            RBD,
            {"kind": "keyring_section", "path": "/etc/ceph/k", "sections": ["client.a"]},
            ["[client.glance]", "client.a"],
        ),
        (
            RBD,
            {"kind": "conf_unreadable", "path": "/etc/ceph/c", "text": "No such file"},
            ["/etc/ceph/c", "No such file"],
        ),
        (RBD, {"kind": "library", "name": "rbd", "text": "No module named 'rbd'"}, ["/usr/bin/python3", "python3-rbd"]),
        (RBD, {"kind": "timeout", "text": "", "status": 9}, ["to look", "within 30 s"]),
        (RBD, {"kind": "crash", "text": "Traceback\n  x\nKeyError: 'y'\n", "status": 256}, ["KeyError: 'y'"]),
        # Swift
        (SWIFT, {"kind": "password", "projects": [], **LOGIN}, ["wrong password", "keystone:5000", "as user glance"]),
        (SWIFT, {"kind": "project", "projects": ["other"], **LOGIN}, ["password is right", "it has in other", "role"]),
        (SWIFT, {"kind": "application_credential", **LOGIN}, ["expired", "application credential create"]),
        (
            SWIFT,
            {
                "kind": "refused",
                "step": "ask for the container",
                "status": 401,
                "text": "",
                "roles": ["nothing"],
                **RGW,
            },
            ["none of the user's roles (nothing) may do that", "swiftoperator"],
        ),
        (
            SWIFT,
            {
                "kind": "endpoint",
                "offered": ["public in RegionOne"],
                "query": {"service_type": "object-store", "interface": "publicURL", "region": "Mars"},
            },
            ["object-store in region Mars", "public in RegionOne"],
        ),
        (
            SWIFT,
            {"kind": "container", "containers": ["a", "b"], **RGW},
            ["no such container", "a, b", "create_container"],
        ),
        (SWIFT, {"kind": "reference", "sections": ["ref2"]}, ["no section ref1, only ref2"]),
        (
            SWIFT,
            {
                "kind": "tls",
                "step": "log in",
                "text": "[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate",
                **LOGIN,
            },
            ["not trusted", "set cacert"],
        ),
        (
            SWIFT,
            {"kind": "tls", "step": "log in", "text": "[SSL: WRONG_VERSION_NUMBER] wrong version number", **LOGIN},
            ["does not speak TLS", "http://"],
        ),
        (
            SWIFT,
            {"kind": "unreachable", "step": "log in", "text": "[Errno 111] Connection refused", **LOGIN},
            ["connection refused", "keystone:5000"],
        ),
        (SWIFT, {"kind": "not_keystone", "text": "(HTTP 404)", **LOGIN}, ["not Keystone's version 3", "/v3"]),
        # S3
        (S3, {**REFUSED, "code": "InvalidAccessKeyId"}, ["does not know the access key", "192.0.2.5:7480"]),
        (S3, {**REFUSED, "code": "SignatureDoesNotMatch"}, ["the secret key is wrong"]),
        (S3, {**REFUSED, "code": "AccessDenied"}, ["the key is right", "(bucket images)"]),
        (S3, {**REFUSED, "code": "AccessDenied", "step": "create a bucket"}, ["may not create any"]),
        (
            S3,
            {**REFUSED, "code": "AuthorizationHeaderMalformed", "region": "eu-1"},
            ["another region than asked for (mars)", "eu-1"],
        ),
        (S3, {**REFUSED, "code": "RequestTimeTooSkewed"}, ["clocks"]),
        (S3, {"kind": "bucket", "buckets": ["glance"]}, ["find the bucket images", "has glance", "create_bucket"]),
        (
            S3,
            {"kind": "checksum", "step": "write an object", "version": "1.40.0", "settable": True},
            ["boto3 1.40.0", "s3_store_enable_data_integrity_protection"],
        ),
        (
            S3,
            {"kind": "checksum", "step": "write an object", "version": "1.40.0", "settable": False},
            ["AWS_REQUEST_CHECKSUM_CALCULATION=when_required"],
        ),
        (S3, {"kind": "name", "step": "ask for the bucket", "text": "Invalid bucket name"}, ["Invalid bucket name"]),
        # Cinder
        (CINDER, {"kind": "volume_type", "seen": ["slow"]}, ["sees no volume type fast", "it sees slow"]),
        (CINDER, {"kind": "services", "states": ["a@lvm: down, enabled"]}, ["no cinder-volume service is up", "down"]),
        (CINDER, {"kind": "password", "projects": [], **LOGIN}, ["wrong password"]),
    ],
)
def test_problems_in_words(store: dict[str, Any], problem: dict[str, Any], parts: list[str]) -> None:
    verdict = judge(store, problem)
    assert verdict.failed == [store["id"]] and verdict.good == []
    (sentence,) = verdict.problems
    assert sentence.startswith(f"Store {store['id']} ({store['type']}) on glance-1: tried ")
    assert ". To do: " in sentence and sentence.endswith(".")
    assert [part for part in parts if part not in sentence] == [], sentence


def test_two_missing_caps_are_two_problems() -> None:
    verdict = judge(RBD, {"kind": "list", "number": 1, "text": "RBD permission error", "missing": {"mgr": "denied"}})
    assert ["osd cap" in problem for problem in verdict.problems] == [True, False]
    assert ["mgr cap" in problem for problem in verdict.problems] == [False, True]


def test_what_could_not_be_removed_is_named() -> None:
    problem = {"kind": "write", "step": "remove an image", "number": 110, "text": "x", "health": "", "left": "probe-1"}
    assert any(
        "image images/probe-1" in text and "could not be removed" in text for text in judge(RBD, problem).problems
    )


def test_good_untried_and_doubtful_stores() -> None:
    stores = [RBD, {**SWIFT, "multi_tenant": True}, CINDER]
    results = {
        "ceph-0": {"id": "ceph-0", "notes": ["blocklist"]},
        "swift-0": {"id": "swift-0", "untried": "multi_tenant"},
        "lvm": {"id": "lvm", "untried": "caller"},
    }
    verdict = verdicts.judge(stores, results, "glance-1", "/usr/bin/python3", 30)
    assert verdict.problems == [] and verdict.failed == [] and verdict.good == ["ceph-0"]
    assert ["shut out dead clients" in verdict.warnings[0], "was not tried" in verdict.warnings[1]] == [True, True]
    assert "no login of its own" in verdict.warnings[2]


def test_a_library_s_own_words_stay_short() -> None:
    assert words.one_line("a\n  b <urllib3.connection.HTTPConnection object at 0x7f>: c") == "a b c"
    assert len(words.one_line("x" * 1000)) == 300
