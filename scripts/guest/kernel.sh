#!/bin/sh
# Within a guest's root directory, when its image is made: put the kernel into /guest-kernel and its modules where modprobe finds
# them. The packages are unpacked, not installed: installed, they would bring boot loaders, firmware and a large initramfs.
set -eu
kind=$1
mkdir /guest-kernel
cd /guest-kernel

fetch() { # PACKAGE
    apt-get -qq download "$1"
    dpkg -x "$1"_*.deb unpacked
    rm "$1"_*.deb
}

case $kind in
uml)
    fetch user-mode-linux
    mkdir -p /lib/modules
    mv unpacked/usr/lib/uml/modules/* /lib/modules
    mv unpacked/usr/bin/linux.uml kernel
    depmod "$(ls /lib/modules)"
    ;;
qemu)
    fetch "$(apt-cache depends linux-image-amd64 | sed -n 's/ *Depends: //p')"
    rm -rf unpacked/lib/modules/*/kernel/drivers/gpu unpacked/lib/modules/*/kernel/drivers/media unpacked/lib/modules/*/kernel/sound \
        unpacked/lib/modules/*/kernel/drivers/net/ethernet unpacked/lib/modules/*/kernel/drivers/net/wireless
    mkdir -p /lib/modules
    mv unpacked/lib/modules/* /lib/modules
    mv unpacked/boot/vmlinuz-* kernel
    version=$(ls /lib/modules)
    depmod "$version"

    # A first file system in memory with just the modules that reach the disk.
    fetch busybox-static
    mkdir -p first/bin first/dev first/root
    mv unpacked/bin/busybox first/bin
    {
        printf '#!/bin/busybox sh\n/bin/busybox mount -t devtmpfs dev /dev\n'
        for module in virtio_pci virtio_blk virtio_net crc32c_generic ext4; do
            modprobe --show-depends --set-version "$version" "$module"
        done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r file; do
            cp "$file" first
            printf '/bin/busybox insmod /%s\n' "${file##*/}"
        done
        printf '%s\n' '/bin/busybox mount -t ext4 /dev/vda /root' '/bin/busybox umount /dev' \
            'exec /bin/busybox switch_root /root /sbin/init'
    } >first/init
    chmod 755 first/init
    fetch cpio
    (cd first && find . | ../unpacked/bin/cpio --quiet -o -H newc | gzip -1 >../initrd)
    rm -r first
    ;;
esac
rm -r unpacked
