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

kernel=/guest/image/kernel disk=/guest/image/disk.img
options="rw quiet net.ifnames=0 audit=0 systemd.hostname=$(hostname)"
# Nobody logs in at its console. On a busy machine it may take minutes to what systemd gives 90 seconds.
options="$options systemd.mask=serial-getty@ttyS0.service systemd.mask=getty@tty1.service"
options="$options systemd.mask=e2scrub_reap.service systemd.default_timeout_start_sec=900 systemd.default_device_timeout_sec=900"
case $GUEST_KERNEL in
qemu)
    overlay=/state/disk.qcow2
    [ -e "$overlay" ] || qemu-img create -q -f qcow2 -F raw -b "$disk" "$overlay"
    # no_timer_check: interrupts come late where processors are shared, which is no defect of the timer.
    # A guest that reboots gets a new process: with several emulated processors, one that was reset may hang when it boots.
    # No kvm: the same everywhere. Without AVX and a fifth level of page tables, because both are dear to emulate. Nobody
    # attacks this guest, and mitigations cost twice in an emulated processor.
    options="root=/dev/vda console=ttyS0 mitigations=off nokaslr no_timer_check nowatchdog $options"
    while :; do
        qemu-system-x86_64 -M q35,sata=off -accel tcg,thread=multi -cpu max,la57=off,-avx,-avx2 -smp "$GUEST_CPUS" \
            -m "$GUEST_MEMORY" -no-reboot -nodefaults -no-user-config -display none -serial stdio \
            -kernel "$kernel" -initrd /guest/image/initrd -append "$options" \
            -drive "file=$overlay,format=qcow2,if=virtio,cache=unsafe" \
            -drive "file=/state/introduction.tar,format=raw,if=virtio,readonly=on" \
            -netdev tap,id=n0,ifname=guest0,script=no,downscript=no -device "virtio-net-pci,netdev=n0,mac=$mac,romfile="
    done
    ;;
uml)
    # Its memory is a file there, and it looks for the directory of its control socket in HOME.
    export TMPDIR=/memory HOME=/memory
    while :; do
        # shellcheck disable=SC2086
        /guest/uml.sh "mem=$GUEST_MEMORY" "ubda=/state/disk.cow,$disk" ubdbr=/state/introduction.tar root=/dev/ubda \
            "vec0:transport=tap,ifname=guest0,depth=128,gro=1,mac=$mac" con=null con0=null,fd:1 $options
    done
    ;;
esac
