"""The NFS server in a guest, which the guest itself mounts from: one kernel is enough for all faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from guest import Guest

ADDRESS = "192.0.2.1"
UID = 64062
"""Of the service user, who need not have a name on a server."""


class NfsServer:
    """Exports directories of the guest."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest

    def prepare(self) -> None:
        """Run it. Without the grace periods, in which a restarted server keeps its clients waiting for their locks."""
        self.guest.shell(
            f"""
            ip address replace {ADDRESS}/32 dev lo
            getent group glance || groupadd --system --gid {UID} glance
            id glance || useradd --system --uid {UID} --gid glance --no-create-home --shell /usr/sbin/nologin glance
            install -d -o glance -g glance -m 0750 /var/lib/glance
            modprobe -a nfsd lockd
            # A host that mounts from itself: the server is there before the mounts, and goes after them.
            mkdir -p /etc/systemd/system/nfs-server.service.d
            printf '[Unit]\nWants=remote-fs-pre.target\nBefore=remote-fs-pre.target\n' \
                >/etc/systemd/system/nfs-server.service.d/loopback.conf
            # Most of what a daemon-reload takes, which each test does several times.
            mkdir -p /etc/systemd/system-generators
            for generator in /lib/systemd/system-generators/*; do
                case ${{generator##*/}} in
                systemd-fstab-generator | *nfs* | rpc*) ;;
                *) ln -sf /dev/null "/etc/systemd/system-generators/${{generator##*/}}" ;;
                esac
            done
            printf '[nfsd]\nlease-time=10\ngrace-time=10\n' >/etc/nfs.conf.d/short-grace.conf
            sysctl -q fs.nfs.nlm_timeout=3 fs.nfs.nlm_grace_period=1
            systemctl daemon-reload
            systemctl start rpcbind rpc-statd
            touch /etc/exports
            systemctl restart nfs-server
            # A server that was just started lets nobody lock until its clients of before could have come back.
            until grep -q Y /proc/fs/nfsd/v4_end_grace; do sleep 1; done
            """
        )

    @contextmanager
    def export(
        self, path: str, options: str = "rw,no_root_squash", owner: str = "glance:glance", mode: str = "0750"
    ) -> Iterator[str]:
        """Export a new directory for the length of the block."""
        self.guest.shell(
            f"mkdir -p {path}; chown {owner} {path}; chmod {mode} {path};"
            f" exportfs -o {options},no_subtree_check,insecure '*:{path}'"
        )
        try:
            yield path
        finally:
            # The server closes its files a moment after it was told, and a filesystem with an open file is busy until
            # then. One that stayed would be what the next test exports: --lazy takes it away from the path at once.
            self.guest.shell(
                f"""
                exportfs -u '*:{path}' || true
                exportfs -f || true
                if mountpoint -q {path}; then umount --lazy {path}; fi
                rm -rf {path}
                """
            )

    @contextmanager
    def only_version_3(self) -> Iterator[None]:
        """Serve no NFS 4."""
        self.guest.shell("rpc.nfsd 0; rpc.nfsd --no-nfs-version 4 --nfs-version 3 4")
        try:
            yield
        finally:
            self.guest.shell("rpc.nfsd 0; rpc.nfsd --nfs-version 3 --nfs-version 4 4")
