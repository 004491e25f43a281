"""From what the operator wrote to the plan."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._stores.names import STAGING, TASKS
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan

STAGING_PATH = f"/var/lib/glance/{STAGING}"
TASKS_PATH = f"/var/lib/glance/{TASKS}"
LOCAL = {"id": "local", "type": "file", "default": True, "path": "/var/lib/glance/images"}
WEB = {"id": "web", "type": "http"}


def planned(*stores: Any, release: Any = "", staging: Any = STAGING_PATH, tasks: Any = TASKS_PATH) -> dict[str, Any]:
    return store_plan(list(stores), staging, tasks, release)


def problems(*stores: Any, **more: Any) -> list[str]:
    return list(planned(*stores, **more)["problems"])


def test_the_plan_of_two_stores() -> None:
    plan = planned({**LOCAL, "description": "Disk"}, WEB, release="2026.2")
    assert plan == {
        "ids": ["local", "web"],
        "default": "local",
        "enabled_backends": "local:file,web:http",
        "sections": {
            "glance_store": {"default_backend": "local"},
            "local": {"filesystem_store_datadir": "/var/lib/glance/images", "store_description": "Disk"},
            "web": {"https_insecure": False},
            STAGING: {"filesystem_store_datadir": STAGING_PATH},
            TASKS: {"filesystem_store_datadir": TASKS_PATH},
        },
        "types": {"local": "file", "web": "http", STAGING: "file", TASKS: "file"},
        "origins": {
            "glance_store": "glance_stores",
            "local": "glance_stores[0].options",
            "web": "glance_stores[1].options",
            STAGING: "glance_staging_path",
            TASKS: "glance_tasks_path",
        },
        "secrets": [],
        "directories": [
            {"path": path, "owner": "glance", "group": "glance", "mode": "0750"}
            for path in ("/var/lib/glance/images", STAGING_PATH, TASKS_PATH)
        ],
        "mounted_directories": [],
        "files": [],
        "needs": {"package": [], "venv": []},
        "libraries": [],
        "mounts": [],
        "around": ["/", "/var", "/var/lib", "/var/lib/glance", "/var/lib/glance/images", STAGING_PATH, TASKS_PATH],
        "services": [],
        "kernel_modules": [],
        "transports": [],
        "root_commands": False,
        "access": [],
        "expected": [
            {
                "id": "local",
                "type": "file",
                "default": True,
                "read_only": False,
                "weight": 0,
                "description": "Disk",
                "properties": {"data_dir": "/var/lib/glance/images", "chunk_size": 65536, "thin_provisioning": False},
            },
            {
                "id": "web",
                "type": "http",
                "default": False,
                "read_only": True,
                "weight": 0,
                "description": "",
                "properties": {},
            },
        ],
        "canary": [
            {"id": "local", "read_only": False},
            {"id": "web", "read_only": True},
            {"id": "os_glance_staging_store", "read_only": False, "staging": True},
        ],
        "problems": [],
        "warnings": [],
    }
    assert json.loads(json.dumps(plan)) == plan


@pytest.mark.parametrize(
    ("release", "given", "expected"),
    [("2025.1", None, 0), ("2026.2", 7, 7), (2026.2, -7, -7), ("zed", None, None), ("", None, None), ("", 7, 7)],
)
def test_the_weight_that_a_release_reports(release: Any, given: int | None, expected: int | None) -> None:
    store = LOCAL if given is None else {**LOCAL, "weight": given}
    plan = planned(store, release=release)
    assert plan["problems"] == []
    assert plan["expected"][0]["weight"] == expected
    assert plan["sections"]["local"].get("weight") == given


def test_zed_knows_no_weight() -> None:
    assert problems({**LOCAL, "weight": 1}, release="zed") == [
        "glance_stores[0].weight: zed does not know weight, which came with 2025.1; remove it"
    ]


def test_options_go_by_glances_names_and_reach_the_same_place() -> None:
    options = {
        "filesystem_store_chunk_size": 131072,
        "filesystem_thin_provisioning": True,
        "filesystem_store_timeout": 30,
        "store_description": "costs $5",
    }
    plan = planned({**LOCAL, "options": options}, release="2026.1")
    assert plan["problems"] == []
    assert plan["sections"]["local"] == {**options, "filesystem_store_datadir": "/var/lib/glance/images"}
    assert plan["expected"][0]["properties"]["chunk_size"] == 131072
    assert plan["expected"][0]["properties"]["thin_provisioning"] is True
    assert plan["expected"][0]["description"] == "costs $5"


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("file_prm", 640, "file_prm: is not a key of file stores; write file_perm"),
        (
            "filesystem_store_chunk_size",
            1,
            "filesystem_store_chunk_size: is Glance's own name of an option; write chunk_size",
        ),
        (
            "filesystem_store_timeout",
            1,
            "filesystem_store_timeout: is Glance's own name of an option; write it under options",
        ),
        (
            "filesystem_store_datadirs",
            1,
            "filesystem_store_datadirs: is Glance's own name of an option; declare one store",
        ),
        ("chunk_size", 0, "chunk_size: is 0; write a whole number of at least 1"),
        ("thin_provisioning", "yes", "thin_provisioning: is the text 'yes'; write true or false without quotes"),
        ("shared", 1, "shared: is 1; write true or false without quotes"),
        ("path", "images", "path: is not an absolute path: 'images'; begin it with /"),
        ("path", None, "path: is empty; write a text"),
        (
            "file_perm",
            400,
            'file_perm: is the number 400, which can mean "0400" or "0620"; write it in quotes, like "0640"',
        ),
        ("metadata_file", "x", "metadata_file: is not an absolute path"),
        ("metadata_file", {"id": "a"}, "metadata_file: its entry 'mountpoint' is empty; write a mapping like {id:"),
        ("metadata_file", {"id": 1, "mountpoint": "/srv/a"}, "metadata_file: its entry 'id' is the number 1"),
        (
            "metadata_file",
            {"id": "a", "mountpoint": "/srv/b"},
            "metadata_file.mountpoint: is /srv/b, which is not around",
        ),
        ("minimum_free_space", 10, "minimum_free_space: is 10; write a number with its unit"),
        ("nfs", [], "nfs: is a list; write a mapping like {server: 172.18.0.5, export: /var/nfs}"),
        ("options", [], "options: is a list; write a mapping of Glance's option names to values"),
        (
            "options",
            {"filesystem_store_timout": 1},
            "options.filesystem_store_timout: is not an option of file stores; ",
        ),
        (
            "options",
            {"chunk_size": 1},
            "options.chunk_size: options go by Glance's own names; write filesystem_store_chunk_size",
        ),
        ("options", {"shared": True}, "options.shared: options go by Glance's own names; write it one level up"),
        (
            "options",
            {"filesystem_store_datadir": "/x"},
            "options.filesystem_store_datadir: is not for options; write path",
        ),
        (
            "options",
            {"filesystem_store_datadirs": "/x"},
            "options.filesystem_store_datadirs: is not for options; declare",
        ),
        ("options", {3: 1}, "options[3]: is not an option of file stores; "),
        (
            "options",
            {"filesystem_store_timeout": "x"},
            "options.filesystem_store_timeout: is the text 'x'; write a whole",
        ),
    ],
)
def test_one_wrong_key_is_one_problem(key: str, value: Any, problem: str) -> None:
    (found,) = problems({**LOCAL, key: value})
    assert found.startswith(f"glance_stores[0].{problem}")


def test_a_key_and_its_option_are_one_too_many() -> None:
    assert problems({**LOCAL, "chunk_size": 1, "options": {"filesystem_store_chunk_size": 1}}) == [
        "glance_stores[0].options.filesystem_store_chunk_size: says the same as glance_stores[0].chunk_size; "
        "remove one of the two"
    ]


def test_what_every_store_must_say() -> None:
    assert problems({}, LOCAL) == [
        "glance_stores[0].id: is missing; write id: local",
        "glance_stores[0].type: is missing; write one of file, rbd, swift, s3, cinder, http",
    ]
    assert problems({"id": "a", "type": "file", "default": True}) == [
        "glance_stores[0].path: is missing; write path: /var/lib/glance/images"
    ]


def test_a_wrong_type_does_not_hide_the_rest_of_the_store() -> None:
    assert [
        text.partition(";")[0] for text in problems(LOCAL, {"id": "x", "type": "filesystem", "path": "x", "z": 1})
    ] == [
        "glance_stores[1].type: 'filesystem' is not a store type",
        "glance_stores[1].path: is not an absolute path: 'x'",
        "glance_stores[1].z: is not a key of file stores",
    ]


def test_exactly_one_default() -> None:
    other = {"id": "b", "type": "file", "path": "/srv/b"}
    assert problems({**LOCAL, "default": False}, other) == [
        "glance_stores: no store is the default; write default: true at the one that takes uploads"
    ]
    assert problems(LOCAL, {**other, "default": True}) == [
        "glance_stores[1].default: store local is the default already (glance_stores[0]); "
        "leave default: true at one store"
    ]
    # A default that could not be read is one mistake, not two.
    assert problems({**LOCAL, "default": "yes"}, other) == [
        "glance_stores[0].default: is the text 'yes'; write true or false without quotes"
    ]


def test_a_read_only_store_is_no_default() -> None:
    assert problems({**WEB, "default": True}, {**LOCAL, "default": False}) == [
        "glance_stores[0].default: nothing can be uploaded to store web, of type http; "
        "make a store of another type the default"
    ]


def test_one_http_store_is_all_that_glance_can_have() -> None:
    assert problems(LOCAL, WEB, {**WEB, "id": "web2"}) == [
        "glance_stores[2].type: glance_stores[1] is of type http already, and Glance can have only one such store; "
        "remove one of them"
    ]


def test_ids_differ_in_more_than_case() -> None:
    other = {"type": "file", "path": "/srv/b"}
    assert problems(LOCAL, {**other, "id": "local"}) == [
        "glance_stores[1].id: local is the id of glance_stores[0]; write another id"
    ]
    assert problems(LOCAL, {**other, "id": "Local"}) == [
        "glance_stores[1].id: Local differs in case only from the id of glance_stores[0]; write another id"
    ]


@pytest.mark.parametrize("path", ["/var/lib/glance/images/", "/var/lib/glance/x/../images", "//var/lib/glance/images"])
def test_two_stores_in_one_directory_however_written(path: str) -> None:
    (found,) = problems(LOCAL, {"id": "b", "type": "file", "path": path})
    assert found.startswith("glance_stores[1].path: /var/lib/glance/images is also the directory of store local")


@pytest.mark.parametrize("path", [STAGING_PATH, f"{STAGING_PATH}/", f"{TASKS_PATH}/x", "/var/lib/glance"])
def test_a_store_in_the_way_of_a_reserved_one(path: str) -> None:
    found = problems({**LOCAL, "path": path})
    assert found
    assert all(text.startswith("glance_stores[0].path: ") and "Glance's own os_glance_" in text for text in found)


def test_reserved_stores_in_each_others_way() -> None:
    (found,) = problems(LOCAL, tasks=STAGING_PATH + "/")
    assert found.startswith(f"glance_tasks_path: {STAGING_PATH} is also the directory of Glance's own {STAGING}")
    assert problems(LOCAL, staging="tmp", tasks=None) == [
        "glance_staging_path: is not an absolute path: 'tmp'; begin it with /",
        "glance_tasks_path: is empty; write a text",
    ]


@pytest.mark.parametrize(
    ("stores", "wrong"),
    [([], "is an empty list"), (None, "is empty"), ("local", "is a text"), ({"id": "a"}, "is a mapping")],
)
def test_no_stores_at_all(stores: Any, wrong: str) -> None:
    (found,) = store_plan(stores, STAGING_PATH, TASKS_PATH)["problems"]
    assert found.startswith(f"glance_stores: {wrong}; write a list of at least one store")


def test_an_insecure_store_with_a_ca_file_is_a_contradiction() -> None:
    (found,) = problems(LOCAL, {**WEB, "https_insecure": True, "https_ca_certificates_file": "/etc/ssl/ca.pem"})
    assert found.startswith("glance_stores[1].https_insecure: is true, but")


def test_a_proxys_password_is_a_secret_of_the_plan() -> None:
    plan = planned(LOCAL, {**WEB, "http_proxy_information": {"https": "http://me:s3cr3t@proxy:3128"}})
    assert plan["secrets"] == ["s3cr3t"]
    (found,) = problems(LOCAL, {**WEB, "http_proxy_information": {"https": "http://me:s3cr3t@proxy,x"}})
    assert "s3cr3t" not in found


def test_problems_come_in_the_order_of_the_stores() -> None:
    found = problems({"id": "a", "type": "fil"}, {"id": "A", "type": "file", "path": "x"}, {"id": "b", "type": "rbd"})
    places = [text.partition(":")[0].partition(".")[0] for text in found]
    assert places == sorted(places)


def test_reading_changes_nothing_that_the_operator_wrote() -> None:
    stores = [{**LOCAL, "options": {"weight": 3}}, {**WEB, "http_proxy_information": {"http": "a:1"}}, "x", {"type": 1}]
    before = copy.deepcopy(stores)
    store_plan(stores, STAGING_PATH, TASKS_PATH)
    assert stores == before
