#!/usr/bin/env bash
# Print a collections path on which openimage.glance is this checkout, whatever its folder is called.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname -- "$0")/lib.sh"

collections=$cache/collections/$(say "$checkout" | content_hash)
link=$collections/ansible_collections/openimage/glance
if [[ ! $link -ef $checkout ]]; then
    mkdir -p "${link%/*}"
    ln -sfn "$checkout" "$link.$$"
    mv -T "$link.$$" "$link"
fi
say "$collections"
