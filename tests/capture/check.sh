#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Goal: real captures, replayed, open exactly what their peers announced in clear,
# and nothing by what they said inside TLS.
#
# check.sh PINHOLECTL CAPTURES
#
# expected/NAME.txt is what `pinholectl replay` must print for CAPTURES/NAME.pcap. It
# was made once and read against the decrypted dialogue. Where tshark is installed
# the ports that its FTP dissector reads in clear, and its TLS dissector's view of
# each data connection's handshake, are compared too, for every capture there is.
set -u

pinholectl=$1
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

replay()
{
	"$pinholectl" --config "$here/replay.conf" "$@"
}

# Frame and port of each announcement that tshark reads outside of TLS.
announcements()
{
	tshark -r "$1" -Y 'ftp && !tls && (ftp.response.code == 227 ||
		ftp.response.code == 229 || ftp.request.command == "PORT" ||
		ftp.request.command == "EPRT")' -T fields -e frame.number \
		-e ftp.passive.port -e ftp.epsv.port -e ftp.active.port \
		-e ftp.eprt.port \
		2>/dev/null | sed 's/[[:space:]]\{1,\}/ /g; s/ $//'
}

# The same of each pinhole in a replay's JSON.
pinholes()
{
	sed -n '/"type":"pinhole"/s/.*"port":\([0-9]*\).*"frame":\([0-9]*\).*/\2 \1/p'
}

# "PORTS resumed" or "PORTS full" for each data connection, as tshark has it: in TLS
# 1.3 by the ServerHello's pre_shared_key (41; 43 says that it is 1.3), before by
# whether a certificate (11) came.
handshakes()
{
	tshark -r "$1" --disable-protocol ftp \
		-d tcp.port==1024-65535,tls -Y 'tls.handshake &&
		tcp.port != 21 && tcp.port != 990' -T fields -E separator='|' \
		-e tcp.stream -e tcp.srcport -e tcp.dstport \
		-e tls.handshake.type -e tls.handshake.extension.type \
		2>/dev/null | awk -F '|' '
	function has(list, number) { return index("," list ",", "," number ",") }
	{ ports[$1] = $2 < $3 ? $2 " " $3 : $3 " " $2 }
	has($4, 2) { server[$1] = 1; new[$1] += has($5, 43); psk[$1] += has($5, 41) }
	has($4, 11) { certificate[$1] = 1 }
	END {
		for (s in server)
			print ports[s], (new[s] ? psk[s] : !certificate[s]) \
				? "resumed" : "full"
	}' | sort
}

# The same of a replay's JSON.
verdicts()
{
	sed -n 's/.*"type":"data".*"source":"[^"]*:\([0-9]*\)","destination":"[^"]*:\([0-9]*\)".*"tls":"\([a-z]*\)".*/\1 \2 \3/p' |
		awk '$3 == "refused" { $3 = "full" }
		$3 == "other" { $3 = "resumed" }
		$3 == "full" || $3 == "resumed" {
			print ($1 < $2 ? $1 " " $2 : $2 " " $1), $3
		}' | sort
}

same_as_tshark()
{
	announcements "$1" >"$out/want"
	pinholes <"$out/json" >"$out/have"
	handshakes "$1" >>"$out/want"
	verdicts <"$out/json" >>"$out/have"
	diff "$out/want" "$out/have"
}

check()
{
	pcap=$1
	name=$(basename "$pcap")
	name=${name%.pcap*}
	expected=$here/expected/$name.txt
	if ! replay replay "$pcap" >"$out/got" 2>"$out/err" ||
		! replay --json replay "$pcap" >"$out/json" 2>>"$out/err"; then
		cat "$out/err"
		not_ok "$name" 'the replay failed'
	elif [ -e "$expected" ] && ! diff -u "$expected" "$out/got"; then
		not_ok "$name" 'another timeline than expected'
	elif [ -n "$tshark" ] && ! same_as_tshark "$pcap"; then
		not_ok "$name" 'other announcements than tshark reads'
	else
		echo "ok - capture $name"
		passed=$((passed + 1))
	fi
}

# One capture in other clothes: it must tell the same.
in_other_clothes()
{
	name=ccc-raw-wait-proftpd-tls1.3
	pcap=$captures/$name.pcap
	[ -r "$pcap" ] || return
	mkdir "$out/directory"
	echo 'no capture' >"$out/directory/a.txt"
	cp "$pcap" "$out/directory/b.pcap"
	replay replay "$out/directory" >"$out/got" 2>"$out/err" &&
		diff -u "$here/expected/$name.txt" "$out/got" ||
		not_ok "$name" 'a directory with it tells something else'
	replay replay - <"$pcap" >"$out/got" 2>"$out/err" &&
		diff -u "$here/expected/$name.txt" "$out/got" ||
		not_ok "$name" 'on standard input it tells something else'
	python3 "$here/early.py" "$pcap" >"$out/early.pcap"
	replay --json replay "$out/early.pcap" | pinholes | cut -d ' ' -f 2 >"$out/got"
	replay --json replay "$pcap" | pinholes | cut -d ' ' -f 2 >"$out/want"
	diff "$out/want" "$out/got" ||
		not_ok "$name" 'other pinholes where answers stand too early'
	head -c 3000 "$pcap" >"$out/short.pcap"
	if replay replay "$out/short.pcap" >"$out/got" 2>"$out/err" ||
		! grep -q 'truncated' "$out/err" || ! grep -q 'AUTH TLS' "$out/got"; then
		not_ok "$name" 'a capture that breaks off is not said to'
	fi
	if replay replay "$out/directory/a.txt" >"$out/got" 2>"$out/err" ||
		! grep -q 'a.txt: ' "$out/err"; then
		not_ok "$name" 'what is no capture is not said to be none'
	fi
	if [ -n "$tshark" ]; then
		tshark -r "$pcap" -F pcapng -w "$out/next.pcapng" 2>/dev/null
		replay replay "$out/next.pcapng" >"$out/got" 2>"$out/err" &&
			diff -u "$here/expected/$name.txt" "$out/got" ||
			not_ok "$name" 'as pcapng it tells something else'
	fi
}

if [ ! -d "$captures" ]; then
	echo "skip captures: $captures is not there"
	exit 0
fi
tshark=$(command -v tshark) ||
	echo 'note - without tshark announcements are not looked up live'
for expected in "$here"/expected/*.txt; do
	name=$(basename "$expected" .txt)
	if [ ! -r "$captures/$name.pcap" ]; then
		echo "skip capture $name: it is not there"
		skipped=$((skipped + 1))
	fi
done
for pcap in "$captures"/*.pcap "$captures"/*.pcapng; do
	[ -r "$pcap" ] && check "$pcap"
done
in_other_clothes
echo "captures: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
