#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Loads the shipped ruleset in a network namespace: to the letter where the
# kernel has nft's queue statement, else with that one line standing in for it:
#
#	load-ruleset.sh NETNS|- [QUEUES [CHANGE]]
#
# - is the namespace it runs in; QUEUES as in the file, 2100; CHANGE a sed script
# for a ruleset that is not the shipped one.
#
# Without nft_queue, the line marks the packet instead, and the NFQUEUE target of
# iptables picks the mark up in the "security" table, the next chain after
# pinholed's; and in the "mangle" table for packets of data connections. So
# the same packets are queued, pure ACKs kept out and all, from
# nearly the same place. Prints one line that says which way was taken.
set -eu

netns=$1
queues=${2:-2100}
change=${3:-}
ruleset=$(dirname "$0")/../../nft/pinholed.nft
queued=0x08000000 # the packet mark's bit that stands for "to be queued"
asked=0x04000000  # the same for packets of data connections

inside() {
	if [ "$netns" = - ]; then
		"$@"
	else
		ip netns exec "$netns" "$@"
	fi
}

shipped() {
	sed "s/^define pinholed_queues = .*/define pinholed_queues = $queues/" \
		"$ruleset" | sed "$change"
}

probe='table inet pinholed_probe { chain c { queue flags bypass to 1; }; }'
if inside nft -c "$probe" 2>/dev/null; then
	shipped | inside nft -f -
	echo "ruleset: as shipped (nft queue statement), queue $queues"
	exit 0
fi

case $queues in
*-*) to="--queue-balance $(echo "$queues" | tr - :)" ;;
*) to="--queue-num $queues" ;;
esac

shipped |
	sed "s/^.*# asked # NFQUEUE\$/meta mark set meta mark or $asked/" |
	sed "s/^.*# NFQUEUE\$/meta mark set meta mark or $queued/" |
	inside nft -f -
for iptables in iptables-nft ip6tables-nft; do
	inside $iptables -w -t security -F
	inside $iptables -w -t mangle -F
	for chain in FORWARD INPUT OUTPUT; do
		# shellcheck disable=SC2086 # $to is two words
		inside $iptables -w -t security -A $chain \
			-m mark --mark $queued/$queued \
			-j NFQUEUE $to --queue-bypass
		# shellcheck disable=SC2086
		inside $iptables -w -t mangle -A $chain \
			-m mark --mark $asked/$asked \
			-j NFQUEUE $to --queue-bypass
	done
done
# Chains that come along with those: each is a look at every packet.
for family in ip ip6; do
	for chain in PREROUTING POSTROUTING; do
		inside nft "delete chain $family mangle $chain" 2>/dev/null || :
	done
done
echo "ruleset: shipped but for its queue statement, which this kernel lacks;" \
	"NFQUEUE of iptables-nft instead, queue $queues"
