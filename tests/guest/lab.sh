#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# lab.sh [PROGRAM...]: what `make check-guest` runs on Debian's stock kernel.
#
# The shipped ruleset to the letter, the platform tests PROGRAM..., and the lab's
# quick selection. Exit 1 when anything failed.

set -u
cd "$(dirname "$0")/../.." || exit 1
rc=0
export PINHOLED_LAB_SLOW="${PINHOLED_LAB_SLOW:-4}"

letter()
{
	unshare --net sh -ec '
		nft -f nft/pinholed.nft
		nft -f nft/example-gateway.nft
		nft add element inet pinholed grant4 \
			"{ 192.0.2.1 . 192.0.2.2 timeout 1h }"
		nft -f nft/pinholed.nft
		nft list set inet pinholed grant4 | grep -q 192.0.2.1
		nft list chain inet pinholed queue_control |
			grep -q "queue flags bypass to 2100"
	'
}

echo "guest: Linux $(uname -r)"
if letter; then
	echo "ok guest: the ruleset as shipped, loaded and loaded again"
else
	echo "not ok guest: the ruleset as shipped"
	rc=1
fi

for program; do
	"$program" || [ $? -eq 77 ] || rc=1
done

PINHOLED_LAB_OWN_CLOCK=1 /usr/bin/python3 tests/lab/run.py test --quick || rc=1
exit $rc
