#!/usr/bin/env bash
# venvs.sh control|test: make the virtual environment that requirements/NAME.txt locks, and print its directory.
# It is cached by what it is made from; a half-made one is never taken for complete.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname -- "$0")/lib.sh"

name=${1-}
lock=$checkout/requirements/$name.txt
[[ -n $name && -e $lock ]] || die "usage: venvs.sh control|test"
python=$(find_python)
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
    awk '/^uv==/ {found = 1} found {print} found && !/\\$/ {exit}' "$lock" >"$1/uv.txt"
    "$1/bin/pip" install --quiet --require-hashes --no-deps -r "$1/uv.txt"
}

make_venv() {
    local index
    index=${PIP_INDEX_URL:-$("$uv/bin/pip" config get global.index-url 2>/dev/null || true)}
    [[ -z $index ]] || export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}
    "$uv/bin/uv" venv --quiet --python "$python" "$1"
    "$uv/bin/uv" pip sync --quiet --require-hashes --python "$1/bin/python" "$lock"
}

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
uv=$venvs/uv-$({ say "$python $version"; sed -n '/^uv==/p' "$lock"; } | content_hash)
venv=$venvs/$name-$({ say "$python $version"; cat "$lock"; } | content_hash)
if [[ ! -e $venv/complete ]]; then
    make "$uv" make_uv
    make "$venv" make_venv
fi
say "$venv"
