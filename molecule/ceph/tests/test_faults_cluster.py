"""A cluster that does not answer: the proof names its store, the others stay proven, and it recovers by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_site import LiveSite, Run
from openstack.connection import Connection

# Seconds for one store, and what logins and the start of Ansible take beside it.
TIMEOUT = 25
OVERHEAD = 60


@contextmanager
def down(cluster: LiveSite) -> Iterator[None]:
    """Stop the cluster's monitor and OSD. What the OSD has in memory is kept."""
    units = "ceph-osd@0 ceph-mon@$(hostname -s)"
    cluster.shell(f"systemctl stop {units}")
    try:
        yield
    finally:
        cluster.shell(f"systemctl start {units} && timeout 60 rbd --pool images ls")


def rows(run: Run) -> dict[str, list[str]]:
    """Return the table of the proof: words of each line by store."""
    table = run.output.rpartition("\nStores\n")[2].split("\n\n")[0].splitlines()
    return {line.split()[0]: line.split() for line in table if line.strip()}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path


def verify(site: LiveSite, directory: Path) -> Run:
    return site.play(
        directory=directory,
        playbook="openimage.glance.verify",
        timeout=TIMEOUT + OVERHEAD,
        glance_verify_timeout=TIMEOUT,
    )


def test_a_dead_cluster_fails_its_store_and_no_other(
    site: LiveSite, clusters: dict[str, LiveSite], cloud: Connection, directory: Path
) -> None:
    with down(clusters["ceph-0"]):
        run = verify(site, directory)
    assert run.code == 2
    failures = set(re.findall(r"Store (\S+) on glance-ceph failed at level (\w+)", run.prose))
    # Releases that tell a cluster's fsid notice it at both levels.
    assert ("ceph-0", "writable") in failures and {store for store, _ in failures} == {"ceph-0"}
    found = rows(run)
    assert "NO" in found["ceph-0"]
    for store in ("ceph-1", "swift-0", "s3-0"):
        assert found[store].count("yes") == 3 and "NO" not in found[store], found[store]
    assert [image.name for image in cloud.image.images() if image.name.startswith("openimage-glance-canary-")] == []

    # Without a restart.
    again = verify(site, directory)
    assert again.code == 0 and rows(again)["ceph-0"].count("yes") == 3
