"""Zed from packages on volumes over two paths, after a reboot that nobody looked after."""

from __future__ import annotations

import leaks
from live_site import LiveSite
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream
from volumes import left, seed_is_in_its_volume, volume_of, wait_for_detach
from waits import until

testinfra_hosts = ["ansible://glance-volumes"]

# Written when Zed was deployed, and not since.
UNIT = "/etc/systemd/system/glance-api.service"


def in_use(site: LiveSite) -> None:
    """See that the host has a session with each portal, and that Glance uses a map of both."""
    reached = site.shell("cat /sys/class/iscsi_connection/*/persistent_address").split()
    assert sorted(reached) == sorted([site.address, site.variables["cinder_second_portal"]])
    (multipath,) = site.shell("grep --files-with-matches ^mpath- /sys/block/dm-*/dm/uuid").split()
    device = multipath.split("/")[3]
    disks = site.shell(f"ls /sys/block/{device}/slaves").split()
    assert len(disks) == 2 and all(disk.startswith("sd") for disk in disks)
    assert site.shell(f"dmsetup info --columns --noheadings --options open /dev/{device}").strip() == "1"


def maps(site: LiveSite) -> str:
    """Return the multipath maps that are there; none is, between transfers."""
    return site.shell("grep --files-with-matches ^mpath- /sys/block/dm-*/dm/uuid || true")


def test_the_host_was_booted_after_its_deployment(site: LiveSite) -> None:
    """All that follows is so after a reboot. By hand: molecule side-effect."""
    booted = int(site.shell("grep btime /proc/stat").split()[1])
    assert booted > int(site.shell(f"stat -c %Y {UNIT}"))
    assert site.shell("systemctl list-units --failed --plain --no-legend") == ""


def test_it_is_zed_from_packages(site: LiveSite) -> None:
    assert "(zed, package)" in site.shell("systemctl show --property Description glance-api")
    master = site.main_pid()
    code = "grep -oE '/opt/glance/|/usr/lib/python3/dist-packages'"
    assert site.shell(f"cat /proc/$(pgrep --parent {master} | head -n 1)/maps | {code} | sort -u").split() == [
        "/usr/lib/python3/dist-packages"
    ]


def test_what_volumes_need_came_back_with_the_host(site: LiveSite) -> None:
    for service in ("iscsid", "multipathd"):
        states = site.shell(f"systemctl is-active {service}; systemctl is-enabled {service}").split()
        assert states == ["active", "enabled"], service
    wants = site.shell("systemctl show --value --property Wants glance-api").split()
    assert {"iscsid.service", "multipathd.service"} <= set(wants)
    assert site.shell("stat -c '%F %U' /etc/multipath").strip() == "directory root"


def test_root_rights_are_the_packages_rootwraps(site: LiveSite) -> None:
    rights = site.shell("sudo --list --other-user=glance").splitlines()
    rules = {line.split("NOPASSWD: ")[1] for line in rights if "NOPASSWD" in line}
    assert rules == {"/usr/bin/glance-rootwrap /etc/glance/rootwrap.conf *"}
    tried = "sudo -u glance sudo -n /usr/bin/glance-rootwrap /etc/glance/rootwrap.conf cat /etc/shadow"
    assert site.shell(f"{tried} 2>&1; echo $?").split()[-1] == "99"


def test_the_seed_is_a_volume_and_is_read_over_both_paths(
    site: LiveSite, cloud: Connection, images: ImageApi, volumes: Connection
) -> None:
    seed_is_in_its_volume(site, cloud, images, volumes)
    wait_for_detach(site)
    assert maps(site) == ""


def test_an_upload_goes_over_both_paths_and_back(site: LiveSite, images: ImageApi, volumes: Connection) -> None:
    # More than lies in the buffers on the way: before the last block, Glance is writing to the volume.
    stream = Stream(16 * MIB, MIB)
    image = images.create("over two paths")
    try:
        assert images.upload(image, stream, before_end=lambda: in_use(site))[0] == 204
        assert left(site) == [] and maps(site) == ""
        volume = volume_of(volumes, image)
        assert (volume["volume_type"], volume["status"], volume["attachments"]) == ("lvm-iscsi", "available", [])
        assert images.download_sha512(image) == stream.sha512()
        wait_for_detach(site)
        assert maps(site) == ""
    finally:
        images.delete(image)
    until(lambda: volume["id"] not in site.shell("lvs --noheadings --options lv_name iscsi"), "the volume goes")


def test_no_transfer_since_the_deployment_had_one_path_only(site: LiveSite) -> None:
    """Not even the first one, before anything had made the directory in which multipath notes its volumes."""
    said = site.shell("journalctl --quiet --output cat --unit glance-api")
    assert "(zed, package)" in said, "the journal does not reach back"
    assert "No dm was created" not in said


def test_the_login_is_nobody_elses(site: LiveSite) -> None:
    secret = site.secrets["cinder_images_password"]
    said = site.shell("journalctl --quiet --output cat; cat /var/log/glance/*.log 2>/dev/null || true")
    assert leaks.leaked(said, {"cinder_images_password": secret}) == []
