#!/usr/bin/env bash
# Make this host a whole Ceph cluster from its /etc/ceph/ceph.conf: a monitor, a manager and an OSD in memory.
# Usage: cluster.sh POOL USER. Does what is missing, so that an interrupted run can be completed; says what it does.
set -euo pipefail
pool=$1 user=$2
host=$(hostname -s)
data=/var/lib/ceph

say() { printf '%s\n' "$*"; }
as_ceph() { setpriv --reuid ceph --regid ceph --init-groups "$@"; }

# Repeat a command until it works. The limit ends what hangs; a busy machine takes minutes.
until_works() {
    local deadline=$((SECONDS + 600))
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || exec "$@"
        sleep 0.2
    done
}

if [[ ! -e $data/mon/ceph-$host/done ]]; then
    say "create the monitor"
    rm -rf "$data/mon/ceph-$host"
    work=$(as_ceph mktemp -d)
    trap 'rm -rf "$work"' EXIT
    address=$(ceph-conf --lookup mon_host)
    ceph-authtool --create-keyring "$work/keyring" --gen-key --name mon. --cap mon 'allow *'
    ceph-authtool --create-keyring /etc/ceph/ceph.client.admin.keyring --gen-key --name client.admin \
        --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
    ceph-authtool "$work/keyring" --import-keyring /etc/ceph/ceph.client.admin.keyring
    chown ceph: "$work/keyring"
    as_ceph monmaptool --create --fsid "$(ceph-conf --lookup fsid)" --add "$host" "$address" --enable-all-features "$work/map"
    as_ceph ceph-mon --mkfs --id "$host" --monmap "$work/map" --keyring "$work/keyring"
    as_ceph touch "$data/mon/ceph-$host/done"
fi
systemctl enable --quiet --now "ceph-mon@$host"
until_works ceph --connect-timeout 3 mon stat

if [[ ! -e $data/mgr/ceph-$host/keyring ]]; then
    say "create the manager"
    as_ceph mkdir -p "$data/mgr/ceph-$host"
    ceph auth get-or-create "mgr.$host" mon 'allow profile mgr' osd 'allow *' mds 'allow *' |
        as_ceph sh -c "umask 077 && cat >$data/mgr/ceph-$host/keyring"
fi
systemctl enable --quiet --now "ceph-mgr@$host"

if [[ ! -e $data/osd/ceph-0/ready ]]; then
    say "create the OSD"
    rm -rf "$data/osd/ceph-0"
    as_ceph mkdir -p "$data/osd/ceph-0"
    ceph osd crush add-bucket "$host" host root=default 2>/dev/null
    uuid=$(cat /proc/sys/kernel/random/uuid)
    ceph osd new "$uuid" 0 >/dev/null
    ceph auth get-or-create osd.0 mon 'allow profile osd' mgr 'allow profile osd' osd 'allow *' |
        as_ceph sh -c "umask 077 && cat >$data/osd/ceph-0/keyring"
    as_ceph ceph-osd --id 0 --mkfs --osd-uuid "$uuid"
fi
systemctl enable --quiet --now ceph-osd@0

if ! ceph osd pool ls | grep -qx "$pool"; then
    say "create the pool $pool"
    ceph osd pool create "$pool" 8 >/dev/null 2>&1
    ceph osd pool application enable "$pool" rbd >/dev/null 2>&1
fi
if ! ceph auth get "client.$user" >/dev/null 2>&1; then
    say "create the user $user"
    ceph auth add "client.$user" mon 'profile rbd' osd "profile rbd pool=$pool" mgr 'profile rbd' 2>/dev/null
fi
# It answers when its placement groups are active.
timeout 600 rbd --pool "$pool" ls >/dev/null
