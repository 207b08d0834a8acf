#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh COMMAND...: run a command as root on Debian's stock kernel.
#
#   this machine                    QEMU guest, emulated, 2 CPUs
#   /  --- 9p, read-only ---------> overlay on a tmpfs = /
#   stdout <--- virtio port out --- COMMAND, 2>&1
#   exit code <-- port status ----- its exit code
#
# COMMAND sees this machine's files, environment and working directory; what it
# writes is gone with the guest. /run, /dev/shm, /proc and /sys are the guest's.
# Exit 77: no QEMU or no kernel here. Exit 125: the guest died or took longer
# than PINHOLED_GUEST_TIMEOUT seconds (2400); its console is printed then, and
# always with V=1.

set -eu

[ $# -gt 0 ] || { echo "usage: run.sh COMMAND..." >&2; exit 125; }
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/build/guest

skip()
{
	echo "skip guest: $*"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "reading this machine's root as root needs root"
for program in qemu-system-x86_64 busybox; do
	command -v "$program" >/dev/null || skip "$program is missing"
done
mkdir -p "$cache"
"$here/kernel.sh" "$cache/kernel"

run=$(mktemp -d "$cache/run.XXXXXX")
trap 'rm -rf "$run"' EXIT

quote()
{
	printf "'%s' " "$(printf %s "$1" | sed "s/'/'\\\\''/g")"
}

ram=$run/ram
mkdir -p "$ram/bin" "$ram/guest"
cp "$(command -v busybox)" "$ram/bin/busybox"
cp "$here/init" "$ram/init"
chmod +x "$ram/init"
cp -R "$cache/kernel/load" "$ram/load"
echo "$cache/kernel/modules" >"$ram/guest/modules"
uname -n >"$ram/guest/hostname"
{
	export -p
	echo "cd $(quote "$PWD")"
	for word; do
		quote "$word"
	done
	echo
} >"$ram/guest/job"
( cd "$ram" && find . | busybox cpio -o -H newc 2>/dev/null ) >"$run/initrd"

# An end of QEMU's input would close the port.
mkfifo "$run/input"
# Mitigations and the clock's self-tests only cost time where nothing is real.
: >"$run/status"
rc=0
timeout --foreground -k 5 "${PINHOLED_GUEST_TIMEOUT:-2400}" \
	qemu-system-x86_64 -nodefaults -no-user-config -no-reboot \
	-display none -monitor none \
	-machine pc -accel tcg,thread=multi -cpu qemu64,+rdrand \
	-smp 2 -m 2048 \
	-kernel "$cache/kernel/vmlinuz" -initrd "$run/initrd" \
	-append "console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable no_timer_check cryptomgr.notests random.trust_cpu=on" \
	-serial "file:$run/console" \
	-virtfs local,path=/,mount_tag=host,security_model=none,multidevs=remap,readonly=on \
	-device virtio-serial-pci \
	-chardev stdio,id=out,signal=off \
	-device virtserialport,chardev=out,name=out \
	-chardev "file,id=status,path=$run/status" \
	-device virtserialport,chardev=status,name=status \
	<>"$run/input" &
qemu=$!
trap 'kill $qemu; exit 130' INT TERM HUP
wait $qemu || rc=$?

status=$(cat "$run/status")
if [ "${V:-}" ] || [ -z "$status" ]; then
	cat "$run/console" >&2
fi
case $rc-$status in
*-?*)	exit "$status" ;;
124-)	echo "guest: no end within its time" >&2 ;;
*)	echo "guest: died (QEMU's exit code $rc)" >&2 ;;
esac
exit 125
