# Copyright: (c) 2026, The openimage.glance contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Store type ``rbd``: images as block devices in a pool of a Ceph cluster.

PRIVATE to the collection: can change at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ansible_collections.openimage.glance.plugins.module_utils._site.releases import knows
from ansible_collections.openimage.glance.plugins.module_utils._stores.ceph import (
    CephConf,
    Keyring,
    ceph_user,
    render_keyring,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.ceph import ceph_conf as read_ceph_conf
from ansible_collections.openimage.glance.plugins.module_utils._stores.ceph import keyring as read_keyring
from ansible_collections.openimage.glance.plugins.module_utils._stores.ceph import pool as read_pool
from ansible_collections.openimage.glance.plugins.module_utils._stores.model import (
    COMMON_KEYS,
    Claim,
    Context,
    Directory,
    HostFile,
    Key,
    Needs,
    Store,
)
from ansible_collections.openimage.glance.plugins.module_utils._stores.values import Problem, below, flag, whole

DEFAULT_POOL = "images"
DEFAULT_CHUNK_SIZE = 8
MEBI = 1 << 20
_TIMEOUTS = ("rados_osd_op_timeout", "rados_mon_op_timeout", "client_mount_timeout")
HOST_CONF = "/etc/ceph/ceph.conf"


@dataclass(frozen=True)
class RbdStore(Store):
    """A pool of a Ceph cluster."""

    TYPE: ClassVar[str] = "rbd"
    KEYS: ClassVar[tuple[Key, ...]] = (
        *COMMON_KEYS,
        Key("pool", "rbd_store_pool", read_pool, own=True),
        Key("user", "rbd_store_user", ceph_user, required=True, example="glance", own=True),
        Key(
            "ceph_conf", "rbd_store_ceph_conf", read_ceph_conf, not_in_options="write ceph_conf one level up", own=True
        ),
        Key("keyring", "", read_keyring),
        Key("chunk_size", "rbd_store_chunk_size", whole(1)),
        Key("thin_provisioning", "rbd_thin_provisioning", flag),
        Key("connect_timeout", "rados_connect_timeout", whole(-1)),
    )

    pool: str = DEFAULT_POOL
    user: str = ""
    ceph_conf: CephConf | None = None
    keyring: Keyring = field(default_factory=lambda: Keyring({}))
    chunk_size: int | None = None
    thin_provisioning: bool | None = None
    connect_timeout: int | None = None

    @property
    def conf_path(self) -> str:
        return HOST_CONF if self.ceph_conf is None else f"/etc/ceph/{self.id}.conf"

    @property
    def keyring_path(self) -> str:
        """Return where the keyring is written, "" if the host has its own."""
        if not self.keyring.keys:
            return ""
        # Beside the host's own ceph.conf, the name under which Ceph looks for it.
        cluster = "ceph" if self.ceph_conf is None else self.id
        return f"/etc/ceph/{cluster}.client.{self.user}.keyring"

    @classmethod
    def contradictions(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        found, user, conf = values.get("keyring"), values.get("user"), values.get("ceph_conf")
        problems = []
        if found and user and not found.key(user):
            wrong = f"has no key of client.{user}, only of {', '.join(sorted(found.keys))}"
            problems.append(Problem(below(context.path, "keyring"), wrong, "write the keyring of this user"))
        if found and user and conf and conf.keyring(user):
            wrong = "has a keyring or key for this user already, and keyring gives another"
            problems.append(Problem(below(context.path, "ceph_conf"), wrong, "remove one of the two"))
        return problems

    @classmethod
    def doubts(cls, values: Mapping[str, Any], context: Context) -> list[Problem]:
        conf, timeout = values.get("ceph_conf"), values.get("connect_timeout")
        problems = []
        if conf and not conf.names_monitors:
            wrong = "names no monitors, so they are looked for in DNS"
            problems.append(Problem(below(context.path, "ceph_conf"), wrong, "write mon_host if that is not meant"))
        if timeout == 0:
            wrong = "0 waits for ever, and Glance hangs at its start while the cluster is away"
            problems.append(Problem(below(context.path, "connect_timeout"), wrong, "write seconds, like 5"))
        return problems

    @classmethod
    def claims(cls, values: Mapping[str, Any]) -> dict[tuple[str, ...], Claim]:
        conf, name = values.get("ceph_conf"), values.get("pool", DEFAULT_POOL)
        if conf is None:
            return {("rbd", HOST_CONF, name): Claim(f"pool {name} of the cluster of {HOST_CONF}")}
        clusters = [conf.fsid] if conf.fsid else []
        clusters.extend(conf.monitors)
        what = f"cluster {conf.fsid}" if conf.fsid else f"the cluster at {', '.join(sorted(conf.monitors))}"
        return {("rbd", cluster, name): Claim(f"pool {name} of {what}") for cluster in clusters}

    def section(self) -> dict[str, Any]:
        return {**super().section(), "rbd_store_ceph_conf": self.conf_path}

    def directories(self) -> list[Directory]:
        return [Directory("/etc/ceph", owner="root", group="root", mode="0755")] if self.files("") else []

    def files(self, release: str) -> list[HostFile]:
        files = []
        if self.ceph_conf is not None:
            more = {"keyring": self.keyring_path} if self.keyring_path else {}
            if self.connect_timeout and self.connect_timeout > 0 and release == "zed":
                # Its driver hands the timeout to a function that ignores it, where later ones set these options.
                more.update(dict.fromkeys(_TIMEOUTS, str(self.connect_timeout)))
            files.append(HostFile(self.conf_path, self.ceph_conf.render(self.user, more)))
        if self.keyring_path:
            files.append(HostFile(self.keyring_path, render_keyring(self.user, self.keyring.key(self.user))))
        return files

    def needs(self) -> Needs:
        libraries = ("rados", "rbd")
        return Needs(package=libraries, venv=libraries, libraries=libraries)

    def access(self) -> dict[str, Any]:
        return {"pool": self.pool, "user": self.user, "conf": self.conf_path, "keyring": self.keyring_path}

    def secrets(self) -> list[str]:
        conf = self.ceph_conf.sections if self.ceph_conf else {}
        in_conf = [options["key"] for options in conf.values() if options.get("key")]
        return [key for key in (self.keyring.key(self.user), *in_conf) if key]

    def properties(self, release: str) -> dict[str, Any]:
        expected: dict[str, Any] = {
            "pool": self.pool,
            "chunk_size": self.effective("rbd_store_chunk_size", DEFAULT_CHUNK_SIZE) * MEBI,
            "thin_provisioning": self.effective("rbd_thin_provisioning", False),
        }
        # Glance reports the id of the cluster that it reached, since 2025.1.
        if self.ceph_conf and self.ceph_conf.fsid and knows(release, "2025.1"):
            expected["fsid"] = self.ceph_conf.fsid
        return expected
