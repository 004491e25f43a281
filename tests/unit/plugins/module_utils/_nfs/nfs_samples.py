# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of NFS share."""

from __future__ import annotations

from typing import Any

from ansible_collections.openimage.glance.plugins.module_utils._nfs import options
from ansible_collections.openimage.glance.plugins.module_utils._nfs.model import Wish
from ansible_collections.openimage.glance.plugins.module_utils._nfs.mountinfo import Mount

V4 = (
    "139 16 0:37 / /var/lib/glance/nfs-0 rw,relatime shared:104 - nfs4 192.0.2.1:/srv/a rw,vers=4.2,rsize=131072,"
    "wsize=131072,namlen=255,hard,proto=tcp,timeo=600,retrans=2,sec=sys,clientaddr=192.0.2.1,local_lock=none,addr=192.0.2.1"
)
V3 = (
    "136 16 0:35 / /mnt/x ro,nosuid,noatime shared:104 - nfs 192.0.2.1:/srv/a ro,vers=3,rsize=8192,wsize=131072,"
    "namlen=255,soft,nolock,proto=tcp,nconnect=4,timeo=600,retrans=2,sec=sys,mountaddr=192.0.2.1,mountvers=3,mountport=59192,"
    "mountproto=udp,local_lock=all,addr=192.0.2.1"
)
SHOWN = ("rw", "relatime", "vers=4.2", "rsize=131072", "hard", "proto=tcp", "timeo=600", "sec=sys", "addr=192.0.2.1")


def wish(*written: str, **changes: Any) -> Wish:
    """Return what is asked for, with mount options as the operator writes them."""
    defaults: dict[str, Any] = {
        "path": "/var/lib/glance/nfs-0",
        "server": "192.0.2.1",
        "export": "/srv/a",
        "version": "4.2",
        "options": options.read(written),
        "state": "mounted",
        "owner": "glance",
        "group": "glance",
        "mode": 0o750,
        "probe": True,
        "force": False,
    }
    return Wish(**{**defaults, **changes})


def mount(*shown: str, **changes: Any) -> Mount:
    """Return a mount of the export that the wish names."""
    defaults: dict[str, Any] = {
        "path": "/var/lib/glance/nfs-0",
        "fstype": "nfs4",
        "source": "192.0.2.1:/srv/a",
        "device": "0:37",
        "options": shown or SHOWN,
    }
    return Mount(**{**defaults, **changes})
