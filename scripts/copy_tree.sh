#!/usr/bin/env bash
# copy_tree.sh: write a tar archive of the working tree to stdout: the files that git knows or would add, as long as they exist.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname -- "$0")/lib.sh"

cd "$checkout"
git ls-files -z --cached --others --exclude-standard --deduplicate |
    while IFS= read -rd '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
    tar --create --null --files-from -
