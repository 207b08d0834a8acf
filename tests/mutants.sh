# SPDX-License-Identifier: GPL-3.0-or-later
# What mutations.sh and mutations-ruleset.sh share: which mutants are wanted, by the
# names that the script was given, and how each of them fared.

only=" $* "
killed=0 survived=0 wrong=0

wanted()
{
	[ "$only" = "  " ] || [ "${only#* "$1" }" != "$only" ]
}

report()
{
	printf '  %-28s %s\n' "$1" "$2"
}

# is_wrong NAME WHY: there is no such mutant any more.
is_wrong()
{
	report "$1" "WRONG: $2"
	wrong=$((wrong + 1))
}

# is_killed NAME TEST
is_killed()
{
	report "$1" "fails: $2"
	killed=$((killed + 1))
}

has_survived()
{
	report "$1" 'SURVIVED'
	survived=$((survived + 1))
}

# Fails unless each of them made a test fail.
summary()
{
	echo "mutations: $killed make a test fail, $survived survived, $wrong wrong"
	[ $((survived + wrong)) -eq 0 ]
}
