#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Goal: a file includes only what its layer may see (docs/architecture.md).
# Prints one line per layer, `ok` or `not ok`, and each wrong include.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0

# layer PATTERN...: files of src/LAYER may include "X/..." for each X only.
layer() {
	name=$1
	shift
	allowed=$(printf '%s|' "$@")
	wrong=$(grep -nE '^#include "' src/"$name"/*.[ch] |
		grep -vE "#include \"(${allowed%|})/")
	if [ -n "$wrong" ]; then
		echo "$wrong"
		echo "not ok - src/$name includes another layer"
		status=1
	else
		echo "ok - src/$name includes its own layer and the contract"
	fi
}

layer core core pinholed
layer netfilter netfilter pinholed
layer io io pinholed
layer daemon daemon explain io netfilter pinholed
layer explain explain core io pinholed
layer replay replay explain core io pinholed
layer pinholectl pinholectl replay explain io pinholed

# The core sees no more of the C library than this.
wrong=$(grep -nE '^#include <' src/core/*.[ch] include/pinholed/*.h |
	grep -vE '<(assert|stdbool|stddef|stdint|string)\.h>')
if [ -n "$wrong" ]; then
	echo "$wrong"
	echo "not ok - the core includes a header of the system"
	status=1
else
	echo "ok - the core includes no header of the system"
fi
exit $status
