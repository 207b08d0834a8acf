#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints how much of a folder a run reached: cover.sh BUILD FOLDER, from the top of
# the tree, with the .gcda files in BUILD/FOLDER. The annotated sources
# stay in BUILD/gcov: lines that begin with ##### were not reached. A branch
# counts for each way it can go; those of assert() are left out.
set -eu
top=$PWD
build=$(cd "$1" && pwd)
folder=$2
mkdir -p "$build/gcov"
cd "$build/gcov"
for source in "$top/$folder"/*.c; do
	name=$(basename "$source" .c)
	gcov -b -c -o "$build/$folder/$name.o" "$source" >/dev/null 2>&1
	awk -v name="$name.c" '
	/^ *[^:]*: *[0-9]+:/ {
		# Only the source itself, not what it includes.
		count = $1
		asserted = $0 ~ /assert\(/
		if (count ~ /^[0-9]+\*?:/) { lines++; hit++ }
		else if (count ~ /^(#####|=====)/) lines++
	}
	/^branch / && !asserted {
		ways++
		if ($0 ~ /taken [1-9]/) gone++
	}
	END { print name, hit + 0, lines + 0, gone + 0, ways + 0 }
	' "$name.c.gcov"
done | awk '
function percent(part, all) { return all ? 100 * part / all : 100 }
function row(name, h, l, g, w) {
	printf "%-20s lines %5.1f %% of %4d   branches %5.1f %% of %4d\n",
		name, percent(h, l), l, percent(g, w), w
}
{ row($1, $2, $3, $4, $5); h += $2; l += $3; g += $4; w += $5 }
END { row("total", h, l, g, w) }'
