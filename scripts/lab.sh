#!/usr/bin/env bash
# Lab hosts: containers that boot systemd and are reached over ssh, like a server.
#   lab.sh image OS                     make the base image, print its name; OS is debian12, debian13, or one of them with
#                                       packages that scripts/lab-packages/ lists, such as debian12-ceph
#   lab.sh up NAME OS [ENGINE ARG…]     make and start a host unless it is there; print its address once ssh answers
#   lab.sh address NAME                 print its address
#   lab.sh os NAME                      print the OS that it was made with; nothing when there is no such host
#   lab.sh inventory NAME…              print an Ansible inventory of these hosts
#   lab.sh down NAME…                   remove these hosts, and their network when it is empty
#   lab.sh purge                        remove the base images
# Environment:
#   LAB_STATE    directory of the ssh key and known_hosts (needed by up and inventory)
#   LAB_NETWORK  the engine's network for these hosts, openimage-glance when not set
#   LAB_ENGINE   podman or docker; found when not set
#   LAB_BOOT     seconds in which a host must boot, 600 when not set; one that ends is not waited for
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname -- "$0")/lib.sh"

engine_name=$(find_engine)
network=${LAB_NETWORK:-openimage-glance}
images=$cache/images
overlay=$checkout/scripts/lab-host
package_lists=$checkout/scripts/lab-packages
image_prefix=localhost/openimage-glance
os_label=org.openimage.glance.os
boot_limit=${LAB_BOOT:-600}

engine() { as_root env PODMAN_IGNORE_CGROUPSV1_WARNING=yes "$engine_name" "$@"; }

# --- the base image

# Where this machine gets Debian's packages from: it may know a nearer mirror than the default.
mirror() { # LABEL DEFAULT
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -v label="$1" -v uri="$2" '$1 == label && $2 ~ /^https?:/ {uri = $2; exit} END {print uri}'
}

# The machine's apt proxies, as options for the hosts' apt.
apt_proxies() {
    apt-config dump 2>/dev/null | grep -iE '^Acquire::[a-z:.]*proxy' || true
    [[ -z ${http_proxy-} ]] || say "Acquire::http::Proxy \"$http_proxy\";"
    [[ -z ${https_proxy-} ]] || say "Acquire::https::Proxy \"$https_proxy\";"
}

# A bare server with ssh. Its text, and the files laid over it, are part of the image's name.
bootstrap() { # SUITE MIRROR SECURITY-MIRROR PROXIES
    local signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]' proxies=()
    [[ -z $4 ]] || mapfile -t proxies <<<"$4"
    # These apt and dpkg options stay on the host: no translations, no waiting for the disk.
    # The package lists are removed, and look as old as they are useless.
    # Masked are the units that would reach for the machine's own kernel. ($1 is the root directory, in hooks.)
    # In a mount namespace of its own: a killed one leaves nothing mounted.
    as_root env TMPDIR="$work" unshare --mount mmdebstrap --quiet --variant=apt \
        --include=systemd,systemd-sysv,dbus,python3,python3-apt,iproute2,ca-certificates,sudo,procps,openssh-server \
        --aptopt='Acquire::Languages "none"' "${proxies[@]/#/--aptopt=}" --dpkgopt=force-unsafe-io \
        --customize-hook='rm "$1"/etc/ssh/ssh_host_*' \
        --skip=cleanup/apt --customize-hook='chroot "$1" apt-get clean && rm -rf "$1"/var/lib/apt/lists/*' \
        --customize-hook='touch --date=@0 "$1"/var/lib/apt/lists' \
        --customize-hook='chroot "$1" systemctl --quiet mask systemd-modules-load systemd-sysctl' \
        --customize-hook="cp -r '$overlay/.' \"\$1\"" \
        --customize-hook='! test -d /usr/local/share/ca-certificates || cp -r /usr/local/share/ca-certificates "$1/usr/local/share"' \
        --customize-hook='chroot "$1" update-ca-certificates' \
        "$1" - "deb $signed $2 $1 main" "deb $signed $2 $1-updates main" "deb $signed $3 $1-security main"
}

remove_images() { # PREFIX [EXCEPT]
    local name
    for name in $(engine images --format '{{.Repository}}:{{.Tag}}'); do
        [[ $name == "$1"* && $name != "${2-}" ]] || continue
        engine image rm "$name" >/dev/null 2>&1 || say "The image $name stays: a container uses it." >&2
    done
}

image() { # OS
    case $1 in
    *-*) image_with_packages "${1%%-*}" "${1#*-}" ;;
    *) base_image "$1" ;;
    esac
}

