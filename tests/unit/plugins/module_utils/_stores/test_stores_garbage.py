"""Whatever YAML can hold: no reader raises, and every mistake is one printable line."""

from __future__ import annotations

import datetime
import json
from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan
from ansible_collections.openimage.glance.plugins.module_utils._stores.registry import TYPES
from hypothesis import given, settings
from hypothesis import strategies as st

_NAMES = """
    id type default description weight options path file_perm chunk_size thin_provisioning metadata_file shared nfs
    file http rbd vmware filesystem local web DEFAULT os_glance_x yes true /srv/a /srv/a/../a/b / /var/lib/glance
    https_insecure http_proxy_information https_ca_certificates_file filesystem_store_chunk_size 0640 zed 2026.2
    filesystem_store_datadirs store_description https swift s3 cinder user pool ceph_conf keyring connect_timeout global
    auth_url password project container reference multi_tenant host access_key secret_key bucket volume_type transports
    application_credential_id application_credential_secret server export version mount mon_host fsid endpoint_template
    rbd_store_chunk_size insecure cacert iscsi AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA== http://h:5000/v3
"""
_WORDS = st.sampled_from(_NAMES.split())
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.builds(lambda: 10**5000),
    st.floats(),
    st.text(max_size=8),
    _WORDS,
    st.binary(max_size=3),
    st.just(datetime.date(2026, 11, 20)),
)
_KEYS = st.one_of(_WORDS, st.text(max_size=4), st.none(), st.booleans(), st.integers(), st.tuples(st.integers()))
ANYTHING = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_KEYS, inner, max_size=6)),
    max_leaves=20,
)
_STORES = st.lists(st.dictionaries(_WORDS, ANYTHING, max_size=8), max_size=4)
_RIGHT = st.lists(
    st.fixed_dictionaries(
        {"id": st.from_regex(r"s[a-z0-9]{1,5}", fullmatch=True), "type": st.just("file"), "path": st.just("/srv/x")},
        optional={
            "description": st.text(),
            "weight": st.integers(0, 9),
            "shared": st.booleans(),
            "chunk_size": ANYTHING,
        },
    ),
    min_size=1,
    max_size=4,
)


def _check(plan: dict[str, Any]) -> None:
    for problem in plan["problems"]:
        assert problem.isprintable(), problem
        path, _colon, rest = problem.partition(": ")
        assert path.startswith(("glance_stores", "glance_staging_path", "glance_tasks_path", "glance_backend_defaults"))
        assert "; " in rest
    for warning in plan["warnings"]:
        assert warning.isprintable() and warning.startswith("glance_") and "; " in warning
    # Plain, finite types only.
    json.dumps(plan, allow_nan=False).encode()


@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING, ANYTHING)
@settings(max_examples=80, deadline=None)
def test_anything_as_everything(stores: Any, staging: Any, tasks: Any, release: Any, defaults: Any) -> None:
    plan = store_plan(stores, staging, tasks, release, defaults)
    _check(plan)
    assert plan["problems"] or plan["default"] in plan["ids"]


@given(_STORES)
@settings(max_examples=150, deadline=None)
def test_anything_as_stores(stores: Any) -> None:
    _check(store_plan(stores, "/srv/staging", "/srv/tasks", "2026.2"))


@given(st.sampled_from(sorted(TYPES)), st.dictionaries(_WORDS, ANYTHING, max_size=8), ANYTHING)
@settings(max_examples=200, deadline=None)
def test_anything_as_each_type(name: str, store: dict[str, Any], defaults: Any) -> None:
    _check(store_plan([{**store, "id": "a", "type": name, "default": True}], "/srv/s", "/srv/t", "2026.2", defaults))


@given(_RIGHT, st.data())
@settings(max_examples=60, deadline=None)
def test_a_plan_without_problems_is_consistent(stores: list[dict[str, Any]], data: st.DataObject) -> None:
    chosen = data.draw(st.integers(0, len(stores) - 1))
    for number, store in enumerate(stores):
        store["path"] = f"/srv/{number}"
        store["default"] = number == chosen
    plan = store_plan(stores, "/srv/staging", "/srv/tasks", "2026.2")
    _check(plan)
    if plan["problems"]:
        return
    assert plan["ids"] == [store["id"] for store in stores]
    assert plan["default"] == stores[chosen]["id"]
    assert plan["enabled_backends"] == ",".join(f"{store['id']}:file" for store in stores)
    assert len({directory["path"] for directory in plan["directories"]}) == len(stores) + 2
    assert [entry["default"] for entry in plan["expected"]].count(True) == 1
    assert set(plan["types"]) == set(plan["sections"]) - {"glance_store"}
