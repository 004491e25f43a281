"""Images in volumes: what Cinder has, what a transfer leaves on the host, and that bytes come back as they went."""

from __future__ import annotations

import hashlib
import json

import pytest
from live_site import LiveSite
from openstack.connection import Connection
from streams import MIB, ImageApi, Stream
from volumes import left, seed_is_in_its_volume, volume_of, wait_for_detach
from waits import until

testinfra_hosts = ["ansible://glance-cinder"]

# Store, its volume type, and the volume group that Cinder makes its volumes in.
STORES = [("iscsi-0", "lvm-iscsi", "iscsi"), ("nvme-0", "lvm-nvme", "nvme")]


def test_the_seed_is_a_volume_of_the_stores_type(
    site: LiveSite, cloud: Connection, images: ImageApi, volumes: Connection
) -> None:
    seed_is_in_its_volume(site, cloud, images, volumes)
    wait_for_detach(site)


@pytest.mark.parametrize(("store", "kind", "group"), STORES)
def test_an_upload_goes_into_a_volume_and_back(
    site: LiveSite, images: ImageApi, volumes: Connection, store: str, kind: str, group: str
) -> None:
    stream = Stream(16 * MIB, MIB)
    image = images.create(f"in {store}")
    try:
        assert images.upload(image, stream, store=store)[0] == 204
        assert left(site) == []
        volume = volume_of(volumes, image)
        assert (volume["volume_type"], volume["status"], volume["attachments"]) == (kind, "available", [])
        assert images.download_sha512(image) == stream.sha512()
        wait_for_detach(site)
    finally:
        images.delete(image)
    until(lambda: volume["id"] not in site.shell(f"lvs --noheadings --options lv_name {group}"), "the volume goes")


def test_an_image_is_copied_from_one_transport_to_the_other(site: LiveSite, images: ImageApi) -> None:
    stream = Stream(4 * MIB, MIB)
    image = images.create("copied")
    try:
        assert images.upload(image, stream, store="iscsi-0")[0] == 204
        wanted = json.dumps({"method": {"name": "copy-image"}, "stores": ["nvme-0"]})
        status, body = images.request(
            "POST", f"/v2/images/{image}/import", wanted, {"Content-Type": "application/json"}
        )
        assert status == 202, body
        # The list of stores is complete before Glance writes it for the last time. Until the import lets go of the
        # image, that writing brings a location back which was removed meanwhile.
        until(lambda: not images.show(image).get("os_glance_import_task"), "the import ends", pause=2)
        record = images.show(image)
        assert not record.get("os_glance_failed_import"), record
        assert sorted(str(record["stores"]).split(",")) == ["iscsi-0", "nvme-0"], record
        wait_for_detach(site)
        status, body = images.request("DELETE", f"/v2/stores/iscsi-0/{image}")
        assert status == 204, body
        assert images.show(image)["stores"] == "nvme-0"
        assert images.download_sha512(image) == stream.sha512()
        wait_for_detach(site)
    finally:
        images.delete(image)


def test_the_host_has_names_of_its_own(site: LiveSite) -> None:
    machine = site.shell("cat /etc/machine-id").strip()
    name = hashlib.sha256(f"iscsi {machine}".encode()).hexdigest()[:12]
    assert site.shell("cat /etc/iscsi/initiatorname.iscsi") == f"InitiatorName=iqn.1993-08.org.debian:01:{name}\n"
    nqn, host_id = site.shell("cat /etc/nvme/hostnqn /etc/nvme/hostid").split()
    assert nqn == f"nqn.2014-08.org.nvmexpress:uuid:{host_id}"
    assert site.shell("stat -c %a%U /etc/iscsi/initiatorname.iscsi /etc/nvme/hostnqn").split() == ["600root", "644root"]
    # The image's own are those of every other host that starts from it.
    assert site.shell("stat -c %Y /etc/machine-id") <= site.shell("stat -c %Y /etc/nvme/hostnqn")


def test_what_volumes_need_runs_and_comes_back_with_the_host(site: LiveSite) -> None:
    assert site.shell("systemctl is-active iscsid; systemctl is-enabled iscsid").split() == ["active", "enabled"]
    loaded = {line.split()[0] for line in site.shell("lsmod").splitlines()}
    assert {"iscsi_tcp", "nvme_fabrics", "nvme_tcp"} <= loaded
    wants = site.shell("systemctl show --value --property Wants glance-api").split()
    assert {"iscsid.service", "modprobe@nvme_fabrics.service", "modprobe@nvme_tcp.service"} <= set(wants)


def test_root_rights_are_only_rootwraps(site: LiveSite) -> None:
    files = "/etc/glance/rootwrap.conf /etc/glance/rootwrap.d/openimage_glance.filters /etc/sudoers.d/openimage_glance"
    modes = site.shell(f"stat -c '%a %U %G' {files}").splitlines()
    assert modes == ["644 root root", "644 root root", "440 root root"]
    assert site.shell("visudo --check --quiet; stat -c '%a %U' /etc/glance/rootwrap.d").split() == ["755", "root"]
    rights = site.shell("sudo --list --other-user=glance").splitlines()
    rules = {line.split("NOPASSWD: ")[1] for line in rights if "NOPASSWD" in line}
    # The first one is of Debian's package, which the guest's image has.
    ours = "/opt/glance/2026.2/bin/glance-rootwrap /etc/glance/rootwrap.conf *"
    assert ours in rules and rules <= {"/usr/bin/glance-rootwrap /etc/glance/rootwrap.conf *", ours}
    # rootwrap itself refuses what its filters do not name.
    tried = "sudo -u glance sudo -n /opt/glance/2026.2/bin/glance-rootwrap /etc/glance/rootwrap.conf cat /etc/shadow"
    assert site.shell(f"{tried} 2>&1; echo $?").split()[-1] == "99"


def test_the_login_is_nobody_elses(site: LiveSite) -> None:
    password = site.secrets["cinder_images_password"]
    assert site.shell("stat -c '%a %U %G' /etc/glance/glance-api.conf").strip() == "640 root glance"
    assert password not in site.shell("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'")
    found = site.shell(
        "grep --recursive --files-with-matches --fixed-strings --file=- /etc /run 2>/dev/null || true", password
    )
    assert set(found.split()) <= {"/etc/glance/glance-api.conf"}


def test_no_unit_has_failed(site: LiveSite) -> None:
    assert site.shell("systemctl list-units --failed --plain --no-legend") == ""
