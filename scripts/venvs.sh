#!/usr/bin/env bash
# venvs.sh NAME…: make the virtual environment that requirements/NAME.txt locks, and print its directory.
#   control          what runs the playbooks, with the newest ansible-core that this machine's Python allows, no pre-release
#   control-VERSION  the same with this ansible-core
#   test             the tools of test.sh
# Of several names the environment holds what each of them locks: venvs.sh control-2.21 unit
# It is cached by what it is made from; a half-made one is never taken for complete.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname -- "$0")/lib.sh"

requirements=$checkout/requirements
python=$(find_python)
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# The oldest Python that a lock file is for, from the command in its head.
oldest_python() { # LOCK
    sed -nE '1,3 s/^# .* --python-version ([0-9.]+).*/\1/p' "$1"
}

allowed() { # LOCK
    printf '%s\n' "$(oldest_python "$1")" "$version" | sort --version-sort --check=quiet
}

# The name of the lock file with the newest ansible-core that this Python can run and that is not a pre-release.
newest_control() {
    local lock
    for lock in "$requirements"/control-*.txt; do
        ! allowed "$lock" || sed -nE "s/^ansible-core==([0-9.]+) .*/\1 ${lock##*/}/p" "$lock"
    done | sort --version-sort | tail -n 1 | sed -E 's/.* (.*)\.txt/\1/'
}

(($#)) || die "usage: venvs.sh control|control-VERSION|test [NAME…]"
locks=()
for name in "$@"; do
    [[ $name != control ]] || name=$(newest_control)
    lock=$requirements/$name.txt
    [[ -n $name && -e $lock ]] || die "there is no lock file $lock"
    allowed "$lock" || die "$name needs Python $(oldest_python "$lock") or later; $python is $version"
    locks+=("$lock")
done
name=$(IFS=+ && say "${locks[*]##*/}" | sed 's/\.txt//g')
venvs=$cache/venvs
mkdir -p "$venvs"

# Certificate authorities and package index of this machine count, not those that pip and uv bring along.
authorities=/etc/ssl/certs/ca-certificates.crt
if [[ -e $authorities ]]; then
    export SSL_CERT_FILE=${SSL_CERT_FILE:-$authorities} PIP_CERT=${PIP_CERT:-$authorities}
fi
export PIP_DISABLE_PIP_VERSION_CHECK=1 UV_PYTHON_DOWNLOADS=never

# make DIRECTORY FUNCTION: under a lock, unless it is complete already.
make() (
    exec {guard}>"$1.lock"
    flock "$guard"
    [[ -e $1/complete ]] && return
    rm -rf "$1"
    "$2" "$1" >&2
    touch "$1/complete"
)

# uv itself comes from the same lock, hashes checked, by the pip of an environment of its own.
make_uv() {
    "$python" -m venv "$1"
    awk '/^uv==/ {found = 1} found {print} found && !/\\$/ {exit}' "${locks[@]}" >"$1/uv.txt"
    "$1/bin/pip" install --quiet --require-hashes --no-deps -r "$1/uv.txt"
}

make_venv() {
    local index
    index=${PIP_INDEX_URL:-$("$uv/bin/pip" config get global.index-url 2>/dev/null || true)}
    [[ -z $index ]] || export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}
    "$uv/bin/uv" venv --quiet --python "$python" "$1"
    "$uv/bin/uv" pip sync --quiet --require-hashes --python "$1/bin/python" "${locks[@]}"
}

uv=$venvs/uv-$({ say "$python $version"; sed -n '/^uv==/p' "${locks[@]}"; } | content_hash)
venv=$venvs/$name-$({ say "$python $version"; cat "${locks[@]}"; } | content_hash)
if [[ ! -e $venv/complete ]]; then
    make "$uv" make_uv
    make "$venv" make_venv
fi
say "$venv"
