#!/bin/sh
# Within a root directory with a compiler: build user-mode Linux from the newest source of Debian's backports, as kernel.config
# wants it. Leaves /guest-kernel/linux, the program, and /guest-kernel/modules, what belongs into a guest's /lib/modules.
#   kernel.sh MIRROR
set -eu
cd /tmp
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $1 trixie-backports main" >/etc/apt/sources.list.d/backports.list
apt-get -qq update
package=$(apt-cache search --names-only '^linux-source-[0-9.]+$' | cut -d ' ' -f 1 | sort -V | tail -n 1)
apt-get -qq download "$package"
dpkg-deb --fsys-tarfile "$package"_*.deb | tar -xO "./usr/src/$package.tar.xz" | xz -dcT 0 | tar -x
cd "$package"

cp ../kernel.config .config
make --silent ARCH=um olddefconfig
# An option that this version calls otherwise, or gives only along with another one, is missed now and not in a guest.
missing=$(grep -v -e '^#' -e '^$' ../kernel.config | while read -r line; do grep -qxF "$line" .config || echo "$line"; done)
[ -z "$missing" ] || { echo "$package does not take: $missing" >&2 && exit 1; }
make --silent ARCH=um --jobs "$(nproc)" linux modules
make --silent ARCH=um INSTALL_MOD_PATH=/tmp/installed modules_install
rm -f /tmp/installed/lib/modules/*/build /tmp/installed/lib/modules/*/source

mkdir /guest-kernel
mv linux /guest-kernel
mv /tmp/installed/lib/modules /guest-kernel
