"""Images on NFS, beside Ceph: they lie in what the server exports, and the host comes back with its mounts."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from live_site import LiveSite
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream
from waits import until

testinfra_hosts = ["ansible://glance-nfs"]

# Where an export is mounted, the export, and what the kernel says of the mount.
MOUNTS = [
    ("/srv/glance/nfs-0", "/export/images", "nfs4", {"vers=4.2", "proto=tcp", "hard"}),
    ("/srv/glance/nfs-1", "/export/archive", "nfs", {"vers=3", "proto=tcp", "hard", "timeo=100"}),
    ("/var/lib/glance", "/export/both", "nfs4", {"proto=tcp", "hard"}),
]
# Store, and where its images are on the server.
STORES = [("nfs-0", "/export/images"), ("nfs-1", "/export/archive"), ("both", "/export/both/images")]
STAGING = "os_glance_staging_store"


def mounted(site: LiveSite, path: str) -> tuple[str, str, set[str]]:
    """Return source, type and options of what is mounted on a path."""
    shown = site.shell(f"findmnt --json --mountpoint {path}")
    (mount,) = json.loads(shown)["filesystems"]
    return mount["source"], mount["fstype"], set(mount["options"].split(","))


def unit_of(site: LiveSite, path: str) -> str:
    """Return the name of the unit that mounts on a path."""
    return site.shell(f"systemd-escape --path --suffix=mount {path}").strip()


@pytest.mark.parametrize(("path", "export", "fstype", "options"), MOUNTS)
def test_the_store_is_the_export(site: LiveSite, path: str, export: str, fstype: str, options: set[str]) -> None:
    source, found, effective = mounted(site, path)
    assert (source, found) == (f"{site.address}:{export}", fstype)
    assert options <= effective and "rw" in effective


@pytest.mark.parametrize("path", [mount[0] for mount in MOUNTS])
def test_the_api_starts_after_the_mount(site: LiveSite, path: str) -> None:
    unit = unit_of(site, path)

    def related(how: str) -> list[str]:
        # Names with a backslash are quoted there.
        return shlex.split(site.shell(f"systemctl show --value --property {how} glance-api.service"))

    assert unit in related("After")
    # Without its home it cannot run; without a store it can.
    assert (unit in related("Requires"), unit in related("Wants")) == (
        path == "/var/lib/glance",
        path != "/var/lib/glance",
    )
    assert site.shell(f"systemctl is-enabled '{unit}'").strip() == "enabled"
    assert site.shell(f"grep -c ' {path} ' /etc/fstab || true").strip() == "0"


@pytest.mark.parametrize("path", [mount[0] for mount in MOUNTS])
def test_nothing_can_be_written_below_a_mount_that_is_missing(site: LiveSite, path: str) -> None:
    # What is not a mount of the root filesystem's own is not seen through such a second view of it.
    below = f"$d{path}"
    touch = f"runuser -u glance -- touch {below}/$name 2>&1 && echo written"
    say = f"stat -c %U {below}; for name in x images/x; do {touch}; done"
    script = f"d=$(mktemp -d); chmod 755 $d; mount --bind / $d; {{ {say}; }}; umount $d; rmdir $d"
    said = site.shell(f"unshare --mount --propagation private sh -c '{script}'")
    assert said.split()[0] == "root" and "Permission denied" in said and "written" not in said


def test_an_image_is_seen_on_the_server_under_its_id(site: LiveSite, cloud: Connection, images: ImageApi) -> None:
    seed = cloud.image.find_image("seed")
    assert images.show(seed.id)["stores"] == "nfs-0"
    assert seed.id in site.shell("ls /export/images").split()
    digest = site.shell(f"sha512sum < /export/images/{seed.id}").split()[0]
    assert (seed.hash_algo, seed.hash_value) == ("sha512", digest)


@pytest.mark.parametrize(("store", "export"), STORES)
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


def stage(images: ImageApi, image: str, data: bytes) -> None:
    """Send what is imported later."""
    status, said = images.request(
        "PUT", f"/v2/images/{image}/stage", data, {"Content-Type": "application/octet-stream"}
    )
    assert status == 204, said


def import_into(images: ImageApi, image: str, stores: list[str]) -> None:
    """Import what was staged, and wait until all of these stores have it."""
    order = json.dumps({"method": {"name": "glance-direct"}, "stores": stores})
    status, said = images.request("POST", f"/v2/images/{image}/import", order, {"Content-Type": "application/json"})
    assert status == 202, said

    def imported() -> bool:
        record = images.show(image)
        return record["status"] == "active" and not record.get("os_glance_importing_to_stores")

    until(imported, "the import ends", lambda: images.show(image), pause=2)


def test_an_import_is_staged_on_the_share_and_leaves_nothing_there(site: LiveSite, images: ImageApi) -> None:
    stream = Stream(4 * MIB, MIB)
    image = images.create("staged on NFS")
    try:
        data = b"".join(stream.blocks())
        stage(images, image, data)
        assert site.shell(f"stat -c '%s %U' /export/both/{STAGING}/{image}").split() == [str(stream.size), "glance"]
        import_into(images, image, ["both"])
        assert images.show(image)["stores"] == "both"
        assert images.download_sha512(image) == stream.sha512()
    finally:
        images.delete(image)
    assert site.shell(f"find /export -name '{image}*'") == ""


def test_one_image_is_on_nfs_and_in_ceph(site: LiveSite, images: ImageApi, clusters: dict[str, LiveSite]) -> None:
    stream = Stream(4 * MIB, MIB)
    image = images.create("on NFS and in Ceph")
    try:
        stage(images, image, b"".join(stream.blocks()))
        import_into(images, image, ["nfs-0", "ceph-0"])
        assert set(images.show(image)["stores"].split(",")) == {"nfs-0", "ceph-0"}
        digest = site.shell(f"sha512sum < /export/images/{image}").split()[0]
        in_ceph = clusters["ceph-0"].shell(f"rbd --pool images export {image} - | sha512sum").split()[0]
        assert digest == in_ceph == stream.sha512()
    finally:
        images.delete(image)
    assert image not in clusters["ceph-0"].shell("rbd --pool images ls").split()
    assert site.shell(f"find /export -name '{image}*'") == ""


def test_no_unit_has_failed(site: LiveSite) -> None:
    assert site.shell("systemctl list-units --failed --plain --no-legend") == ""


def boot_id(site: LiveSite) -> str:
    """Return what tells one boot from another; empty while the host is down."""
    try:
        return site.shell("cat /proc/sys/kernel/random/boot_id")
    except AssertionError:
        return ""


def reboot(site: LiveSite, images: ImageApi) -> None:
    """Boot the host anew, and wait until it has done so."""
    before = boot_id(site)
    # In the background, so that the answer to this arrives.
    site.shell("systemd-run --quiet --on-active=1 systemctl reboot")
    until(lambda: boot_id(site) not in ("", before), "the host comes back", pause=2)
    # It lets us in before it has mounted everything. Its state is no matter here: one export is gone.
    site.shell("timeout 500 systemctl is-system-running --wait || test $? -ne 124")
    # Glance loads much of itself with its first answer; on a busy machine that takes longer than a proof waits.
    assert images.request("GET", "/v2/info/stores")[0] == 200


def test_a_reboot_brings_back_all_but_a_share_that_is_gone(site: LiveSite, images: ImageApi, tmp_path: Path) -> None:
    site.shell("sed -i.kept '\\#^/export/archive #d' /etc/exports")
    try:
        reboot(site, images)
        for path, export, fstype, options in MOUNTS:
            if path != "/srv/glance/nfs-1":
                source, found, effective = mounted(site, path)
                assert (source, found) == (f"{site.address}:{export}", fstype) and options <= effective
        assert site.shell("systemctl is-active glance-api").strip() == "active"
        image = images.create("staged after a boot")
        stage(images, image, b"data")
        images.delete(image)
        (failed,) = site.shell("systemctl list-units --failed --plain --no-legend").splitlines()
        assert failed.split()[0] == unit_of(site, "/srv/glance/nfs-1")
        proof = site.play(directory=tmp_path, playbook="openimage.glance.verify")
        assert proof.code == 2
        assert set(re.findall(r"Store (\S+) on \S+ failed at level", proof.prose)) == {"nfs-1"}
    finally:
        site.shell("mv /etc/exports.kept /etc/exports; exportfs -ra")
    # A store that could not be used at start is used only after a restart.
    healed = site.play(directory=tmp_path)
    assert healed.code == 0 and "5 stores proven through 1 nodes" in healed.prose
    assert site.shell("systemctl list-units --failed --plain --no-legend") == ""


def test_a_store_that_is_removed_takes_its_mount_along(site: LiveSite, tmp_path: Path) -> None:
    unit = unit_of(site, "/srv/glance/nfs-1")
    stores = [store for name, store in site.stores.items() if name != "nfs-1"]
    done = site.play(directory=tmp_path, glance_stores=stores)
    assert done.code == 0 and "4 stores proven through 1 nodes" in done.prose
    assert " /srv/glance/nfs-1 " not in site.shell("cat /proc/mounts")
    assert unit not in site.shell("find /etc/systemd/system -name '*.mount' -printf '%f\\n'").splitlines()
    assert site.shell("test ! -e /srv/glance/nfs-1 && systemctl is-active glance-api").strip() == "active"
    # The others are as they were.
    assert mounted(site, "/srv/glance/nfs-0")[0] == f"{site.address}:/export/images"
