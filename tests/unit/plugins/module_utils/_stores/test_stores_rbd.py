"""Ceph's files from what an operator has of them, and stores of type rbd."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._stores.ceph import (
    CephConf,
    Keyring,
    ceph_conf,
    ceph_user,
    keyring,
    parse,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong
from hypothesis import given, settings
from hypothesis import strategies as st

KEY = "AQ" + "A" * 36 + "=="
OTHER_KEY = "AQ" + "B" * 36 + "=="
FSID = "11111111-2222-3333-4444-555555555555"
CONF = {"fsid": FSID, "mon_host": ["10.0.0.1", "10.0.0.2"]}
RBD = {"id": "ceph-0", "type": "rbd", "default": True, "user": "openstack", "ceph_conf": CONF, "keyring": KEY}


def planned(*stores: Any, release: str = "2026.2", defaults: Any = None) -> dict[str, Any]:
    return store_plan(list(stores), "/srv/staging", "/srv/tasks", release, defaults)


def problems(**changes: Any) -> list[str]:
    store = {name: value for name, value in {**RBD, **changes}.items() if value != "absent"}
    return list(planned(store)["problems"])


def test_the_plan_of_a_cluster() -> None:
    plan = planned({**RBD, "thin_provisioning": True, "chunk_size": 4, "connect_timeout": 5})
    assert plan["problems"] == plan["warnings"] == []
    assert plan["sections"]["ceph-0"] == {
        "rbd_store_pool": "images",
        "rbd_store_user": "openstack",
        "rbd_store_ceph_conf": "/etc/ceph/ceph-0.conf",
        "rbd_store_chunk_size": 4,
        "rbd_thin_provisioning": True,
        "rados_connect_timeout": 5,
    }
    conf, ring = plan["files"]
    assert (conf["path"], conf["owner"], conf["group"], conf["mode"]) == (
        "/etc/ceph/ceph-0.conf",
        "root",
        "glance",
        "0640",
    )
    assert conf["content"] == (
        f"[global]\nfsid = {FSID}\nmon_host = 10.0.0.1, 10.0.0.2\n\n"
        "[client.openstack]\nkeyring = /etc/ceph/ceph-0.client.openstack.keyring\n"
    )
    assert (ring["path"], ring["mode"]) == ("/etc/ceph/ceph-0.client.openstack.keyring", "0640")
    assert ring["content"] == f"[client.openstack]\n\tkey = {KEY}\n"
    assert plan["secrets"] == [KEY]
    assert plan["libraries"] == ["rados", "rbd"]
    assert plan["needs"]["package"] == plan["needs"]["venv"] == ["rados", "rbd"]
    assert plan["access"] == [
        {
            "id": "ceph-0",
            "type": "rbd",
            "pool": "images",
            "user": "openstack",
            "conf": "/etc/ceph/ceph-0.conf",
            "keyring": "/etc/ceph/ceph-0.client.openstack.keyring",
        }
    ]
    assert plan["expected"][0]["properties"] == {
        "pool": "images",
        "chunk_size": 4 << 20,
        "thin_provisioning": True,
        "fsid": FSID,
    }


def test_zed_does_not_report_the_cluster() -> None:
    assert "fsid" not in planned(RBD, release="zed")["expected"][0]["properties"]


def test_zed_gets_its_timeout_by_ceph_s_configuration() -> None:
    """Its driver hands the option to a function that ignores it, and waits 300 s for a cluster that is away."""
    for release, said in (("zed", True), ("2025.1", False), ("2026.2", False)):
        conf = planned({**RBD, "connect_timeout": 7}, release=release)["files"][0]["content"]
        assert ("client_mount_timeout = 7\n" in conf) is said
    assert "client_mount_timeout" not in planned(RBD, release="zed")["files"][0]["content"]


def test_what_the_host_has_itself_is_used() -> None:
    plan = planned({"id": "ceph-0", "type": "rbd", "default": True, "user": "glance"})
    assert plan["problems"] == plan["files"] == []
    assert plan["sections"]["ceph-0"]["rbd_store_ceph_conf"] == "/etc/ceph/ceph.conf"
    assert (plan["access"][0]["conf"], plan["access"][0]["keyring"]) == ("/etc/ceph/ceph.conf", "")
    # Under the name that Ceph looks for.
    (ring,) = planned({"id": "x", "type": "rbd", "default": True, "user": "glance", "keyring": KEY})["files"]
    assert ring["path"] == "/etc/ceph/ceph.client.glance.keyring"


def test_texts_and_files_of_the_controller(tmp_path: Path) -> None:
    conf, ring = tmp_path / "ceph.conf", tmp_path / "keyring"
    conf.write_text(f"# made by cephadm\n[global]\n\tfsid = {FSID}\n\tmon host = [v2:10.0.0.1:3300/0] # one\n")
    ring.write_text(
        f'[client.openstack]\n\tkey = {KEY}\n\tcaps mon = "profile rbd"\n[client.admin]\n\tkey = {OTHER_KEY}\n'
    )
    plan = planned({**RBD, "ceph_conf": str(conf), "keyring": str(ring)})
    assert plan["problems"] == []
    assert plan == planned({**RBD, "ceph_conf": conf.read_text(), "keyring": ring.read_text()})
    assert [file["content"] for file in plan["files"]] == [
        f"[global]\nfsid = {FSID}\nmon_host = [v2:10.0.0.1:3300/0]\n\n"
        "[client.openstack]\nkeyring = /etc/ceph/ceph-0.client.openstack.keyring\n",
        # The administrator's key stays where it is.
        f"[client.openstack]\n\tkey = {KEY}\n",
    ]


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    vault.write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    (binary := tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path, wrong in (
        (tmp_path / "absent", "cannot be read"),
        (tmp_path, "is not a file"),
        (vault, "encrypted by ansible-vault"),
        (binary, "is not a text file"),
    ):
        for key in ("ceph_conf", "keyring"):
            (problem,) = problems(**{key: str(path)})
            assert problem.startswith(f"glance_stores[0].{key}: ") and wrong in problem, problem


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"user": "absent"}, "user: is missing; write user: glance"),
        (
            {"user": "client.openstack"},
            "user: 'client.openstack' begins with client., which Glance adds itself; write open",
        ),
        ({"user": "a/b"}, "user: 'a/b' is not the name of a Ceph user"),
        ({"pool": "a/b"}, "pool: 'a/b' is not the name of a pool"),
        ({"keyring": ""}, "keyring: is empty; write the key"),
        ({"keyring": None}, "keyring: is empty; write the key"),
        ({"keyring": "CHANGEME"}, "keyring: is a placeholder"),
        ({"keyring": "not base64!"}, "keyring: is not a key of Ceph"),
        ({"keyring": "QUJD"}, "keyring: is too short for a key of Ceph"),
        (
            {"keyring": f"[client.admin]\nkey = {KEY}\n"},
            "keyring: has no key of client.openstack, only of client.admin",
        ),
        ({"keyring": "[client.openstack]\ncaps mon = x\n"}, "keyring: has no user with a key"),
        (
            {"keyring": f"[client.openstack]\n{KEY[:30]}\n"},
            "keyring: its line 2 is neither a [section] nor an option;",
        ),
        ({"ceph_conf": "ceph.conf"}, "ceph_conf: is the text 'ceph.conf'; write a mapping"),
        ({"ceph_conf": {}}, "ceph_conf: has no option"),
        ({"ceph_conf": "fsid = 1\nmon_host = 2\n"}, "ceph_conf: its line 1 stands before the first [section]"),
        (
            {"ceph_conf": "[global]\nnonsense\n"},
            "ceph_conf: its line 2 is neither a [section] nor an option: 'nonsense'",
        ),
        ({"ceph_conf": {"fsid": "1"}}, "ceph_conf: its fsid '1' is not a UUID"),
        ({"ceph_conf": {"mon_host": None}}, "ceph_conf: its option mon_host is empty"),
        ({"ceph_conf": {"x y z": {"a": 1}}}, "ceph_conf: 'x y z' is not a section of ceph.conf"),
        ({"ceph_conf": {**CONF, "client": {"keyring": "/k"}}}, "ceph_conf: has a keyring or key for this user already"),
        (
            {"options": {"rbd_store_ceph_conf": "/x"}},
            "options.rbd_store_ceph_conf: is not for options; write ceph_conf",
        ),
    ],
)
def test_one_mistake_is_one_problem(changes: dict[str, Any], problem: str) -> None:
    (found,) = problems(**changes)
    assert found.startswith(f"glance_stores[0].{problem}"), found
    assert KEY not in found


@pytest.mark.parametrize(
    "conf",
    [
        CONF,
        {"fsid": FSID, "mon_host": "10.9.9.9"},
        {"mon_host": "[v2:10.0.0.2:3300,v1:10.0.0.2:6789]"},
        {"mon_host": "10.0.0.2:6789,10.0.0.7"},
    ],
)
def test_one_pool_is_one_store(conf: dict[str, Any]) -> None:
    other = {**RBD, "id": "ceph-1", "default": False, "ceph_conf": conf}
    (problem,) = planned(RBD, other)["problems"]
    assert problem.startswith("glance_stores[1]: store ceph-0 (glance_stores[0]) has pool images of ")
    assert planned(RBD, {**other, "pool": "other"})["problems"] == []


def test_other_clusters_are_other_places() -> None:
    other = {**RBD, "id": "ceph-1", "default": False, "ceph_conf": {"mon_host": "10.0.0.3"}}
    assert planned(RBD, other)["problems"] == []


def test_two_keys_for_one_file() -> None:
    first = {"id": "a", "type": "rbd", "default": True, "user": "glance", "keyring": KEY}
    second = {**first, "id": "b", "default": False, "pool": "other", "keyring": OTHER_KEY}
    (problem,) = planned(first, second)["problems"]
    assert problem.startswith("glance_stores[1]: needs /etc/ceph/ceph.client.glance.keyring with another content")
    assert len(planned(first, {**second, "keyring": KEY})["files"]) == 1


def test_what_is_doubtful() -> None:
    (warning,) = planned({**RBD, "connect_timeout": 0})["warnings"]
    assert warning.startswith("glance_stores[0].connect_timeout: 0 waits for ever")
    (warning,) = planned({**RBD, "ceph_conf": {"fsid": FSID}})["warnings"]
    assert warning.startswith("glance_stores[0].ceph_conf: names no monitors")


def test_values_of_a_conf_that_need_escapes() -> None:
    conf = ceph_conf({"global": {"mon_host": "10.0.0.1;10.0.0.2"}, "client": {"admin socket": '/run/"x"#.asok'}})
    text = conf.render("glance", {})
    # As librados 16 and 18 read it.
    assert "mon_host = 10.0.0.1\\;10.0.0.2\n" in text and 'admin_socket = /run/\\"x\\"\\#.asok\n' in text
    assert parse(text, "a ceph.conf")["global"] == {"mon_host": "10.0.0.1;10.0.0.2"}
    assert conf.monitors == {"10.0.0.1", "10.0.0.2"}


@given(
    st.recursive(
        st.one_of(st.text(), st.integers(), st.none(), st.floats(), st.booleans()),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
        max_leaves=8,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_reader_raises_anything_else(value: Any) -> None:
    told = []
    for read in (ceph_conf, keyring, ceph_user):
        try:
            read(value)
        except Wrong as error:
            told.append(str(error.at("x")))
    assert all(text.startswith("x: ") and "; " in text for text in told)


@given(
    st.dictionaries(
        st.sampled_from(["global", "client", "client.glance"]),
        st.dictionaries(
            st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True),
            st.from_regex(r"[!-~]([ -~]{0,8}[!-~])?", fullmatch=True),
            min_size=1,
        ),
        min_size=1,
    )
)
@settings(max_examples=60, deadline=None)
def test_a_conf_is_read_as_it_was_written(sections: dict[str, dict[str, str]]) -> None:
    # Ceph joins lines at a backslash, so that the model refuses it there. No value that is read ends in a blank.
    sections = {name: {k: v.rstrip("\\ ") or "x" for k, v in options.items()} for name, options in sections.items()}
    assert parse(CephConf(sections).render("x", {}), "a ceph.conf") == sections


def test_a_key_is_found_by_its_user() -> None:
    assert Keyring({"": KEY}).key("any") == KEY
    assert Keyring({"client.a": KEY}).key("a") == KEY
    assert Keyring({"client.a": KEY}).key("b") == ""
