"""What Cinder lacks is named before the running API is touched; what only shows in use fails the proof, and in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import leaks
import pytest
from live_site import LiveSite, Run

testinfra_hosts = ["ansible://glance-cinder"]


def state(site: LiveSite) -> str:
    """Return process and files (inode, time, owner, content) of what a refusal must not touch."""
    return site.shell(
        "set -e; systemctl show --property MainPID glance-api;"
        " find /etc/glance /etc/sudoers.d /etc/iscsi /etc/nvme /etc/systemd/system -type f"
        " -printf '%p %i %T@ %m %u %g\\n' -exec sha256sum {} + | sort"
    )


@pytest.fixture
def refused(site: LiveSite, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Return a function that deploys with other words about some stores, which must be refused."""
    before = state(site)
    assert "rootwrap.conf" in before and "MainPID=0" not in before

    def run(**changes: dict[str, Any]) -> Run:
        words = {name.replace("_", "-"): change for name, change in changes.items()}
        assert words.keys() <= site.stores.keys()
        stores = [{**store, **words.get(name, {})} for name, store in site.stores.items()]
        done = site.play(directory=tmp_path, glance_stores=stores)
        assert done.code == 2, done.output
        assert "the service was not touched" in done.prose
        assert leaks.leaked(done.output, site.secrets) == []
        return done

    yield run
    assert state(site) == before


def test_an_unknown_volume_type_is_refused(refused: Callable[..., Run]) -> None:
    run = refused(nvme_0={"volume_type": "nothing"})
    for part in (
        "1 problem",
        "Store nvme-0 (cinder) on glance-cinder",
        "sees no volume type nothing; it sees",
        "lvm-iscsi",
        "lvm-nvme",
        "openstack volume type create nothing",
    ):
        assert part in run.prose, part


def test_a_wrong_password_is_refused(refused: Callable[..., Run]) -> None:
    wrong = {"password": "this is not the password"}
    run = refused(iscsi_0=wrong, nvme_0=wrong)
    assert "Store iscsi-0 (cinder) on glance-cinder" in run.prose and "Store nvme-0 (cinder)" in run.prose
    assert "wrong password" in run.prose and "this is not the password" not in run.output


def test_without_cinder_volume_the_proof_fails_by_name_and_in_time(site: LiveSite, tmp_path: Path) -> None:
    site.shell("systemctl stop cinder-volume")
    try:
        run = site.play(directory=tmp_path, playbook="openimage.glance.verify", glance_verify_timeout=40)
    finally:
        site.shell("systemctl start cinder-volume")
    assert run.code == 2
    for store in ("iscsi-0", "nvme-0"):
        assert f"Store {store} on glance-cinder failed at level writable" in run.prose
    assert "Store local" not in run.prose
