#!/bin/sh
# A volume group for each backend of cinder-volume, in a file: again after each boot.
set -eu
for name in iscsi nvme; do
    file=/var/lib/$name.disk
    [ -e "$file" ] || truncate --size 6G "$file"
    device=$(losetup --noheadings --output NAME --associated "$file")
    [ -n "$device" ] || device=$(losetup --find --show "$file")
    vgs "$name" >/dev/null 2>&1 || vgcreate --quiet "$name" "$device"
done
vgchange --quiet --activate y iscsi nvme
