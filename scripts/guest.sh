#!/usr/bin/env bash
# Lab hosts with a kernel of their own, for what containers cannot have: NFS, device-mapper, iSCSI, NVMe over TCP. Debian 12
# with user-mode Linux, which is a program like any other: neither KVM nor a module of the machine's kernel is needed.
# A guest runs in a container, whose name, address and network it has, so lab.sh knows it as well.
#   guest.sh image PACKAGES                make what the guest boots from, print its directory
#   guest.sh up NAME PACKAGES              make and start a guest unless it is there; print its address once ssh answers
#   guest.sh address NAME, os NAME, inventory NAME…, down NAME…    as with lab.sh; the os is guest-PACKAGES
#   guest.sh purge                         remove the images
# PACKAGES is a list: scripts/guest/PACKAGES.packages. What it installs is in the image, and nothing of it is started. So is what
# lies in scripts/guest/PACKAGES/ and what scripts/guest/PACKAGES.sh makes in the guest's root directory, where there are such.
# Environment: as for lab.sh, and
#   GUEST_MEMORY  such as 2G, which it is when not set
set -euo pipefail
# shellcheck source=lab.sh
source "$(dirname -- "$0")/lab.sh"

guests=$cache/guests
recipe=$checkout/scripts/guest
image_prefix=localhost/openimage-glance-guest
memory=${GUEST_MEMORY:-2G}

# --- what it boots from: a disk image with its kernel, and a container image that can run it

# mmdebstrap as lab.sh does it, with less in it. Its text is part of the images' names.
debian() { # OUTPUT PACKAGES [OPTION…]
    local output=$1 include=$2 signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]' proxies=()
    shift 2
    [[ -z ${sources[2]} ]] || mapfile -t proxies <<<"${sources[2]}"
    as_root env TMPDIR="$scratch" unshare --mount mmdebstrap --quiet --variant=apt --include="$include" \
        --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' "${proxies[@]/#/--aptopt=}" \
        --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' "$@" \
        --skip=cleanup/apt --customize-hook='chroot "$1" apt-get clean && rm -rf "$1"/var/lib/apt/lists/*' \
        bookworm "$output" "deb $signed ${sources[0]} bookworm main" "deb $signed ${sources[0]} bookworm-updates main" \
        "deb $signed ${sources[1]} bookworm-security main"
}

# Debian 12's user-mode Linux is of a time when each system call was traced; since 6.16 seccomp catches them, which is faster. It
# is compiled from the source that Debian backports, because a packaged one has no NVMe over TCP.
make_kernel() { # DIRECTORY
    local root=$scratch/root
    # ($1 is the root directory, in hooks.)
    debian "$root" bc,bison,flex,gcc,kmod,libc6-dev,make,xz-utils \
        --customize-hook="cp '$recipe/kernel.sh' '$recipe/kernel.config' \"\$1/tmp\"" \
        --customize-hook="chroot \"\$1\" sh -eu /tmp/kernel.sh '${sources[0]}'" >&2
    as_root mv "$root/guest-kernel" "$1"
    as_root rm -rf --one-file-system "$root"
}

# The disk: one file system. Its kernel lies beside it, because nothing boots from the disk.
make_disk() { # DIRECTORY LIST PACKAGES
    local root=$scratch/root extra=()
    [[ ! -d $recipe/$2 ]] || extra+=(--customize-hook="cp -r '$recipe/$2/.' \"\$1\"")
    [[ ! -e $recipe/$2.sh ]] || extra+=(--customize-hook="'$recipe/$2.sh' \"\$1\"")
    debian "$root" "$base_packages,$(paste -sd, <<<"$3")" \
        --customize-hook="cp -r '$overlay/.' '$recipe/root/.' \"\$1\"" \
        --customize-hook="cp -r '$kernel/modules' \"\$1/lib\"" \
        --customize-hook='rm "$1"/etc/ssh/ssh_host_* "$1/etc/hostname"' \
        --customize-hook='! test -d /usr/local/share/ca-certificates || cp -r /usr/local/share/ca-certificates "$1/usr/local/share"' \
        --customize-hook='chroot "$1" update-ca-certificates' "${extra[@]}" \
        --customize-hook='chroot "$1" systemctl --quiet preset-all' >&2
    mkdir "$1"
    truncate --size 16G "$1/disk.img"
    as_root mke2fs -q -t ext4 -E lazy_itable_init=1,lazy_journal_init=1 -m 0 -d "$root" "$1/disk.img"
    as_root cp "$kernel/linux" "$1/kernel"
    as_root rm -rf --one-file-system "$root"
}

base_packages=systemd,systemd-sysv,dbus,udev,kmod,python3,python3-apt,iproute2,ca-certificates,sudo,procps,openssh-server
runner_packages=iproute2,hostname

