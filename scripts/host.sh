#!/usr/bin/env bash
# What this machine needs to run the lab, from its own apt sources; with "tests", also what tests/ needs.
#   host.sh [tests]            install what is missing; asks nothing
#   host.sh --missing [tests]  print the packages that it would install
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname -- "$0")/lib.sh"

missing() { # [tests]
    local python engine
    # The server's program alone, without a service.
    [[ ${1-} != tests ]] || have mariadbd || [[ -x /usr/sbin/mariadbd ]] || say mariadb-server-core
    python=$(find_python)
    "$python" -c 'import ensurepip' 2>/dev/null || say python3-venv
    have ssh || say openssh-client
    have qemu-img || say qemu-utils
    have mke2fs || say e2fsprogs
    have mmdebstrap || say mmdebstrap
    [[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || say debian-archive-keyring
    [[ -e /etc/ssl/certs/ca-certificates.crt ]] || say ca-certificates

    engine=$(find_engine)
    [[ $engine == docker ]] && return
    if [[ $engine != podman || ! (-e /usr/lib/podman/netavark || -d /usr/lib/cni) ]]; then
        printf '%s\n' podman netavark aardvark-dns iptables nftables
    fi
    ! legacy_cgroups || have runc || say runc
}

install_packages() {
    have apt-get || die "this machine has no apt-get; install by hand: $*"
    export DEBIAN_FRONTEND=noninteractive
    # An interrupted earlier run may have left packages half installed.
    as_root dpkg --configure -a
    as_root apt-get -o DPkg::Lock::Timeout=600 update
    as_root apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@"
}

mapfile -t packages < <(missing "${@: -1}")
case ${1-} in
--missing) say "${packages[*]}" ;;
'' | tests)
    ((${#packages[@]} == 0)) || install_packages "${packages[@]}"
    # Debian's default; minimal installs may lack it, and podman does not import an image without.
    if have podman && [[ ! -e /etc/containers/policy.json ]]; then
        as_root mkdir -p /etc/containers
        say '{"default": [{"type": "insecureAcceptAnything"}]}' | as_root tee /etc/containers/policy.json
    fi
    ;;
*) die "unknown argument: $1" ;;
esac
