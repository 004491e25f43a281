"""Stores of type cinder, and the options that hold for all stores."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.host import host_problems
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan

KEYSTONE = "http://keystone.example.org:5000/v3"
LOGIN = {"auth_url": KEYSTONE, "user": "glance", "password": "s3cret", "project": "service"}
PLAIN = {"id": "lvm-0", "type": "cinder", "default": True, "volume_type": "lvm"}
CINDER = {**PLAIN, **LOGIN}
LOCAL = {"id": "local", "type": "file", "path": "/srv/images"}


def planned(*stores: Any, release: str = "2026.2", defaults: Any = None) -> dict[str, Any]:
    return store_plan(list(stores), "/srv/staging", "/srv/tasks", release, defaults)


def problems(store: dict[str, Any], release: str = "2026.2", **changes: Any) -> list[str]:
    changed = {name: value for name, value in {**store, **changes}.items() if value != "absent"}
    return list(planned(changed, release=release)["problems"])


def test_the_plan_of_a_volume_type() -> None:
    plan = planned({**CINDER, "transports": ["iscsi", "nvme-tcp"], "use_multipath": True})
    assert plan["problems"] == plan["warnings"] == []
    assert plan["sections"]["lvm-0"] == {
        "cinder_volume_type": "lvm",
        "cinder_store_auth_address": KEYSTONE,
        "cinder_store_user_name": "glance",
        "cinder_store_password": "s3cret",
        "cinder_store_project_name": "service",
        "cinder_use_multipath": True,
        "rootwrap_config": "/etc/glance/rootwrap.conf",
    }
    assert plan["root_commands"] is True
    assert plan["services"] == ["iscsid", "multipathd"]
    assert plan["kernel_modules"] == ["nvme_fabrics", "nvme_tcp"]
    assert plan["transports"] == ["iscsi", "nvme-tcp"]
    host = ["sudo", "iscsi", "nvme", "multipath"]
    clients = ["cinderclient", "os_brick", "dmidecode"]
    assert plan["needs"] == {"package": [*clients, *host], "venv": host}
    assert plan["secrets"] == ["s3cret"]
    (access,) = plan["access"]
    assert access["volume_type"] == "lvm" and access["catalog_info"] == "volumev3::publicURL"
    assert plan["expected"][0]["properties"] == {"volume_type": "lvm", "use_multipath": True}


def test_a_host_needs_what_its_transports_need() -> None:
    plan = planned({**CINDER, "transports": ["nvme-tcp"]})
    assert plan["services"] == [] and "iscsi" not in plan["needs"]["venv"]
    plan = planned(CINDER)
    assert plan["services"] == ["iscsid"] and plan["kernel_modules"] == []


def test_multipath_notes_its_volumes_in_a_directory_that_the_package_lacks() -> None:
    """The unit lets commands write below /etc only in what is there when it starts."""
    found = [
        one for one in planned({**CINDER, "use_multipath": True})["directories"] if one["path"] == "/etc/multipath"
    ]
    assert found == [{"path": "/etc/multipath", "owner": "root", "group": "root", "mode": "0700"}]
    assert "/etc/multipath" not in [one["path"] for one in planned(CINDER)["directories"]]


def test_without_a_login_the_users_own_is_used() -> None:
    plan = planned({"id": "lvm-0", "type": "cinder", "default": True})
    assert plan["problems"] == []
    (warning,) = plan["warnings"]
    assert warning.startswith("glance_stores[0].auth_url: is missing, so every image is a volume in the project")


def test_a_volume_type_needs_a_login() -> None:
    """Every release looks the type up at its start without a user, and dies of that: 'NoneType' has no 'user_id'."""
    (problem,) = problems(PLAIN)
    assert problem.startswith("glance_stores[0].volume_type: needs a login: Glance looks the type up at its start")


@pytest.mark.parametrize("missing", LOGIN)
def test_a_login_is_whole(missing: str) -> None:
    (problem,) = problems(CINDER, **{missing: "absent"})
    assert problem.startswith(f"glance_stores[0].{missing}: is missing; write {missing}: ")
    assert "or remove the rest of the login" in problem


def test_application_credentials() -> None:
    credential = {"application_credential_id": "0123", "application_credential_secret": "s3cret"}
    store = {**PLAIN, "auth_url": KEYSTONE, **credential}
    assert problems(store) == []
    assert len(problems(store, release="2025.1")) == 2
    assert [text.split(":")[0] for text in problems({**CINDER, **credential})] == [
        f"glance_stores[0].{key}" for key in ("user", "password", "project")
    ]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"password": ""}, "password: is missing; set it"),
        ({"auth_url": "http://ks:5000"}, "auth_url: is not the URL of Keystone's version 3"),
        ({"auth_url": "http://a:s3cret@ks:5000/v3"}, "auth_url: holds a user name or password"),
        ({"catalog_info": "volumev3:public"}, "catalog_info: 'volumev3:public' is not type:name:interface"),
        (
            {"endpoint_template": "http://c:8776/v3/%(nonsense)s"},
            "endpoint_template: 'http://c:8776/v3/%(nonsense)s' has",
        ),
        ({"endpoint_template": "http://a:s3cret@c/v3"}, "endpoint_template: holds a user name or password"),
        ({"transports": []}, "transports: is an empty list; write at least one entry"),
        ({"transports": ["fc"]}, "transports: is 'fc'; write one of iscsi, nvme-tcp"),
        ({"transports": "iscsi"}, "transports: is the text 'iscsi'; write a list"),
        (
            {"enforce_multipath": True},
            "enforce_multipath: is true without use_multipath; write use_multipath: true too",
        ),
        ({"cacert": "/etc/ca.pem", "insecure": True}, "insecure: is true, so that cacert is not used"),
        ({"options": {"rootwrap_config": "/x"}}, "options.rootwrap_config: is not for options; remove it"),
        ({"mount_point_base": "/etc/x"}, "mount_point_base: /etc/x belongs to the operating system"),
    ],
)
def test_one_mistake_is_one_problem(changes: dict[str, Any], problem: str) -> None:
    (found,) = problems(CINDER, **changes)
    assert found.startswith(f"glance_stores[0].{problem}"), found
    assert "s3cret" not in found


def test_several_volume_types_are_several_stores() -> None:
    other = {**CINDER, "id": "lvm-1", "default": False}
    assert planned(CINDER, {**other, "volume_type": "nvme"})["problems"] == []
    (problem,) = planned(CINDER, other)["problems"]
    assert "has volume type lvm, by which Glance tells such stores apart, already" in problem


@pytest.mark.parametrize(
    ("key", "value"),
    [("password", "0ther"), ("project", "images"), ("cacert", "/etc/ca.pem"), ("user_domain", "users")],
)
def test_all_stores_log_in_alike(key: str, value: str) -> None:
    """glance_store keeps one session for all stores of a process: that of the store that is used first."""
    other = {**CINDER, "id": "lvm-1", "default": False, "volume_type": "nvme"}
    assert planned(CINDER, {**other, "user_domain": "Default"})["problems"] == []
    (problem,) = planned(CINDER, {**other, key: value})["problems"]
    assert problem.startswith(f"glance_stores[1].{key}: differs from glance_stores[0].{key}, and a process of Gl")
    assert "0ther" not in problem


@pytest.mark.parametrize("key", ["catalog_info", "endpoint_template"])
def test_what_a_login_makes_useless(key: str) -> None:
    value = {"catalog_info": "volumev3::internalURL", "endpoint_template": "https://c:8776/v3/%(tenant)s"}[key]
    plan = planned({**CINDER, key: value})
    (warning,) = plan["warnings"]
    assert warning.startswith(f"glance_stores[0].{key}: is not used where the store has a login: Glance then takes t")
    (access,) = plan["access"]
    assert (access["catalog_info"], access["endpoint_template"]) == ("volumev3::publicURL", "")


def test_nvme_is_not_for_what_cannot_find_its_volumes() -> None:
    """os-brick 6.1 compares the controller's address with the kernel's, which since 6.1 ends in src_addr."""
    (problem,) = problems(CINDER, release="zed", transports=["iscsi", "nvme-tcp"])
    assert problem.startswith("glance_stores[0].transports: nvme-tcp does not work with zed: its os-brick connects")
    assert problems(CINDER, release="zed") == problems(CINDER, release="2025.1", transports=["nvme-tcp"]) == []


def test_options_for_all_stores() -> None:
    local = {**LOCAL, "default": True}
    ceph = {"id": "c", "type": "rbd", "user": "glance"}
    defaults = {"filesystem_store_chunk_size": 4096, "rbd_store_chunk_size": 16}
    plan = planned(local, {**LOCAL, "id": "b", "path": "/srv/b", "chunk_size": 1}, ceph, defaults=defaults)
    assert plan["problems"] == []
    assert plan["sections"]["backend_defaults"] == defaults
    assert plan["origins"]["backend_defaults"] == "glance_backend_defaults"
    assert "backend_defaults" not in plan["types"]
    assert [store["properties"]["chunk_size"] for store in plan["expected"]] == [4096, 1, 16 << 20]
    assert "backend_defaults" not in planned(local, defaults={})["sections"]


@pytest.mark.parametrize(
    ("defaults", "problem"),
    [
        ([], "glance_backend_defaults: is a list; write a mapping of Glance's option names to values"),
        (
            {"filesystem_store_chunk_sise": 1},
            "glance_backend_defaults.filesystem_store_chunk_sise: is not an option of ",
        ),
        ({"rbd_store_chunk_size": 1}, "glance_backend_defaults.rbd_store_chunk_size: is not an option of the declared"),
        (
            {"filesystem_store_chunk_size": 0},
            "glance_backend_defaults.filesystem_store_chunk_size: is 0; write a whole",
        ),
        (
            {"filesystem_store_datadir": "/x"},
            "glance_backend_defaults.filesystem_store_datadir: is not for all stores at",
        ),
        ({"weight": 1}, "glance_backend_defaults.weight: is not for all stores at once; write weight at each store"),
        ({3: 1}, "glance_backend_defaults[3]: is not an option of the declared store types"),
    ],
)
def test_one_wrong_default_is_one_problem(defaults: Any, problem: str) -> None:
    (found,) = planned({**LOCAL, "default": True}, defaults=defaults)["problems"]
    assert found.startswith(problem), found


@pytest.mark.parametrize("release", ["zed", "2025.1"])
def test_older_releases_have_no_options_for_all(release: str) -> None:
    defaults = {"filesystem_store_chunk_size": 4096}
    (problem,) = planned({**LOCAL, "default": True}, release=release, defaults=defaults)["problems"]
    assert problem == (
        f"glance_backend_defaults: {release} does not know [backend_defaults]; "
        "remove it, and set the options at each store"
    )
    # The host decides when the inventory does not.
    facts = {"distribution": "Debian", "distribution_major_version": "13", "python_version": "3.13.5"}
    facts["architecture"] = "x86_64"
    (told,) = host_problems(facts, "", "", [{**LOCAL, "default": True}], defaults)
    assert str(told).startswith("glance_backend_defaults: 2025.1 does not know")
