"""A cluster that does not answer: the proof names its store, the others stay proven, and it recovers by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_site import LiveSite, Run
from openstack.connection import Connection

# Seconds for one store, and what logins and the start of Ansible take beside it on a busy machine: less in all than the
# 300 s for which librados waits by itself.
TIMEOUT = 25
OVERHEAD = 240
ANSWERS = "timeout 500 rbd --pool images ls"


@contextmanager
def down(cluster: LiveSite) -> Iterator[None]:
    """Stop the cluster's monitor and OSD. What the OSD has in memory is kept."""
    units = "ceph-osd@0 ceph-mon@$(hostname -s)"
    cluster.shell(f"systemctl stop {units}")
    try:
        yield
    finally:
        cluster.shell(f"systemctl start {units} && {ANSWERS}")


@contextmanager
def killed(cluster: LiveSite) -> Iterator[None]:
    """Kill the monitor, and halt the OSD, which has everything in memory: it would not survive."""
    monitor = "ceph-mon@$(hostname -s)"
    # As if the machine had gone: nobody starts it again meanwhile.
    cluster.shell(
        f"systemctl kill --signal STOP ceph-osd@0; systemctl mask --quiet --runtime {monitor};"
        f" systemctl kill --signal KILL {monitor}"
    )
    try:
        yield
    finally:
        cluster.shell(
            f"systemctl unmask --quiet --runtime {monitor}; systemctl reset-failed {monitor};"
            f" systemctl start {monitor}; systemctl kill --signal CONT ceph-osd@0; {ANSWERS}"
        )


@contextmanager
def silent(cluster: LiveSite, site: LiveSite) -> Iterator[None]:
    """Let nothing of what the cluster answers reach the site: its connections stay open and hang."""
    route = f"ip route {{}} blackhole {site.address}/32"
    cluster.shell(route.format("add"))
    try:
        yield
    finally:
        cluster.shell(f"{route.format('del')}; {ANSWERS}")


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


@pytest.mark.parametrize("how", ["killed", "silent"])
def test_a_dead_cluster_fails_its_store_and_no_other(
    how: str, site: LiveSite, clusters: dict[str, LiveSite], cloud: Connection, directory: Path
) -> None:
    cluster = clusters["ceph-0"]
    with killed(cluster) if how == "killed" else silent(cluster, site):
        run = verify(site, directory)
    assert run.code == 2
    failures = set(re.findall(r"Store (\S+) on glance-ceph failed at level (\w+)", run.prose))
    # The release tells a cluster's fsid only while it can ask for it.
    assert failures == {("ceph-0", "loaded"), ("ceph-0", "writable")}
    assert "store ceph-0: Glance could not reach its Ceph cluster just now (fsid is null at level loaded)" in run.prose
    found = rows(run)
    # Declared it is, and nothing more.
    assert (found["ceph-0"].count("yes"), found["ceph-0"].count("NO")) == (1, 2), found["ceph-0"]
    for store in ("ceph-1", "swift-0", "s3-0"):
        assert found[store].count("yes") == 3 and "NO" not in found[store], found[store]
    assert [image.name for image in cloud.image.images() if image.name.startswith("openimage-glance-canary-")] == []

    # Without a restart.
    again = verify(site, directory)
    assert again.code == 0 and rows(again)["ceph-0"].count("yes") == 3
