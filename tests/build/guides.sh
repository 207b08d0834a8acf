#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Goal: what the guides print can be copied. Every block of code is taken out of
# them and checked by its language:
#
#	nft	loads in a network namespace, pinholed's table with it where it is
#		included; lines without a table stand in a forward chain
#	conf	`pinholed --check` finds no mistake
#	sh	the shell can read it
#
# Links and names of documents lead somewhere, and every finding of `pinholectl
# explain` has its place in troubleshooting.md.
#
# Environment: B, the build directory, with everything built.
set -eu
cd "$(dirname "$0")/../.."

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0

say_bad() {
	echo "not ok - guides: $1" >&2
	bad=1
}

# Each block of language $2 in file $1 becomes $tmp/blocks/LINE.
take_blocks() {
	rm -rf "$tmp/blocks"
	mkdir "$tmp/blocks"
	awk -v language="$2" -v dir="$tmp/blocks" '
		/^```/ && out != "" { close(out); out = ""; next }
		$0 == "```" language { out = dir "/" NR; printf "" >out; next }
		out != "" { print >out }' "$1"
}

# The queue statement is missing in some kernels; nothing here is about it.
sed '/# NFQUEUE$/d' nft/pinholed.nft >"$tmp/pinholed.nft"

check_nft() {
	sed "s,/etc/pinholed/pinholed.nft,$tmp/pinholed.nft," "$1" >"$tmp/block"
	if ! grep -q '^[[:blank:]]*\(table\|include\|delete\|flush\)' "$tmp/block"; then
		{
			echo 'table inet guide { chain forward {'
			echo 'type filter hook forward priority filter; policy drop;'
			cat "$tmp/block"
			echo '}'
			echo '}'
		} >"$tmp/whole"
		mv "$tmp/whole" "$tmp/block"
	fi
	unshare -n nft -c -f "$tmp/block" && unshare -n nft -f "$tmp/block"
}

check_conf() {
	"$B/pinholed" --check --config "$1"
}

check_sh() {
	sh -n "$1"
}

can_nft=yes
{ command -v nft && unshare -n nft list ruleset; } >/dev/null 2>&1 || can_nft=no

guides='quick-start troubleshooting migration'
for guide in $guides; do
	for language in nft conf sh; do
		name="$guide.md, $language"
		if [ $language = nft ] && [ $can_nft = no ]; then
			echo "skip guides: $name: needs root and nft"
			continue
		fi
		take_blocks docs/$guide.md $language
		count=0 before=$bad
		for block in "$tmp"/blocks/*; do
			[ -e "$block" ] || continue
			count=$((count + 1))
			check_$language "$block" >"$tmp/log" 2>&1 && continue
			cat "$tmp/log" >&2
			say_bad "$name: the block at line ${block##*/}"
		done
		[ $bad -ne $before ] || [ $count -eq 0 ] ||
			echo "ok - guides: $name: $count blocks"
	done
done

# Links lead to headings, names of documents to files.
before=$bad
for guide in $guides; do
	sed -n 's/^#* //p' docs/$guide.md | tr 'A-Z ' 'a-z-' |
		tr -cd 'a-z0-9\n-' >"$tmp/headings"
	for link in $(grep -o '](#[^)]*)' docs/$guide.md | tr -d '])(#'); do
		grep -qx -- "$link" "$tmp/headings" ||
			say_bad "$guide.md: no heading $link"
	done
	for file in $(grep -oE '(docs|nft|tests)/[a-z/-]+[.](md|nft|sh)' docs/$guide.md); do
		[ -e "$file" ] || say_bad "$guide.md: no $file"
	done
done
[ $bad -ne $before ] || echo "ok - guides: every link has its end"

before=$bad
sed -n 's/^| `\([a-z-]*\)` | .* | .* | .* |$/\1/p' docs/explain.md >"$tmp/words"
[ -s "$tmp/words" ] || say_bad "no findings in explain.md"
while read -r word; do
	grep -q "\`$word\`" docs/troubleshooting.md ||
		say_bad "troubleshooting.md does not know $word"
done <"$tmp/words"
[ $bad -ne $before ] || echo "ok - guides: every finding has its cure"

exit $bad
