"""The table of systems: complete rows, a plan or a reason for each combination, and nothing of it elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.openimage.glance.plugins.module_utils._site.host import decide, host_warnings, lab_plan
from ansible_collections.openimage.glance.plugins.module_utils._site.releases import (
    METHODS,
    RELEASES,
    VENV_RELEASES,
    from_pypi,
    oldest_python,
)
from ansible_collections.openimage.glance.plugins.module_utils._site.systems import (
    SYSTEMS,
    Lab,
    System,
    Uwsgi,
    find,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.plan import store_plan
from packaging.requirements import Requirement
from packaging.version import Version

REPOSITORY = Path(__file__).parents[5]
LOCKS = REPOSITORY / "roles" / "api" / "files" / "locks"
# What a row may leave empty.
OPTIONAL = {"packaged_release", "tested", "unwanted_units"}
LOGIN = {"auth_url": "http://ks:5000/v3", "user": "glance", "password": "s3cret", "project": "service"}
SHARE = {"server": "192.0.2.1", "export": "/x", "mount": "/srv/nfs"}
CINDER = {**LOGIN, "volume_type": "a", "transports": ["iscsi", "nvme-tcp"], "use_multipath": True}
STORES = [
    {"id": "file", "type": "file", "default": True, "path": "/srv/nfs/images", "nfs": SHARE},
    {"id": "rbd", "type": "rbd", "user": "glance", "pool": "images", "ceph_conf": {"mon_host": "10.0.0.1"}},
    {"id": "swift", "type": "swift", **LOGIN, "container": "images"},
    {
        "id": "s3",
        "type": "s3",
        "host": "https://s3",
        "access_key": "a",
        "secret_key": "b",
        "bucket": "images",
    },
    {"id": "cinder", "type": "cinder", **CINDER},
    {"id": "http", "type": "http"},
]
systems = pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)


def facts(system: System) -> dict[str, Any]:
    return {
        "distribution": system.distribution,
        "distribution_version": system.version,
        "python_version": ".".join(map(str, system.python)) + ".1",
        "architecture": "x86_64",
    }


def values(row: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield name and value of each field, also of the rows within."""
    for field in fields(row):
        value = getattr(row, field.name)
        if is_dataclass(value):
            yield from values(value, f"{name}{field.name}.")
        else:
            yield f"{name}{field.name}", value


def test_systems_are_those_that_are_documented() -> None:
    assert [system.name for system in SYSTEMS] == ["Debian 12", "Debian 13", "Ubuntu 22.04", "Ubuntu 24.04"]
    readme = (REPOSITORY / "README.md").read_text()
    assert [system.name for system in SYSTEMS if system.name not in readme] == []


@systems
def test_row_is_complete(system: System) -> None:
    found = dict(values(system))
    empty = {name for name, value in found.items() if not value and name.rpartition(".")[2] not in OPTIONAL}
    assert empty == set()
    for name, value in found.items():
        texts = [value] if isinstance(value, str) else list(value) if isinstance(value, tuple) else []
        assert all(str(text) == str(text).strip() for text in texts), name
    paths = [text for text in found.values() if isinstance(text, str) and "/" in text]
    assert paths and all(path.startswith("/") for path in paths)


@systems
def test_row_is_found_by_the_facts_of_its_hosts(system: System) -> None:
    assert find(facts(system)) is system
    assert find({**facts(system), "distribution_version": f"{system.version}.5"}) is system
    assert find({**facts(system), "distribution_version": f"{system.version}5"}) is None
    assert find({**facts(system), "distribution": f"{system.distribution} Core"}) is None


@systems
def test_packages_of_a_release_are_of_one_that_there_is(system: System) -> None:
    assert system.packaged_release in {"", *(release.name for release in RELEASES)}
    # A system of which nothing can be installed would be no system.
    assert from_pypi(system)


