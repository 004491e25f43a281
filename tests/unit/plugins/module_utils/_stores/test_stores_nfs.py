"""The key nfs of file stores: what can be mounted, where, and what is in whose way."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.checks import site_problems
from ansible_collections.openimage.glance.plugins.module_utils._stores.nfs import (
    nfs_export,
    nfs_options,
    nfs_server,
    nfs_version,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong
from hypothesis import given, settings
from hypothesis import strategies as st

SHARE = {"server": "172.18.0.5", "export": "/var/nfs"}
NFS = {"id": "nfs-0", "type": "file", "default": True, "path": "/srv/glance/nfs", "nfs": SHARE}


def planned(*stores: Any, staging: str = "/var/lib/glance/staging", release: str = "2026.2") -> dict[str, Any]:
    return store_plan(list(stores), staging, "/var/lib/glance/tasks", release)


def problems(**nfs: Any) -> list[str]:
    return list(planned({**NFS, "nfs": nfs})["problems"])


@pytest.mark.parametrize("name", ["nfs.example.org", "nas", "10.0.0.5", "[fd00::5]", "[fe80::1%eth0]", "nas_1.lan."])
def test_servers(name: str) -> None:
    assert nfs_server(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "300.1.2.3",
        "10.0.0",
        "fd00::5",
        "[10.0.0.5]",
        "[fd00::5",
        "nas:/var/nfs",
        "nas:2049",
        "nfs://nas",
        "a b",
        "-nas",
        "nas..lan",
        "me@nas",
        "x" * 64,
        None,
        5,
        True,
        [],
    ],
)
def test_what_is_no_server(name: Any) -> None:
    with pytest.raises(Wrong) as caught:
        nfs_server(name)
    assert caught.value.instead


def test_an_address_without_brackets_is_told_with_them() -> None:
    with pytest.raises(Wrong) as caught:
        nfs_server("fd00::5")
    assert caught.value.instead == "write '[fd00::5]'"


@pytest.mark.parametrize(("written", "export"), [("/var/nfs/", "/var/nfs"), ("/", "/"), ("//a//b", "/a/b")])
def test_exports(written: str, export: str) -> None:
    assert nfs_export(written) == export


@pytest.mark.parametrize("export", ["", "var/nfs", "nas:/var/nfs", "/var/../etc", None, 3])
def test_what_is_no_export(export: Any) -> None:
    with pytest.raises(Wrong):
        nfs_export(export)


@pytest.mark.parametrize(
    ("written", "version"), [(None, ""), ("", ""), (3, "3"), (4.1, "4.1"), ("4", "4"), (4.0, "4.0")]
)
def test_versions(written: Any, version: str) -> None:
    assert nfs_version(written) == version


@pytest.mark.parametrize("version", ["2", 2, "5", "v4", True, 4.3, [], float("nan")])
def test_what_is_no_version(version: Any) -> None:
    with pytest.raises(Wrong):
        nfs_version(version)


def test_options() -> None:
    assert nfs_options(["hard", "nconnect=4", "sec=krb5p"]) == ("hard", "nconnect=4", "sec=krb5p")
    assert nfs_options(None) == ()


@pytest.mark.parametrize(
    "option",
    [
        "vers=4.1",
        "nfsvers=3",
        "ro",
        "bg",
        "noauto",
        "nofail",
        "_netdev",
        "x-systemd.automount",
        "user",
        "defaults",
        "hard,nconnect=4",
        "hard soft",
        'a="b"',
        "",
        3,
    ],
)
def test_what_is_no_option(option: Any) -> None:
    with pytest.raises(Wrong):
        nfs_options([option])


def test_an_option_twice_or_as_text() -> None:
    with pytest.raises(Wrong, match="timeo twice"):
        nfs_options(["timeo=1", "timeo=2"])
    with pytest.raises(Wrong, match="is the text"):
        nfs_options("hard,timeo=1")


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.binary()))
@settings(max_examples=60, deadline=None)
def test_no_reader_raises_anything_else(value: Any) -> None:
    told = []
    for read in (nfs_server, nfs_export, nfs_version, nfs_options):
        try:
            read(value)
        except Wrong as error:
            told.append(str(error.at("x")))
    assert all(text.startswith("x: ") and "; " in text for text in told)


def test_every_mistake_has_its_place() -> None:
    assert problems(server="fd00::5", exprt="/x", version=5, options=["ro"]) == [
        "glance_stores[0].nfs.server: 'fd00::5' looks like an IPv6 address without brackets; write '[fd00::5]'",
        "glance_stores[0].nfs.exprt: is not a key of nfs; write export",
        "glance_stores[0].nfs.version: 5 is not a version of NFS to mount; "
        "write one of 3, 4, 4.0, 4.1, 4.2, or leave it empty",
        "glance_stores[0].nfs.options: has 'ro'; remove it: Glance writes to the store",
        "glance_stores[0].nfs.export: is missing; write export: /var/nfs",
    ]


def test_the_plan_of_an_export() -> None:
    plan = planned({**NFS, "nfs": {**SHARE, "version": 4.1, "options": ["hard"]}})
    assert plan["problems"] == [] and plan["warnings"] == []
    assert plan["mounts"] == [
        {
            "path": "/srv/glance/nfs",
            "server": "172.18.0.5",
            "export": "/var/nfs",
            "version": "4.1",
            "options": ["hard"],
            "owner": "glance",
            "group": "glance",
            "mode": "0750",
            "timeout": 15,
            "unit": "srv-glance-nfs.mount",
            "required": False,
        }
    ]
    # A mount there would be given up if the store were not declared any more.
    assert "/srv/glance/nfs" in plan["around"] and "/srv/glance/other" not in plan["around"]
    # The mount brings its root along.
    assert "/srv/glance/nfs" not in [one["path"] for one in plan["directories"]]
    assert plan["needs"] == {"package": ["nfs"], "venv": ["nfs"]}
    assert plan["sections"]["nfs-0"] == {"filesystem_store_datadir": "/srv/glance/nfs"}


def test_images_and_staging_on_one_export_work_with_a_warning() -> None:
    store = {**NFS, "path": "/var/lib/glance/images", "nfs": {**SHARE, "mount": "/var/lib/glance"}}
    plan = planned(store)
    assert plan["problems"] == []
    assert [(one["path"], one["required"]) for one in plan["mounts"]] == [("/var/lib/glance", True)]
    assert plan["directories"] == []
    assert [one["path"] for one in plan["mounted_directories"]] == [
        "/var/lib/glance/images",
        "/var/lib/glance/staging",
        "/var/lib/glance/tasks",
    ]
    assert [text.partition(":")[0] for text in plan["warnings"]] == ["glance_staging_path", "glance_tasks_path"]


@pytest.mark.parametrize(
    ("staging", "required"), [("/srv/share/staging", True), ("/srv/share", True), ("/srv/sharestaging", False)]
)
def test_a_mount_that_holds_the_services_own_directories_is_required(staging: str, required: bool) -> None:
    store = {**NFS, "path": "/srv/share/images", "nfs": {**SHARE, "mount": "/srv/share"}}
    (mount,) = planned(store, staging=staging)["mounts"]
    assert mount["required"] is required


def test_a_server_may_be_given_more_time() -> None:
    (mount,) = planned({**NFS, "nfs": {**SHARE, "timeout": 120}})["mounts"]
    assert mount["timeout"] == 120
    for wrong in (0, 3601, "120", True):
        (problem,) = problems(**SHARE, timeout=wrong)
        assert problem.startswith("glance_stores[0].nfs.timeout: ") and "whole number from 1 to 3600" in problem


def test_an_export_is_shared_by_all_hosts() -> None:
    site = {"glance_stores": [NFS]}
    assert not [problem for problem in site_problems(site, 3) if "shared" in problem.path]
    assert planned({**NFS, "shared": True})["problems"] == []
    # The verification does not take anybody's word for it.
    assert planned(NFS)["canary"][0]["shared"] is True
    (problem,) = planned({**NFS, "shared": False})["problems"]
    assert problem == "glance_stores[0].shared: is false, but what is mounted by NFS is shared; remove one of the two"


def test_one_export_is_one_store() -> None:
    other = {
        "id": "nfs-1",
        "type": "file",
        "path": "/srv/other",
        "nfs": {"server": "172.18.0.5", "export": "/var/nfs/"},
    }
    (problem,) = planned(NFS, other)["problems"]
    assert problem.startswith("glance_stores[1]: store nfs-0 (glance_stores[0]) has the NFS export 172.18.0.5:/var/nfs")


def test_a_mount_that_is_not_around_the_path() -> None:
    (problem,) = problems(**SHARE, mount="/srv/elsewhere")
    assert problem.startswith("glance_stores[0].nfs.mount: /srv/elsewhere is not around the store's path")


def test_a_path_that_no_systemd_unit_can_be_named_after() -> None:
    fits, path = f"/srv/{'a' * 245}", f"/srv/{'ä' * 35}"
    assert planned({**NFS, "path": fits})["problems"] == []
    (problem,) = planned({**NFS, "path": path})["problems"]
    assert problem.startswith("glance_stores[0].path: is too long to mount on: systemd's unit for it would have a name")
    (problem,) = planned({**NFS, "path": f"{path}/images", "nfs": {**SHARE, "mount": path}})["problems"]
    assert problem.startswith("glance_stores[0].nfs.mount: is too long to mount on")


def test_a_mount_inside_another_one() -> None:
    outer = {**NFS, "path": "/srv/a/images", "nfs": {**SHARE, "mount": "/srv/a"}}
    inner = {"id": "b", "type": "file", "path": "/srv/a/b", "nfs": {"server": "nas", "export": "/b"}}
    (problem,) = planned(outer, inner)["problems"]
    assert problem.startswith("glance_stores[0].nfs: /srv/a contains /srv/a/b, the directory of store b")


def test_a_soft_mount_is_doubtful() -> None:
    (warning,) = planned({**NFS, "nfs": {**SHARE, "options": ["soft"]}})["warnings"]
    assert warning.startswith("glance_stores[0].nfs.options: has soft")
