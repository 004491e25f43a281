"""What the store plan renders, judged by every release of Glance that is installed from a lock file."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._config import validation, verdicts
from ansible_collections.openimage.glance.plugins.module_utils._config.values import render
from ansible_collections.openimage.glance.plugins.module_utils._site.releases import knows
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan

KEY = "AQ" + "A" * 36 + "=="
KEYSTONE = "http://keystone.example.org:5000/v3"
LOGIN = {"auth_url": KEYSTONE, "user": "glance", "password": "s3'cr$et\"%", "project": "service"}
CREDENTIAL = {"application_credential_id": "0123", "application_credential_secret": "s3cret"}
THREE = [
    {"id": "ceph-0", "type": "rbd", "description": "RBD backend", "user": "openstack", "keyring": KEY}
    | {"ceph_conf": {"mon_host": "10.0.0.1"}, "connect_timeout": 5},
    {
        "id": "ceph-1",
        "type": "rbd",
        "description": "RBD backend 1",
        "user": "openstack",
        "keyring": KEY,
        "default": True,
    }
    | {"ceph_conf": {"mon_host": "10.0.1.1"}, "thin_provisioning": True},
    {"id": "swift-0", "type": "swift", "create_container": True, "region": "RegionOne", "large_object_size": 100}
    | {"cacert": "/etc/ssl/certs/ca-certificates.crt", "endpoint_type": "internalURL", **LOGIN},
]
OTHERS = [
    {"id": "tenants", "type": "swift", "multi_tenant": True, "options": {"swift_store_admin_tenants": ["a", "b"]}}
    | {"description": "In the account of who uploads", "weight": 10},
    {"id": "s3-0", "type": "s3", "host": "https://s3.example.org", "access_key": "4ccess", "secret_key": "s$cret"}
    | {"bucket": "glance", "bucket_url_format": "path", "create_bucket": True, "region": "eu", "thread_pools": 4},
    {"id": "lvm-0", "type": "cinder", "volume_type": "lvm", **LOGIN, "transports": ["iscsi", "nvme-tcp"]}
    | {"endpoint_template": "http://cinder.example.org:8776/v3/%(tenant)s", "use_multipath": True},
    {"id": "nfs-0", "type": "file", "path": "/srv/nfs", "nfs": {"server": "[fd00::5]", "export": "/var/nfs"}},
]
NEW = [
    {"id": "swift-1", "type": "swift", "auth_url": KEYSTONE, "reference": "ref2", "container": "b", **CREDENTIAL},
    {"id": "lvm-1", "type": "cinder", "volume_type": "nvme", "auth_url": KEYSTONE, **CREDENTIAL},
]
DEFAULTS = {"rbd_store_chunk_size": 4, "s3_store_thread_pools": 5, "cinder_http_retries": 1}


def text_of(plan: dict[str, Any]) -> str:
    """Return glance-api.conf as the role's template writes it."""
    sections = {"DEFAULT": {"enabled_backends": plan["enabled_backends"]}, **plan["sections"]}
    return "\n".join(
        f"[{name}]\n" + "".join(f"{option} = {render(value)}\n" for option, value in options.items())
        for name, options in sections.items()
    )


def run(command: list[str], data: bytes) -> tuple[int, str, str]:
    """Run the installed service's interpreter."""
    done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=600)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("three", [True, False])
def test_every_store_type_renders_what_the_release_accepts(glance: Path, three: bool) -> None:
    release = glance.name.split("-")[1]
    newer = knows(release, "2026.1")
    # Cinder stores must log in alike: the one with an application credential comes in place of the other.
    others = [*(store for store in OTHERS if store["type"] != "cinder"), *NEW] if newer else OTHERS
    stores = THREE if three else [*THREE, *others]
    plan = store_plan(stores, "/srv/staging", "/srv/tasks", release, {} if three or not newer else DEFAULTS)
    assert plan["problems"] == []
    if three:
        assert plan["enabled_backends"] == "ceph-0:rbd,ceph-1:rbd,swift-0:swift"
        assert plan["default"] == "ceph-1"
    files = [("/etc/glance/glance-api.conf", text_of(plan))]
    answer = validation.ask(run, str(glance / "bin/python"), files, plan["types"], [])
    verdict = verdicts.judge(answer.findings, plan["origins"], "glance_api_config", [])
    assert answer.missing == []
    # Also no driver whose libraries the lock file lacks.
    assert verdict.problems == []


def test_an_option_that_the_release_does_not_know_is_refused(glance: Path) -> None:
    plan = store_plan(THREE, "/srv/staging", "/srv/tasks", "")
    files = [("/etc/glance/glance-api.conf", text_of(plan).replace("rbd_store_pool", "rbd_store_pol"))]
    answer = validation.ask(run, str(glance / "bin/python"), files, plan["types"], [])
    verdict = verdicts.judge(answer.findings, plan["origins"], "glance_api_config", [])
    assert len(verdict.problems) == 2
    assert verdict.problems[0].startswith("glance_stores[0].options.rbd_store_pol: unknown option of an rbd store")
