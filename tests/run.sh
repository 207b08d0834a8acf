#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Runs test suites, each a make target, and adds up what they report:
#
#	tests/run.sh SUITE...
#
# A suite reports one line per test: `ok ...`, `not ok ...`, or `skip NAME:
# reason` (TAP's `# SKIP` counts too). A suite that fails without saying which
# test did is one failure; one that exits 77 is one skip. What a suite printed
# stays in build/test/SUITE.log. Behind all suites come the last lines of those
# that failed, the tests that failed, each with its suite, and `N passed, N failed,
# N skipped`; the exit status is 1 when anything failed.
set -u
cd "$(dirname "$0")/.." || exit 1
logs=${B:-build}/test
mkdir -p "$logs"
passed=0 failed=0 skipped=0
failures=$logs/failures
told=
: >"$failures"

# Lines of file $2 that match $1.
count() {
	grep -cE "$1" "$2"
}

for suite in "$@"; do
	log=$logs/$suite.log
	status=$logs/$suite.status
	started=$(date +%s)
	echo "=== $suite"
	{
		CMOCKA_MESSAGE_OUTPUT=TAP make --no-print-directory "$suite" 2>&1
		echo $? >"$status"
	} | tee "$log" | grep --line-buffered -vE '^ *(ok|1\.\.[0-9]+)( |$)'
	ok=$(count '^ok( |$)' "$log")
	bad=$(count '^not ok( |$)' "$log")
	# cmocka before 1.1.7 says "not ok" to a skipped test.
	ok=$((ok - $(count '^ok .*# SKIP' "$log")))
	bad=$((bad - $(count '^not ok .*# SKIP' "$log")))
	skip=$(count '^skip |^(not )?ok .*# SKIP' "$log")
	if [ "$(cat "$status")" -ne 0 ] && [ "$bad" -eq 0 ]; then
		bad=1
		echo "not ok - $suite failed: see $log" | tee -a "$failures"
	fi
	grep -E '^not ok( |$)' "$log" | grep -v '# SKIP' |
		sed "s/^/$suite: /" >>"$failures"
	echo "--- $suite: $ok passed, $bad failed, $skip skipped," \
		"$(($(date +%s) - started)) s"
	[ "$bad" -eq 0 ] || told="$told $suite"
	passed=$((passed + ok))
	failed=$((failed + bad))
	skipped=$((skipped + skip))
done

for suite in $told; do
	echo "=== $suite, its end"
	tail -n 100 "$logs/$suite.log" | grep -vE '^ *(ok|1\.\.[0-9]+)( |$)'
done
cat "$failures"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
