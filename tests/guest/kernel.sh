#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# kernel.sh DIR: put Debian's stock kernel into DIR, unless it is there already.
#
# DIR/vmlinuz; DIR/release; DIR/modules, the part of the module tree that a
# machine without hardware uses; DIR/load, the modules that lead to the host's
# root, numbered in the order of their loading.
# Exit 77: it cannot be had here; it says why.

set -eu

dir=$1
[ ! -e "$dir/release" ] || exit 0

skip()
{
	echo "skip guest: $*"
	exit 77
}

[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] ||
	skip "this machine is no Debian of architecture amd64"

new=$dir.new
rm -rf "$new"
mkdir -p "$new/modules" "$new/load"
trap 'rm -rf "$new"' EXIT

apt()
{
	apt-get -qq -o APT::Sandbox::User=root -o DPkg::Lock::Timeout=300 "$@"
}

# The plain flavour's package: the cloud one has no 9p.
download()
{
	package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n \
		's/.*Depends: \(linux-image-[0-9].*-amd64\)$/\1/p' | head -n 1)
	[ "$package" ] && ( cd "$new" && apt download "$package" )
}

# The lists may be missing, or older than what the mirrors still have.
download 2>/dev/null || { apt update && download; } ||
	skip "apt cannot download what linux-image-amd64 depends on"
dpkg -x "$new"/linux-image-*.deb "$new/all"
mv "$new"/all/boot/vmlinuz-* "$new/vmlinuz"

for tree in "$new"/all/lib/modules/* "$new"/all/usr/lib/modules/*; do
	[ ! -d "$tree/kernel" ] || break
done
release=${tree##*/}
# Not the whole tree: modprobe reads its index whole, slowly in the guest.
(
	cd "$tree"
	cp -R --parents modules.builtin* modules.order kernel/arch \
		kernel/crypto kernel/lib kernel/net kernel/fs/9p \
		kernel/fs/fscache kernel/fs/netfs kernel/fs/overlayfs \
		kernel/drivers/virtio kernel/drivers/char/virtio_console.ko* \
		kernel/drivers/net/*.ko* "$new/modules" || :
)
find "$new/modules" -name '*.ko.xz' -exec xz -d {} +
find "$new/modules" -name '*.ko.zst' -exec zstd -q -d --rm {} +
rm -rf "$new/all" "$new"/linux-image-*.deb
mkdir -p "$new/tree/lib/modules"
ln -s "$new/modules" "$new/tree/lib/modules/$release"
busybox depmod -b "$new/tree" "$release"
rm -r "$new/tree"

grep -q '/9p[.]ko:' "$new/modules/modules.dep" || skip "$package has no 9p"
# A line of modules.dep: the module, then what it needs, the nearest first.
awk '
	{
		sub(":", "", $1)
		name = $1
		sub(".*/", "", name)
		sub("[.]ko$", "", name)
		line[name] = $0
	}
	END {
		n = split("virtio_pci virtio_console 9p 9pnet_virtio overlay",
			want, " ")
		for (i = 1; i <= n; i++) {
			k = split(line[want[i]], path, " ")
			for (; k > 0; k--)
				if (!seen[path[k]]++)
					print path[k]
		}
	}
' "$new/modules/modules.dep" | {
	n=10
	while read -r path; do
		cp "$new/modules/$path" "$new/load/$n-${path##*/}"
		n=$((n + 1))
	done
}
echo "$release" >"$new/release"
mv "$new" "$dir"
