"""Images on NFS: they lie in what the server exports, and the host comes back with its mounts."""

from __future__ import annotations

import json
import shlex
import time
from pathlib import Path

import pytest
from live_site import LiveSite
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream

testinfra_hosts = ["ansible://glance-nfs"]

# Store, its export, and what the kernel says of the mount.
MOUNTS = [
    ("nfs-0", "/export/images", "nfs4", {"vers=4.2", "proto=tcp", "hard"}),
    ("nfs-1", "/export/archive", "nfs", {"vers=3", "proto=tcp", "hard", "timeo=100"}),
]


def mounted(site: LiveSite, store: str) -> tuple[str, str, set[str]]:
    """Return source, type and options of what is mounted for a store."""
    shown = site.shell(f"findmnt --json --mountpoint /var/lib/glance/{store}")
    (mount,) = json.loads(shown)["filesystems"]
    return mount["source"], mount["fstype"], set(mount["options"].split(","))


@pytest.mark.parametrize(("store", "export", "fstype", "options"), MOUNTS)
def test_the_store_is_the_export(site: LiveSite, store: str, export: str, fstype: str, options: set[str]) -> None:
    source, found, effective = mounted(site, store)
    assert (source, found) == (f"{site.address}:{export}", fstype)
    assert options <= effective and "rw" in effective


@pytest.mark.parametrize(("store", "export"), [mount[:2] for mount in MOUNTS])
def test_the_api_starts_after_the_mount(site: LiveSite, store: str, export: str) -> None:
    unit = site.shell(f"systemd-escape --path --suffix=mount /var/lib/glance/{store}").strip()
    # Names with a backslash are quoted there.
    assert unit in shlex.split(site.shell("systemctl show --value --property After glance-api.service"))
    assert site.shell(f"systemctl is-enabled '{unit}'").strip() == "enabled"
    assert site.shell(f"grep -c ' /var/lib/glance/{store} ' /etc/fstab || true").strip() == "0"


def test_an_image_is_seen_on_the_server_under_its_id(site: LiveSite, cloud: Connection, images: ImageApi) -> None:
    seed = cloud.image.find_image("seed")
    assert images.show(seed.id)["stores"] == "nfs-0"
    assert seed.id in site.shell("ls /export/images").split()
    digest = site.shell(f"sha512sum < /export/images/{seed.id}").split()[0]
    assert (seed.hash_algo, seed.hash_value) == ("sha512", digest)


@pytest.mark.parametrize(("store", "export"), [mount[:2] for mount in MOUNTS])
def test_an_upload_goes_over_the_wire_and_back(site: LiveSite, images: ImageApi, store: str, export: str) -> None:
    stream = Stream(16 * MIB, MIB)
    image = images.create("on NFS")
    try:
        assert images.upload(image, stream, store=store)[0] == 204
        assert site.shell(f"stat -c '%s %U' {export}/{image}").split() == [str(stream.size), "glance"]
        assert images.download_sha512(image) == stream.sha512()
    finally:
        images.delete(image)
    assert site.shell(f"find /export -name '{image}*'") == ""


def test_no_unit_has_failed(site: LiveSite) -> None:
    assert site.shell("systemctl list-units --failed --plain --no-legend") == ""


def boot_id(site: LiveSite) -> str:
    """Return what tells one boot from another; empty while the host is down."""
    try:
        return site.shell("cat /proc/sys/kernel/random/boot_id")
    except AssertionError:
        return ""


def test_a_reboot_brings_mounts_and_api_back(site: LiveSite, images: ImageApi, tmp_path: Path) -> None:
    before = boot_id(site)
    # In the background, so that the answer to this arrives.
    site.shell("systemd-run --quiet --on-active=1 systemctl reboot")
    until = time.monotonic() + 300
    while boot_id(site) in ("", before):
        assert time.monotonic() < until, "the host does not come back"
        time.sleep(2)
    # It lets us in before it has mounted everything.
    site.shell("timeout 110 systemctl is-system-running --wait || true")
    for store, export, fstype, options in MOUNTS:
        source, found, effective = mounted(site, store)
        assert (source, found) == (f"{site.address}:{export}", fstype) and options <= effective
    assert site.shell("systemctl is-active glance-api").strip() == "active"
    assert site.shell("systemctl list-units --failed --plain --no-legend") == ""
    proof = site.play(directory=tmp_path, playbook="openimage.glance.verify", timeout=200)
    assert proof.code == 0 and "3 stores proven through 1 nodes" in proof.prose
