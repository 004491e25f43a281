#!/usr/bin/env bash
# seed.sh FILE: make a small disk image to seed, unless it is there.
# A boot sector, a message, and for the rest zeros: a real qcow2, made without a download, always of the same bytes.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname -- "$0")/lib.sh"

seed=${1:?usage: seed.sh FILE}
if [[ ! -e $seed ]]; then
    printf 'openimage.glance seed\n' >"$seed.raw"
    truncate --size 510 "$seed.raw"
    printf '\x55\xaa' >>"$seed.raw"
    truncate --size 16M "$seed.raw"
    qemu-img convert -f raw -O qcow2 "$seed.raw" "$seed.partial"
    rm "$seed.raw"
    mv "$seed.partial" "$seed"
fi
