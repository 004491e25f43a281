"""A store that Glance could not use is refused by name before anything that the running API reads is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import leaks
import pytest
from live_site import LiveSite, Run

PROBE = "openimage-glance-probe-"
CAPS = {
    "mon": "mon 'profile rbd'",
    "osd": "osd 'profile rbd pool=images'",
    "mgr": "mgr 'profile rbd'",
}


def state(site: LiveSite) -> str:
    """Return process and files (inode, time, owner, content) of what a refusal must not touch."""
    return site.shell(
        "set -e; systemctl show --property MainPID glance-api;"
        " find /etc/glance /etc/ceph /etc/systemd/system -type f -printf '%p %i %T@ %m %u %g\\n' | sort;"
        " find /etc/glance /etc/ceph /etc/systemd/system -type f -exec sha256sum {} + | sort"
    )


@pytest.fixture(autouse=True)
def _untouched(site: LiveSite) -> Iterator[None]:
    before = state(site)
    assert "ceph-0.conf" in before and "MainPID=0" not in before
    yield
    assert state(site) == before


@pytest.fixture(autouse=True)
def _no_probes(clusters: dict[str, LiveSite]) -> Iterator[None]:
    yield
    for cluster in clusters.values():
        assert PROBE not in cluster.shell("rbd --pool images ls")
    gateway = clusters["ceph-1"].shell("radosgw-admin bucket list; rados --pool default.rgw.buckets.data ls || true")
    assert PROBE not in gateway


@pytest.fixture
def refused(site: LiveSite, tmp_path: Path) -> Callable[..., Run]:
    """Return a function that deploys with other words about some stores, which must be refused."""

    def run(*arguments: str, **changes: dict[str, Any]) -> Run:
        words = {name.replace("_", "-"): change for name, change in changes.items()}
        assert words.keys() <= site.stores.keys()
        stores = [{**store, **words.get(name, {})} for name, store in site.stores.items()]
        done = site.play(*arguments, directory=tmp_path, glance_stores=stores)
        assert done.code == 2, done.output
        assert "the service was not touched" in done.prose
        assert leaks.leaked(done.output, site.secrets) == []
        return done

    return run


def user_without(cluster: LiveSite, cap: str) -> dict[str, str]:
    """Make a user of the cluster who lacks one cap; return the keys of a store that log in as that user."""
    name = f"without-{cap}"
    caps = " ".join(words for kind, words in CAPS.items() if kind != cap)
    cluster.shell(f"ceph auth get-or-create client.{name} {caps}")
    return {"user": name, "keyring": cluster.shell(f"ceph auth print-key client.{name}").strip()}


def test_all_that_is_wrong_is_in_one_failure(
    site: LiveSite, clusters: dict[str, LiveSite], refused: Callable[..., Run]
) -> None:
    key = clusters["ceph-0"].shell("ceph-authtool --gen-print-key").strip()
    run = refused(
        ceph_0={"keyring": key},
        ceph_1={"pool": "nothing"},
        swift_0={"password": "this is not the password"},
        s3_0={"bucket": "nothing", "create_bucket": False},
    )
    for part in (
        "4 problems",
        "Store ceph-0 (rbd) on glance-ceph",
        "the cluster refuses the key: client.openstack does not exist there, or has another key",
        "Store ceph-1 (rbd) on glance-ceph",
        "tried to open pool nothing; there is no such pool; client.openstack sees",
        "images",
        "Store swift-0 (swift) on glance-ceph",
        "wrong password",
        "Store s3-0 (s3) on glance-ceph",
        "tried to find the bucket nothing",
    ):
        assert part in run.prose, part
    assert key not in run.output and "this is not the password" not in run.output


def test_missing_caps_are_named(clusters: dict[str, LiveSite], refused: Callable[..., Run]) -> None:
    run = refused(ceph_0=user_without(clusters["ceph-0"], "mon"), ceph_1=user_without(clusters["ceph-1"], "osd"))
    assert "2 problems" in run.prose
    assert "the key is right, but client.without-mon has no mon cap" in run.prose
    assert "client.without-osd lacks the osd cap for pool images" in run.prose
    for name in ("without-mon", "without-osd"):
        caps = "mon 'profile rbd' osd 'profile rbd pool=images' mgr 'profile rbd pool=images'"
        assert f"ceph auth caps client.{name} {caps}" in run.prose


def test_a_missing_mgr_cap_and_what_a_killed_run_left(
    clusters: dict[str, LiveSite], refused: Callable[..., Run]
) -> None:
    left = f"images/{PROBE}1600000000-elsewhere-0123ab"
    clusters["ceph-0"].shell(
        f"rbd create --size 4K {left} && rbd snap create {left}@snap && rbd snap protect {left}@snap"
    )
    run = refused(ceph_0=user_without(clusters["ceph-0"], "mgr"))
    assert "1 problem" in run.prose and "client.without-mgr has no mgr cap" in run.prose


def test_a_login_that_works_waits_for_the_rest_to_be_accepted(
    site: LiveSite, clusters: dict[str, LiveSite], tmp_path: Path
) -> None:
    # This user lacks nothing; the driver would read its keyring with the next request.
    login = user_without(clusters["ceph-0"], "nothing")
    stores = [{**store, **(login if name == "ceph-0" else {})} for name, store in site.stores.items()]
    misspelt = {"DEFAULT": {"image_member_quotta": 256}}
    run = site.play(directory=tmp_path, glance_stores=stores, glance_api_config=misspelt)
    assert run.code == 2 and "glance_api_config.DEFAULT.image_member_quotta: unknown option" in run.prose
    assert "nothing was changed" in run.prose
    assert login["keyring"] not in run.output and leaks.leaked(run.output, site.secrets) == []


def test_check_mode_refuses_as_well(clusters: dict[str, LiveSite], refused: Callable[..., Run]) -> None:
    run = refused(
        "--check",
        ceph_0={"pool": "nothing"},
        swift_0={"project": "admin"},
        s3_0={"secret_key": "this is not the secret key"},
    )
    assert "3 problems" in run.prose
    assert "there is no such pool" in run.prose
    assert "the password is right, but there is no such project, or the user has no role in it" in run.prose
    assert "the access key is known, but the secret key is wrong (SignatureDoesNotMatch)" in run.prose
