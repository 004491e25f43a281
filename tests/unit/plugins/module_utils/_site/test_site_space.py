"""What is refused for want of space, what is only doubted, and what is passed over."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.space import judge, rooms

MIB, GIB = 2**20, 2**30
LOCAL = {"id": "local", "type": "file", "default": True, "path": "/srv/images"}
SHARE = {"server": "nas.example.org", "export": "/var/nfs"}
STAGING = "/var/lib/glance/os_glance_staging_store"


def site(*stores: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"glance_stores": [*stores], "glance_minimum_free_space": "1 GiB", **more}


def seen(path: str, free: int | None, exists: bool = False, mount_point: str = "/") -> dict[str, Any]:
    return {"path": path, "free": free, "exists": exists, "mount_point": mount_point}


def test_every_directory_that_fills_with_images_wants_room() -> None:
    web = {"id": "web", "type": "http"}
    found = rooms(site(LOCAL, web, glance_tasks_path="/srv/tasks"))
    assert [(room["path"], room["wanted"]) for room in found] == [
        ("/srv/images", GIB),
        (STAGING, GIB),
        ("/srv/tasks", GIB),
    ]


def test_a_store_may_want_more_or_less_than_the_site() -> None:
    large = {**LOCAL, "minimum_free_space": "1.5 TiB"}
    unbounded = {"id": "b", "type": "file", "path": "/srv/b", "minimum_free_space": 0}
    found = {room["path"]: room for room in rooms(site(large, unbounded, glance_minimum_free_space=0))}
    assert {path: room["wanted"] for path, room in found.items()} == {"/srv/images": 1536 * GIB}
    assert found["/srv/images"]["said"] == "glance_stores[0].minimum_free_space"


@pytest.mark.parametrize("wrong", [site({**LOCAL, "path": "x"}), site(LOCAL, glance_minimum_free_space=5), {}])
def test_a_site_that_is_wrong_is_for_others_to_refuse(wrong: dict[str, Any]) -> None:
    assert rooms(wrong) == []


def test_a_refusal_names_everything() -> None:
    wanted = rooms(site(LOCAL))
    found = judge(wanted, [seen("/srv/images", 300 * MIB), seen(STAGING, 1023 * MIB, mount_point="/var")], "api1")
    assert found.doubts == []
    local, staging = map(str, found.problems)
    assert local == (
        "glance_stores[0].path: /srv/images of store local on api1 is on the file system mounted at /, which has 300 "
        "MiB free of the 1 GiB that glance_minimum_free_space wants; free space or add some there, choose another "
        "path, or lower glance_minimum_free_space, which 0 switches off"
    )
    assert staging.startswith(
        f"glance_staging_path: {STAGING} of Glance's own os_glance_staging_store on api1 is on the"
    )
    assert "mounted at /var, which has 1023 MiB free of the 1 GiB" in staging


def test_a_store_that_is_there_is_doubted_only() -> None:
    found = judge(rooms(site(LOCAL)), [seen("/srv/images", 0, exists=True)], "api1")
    assert found.problems == []
    assert [doubt.path for doubt in found.doubts] == ["glance_stores[0].path"]
    assert "has 0 B free of the 1 GiB" in str(found.doubts[0])


@pytest.mark.parametrize("found", [[], [seen("/srv/images", None)], [seen("/srv/images", GIB)]])
def test_enough_and_unknown_are_nothing_to_tell(found: list[dict[str, Any]]) -> None:
    assert judge(rooms(site(LOCAL)), found, "api1") == ([], [])


@pytest.mark.parametrize(("more", "around"), [({}, "/srv/nfs/images"), ({"mount": "/srv/nfs"}, "/srv/nfs")])
def test_an_export_counts_when_it_is_mounted(more: dict[str, str], around: str) -> None:
    wanted = rooms(site({**LOCAL, "path": "/srv/nfs/images", "nfs": {**SHARE, **more}}))
    assert judge(wanted, [seen("/srv/nfs/images", 0)], "api1") == ([], [])
    (problem,) = judge(wanted, [seen("/srv/nfs/images", 0, mount_point=around)], "api1").problems
    assert f"mounted at {around}" in problem.wrong