@systems
def test_every_need_of_every_store_has_a_package(system: System) -> None:
    plan = store_plan(STORES, "/var/lib/glance/staging", "/var/lib/glance/tasks", "2026.2")
    assert plan["problems"] == []
    needs = {*plan["needs"]["package"], *plan["needs"]["venv"]}
    assert needs and needs == set(system.store_packages)


@pytest.mark.parametrize("method", ["", *METHODS])
@pytest.mark.parametrize("release", [release.name for release in RELEASES])
@systems
def test_each_combination_is_planned_or_refused(system: System, release: str, method: str) -> None:
    plan, problems = decide(facts(system), release, method)
    packaged, wheels = release == system.packaged_release, release in from_pypi(system)
    possible = {"": packaged or wheels, "package": packaged, "venv": wheels}[method]
    assert (plan is not None) == possible and bool(problems) != possible
    if plan is None:
        # The advice of a refusal can be followed on this system.
        advised = [name for problem in problems for name in re.findall(r"\b\d{4}\.\d\b", problem.instead)]
        assert all(name in from_pypi(system) or name == system.packaged_release for name in advised)
        return
    assert plan.release == release
    assert plan.method == (method or ("package" if packaged else "venv"))
    assert plan.packages and plan.store_packages == dict(system.store_packages)
    assert plan.account_id == system.account_id and plan.system_python == system.interpreter
    if plan.method == "venv":
        assert set(system.venv_packages) <= set(plan.packages) and "glance-api" not in plan.packages
        assert (LOCKS / plan.lock).is_file()
    else:
        assert set(system.glance.packages) <= set(plan.packages)


@systems
def test_lab_services_are_planned(system: System) -> None:
    plan = lab_plan(facts(system))
    assert set(plan["packages"]) == {*system.lab.packages, *system.uwsgi.packages}
    assert set(plan) == {field.name for field in fields(Lab)} | {"uwsgi"}
    assert set(plan["uwsgi"]) == {field.name for field in fields(Uwsgi)}


def test_keystone_in_apache_is_kept_from_the_port_of_ours() -> None:
    unwanted = {system.name: system.lab.unwanted_units for system in SYSTEMS if system.lab.unwanted_units}
    assert unwanted == {"Ubuntu 22.04": ("apache2",), "Ubuntu 24.04": ("apache2",)}


@systems
def test_only_tested_systems_are_without_a_warning(system: System) -> None:
    assert (host_warnings(facts(system)) == []) is system.tested
    # What scripts/lab.sh makes is what scenarios deploy to.
    lab = (REPOSITORY / "scripts" / "lab.sh").read_text()
    assert (f"{system.distribution.lower()}{system.version})" in lab) is system.tested


@pytest.mark.parametrize("release", VENV_RELEASES)
def test_lock_covers_the_oldest_python_of_its_release(release: str) -> None:
    text = (LOCKS / f"glance-{release}.txt").read_text()
    (oldest,) = re.findall(r"^# .* --python-version (\d+)\.(\d+) ", text, re.M)
    assert oldest_python(release) == tuple(map(int, oldest))


@pytest.mark.parametrize(("system", "release"), list(product(SYSTEMS, VENV_RELEASES)))
def test_lock_has_one_version_of_each_package_for_a_system(system: System, release: str) -> None:
    """Markers that do not cover a Python would leave a package out, or name it twice."""
    if release not in from_pypi(system):
        return
    version = Version(".".join(map(str, system.python)) + ".1")
    environment = {
        "python_full_version": str(version),
        "python_version": ".".join(map(str, system.python)),
        "sys_platform": "linux",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    lines = re.findall(r"^[a-z0-9][^\n]*?(?= \\$|$)", (LOCKS / f"glance-{release}.txt").read_text(), re.M)
    wanted = [Requirement(line) for line in lines]
    chosen = [one.name for one in wanted if one.marker is None or one.marker.evaluate(environment)]
    assert len(chosen) == len(set(chosen))
    assert {"glance", "glance-store", "oslo-config", "sqlalchemy", "pymysql"} <= set(chosen)