base_image() ( # OS
    case $1 in
    debian12) suite=bookworm ;;
    debian13) suite=trixie ;;
    *) die "no such OS: $1 (debian12 or debian13, or one of them with packages: debian12-ceph)" ;;
    esac
    inputs=("$suite" "$(mirror Debian http://deb.debian.org/debian)"
        "$(mirror Debian-Security http://deb.debian.org/debian-security)" "$(apt_proxies)")
    hash=$({
        declare -f bootstrap
        say "${inputs[@]}"
        (cd "$overlay" && find . -type f -print0 | sort -z | xargs -0 tail -n +1)
        cat /usr/local/share/ca-certificates/*.crt 2>/dev/null || true
    } | content_hash)
    name=$image_prefix-$1:$hash
    tar=$images/$1-$hash.tar
    work=$images/$1.work

    mkdir -p "$images"
    exec {guard}>"$images/$1.lock"
    flock "$guard"
    if ! engine image inspect "$name" >/dev/null 2>&1; then
        if [[ ! -e $tar ]]; then
            # What a killed run left.
            as_root rm -rf --one-file-system "$work"
            mkdir "$work"
            bootstrap "${inputs[@]}" >"$tar.partial"
            rmdir "$work"
            mv "$tar.partial" "$tar"
        fi
        engine import "$tar" "$name" >&2
        # What an earlier recipe made.
        find "$images" -name "$1-*.tar" ! -samefile "$tar" -delete
        remove_images "$image_prefix-$1:" "$name"
    fi
    say "$name"
)

# What is laid over the base image. No service is started meanwhile: there is no systemd, and other init scripts are forbidden.
layer() { # BASE PACKAGE…
    local base=$1
    shift
    say "FROM $base"
    say "RUN printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d \\"
    say " && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $* \\"
    say " && apt-get clean && rm -rf /usr/sbin/policy-rc.d /var/lib/apt/lists/* && touch --date=@0 /var/lib/apt/lists"
}

image_with_packages() ( # OS LIST
    list=$package_lists/$2
    [[ -f $list ]] || die "no such list of packages: $list"
    base=$(base_image "$1")
    mapfile -t packages < <(grep -v '^#' "$list")
    hash=$(layer "$base" "${packages[@]}" | content_hash)
    name=$image_prefix-$1-$2:$hash

    exec {guard}>"$images/$1-$2.lock"
    flock "$guard"
    if ! engine image inspect "$name" >/dev/null 2>&1; then
        how=(--network host --tag "$name")
        # A container in a container may not be able to run the steps in one more.
        [[ $engine_name == docker ]] || how+=(--isolation chroot)
        layer "$base" "${packages[@]}" | engine build "${how[@]}" - >&2
        remove_images "$image_prefix-$1-$2:" "$name"
    fi
    say "$name"
)

# --- hosts

running() { [[ $(engine container inspect --format '{{.State.Running}}' "$1") == true ]]; }

# Repeat a command until it works, while the host runs: on a busy machine it takes long to boot.
while_running() { # NAME COMMAND…
    local name=$1 deadline=$((SECONDS + boot_limit))
    shift
    until "$@" 2>/dev/null; do
        running "$name" || die "$name has stopped; look into it with: $engine_name logs $name"
        ((SECONDS < deadline)) || return 1
        sleep 0.3
    done
}

exists() { engine container inspect "$1" >/dev/null 2>&1; }

os() { ! exists "$1" || engine container inspect --format "{{index .Config.Labels \"$os_label\"}}" "$1"; }

address() {
    engine container inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$1"
}

# What podman must be told on machines less capable than it assumes.
podman_limits() { # NAME
    # Its own limits are above what a machine without CAP_SYS_RESOURCE (bit 24) may set; these are far below.
    if ! as_root awk '/^CapEff:/ {exit substr($2, 10, 1) !~ /[13579bdf]/}' /proc/self/status; then
        options+=(--ulimit nofile=16384:16384 --ulimit nproc=16384:16384)
    fi
    # A host alone on its network keeps its address when it is started again. (With docker it does that anyway.)
    if [[ $network == "$1" ]]; then
        options+=(--ip "$(engine network inspect --format '{{(index .Subnets 0).Gateway}}' "$network" | sed 's/1$/2/')")
    fi
}

podman_options() { # NAME
    options+=(--systemd always)
    podman_limits "$1"
}

docker_options() {
    options+=(--env container=docker --tmpfs /run --tmpfs /run/lock)
    legacy_cgroups || options+=(--cgroupns private)
}

make_network() { engine network inspect "$network" >/dev/null 2>&1 || engine network create "$network" >&2; }

create() { # NAME OS [ENGINE ARG…]
    local name=$1 os=$2 image run=(run) options
    shift 2
    image=$(image "$os")
    make_network
    options=(--detach --name "$name" --hostname "$name" --network "$network" --label "$os_label=$os"
        --privileged --stop-signal SIGRTMIN+3)
    "${engine_name}_options" "$name"
    if legacy_cgroups; then
        # The whole tree, because this machine may itself be a container whose part of it the engine does not find.
        options+=(--env SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1 --cgroupns host --volume /sys/fs/cgroup:/sys/fs/cgroup)
        # crun refuses hybrid cgroups; runc takes them.
        [[ $engine_name == docker ]] || run=(--runtime runc run)
    fi
    engine "${run[@]}" "${options[@]}" "$@" "$image" /sbin/init >&2
}

# What a host should know of this machine's surroundings: proxies, package index, certificate authorities.
surroundings() { # ADDRESS
    local name
    [[ -z ${http_proxy-}${https_proxy-} ]] || bypass_proxy "$1"
    for name in http_proxy https_proxy no_proxy PIP_INDEX_URL UV_DEFAULT_INDEX; do
        [[ -z ${!name-} ]] || printf '%s="%s"\n' "$name" "${!name}"
    done
    # Tools that bring their own authorities do not know the machine's, which the base image has.
    if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
        printf '%s="/etc/ssl/certs/ca-certificates.crt"\n' SSL_CERT_FILE PIP_CERT
    fi
}

# Let our key in, and note the host's own. By copying: it also works where the engine cannot exec, in a container of its own.
introduce() ( # NAME ADDRESS
    files=$(mktemp -d)
    trap 'rm -rf "$files"' EXIT
    mkdir "$files/etc" "$files/root"
    mkdir -m 700 "$files/root/.ssh"
    cp "$state/ssh_key.pub" "$files/root/.ssh/authorized_keys"
    surroundings "$2" >"$files/etc/environment"
    tar -C "$files" --owner=0 --group=0 -c root/.ssh etc/environment | engine cp - "$1:/"

    while_running "$1" read_host_key "$1" >"$files/host_key" ||
        die "$1 made no ssh key within $boot_limit s (LAB_BOOT); look into it with: $engine_name logs $1"
    know "$2" "$(cat "$files/host_key")"
)

# Print the host's public key, once it has made one.
read_host_key() { # NAME
    local key
    key=$(engine cp "$1:/etc/ssh/ssh_host_ed25519_key.pub" - | tar -xO)
    [[ -z $key ]] || say "$key"
    [[ -n $key ]]
}

know() { # ADDRESS KEY
    touch "$state/known_hosts"
    awk -v address="$1" -v key="$2" '$1 != address {print} END {print address, key}' \
        "$state/known_hosts" >"$state/known_hosts.new"
    mv "$state/known_hosts.new" "$state/known_hosts"
}

reach() { # ADDRESS
    ssh -n -i "$state/ssh_key" "${ssh_options[@]}" -o BatchMode=yes -o ConnectTimeout=10 "root@$1" true >&2
}

make_key() {
    [[ ! -s $state/ssh_key.pub ]] || return 0
    rm -f "$state/ssh_key"
    ssh-keygen -q -t ed25519 -N '' -C openimage-glance-lab -f "$state/ssh_key"
}

# Print the address once ssh answers there.
await_ssh() { # NAME ADDRESS
    while_running "$1" reach "$2" || reach "$2" ||
        die "$1 does not answer ssh within $boot_limit s (LAB_BOOT); look into it with: $engine_name logs $1"
    say "$2"
}

up() { # NAME OS [ENGINE ARG…]
    local name=$1 os=$2 found address
    found=$(os "$name")
    [[ ${found:-$os} == "$os" ]] || die "the host $name exists with $found, not $os; remove it first"
    make_key
    if [[ -z $found ]]; then create "$@"; else engine start "$name" >&2; fi
    address=$(address "$name")
    introduce "$name" "$address"
    await_ssh "$name" "$address"
}

inventory() { # NAME…
    local name
    say 'all:'
    say '  hosts:'
    for name in "$@"; do
        say "    $name:"
        say "      ansible_host: $(address "$name")"
        say '      ansible_user: root'
        say "      ansible_ssh_private_key_file: $state/ssh_key"
        say '      ansible_ssh_common_args: >-'
        say "        ${ssh_options[*]@Q}"
    done
}

down() { # NAME…
    local name forced=(--force --volumes)
    [[ $engine_name == docker ]] || forced+=(--time 0)
    for name in "$@"; do
        exists "$name" || continue
        engine container rm "${forced[@]}" "$name" >/dev/null
        say "Removed the host $name." >&2
    done
    if engine network inspect "$network" >/dev/null 2>&1 && [[ -z $(engine ps --all --quiet --filter "network=$network") ]]; then
        engine network rm "$network" >/dev/null
        say "Removed the network $network." >&2
    fi
}

purge() {
    remove_images "$image_prefix-"
    as_root rm -rf --one-file-system "$images"
}

main() { # VERB [ARG…]
    [[ -n $engine_name ]] || die "no podman, and no docker that answers; scripts/host.sh installs what is missing"
    case ${1-} in
    image | up | address | os | inventory | down | purge) ;;
    *) die "usage: ${0##*/} image|up|address|os|inventory|down|purge …; see the head of this file" ;;
    esac
    case $1 in
    up | inventory)
        state=${LAB_STATE:?the directory of the ssh key and known_hosts}
        # Absolute: it stands in inventories.
        mkdir -p "$state"
        state=$(cd "$state" && pwd -P)
        ssh_options=(-o "UserKnownHostsFile=\"$state/known_hosts\"" -o IdentitiesOnly=yes
            -o PreferredAuthentications=publickey)
        ;;
    esac
    "$@"
}

# guest.sh has verbs of the same names and shares the rest.
[[ ${BASH_SOURCE[0]} != "$0" ]] || main "$@"
