#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the core costs in instructions, which no other load on the machine changes:
#
#	instructions.sh PROGRAM		counts, and fails where it has become dearer
#	instructions.sh PROGRAM record	takes the count as the one to be held to
#
# PROGRAM is build/bench/core, which steps a gate through a fixed trace. The record
# is per packet of it, for gcc 12 at -O2; another compiler may need one of its own.
set -eu

program=$1
record=$(dirname "$0")/instructions.txt
packets=64000
margin=8 # percent: what a compiler's update may change

found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
valgrind --tool=callgrind '--toggle-collect=step_batch*' \
	--callgrind-out-file="$found/out" "$program" count $packets \
	>"$found/log" 2>&1 || {
	cat "$found/log"
	echo 'not ok - callgrind cannot run the core'
	exit 1
}
total=$(sed -n 's/^\(summary\|totals\): //p' "$found/out" | head -n 1)
each=$((total / packets))

if [ "${2:-}" = record ]; then
	echo "$each" >"$record"
	echo "recorded: $each instructions per packet"
	exit 0
fi
was=$(cat "$record")
most=$((was * (100 + margin) / 100))
if [ "$each" -gt "$most" ]; then
	echo "not ok - the core takes $each instructions per packet, recorded" \
		"are $was; where they go: callgrind_annotate, docs/performance.md"
	exit 1
fi
echo "ok - the core takes $each instructions per packet ($was recorded)"
[ "$each" -ge $((was * (100 - margin) / 100)) ] ||
	echo "  so much less: record it, tests/bench/instructions.sh $program record"
