from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._stores.names import store_id
from ansible_collections.openimage.glance.plugins.module_utils._stores.registry import TYPES, meant, store_type
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Wrong


@pytest.mark.parametrize("name", ["local", "ceph-0", "a.b", "0", "file", "http", "NFS_1", "x" * 64, "cinder"])
def test_ids(name: str) -> None:
    assert store_id(name) == name


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("a:b", "cannot be a section name"),
        ("a,b", "cannot be a section name"),
        ("a]", "cannot be a section name"),
        ("-a", "cannot be a section name"),
        ("ü", "cannot be a section name"),
        ("x" * 65, "cannot be a section name"),
        ("os_glance_staging_store", "reserves"),
        ("OS_Glance_x", "reserves"),
        ("DEFAULT", "another meaning"),
        ("Database", "another meaning"),
        ("backend_defaults", "another meaning"),
        ("workers", "uses itself"),
        ("items", "uses itself"),
        (7, "number"),
        (False, "YAML"),
        (None, "empty"),
    ],
)
def test_what_is_no_id(name: Any, wrong: str) -> None:
    with pytest.raises(Wrong, match=wrong):
        store_id(name)


def test_types() -> None:
    assert {name: store_type(name) for name in TYPES} == TYPES


ALL = "write one of file, rbd, swift, s3, cinder, http"


@pytest.mark.parametrize(
    ("name", "wrong", "instead"),
    [
        ("fil", "'fil' is not a store type", "write file"),
        ("filesystem", "'filesystem' is not a store type", "write file"),
        ("HTTP", "'HTTP' is not a store type", "write http"),
        ("zzz", "'zzz' is not a store type", ALL),
        ("ceph", "'ceph' is not a store type", "write rbd"),
        ("rgw", "'rgw' is not a store type", "write swift"),
        ("minio", "'minio' is not a store type", "write s3"),
        ("lvm", "'lvm' is not a store type", "write cinder"),
        ("vmware", "vmware is not supported: Glance deprecated it in 2024.1 for removal", ALL),
        ("sheepdog", "sheepdog is not supported: Glance removed it", ALL),
    ],
)
def test_wrong_types(name: str, wrong: str, instead: str) -> None:
    with pytest.raises(Wrong) as caught:
        store_type(name)
    assert (caught.value.wrong, caught.value.instead) == (wrong, instead)


def test_what_a_wrong_type_means() -> None:
    assert meant("filesystem") is TYPES["file"]
    assert meant("ceph") is TYPES["rbd"]
    assert [meant(name) for name in ("vmware", "zzz", None, 5)] == [None] * 4
