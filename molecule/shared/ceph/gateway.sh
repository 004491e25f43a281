#!/usr/bin/env bash
# Run the Ceph object gateway of this host, from the section of its /etc/ceph/ceph.conf, and make a user of its S3 API.
# Usage: gateway.sh PORT S3-USER. Does what is missing; says what it does.
set -euo pipefail
port=$1 user=$2
name=rgw.$(hostname -s)
keyring=/var/lib/ceph/radosgw/ceph-$name/keyring

say() { printf '%s\n' "$*"; }

if [[ ! -e $keyring ]]; then
    say "create the gateway"
    install -d -o ceph -g ceph "${keyring%/*}"
    ceph auth get-or-create "client.$name" mon 'allow rw' osd 'allow rwx' mgr 'allow rw' -o "$keyring.new"
    chown ceph: "$keyring.new"
    mv "$keyring.new" "$keyring"
fi
systemctl enable --quiet --now "ceph-radosgw@$name"
# While it runs; the limit ends what hangs.
deadline=$((SECONDS + 600))
until [[ $(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$port/") == 200 ]]; do
    if ((SECONDS > deadline)) || ! systemctl is-active --quiet "ceph-radosgw@$name"; then
        systemctl status --no-pager "ceph-radosgw@$name" >&2 || true
        exit 1
    fi
    sleep 0.2
done
if ! radosgw-admin user info --uid "$user" >/dev/null 2>&1; then
    say "create the user $user"
    radosgw-admin user create --uid "$user" --display-name "$user" >/dev/null
fi
