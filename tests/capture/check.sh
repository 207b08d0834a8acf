#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Goal: real captures, played to the core, open exactly what their peers
# announced in clear, and nothing by what they said inside TLS.
#
# check.sh REPLAY CAPTURES
#
# expected/NAME.txt is what replay.c must print for CAPTURES/NAME.pcap. It was
# made once and read against the decrypted dialogue. Where tshark is installed
# the frames that announce a port in clear are also looked up live: these and no
# others must open a pinhole.
set -u

replay=$1
captures=$2
here=$(dirname "$0")
passed=0 failed=0 skipped=0
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

not_ok()
{
	echo "not ok - capture $1: $2"
	failed=$((failed + 1))
}

# The frames in which tshark reads an announcement outside of TLS.
announcements()
{
	tshark -r "$1" -Y 'ftp && !tls && (ftp.response.code == 227 ||
		ftp.response.code == 229 || ftp.request.command == "PORT" ||
		ftp.request.command == "EPRT")' \
		-T fields -e frame.number 2>/dev/null
}

check()
{
	name=$1
	pcap=$captures/$name.pcap
	if [ ! -r "$pcap" ]; then
		echo "skip capture $name: $pcap is not there"
		skipped=$((skipped + 1))
		return
	fi
	if ! "$replay" "$here/replay.conf" "$pcap" \
		>"$out/got" 2>"$out/err"; then
		cat "$out/err"
		grep ' broken: ' "$out/got"
		not_ok "$name" 'the replay failed'
		return
	fi
	if ! diff -u "$here/expected/$name.txt" "$out/got"; then
		not_ok "$name" 'other actions than expected'
		return
	fi
	if command -v tshark >/dev/null; then
		announcements "$pcap" >"$out/want"
		sed -n 's/ open pinhole .*//p' "$out/got" >"$out/have"
		if ! diff "$out/want" "$out/have"; then
			not_ok "$name" 'other announcements than tshark reads'
			return
		fi
	fi
	echo "ok - capture $name"
	passed=$((passed + 1))
}

if [ ! -d "$captures" ]; then
	echo "skip captures: $captures is not there"
	exit 0
fi
command -v tshark >/dev/null ||
	echo 'note - without tshark announcements are not looked up live'
for expected in "$here"/expected/*.txt; do
	check "$(basename "$expected" .txt)"
done
echo "captures: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
