#!/usr/bin/env bash
# Make a certificate authority of this host's own and, signed by it, the certificate of its object gateway.
# Usage: certificate.sh ADDRESS. Does what is missing; says what it does.
set -euo pipefail
address=$1
made=/etc/ceph/tls

[[ ! -e $made/gateway.pem ]] || exit 0
printf 'create the certificate\n'
umask 077
rm -rf "$made.new"
mkdir -p "$made.new"
cd "$made.new"
key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
openssl req -x509 "${key[@]}" -keyout ca.key -out ca.pem -days 30 -subj "/CN=Storage of the lab" \
    -addext keyUsage=critical,keyCertSign
openssl req -x509 "${key[@]}" -keyout gateway.key -out gateway.crt -days 30 -subj "/CN=$(hostname -s)" \
    -CA ca.pem -CAkey ca.key -addext "subjectAltName=IP:$address" -addext basicConstraints=critical,CA:FALSE
cat gateway.key gateway.crt >gateway.pem
chmod 755 .
chmod 644 ca.pem
chown ceph: gateway.pem
mv "$made.new" "$made"
