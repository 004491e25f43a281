"""Images in volumes of Cinder: the volume of an image, and what a transfer leaves on the host that made it."""

from __future__ import annotations

from typing import Any

from live_site import LiveSite
from openstack.connection import Connection
from streams import ImageApi
from waits import until


def owner(site: LiveSite) -> Connection:
    """Return the connection of the user whose volumes the images are."""
    return site.connect(
        username=site.variables["cinder_images_user"],
        password=site.secrets["cinder_images_password"],
        project_name=site.variables["cinder_images_project"],
    )


def volume_of(volumes: Connection, image: str) -> dict[str, Any]:
    """Return the volume that an image is stored in."""
    answer = volumes.session.get("/volumes/detail", endpoint_filter={"service_type": "block-storage"})
    (found,) = [volume for volume in answer.json()["volumes"] if volume["metadata"].get("glance_image_id") == image]
    return dict(found)


def left(site: LiveSite) -> list[str]:
    """Return what a transfer must not leave behind."""
    return site.shell(
        "ls -d /sys/class/iscsi_session/session* /sys/class/nvme-fabrics/ctl/nvme* /sys/class/scsi_device/*"
        " /dev/sd? /dev/nvme?n? /etc/iscsi/nodes/* 2>/dev/null; find /var/lib/glance/mnt -mindepth 1 2>/dev/null; true"
    ).split()


def wait_for_detach(site: LiveSite) -> None:
    """Wait until nothing of a download is left. Its reader has all bytes before Glance detaches the volume."""
    until(lambda: not left(site), "the volume is detached", lambda: left(site), pause=1)


def digest_in(site: LiveSite, volume: dict[str, Any], size: int) -> str:
    """Return the SHA-512 of the first bytes of a volume itself, for which nothing of Glance is asked."""
    device = f"/dev/iscsi/volume-{volume['id']}"
    site.shell(f"lvchange --activate y --ignoreactivationskip {device}")
    return site.shell(f"head --bytes={size} {device} | sha512sum").split()[0]


def seed_is_in_its_volume(site: LiveSite, cloud: Connection, images: ImageApi, volumes: Connection) -> None:
    """See that the seeded image is a volume of its store's type, and that Glance reads from it what it holds."""
    seed = cloud.image.find_image("seed")
    assert images.show(seed.id)["stores"] == "iscsi-0"
    volume = volume_of(volumes, seed.id)
    assert (volume["volume_type"], volume["status"], volume["attachments"]) == ("lvm-iscsi", "available", [])
    digest = digest_in(site, volume, seed.size)
    assert (seed.hash_algo, seed.hash_value) == ("sha512", digest)
    assert images.download_sha512(seed.id) == digest
