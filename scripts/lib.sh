# shellcheck shell=bash
# What the scripts of this checkout share. To be sourced; by itself it changes nothing but the umask and the environment.
# $log is the caller's.
# shellcheck disable=SC2154

# An ordinary umask whatever the caller's is: what is bootstrapped with a narrow one does not boot. Secrets get their own.
umask 022
# What Python compiles it may keep, whatever the caller's shell says: else every start of Ansible compiles all of it again,
# which is a sixth of a run that has nothing to do.
unset PYTHONDONTWRITEBYTECODE
# Where a user who is not root finds what root's tools are called.
PATH=$PATH:/usr/sbin:/sbin

# For the scripts that source this.
# shellcheck disable=SC2034
checkout=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034
cache=${XDG_CACHE_HOME:-$HOME/.cache}/openimage-glance

say() { printf '%s\n' "$*"; }

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# Debian's own python3 before another one in the PATH: it is always there and never goes away under a virtual environment.
find_python() {
    local candidate
    for candidate in /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    die "no Python 3.11 or later found (Debian 12 and later have one: apt-get install python3)"
}

# The container engine: an installed podman, else a docker that answers, else nothing.
find_engine() {
    if [[ -n ${LAB_ENGINE-} ]]; then
        say "$LAB_ENGINE"
    elif have podman; then
        say podman
    elif have docker && as_root docker info >/dev/null 2>&1; then
        say docker
    fi
}

# True on a machine whose cgroups are not the unified hierarchy only: crun refuses it, systemd 257 asks to be forced.
legacy_cgroups() { [[ $(stat -f -c %T /sys/fs/cgroup) != cgroup2fs ]]; }

content_hash() { sha256sum | cut -c -16; }

duration() {
    if (($1 < 100)); then say "$1 s"; else printf '%d min %02d s\n' $(($1 / 60)) $(($1 % 60)); fi
}

# Hosts in containers are reached directly, whatever proxy this machine has for the rest of the world.
bypass_proxy() { # ADDRESS
    local known=${no_proxy:-${NO_PROXY-}}
    export no_proxy="${known:+$known,}$1"
    export NO_PROXY=$no_proxy
}

# step LABEL COMMAND…: run the command with its output in the file $log. A person sees the label and the seconds meanwhile,
# and the end of the output when it fails.
step() {
    local label=$1 started=$SECONDS before ticker status=0
    shift
    printf '\n== %s: %s\n' "$label" "$*" >>"$log"
    before=$(wc -c <"$log")
    tick "$label" &
    ticker=$!
    "$@" >>"$log" 2>&1 || status=$?
    kill "$ticker" && wait "$ticker" 2>/dev/null || true
    [[ ! -t 1 ]] || printf '\r\033[K'
    if ((status == 0)); then
        printf '  ok       %-60s %s\n' "$label" "$(duration $((SECONDS - started)))"
    else
        printf '  FAILED   %s\n' "$label"
        tail -c "+$((before + 1))" "$log" | tail -n 25 | sed 's/^/    /'
        say "  The whole output is in $log" >&2
        exit "$status"
    fi
}

# Beside a running step: the seconds, each on a terminal and every tenth elsewhere. It ends with the script that started it.
tick() {
    local label=$1 started=$SECONDS
    while sleep 1 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
        if [[ -t 1 ]]; then
            printf '\r\033[K  ...      %-60s %s' "$label" "$(duration $((SECONDS - started)))"
        elif (((SECONDS - started) % 10 == 0)); then
            printf '  ...      %-60s %s\n' "$label" "$(duration $((SECONDS - started)))"
        fi
    done
}
