#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Goal: `make install` puts every file where distributions look for it, with
# the paths of the installation in the unit; it never overwrites a configuration
# that somebody has changed; `make uninstall` leaves nothing else behind.
#
# Environment: B, the build directory, with everything built; MAKE.
set -eu

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

say_ok() {
	echo "ok - install: $1"
}

fail() {
	echo "not ok - install: $1" >&2
	exit 1
}

# Runs make quietly; its output is shown where it fails.
run_make() {
	"${MAKE:-make}" B="$B" "$@" >"$tmp/log" 2>&1 || {
		cat "$tmp/log" >&2
		fail "make $*"
	}
}

list() {
	(cd "$1" && find . ! -type d | sort)
}

# --- a package's root, with the default directories

run_make install DESTDIR="$tmp/root"
list "$tmp/root" | grep -v ^./usr/share/doc/ >"$tmp/got"
cat >"$tmp/expected" <<-END
	./etc/pinholed/pinholed-tls.conf
	./etc/pinholed/pinholed.conf
	./etc/pinholed/pinholed.nft
	./usr/bin/pinholectl
	./usr/lib/systemd/system/pinholed-tls.service
	./usr/lib/systemd/system/pinholed.service
	./usr/lib/sysusers.d/pinholed.conf
	./usr/sbin/pinholed
	./usr/sbin/pinholed-tls
	./usr/share/bash-completion/completions/pinholectl
	./usr/share/bash-completion/completions/pinholed
	./usr/share/bash-completion/completions/pinholed-tls
	./usr/share/man/man1/pinholectl.1
	./usr/share/man/man5/pinholed-tls.conf.5
	./usr/share/man/man5/pinholed.conf.5
	./usr/share/man/man8/pinholed-tls.8
	./usr/share/man/man8/pinholed.8
END
diff "$tmp/expected" "$tmp/got" || fail "the files are not the expected ones"
[ -e "$tmp/root/usr/share/doc/pinholed/log.md" ] || fail "log.md is missing"
say_ok "every file in its place below DESTDIR"

"$tmp/root/usr/sbin/pinholed" -n -c "$tmp/root/etc/pinholed/pinholed.conf" ||
	fail "the installed configuration has mistakes"
"$tmp/root/usr/sbin/pinholed-tls" -T \
	-c "$tmp/root/etc/pinholed/pinholed-tls.conf" >/dev/null ||
	fail "the installed pinholed-tls.conf has mistakes"
"$tmp/root/usr/bin/pinholectl" --version >/dev/null || fail "pinholectl"
say_ok "the installed programs run, the installed configuration is good"

# --- an administrator's files, with other directories and no DESTDIR

set -- PREFIX="$tmp/local" SYSCONFDIR="$tmp/local/etc" \
	UNITDIR="$tmp/local/units"
run_make install "$@"
unit=$tmp/local/units/pinholed.service
grep -q "^ExecStart=$tmp/local/sbin/pinholed --config $tmp/local/etc/pinholed" \
	"$unit" || fail "the unit does not have the installation's paths"
grep -q "/etc/pinholed/pinholed.nft" "$unit" || fail "the unit loads no ruleset"
! grep -v "^#" "$unit" | grep -q "[ =]/etc/pinholed\|/usr/sbin/pinholed" ||
	fail "the unit has paths of another installation"
grep -q "^ExecStart=$tmp/local/sbin/pinholed-tls --config $tmp/local/etc/pinholed" \
	"$tmp/local/units/pinholed-tls.service" ||
	fail "the unit of pinholed-tls does not have the installation's paths"
say_ok "the unit names the installation's own paths"

echo "# mine" >>"$tmp/local/etc/pinholed/pinholed.conf"
run_make install "$@"
grep -q "^# mine" "$tmp/local/etc/pinholed/pinholed.conf" ||
	fail "a changed configuration was overwritten"
[ -e "$tmp/local/etc/pinholed/pinholed.conf.new" ] ||
	fail "the new configuration is not beside the changed one"
rm "$tmp/local/etc/pinholed/pinholed.conf.new"
say_ok "a changed configuration stays"

run_make uninstall "$@"
[ "$(list "$tmp/local")" = ./etc/pinholed/pinholed.conf ] ||
	fail "left behind: $(list "$tmp/local")"
run_make uninstall DESTDIR="$tmp/root"
[ -z "$(list "$tmp/root")" ] || fail "left behind: $(list "$tmp/root")"
say_ok "uninstall leaves only a changed configuration"