# All that an image is made from. What they share is in the array $sources.
describe() {
    declare -f debian
    say "${sources[@]}" "$@"
    cat /usr/local/share/ca-certificates/*.crt 2>/dev/null || true
}

prepare() { # PACKAGES: set what image and create need to know
    [[ -e $recipe/$1.packages ]] || die "no such list of packages: $recipe/$1.packages"
    scratch=$guests/work
    disk_packages=$(sed 's/ *#.*//; /^$/d' "$recipe/$1.packages")
    sources=("$(mirror Debian http://deb.debian.org/debian)"
        "$(mirror Debian-Security http://deb.debian.org/debian-security)" "$(apt_proxies)")
    runner=$image_prefix:$(describe "$runner_packages" | content_hash)
    kernel=$guests/kernel-$({
        describe
        declare -f make_kernel
        cat "$recipe/kernel.sh" "$recipe/kernel.config"
    } | content_hash)
    directory=$guests/$1-$({
        describe "$disk_packages" "$base_packages" "${kernel##*/}"
        declare -f make_disk
        # By relative names: checkouts share the images.
        cd "$checkout/scripts"
        own=()
        for part in "guest/$1" "guest/$1.sh"; do [[ ! -e $part ]] || own+=("$part"); done
        find guest/root lab-host "${own[@]}" -type f -print0 | sort -z | xargs -0 tail -n +1
        [[ ! -e guest/$1.sh ]] || "guest/$1.sh" --inputs | xargs cat
    } | content_hash)
}

image() ( # PACKAGES
    prepare "$@"
    mkdir -p "$guests"
    exec {guard}>"$guests/lock"
    flock "$guard"
    # What a killed run left.
    as_root rm -rf --one-file-system "$scratch"
    mkdir -p "$scratch"
    if ! engine image inspect "$runner" >/dev/null 2>&1; then
        debian - "$runner_packages" >"$scratch/runner.tar"
        engine import "$scratch/runner.tar" "$runner" >&2
        remove_images "$image_prefix:" "$runner"
    fi
    if [[ ! -d $kernel ]]; then
        make_kernel "$scratch/made"
        settle "$kernel" kernel
    fi
    if [[ ! -d $directory ]]; then
        make_disk "$scratch/made" "$1" "$disk_packages"
        settle "$directory" "$1"
    fi
    as_root rm -rf --one-file-system "$scratch"
    say "$directory"
)

# What is made whole takes the place of what an earlier recipe made.
settle() { # DIRECTORY PREFIX
    as_root find "$guests" -mindepth 1 -maxdepth 1 -regex ".*/$2-[0-9a-f]*" -exec rm -rf --one-file-system {} +
    as_root mv "$scratch/made" "$1"
}

# --- guests

create() { # NAME PACKAGES
    local name=$1 runner kernel directory scratch disk_packages sources options run=(create)
    image "$2" >/dev/null
    prepare "$2"
    make_network
    # What is written on the disk goes away with the container; user-mode Linux maps its memory from a file.
    options=(--name "$name" --hostname "$name" --network "$network" --label "$os_label=guest-$2" --privileged
        --volume "$directory:/guest/image:ro" --volume /state --tmpfs "/memory:exec,mode=1777"
        --env "GUEST_MEMORY=$memory")
    [[ $engine_name == docker ]] || podman_limits "$name"
    if legacy_cgroups && [[ $engine_name != docker ]]; then run=(--runtime runc create); fi
    engine "${run[@]}" "${options[@]}" "$runner" /guest/run.sh >&2
}

# Let our key in, and give the guest one of its own: before it boots, because then nobody has to ask it.
introduce() ( # NAME
    files=$(mktemp -d)
    trap 'rm -rf "$files"' EXIT
    mkdir -p "$files/guest/introduction/etc/ssh"
    mkdir -m 700 "$files/guest/introduction/root" "$files/guest/introduction/root/.ssh"
    cp "$recipe/run.sh" "$recipe/again.sh" "$files/guest"
    ssh-keygen -q -t ed25519 -N '' -C "$1" -f "$files/guest/introduction/etc/ssh/ssh_host_ed25519_key"
    cp "$files/guest/introduction/etc/ssh/ssh_host_ed25519_key.pub" "$state/$1.host_key"
    cp "$state/ssh_key.pub" "$files/guest/introduction/root/.ssh/authorized_keys"
    surroundings >"$files/guest/introduction/etc/environment"
    tar -C "$files" --owner=0 --group=0 -c guest | engine cp - "$1:/"
)

up() { # NAME PACKAGES
    local name=$1 kind=guest-$2 found address
    found=$(os "$name")
    [[ ${found:-$kind} == "$kind" ]] || die "the host $name exists with $found, not $kind; remove it first"
    make_key
    if [[ -z $found ]]; then
        create "$@"
        introduce "$name"
    fi
    engine start "$name" >&2
    address=$(address "$name")
    know "$address" "$(cut -d ' ' -f -2 "$state/$name.host_key")"
    await_ssh "$name" "$address"
}

purge() {
    remove_images "$image_prefix:"
    as_root rm -rf --one-file-system "$guests"
}

main "$@"
