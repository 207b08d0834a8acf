#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian packages that the build and the lab need: installs what is missing
# where it can, names it where it cannot.
#
#   tests/packages.sh [build] [lab] [guest] [bench] [fuzz] [valgrind]
#
# By default build, lab, guest and valgrind.
# Lists of names are split into words on purpose.
# shellcheck disable=SC2086,SC2048
set -eu

build='gcc make pkg-config libc6-dev libmnl-dev libnetfilter-queue-dev
	libnftnl-dev libjansson-dev libcap-ng-dev libseccomp-dev libcmocka-dev
	libpcap-dev libncurses-dev libevent-dev libssl-dev scdoc'
lab='nftables iptables iproute2 ethtool conntrack tcpdump tshark procps openssl tmux
	curl lftp wget ftp-ssl python3 python3-pyftpdlib python3-openssl
	libwrap0 libsodium23 libhiredis0.14 libmemcached11 libmemcachedutil2
	libpcre2-posix3'
guest='qemu-system-x86 busybox-static kmod'
bench='haproxy stunnel4'
fuzz='clang libclang-rt-14-dev llvm'
valgrind='valgrind libc6-dbg'

# FTP servers conflict with each other as packages, and services would start: they
# are only unpacked.
servers='vsftpd proftpd-core proftpd-mod-crypto pure-ftpd pure-ftpd-common
	prometheus-node-exporter'
unpacked=$(dirname "$0")/../build/lab/servers

wanted=
want_servers=
for group in ${*:-build lab guest valgrind}; do
	case $group in
	build) wanted="$wanted $build" ;;
	lab) wanted="$wanted $lab" want_servers=yes ;;
	guest) wanted="$wanted $guest" ;;
	bench) wanted="$wanted $bench" ;;
	fuzz) wanted="$wanted $fuzz" ;;
	valgrind) wanted="$wanted $valgrind" ;;
	*) echo "packages.sh: no group '$group': build, lab, guest, bench, fuzz, valgrind" >&2
	   exit 2 ;;
	esac
done

installed()
{
	dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null |
		grep -q '^installed'
}

missing=
for package in $wanted; do
	# Outside Debian nobody can say what is there: name all of them.
	if ! command -v dpkg-query >/dev/null || ! installed "$package"; then
		missing="$missing $package"
	fi
done
if [ -n "$want_servers" ] && [ "$(cat "$unpacked/.complete" 2>/dev/null)" != "$servers" ]; then
	missing_servers=$servers
else
	missing_servers=
fi
[ -n "$missing$missing_servers" ] || exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
	echo "packages.sh: please install (Debian's names):" \
		$missing $missing_servers >&2
	exit 1
fi

# Works on a machine where nobody has run `apt-get update` yet, and asks the
# network for the lists only when they turn out to be missing or old.
apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -qq \
		-o APT::Sandbox::User=root -o DPkg::Lock::Timeout=300 "$@"
}
twice()
{
	"$@" >/dev/null 2>&1 && return 0
	apt update
	"$@" >/dev/null
}

if [ -n "$missing" ]; then
	echo "installing with apt:$missing"
	twice apt install -y --no-install-recommends $missing
fi
if [ -n "$missing_servers" ]; then
	echo "unpacking for the lab only: $missing_servers"
	rm -rf "$unpacked"
	mkdir -p "$unpacked"
	cd "$unpacked"
	twice apt download $missing_servers
	for package in *.deb; do
		dpkg -x "$package" .
		rm "$package"
	done
	# make would take them for lists of dependencies.
	find . -depth -name '*.d' -exec rm -rf {} +
	echo "$servers" >.complete
fi
