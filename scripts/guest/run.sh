#!/bin/sh
# The first process of a guest's container: boots the guest, and gives it the container's address and network card.
# In the container: /guest/image (kernel and disk, read-only), /guest/introduction (files for the guest), /state (kept until
# the container is removed), /memory (a memory file system).
set -eu

# --- network: the container's card and the guest's meet on a bridge; the address and the card's MAC become the guest's

address=$(ip -4 -oneline address show dev eth0 | awk '{print $4}')
gateway=$(ip -4 route show default | awk '{print $3; exit}')
mac=$(cat /sys/class/net/eth0/address)
case $mac in
06:*) other=0a${mac#06} ;;
*) other=06${mac#??} ;;
esac
ip address flush dev eth0
ip link set eth0 address "$other"
ip link add lab0 type bridge forward_delay 0
ip tuntap add guest0 mode tap
for port in eth0 guest0; do
    ip link set "$port" master lab0
    ip link set "$port" up
done
ip link set lab0 up

# --- what the guest is told, each time that it boots

files=/guest/introduction
mkdir -p "$files/etc"
printf 'ADDRESS=%s\nGATEWAY=%s\n' "$address" "$gateway" >"$files/etc/lab-network"
printf '127.0.0.1 localhost\n%s %s\n' "${address%/*}" "$(hostname)" >"$files/etc/hosts"
hostname >"$files/etc/hostname"
# An engine's own resolver on a loopback address is out of the guest's reach.
grep -v '^nameserver 127\.' /etc/resolv.conf >"$files/etc/resolv.conf" || true
# Files only, so that directories keep their modes.
(cd "$files" && find . -type f) | tar -C "$files" --owner=0 --group=0 -T - -cf /state/introduction.tar

# --- the kernel

options="rw quiet root=/dev/ubda seccomp=auto audit=0 systemd.hostname=$(hostname)"
# Nobody logs in at its console. On a busy machine it may take minutes to what systemd gives 90 seconds.
options="$options systemd.mask=serial-getty@ttyS0.service systemd.mask=getty@tty1.service"
options="$options systemd.mask=e2scrub_reap.service systemd.default_timeout_start_sec=900 systemd.default_device_timeout_sec=900"
# Its memory is a file there, and it looks for the directory of its control socket in HOME.
export TMPDIR=/memory HOME=/memory
# A guest that was powered off boots again.
while :; do
    # shellcheck disable=SC2086
    /guest/again.sh "mem=$GUEST_MEMORY" "ubda=/state/disk.cow,/guest/image/disk.img" ubdbr=/state/introduction.tar \
        "vec0:transport=tap,ifname=guest0,depth=128,gro=1,mac=$mac" con=null con0=null,fd:1 $options
done
