#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Goal: every rule of the ruleset that keeps something shut, or from being read, is
# held by a test. Each mutation takes one out of a copy of it; the platform test
# beside it must fail then. Needs root and the platform tests, built.
#
# mutations-ruleset.sh [NAME...]    from the top of the tree; all, or those named
set -u
. tests/mutants.sh

tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/nft" "$tree/build" "$tree/tests" || exit 1
cp -r "${B:-build}/platform" "$tree/build" && cp -r tests/lab "$tree/tests" ||
	exit 1
shipped=$PWD/nft/pinholed.nft
mutant=$tree/nft/pinholed.nft
cd "$tree" || exit 1

# mutate NAME TEST SED-EXPRESSION
mutate()
{
	wanted "$1" || return
	sed "$3" "$shipped" >"$mutant"
	if cmp -s "$shipped" "$mutant"; then
		is_wrong "$1" 'the rule is not there any more'
	elif ! sed '/# NFQUEUE/d' "$mutant" | unshare -n nft -c -f - 2>log; then
		is_wrong "$1" "$(head -n 1 log)"
	elif timeout 120 "build/platform/test_$2" >log 2>&1; then
		has_survived "$1"
	else
		is_killed "$1" "$2: $(sed -n \
			's/^\[  FAILED  \] test_\(.*\)/\1/p' log | head -n 1)"
	fi
}

# The rules of chain $1 that match $2.
without()
{
	echo "/chain $1 {/,/^\t}/{/$2/d}"
}

cp "$shipped" "$mutant"
for test in fwset windows intercept ruleset copies; do
	"build/platform/test_$test" >log 2>&1 && continue
	cat log
	echo "not ok - test_$test fails before anything was changed"
	exit 1
done

# --- pinholes and grants
mutate data-first-packet fwset "$(without data '!= syn return')"
mutate data-privileged fwset "$(without data 'tcp dport < 1024 return')"
mutate data-denied fwset "$(without data '@denied return')"
for v in 4 6; do
	ip=ip${v#4}
	mutate "pin$v-once" fwset "s/@pin$v delete @pin$v {[^}]*}/@pin$v/"
	mutate "grant$v-range" fwset \
		"s/@grant$v $ip daddr . tcp dport @range$v ct/@grant$v ct/"
	mutate "active$v-port" fwset \
		"s/tcp sport { 20, 989 } \($ip saddr . $ip daddr @active_ftp$v\)/\1/"
done
mutate missed fwset "$(without data 'ip saddr . ip daddr @grant4 add')"
mutate missed-passed fwset "$(without passed 'delete @missed4')"
mutate missed-let-in fwset "s/ ct state != new accept$/ accept/"

# --- windows, and what pinholed is asked
for v in 4 6; do
	ip=ip${v#4}
	mutate "ask$v-range" windows \
		"s/@ask_passive$v $ip daddr . tcp dport @range$v goto/@ask_passive$v goto/"
	mutate "ask$v-pinhole" windows "$(without ask "@pin$v return")"
done
mutate ask-forged windows "$(without ask '0xc0000000 != 0')"
mutate ask-privileged windows "$(without ask 'tcp dport < 1024 return')"
mutate ask-denied windows "$(without ask '@denied return')"
mutate unproven-forged windows "$(without unproven '0xc0000000 != 0')"
mutate unproven-read windows '/0xb0000000 goto unproven/d'
mutate judged-proven windows "$(without judged '== 0x40000000')"
mutate judged-unproven windows "$(without judged '== 0xc0000000')"
mutate judged-first windows "$(without data 'jump judged')"
mutate judged-later windows '/0xb0000000 : goto judged/d'

# --- what is for pinholed-tls
mutate relay-privileged intercept "$(without begins 'tcp dport < 1024 return')"
mutate relay-denied intercept "$(without begins '@denied return')"
for v in 4 6; do
	mutate "relay$v-once" intercept "s/delete @relay$v {[^}]*} //"
	mutate "required$v" intercept "/@required$v tcp dport/d"
done
mutate required intercept "$(without begins 'jump required')"
mutate intercepted-forgotten intercept \
	"$(without intercepted '^\t\tct mark set ct mark & 0x0fffffff$')"
mutate own-legs intercept '/goto sent_by_tls/d'

# --- what is read, and what is not
mutate read-acknowledgements ruleset "$(without read 'tcp flags == ack accept')"
mutate read-loopback ruleset "$(without inspect '[io]if "lo" accept')"
mutate read-no-more ruleset "$(without inspect '0x60000000-0x7fffffff accept')"
mutate cut ruleset '/reject with tcp reset/d'
mutate cut-reached ruleset '/0xf0000000 : goto cut/d'
mutate cut-resets ruleset 's/tcp flags & rst == 0 reject/reject/'
mutate hold-behind-copies copies "$(without hold 'queue-threshold 1')"
mutate command-with-more copies "$(without short_command 'goto hold')"
mutate reply-with-more copies "$(without short_reply 'goto hold')"
mutate greeting-with-more copies "$(without long_reply 'goto hold')"
mutate behind-auth copies 's/0x30000000 : goto turning/0x30000000 : goto readable/'

summary
