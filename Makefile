# SPDX-License-Identifier: GPL-3.0-or-later
# `make help` lists the targets. Everything that is built goes to build/.

VERSION = 0.1.0

PREFIX ?= /usr
SYSCONFDIR ?= /etc
SBINDIR ?= $(PREFIX)/sbin
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d

CC ?= cc
B ?= build
PKGS = libmnl libnetfilter_queue libnftnl jansson libcap-ng libseccomp
PKGS_TLS = libevent_core openssl jansson libcap-ng libseccomp
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wswitch-enum -Wvla \
	-Wformat=2 $(if $(WERROR),-Werror)
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
ALL_CPPFLAGS = -D_GNU_SOURCE -DPINHOLED_VERSION='"$(VERSION)"' -Iinclude -Isrc \
	$(CPPFLAGS)
ALL_CFLAGS = -std=c11 $(WARN) $(HARDEN) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now $(LDFLAGS)
# Asked for only when something is linked against them, so that `make deps` and
# `make help` work before they are installed.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS = $(shell pkg-config --libs $(PKGS))

Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

src = $(sort $(wildcard src/$(1)/*.c))
obj = $(patsubst %.c,$(B)/%.o,$(call src,$(1)))

CORE = $(call obj,core)
NETFILTER = $(call obj,netfilter)
IO = $(call obj,io)
CONFINE = $(call obj,confine)
TLS = $(call obj,tls)
EXPLAIN = $(call obj,explain)
REPLAY = $(call obj,replay)

.PHONY: all
all: $(B)/pinholed $(B)/pinholectl $(B)/pinholed-tls ## build the programs into build/

$(B)/pinholed: $(call obj,daemon) $(CONFINE) $(NETFILTER) $(EXPLAIN) $(IO) $(B)/core.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lpthread

$(B)/pinholed-tls: $(call obj,terminator) $(TLS) $(CONFINE) $(IO) $(B)/core.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ \
		$(shell pkg-config --libs $(PKGS_TLS))

$(B)/pinholectl: $(call obj,pinholectl) $(REPLAY) $(EXPLAIN) $(IO) $(B)/core.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lpcap \
		$(shell pkg-config --libs ncurses)

$(B)/core.a: $(CORE)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/io.a: $(IO)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/replay.a: $(REPLAY) $(EXPLAIN)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- tests ----------------------------------------------------------------

UNIT = $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))

# What unit tests and fuzz targets share.
$(B)/support.a: $(patsubst %.c,$(B)/%.o,$(wildcard tests/support/*.c) \
		$(addprefix tests/scenario/,model.c wire.c bytes.c))
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/tests/%.o: ALL_CPPFLAGS += -Itests

$(B)/unit/%: tests/unit/%.c $(B)/support.a $(B)/core.a $(B)/io.a $(B)/replay.a
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests -Itests/unit $(ALL_CFLAGS) \
		$(PKG_CFLAGS) -MMD -MP -pie -o $@ $< $(B)/support.a \
		$(B)/replay.a $(B)/io.a $(B)/core.a $(PKG_LIBS) -lpcap -lcmocka

# What pinholed-tls is made of, but its main().
$(B)/terminator.a: $(filter-out %/main.o,$(call obj,terminator)) $(TLS) $(CONFINE)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/unit/test_tlsd_%: tests/unit/test_tlsd_%.c $(B)/terminator.a $(B)/core.a $(B)/io.a
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -pie -o $@ $< \
		$(B)/terminator.a $(B)/io.a $(B)/core.a \
		$(shell pkg-config --libs $(PKGS_TLS)) -lpthread -lcmocka

.PHONY: check-unit
check-unit: $(if $(T),$(B)/unit/test_$(T),$(UNIT)) | all ## unit tests; T=stream runs one
	@for t in $^; do $$t || exit 1; done

# The core must need nothing from outside but what tests/pure.allow lists.
.PHONY: check-pure
check-pure: $(CORE) ## the core is pure: no system call, clock or heap
	$(Q)$(LD) -r -o $(B)/core-merged.o $^
	$(Q)nm -u $(B)/core-merged.o | sed 's/.* U //' | sort -u | \
		grep -vxFf tests/pure.allow && \
		{ echo 'not ok - the core needs what it must not need'; exit 1; } || \
		echo 'ok - the core is pure'

.PHONY: check-deps
check-deps: ## includes point the way docs/architecture.md says
	$(Q)sh tests/deps.sh

.PHONY: check
check: all check-pure check-deps check-unit ## all that needs no root, under a minute

# --- scenarios and captures -----------------------------------------------

SCENARIOS = $(wildcard tests/scenario/$(if $(N),$(N)-)*.sc)

$(B)/scenario: $(patsubst %.c,$(B)/%.o,$(wildcard tests/scenario/*.c)) \
		$(B)/io.a $(B)/core.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: check-scenario
check-scenario: $(B)/scenario ## the core in virtual time; N=12 runs one
	@$(B)/scenario $(if $(N),,-m 2000) $(SCENARIOS)

.PHONY: check-capture
check-capture: $(B)/pinholectl ## real captures through the core, where they are
	@sh tests/capture/check.sh $(B)/pinholectl ../shared/captures
	@python3 tests/capture/windows.py $(B)/pinholectl ../shared/captures --check
	@python3 tests/capture/large.py $(B)/pinholectl 100 48

.PHONY: check-capture-large
check-capture-large: $(B)/pinholectl ## a made capture of 1 GB, in constant memory
	@python3 tests/capture/large.py $(B)/pinholectl 1024 48

.PHONY: check-mutations
check-mutations: ## takes each rule out of the source: a test must fail
	@sh tests/mutations.sh

.PHONY: check-mutations-ruleset
check-mutations-ruleset: $(PLATFORM) ## the same of the ruleset (root)
	@sh tests/mutations-ruleset.sh

.PHONY: check-asan
check-asan: ## unit tests, scenarios and fuzz inputs under the address and undefined sanitizers
	@$(MAKE) --no-print-directory B=$(B)/asan HARDEN=-fPIE \
		CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined' \
		check-unit check-scenario check-fuzz

VALGRIND = valgrind -q --error-exitcode=9 --leak-check=full \
	--errors-for-leak-kinds=definite

.PHONY: check-valgrind
check-valgrind: $(UNIT) $(B)/scenario | all ## unit tests and scenarios under valgrind
	@tests/packages.sh valgrind
	@for t in $(UNIT) '$(B)/scenario $(SCENARIOS)'; do \
		$(VALGRIND) $$t || exit 1; \
	done

check: check-scenario

# --- fuzzing --------------------------------------------------------------

FUZZ = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
# Who calls the targets; `make fuzz` has libFuzzer do it.
FUZZ_MAIN = $(B)/tests/fuzz/replay.o
FUZZ_CFLAGS = -O1 -g -fsanitize=address,undefined,fuzzer-no-link \
	-fno-sanitize-recover=undefined

$(B)/fuzz/%: $(B)/tests/fuzz/fuzz_%.o $(filter %.o,$(FUZZ_MAIN)) \
		$(B)/support.a $(B)/replay.a $(B)/io.a $(B)/core.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(filter-out %.o,$(FUZZ_MAIN)) \
		-o $@ $^ $(PKG_LIBS) -lpcap

.PHONY: check-fuzz
check-fuzz: $(addprefix $(B)/fuzz/,$(FUZZ)) ## the fuzz targets over their recorded inputs
	@for t in $(FUZZ); do \
		$(B)/fuzz/$$t $$t tests/fuzz/corpus/$$t tests/fuzz/corpus/$$t.repro \
			|| exit 1; \
	done

check: check-fuzz

.SECONDARY: $(patsubst %,$(B)/tests/fuzz/fuzz_%.o,$(FUZZ)) $(B)/tests/fuzz/replay.o

T_FUZZ = $(or $(T),60)
FUZZ_ARGS ?=

.PHONY: fuzz
fuzz: ## libFuzzer with sanitizers (clang): F=gate T=600, target and seconds
	@tests/packages.sh fuzz
	@$(if $(F),,echo 'F=target: one of $(FUZZ)'; exit 2)
	@$(MAKE) --no-print-directory B=$(B)/clang CC=clang HARDEN=-fPIE \
		CFLAGS='$(FUZZ_CFLAGS)' FUZZ_MAIN=-fsanitize=fuzzer \
		$(B)/clang/fuzz/$(F)
	@mkdir -p $(B)/fuzz/corpus/$(F)
	@$(B)/clang/fuzz/$(F) -max_total_time=$(T_FUZZ) -timeout=10 \
		-artifact_prefix=$(B)/fuzz/$(F)- $(FUZZ_ARGS) \
		$(patsubst %,-dict=%,$(wildcard tests/fuzz/$(F).dict)) \
		$(B)/fuzz/corpus/$(F) $(wildcard tests/fuzz/corpus/$(F) \
			tests/fuzz/corpus/$(F).repro)

.PHONY: fuzz-merge
fuzz-merge: ## keeps, of what `make fuzz` found, the inputs that reach more: F=gate
	@$(B)/clang/fuzz/$(F) -set_cover_merge=1 -use_counters=0 \
		tests/fuzz/corpus/$(F) $(B)/fuzz/corpus/$(F)

COVER_CFLAGS = -O0 -g --coverage -fprofile-abs-path

.PHONY: cover
cover: ## lines and branches of src/core that the tests without root reach (gcov)
	@mkdir -p $(B)/cover
	@find $(B)/cover -name '*.gcda' -delete
	@$(MAKE) --no-print-directory B=$(B)/cover HARDEN=-fPIE \
		CFLAGS='$(COVER_CFLAGS)' check-unit check-scenario check-fuzz \
		>$(B)/cover.log 2>&1 || { tail -n 20 $(B)/cover.log; exit 1; }
	@tests/fuzz/cover.sh $(B)/cover src/core

# --- platform tests -------------------------------------------------------

PLATFORM = $(patsubst tests/platform/%.c,$(B)/platform/%,\
	$(wildcard tests/platform/test_*.c))

$(B)/platform/%: tests/platform/%.c $(NETFILTER) $(B)/core.a
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -pie \
		-o $@ $(filter-out %.h,$^) $(PKG_LIBS) -lcmocka

$(B)/platform/test_sandbox_tls: tests/platform/test_sandbox_tls.c $(B)/terminator.a $(B)/core.a $(B)/io.a
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -pie -o $@ $< \
		$(B)/terminator.a $(B)/io.a $(B)/core.a \
		$(shell pkg-config --libs $(PKGS_TLS)) -lpthread -lcmocka

$(B)/platform/test_sandbox: $(B)/src/daemon/sandbox.o $(CONFINE)

.PHONY: check-platform
check-platform: $(PLATFORM) ## the adapters and the ruleset on this kernel (root)
	@for t in $^; do $$t || [ $$? -eq 77 ] || exit 1; done

.PHONY: check-sandbox
check-sandbox: $(B)/platform/test_sandbox $(B)/platform/test_sandbox_tls ## what the daemons must not do after their start
	@for t in $^; do $$t || exit 1; done

check: check-sandbox

# --- lab ------------------------------------------------------------------

.PHONY: check-lab
check-lab: all $(B)/bench/load $(B)/bench/ftpd ## real servers and clients in network namespaces (root); L=ccc selects
	@tests/packages.sh lab
	@PINHOLED='$(abspath $(B)/pinholed)' tests/lab/run.py test '$(L)'

.PHONY: check-long
check-long: all ## what takes too long for every run: 100 uploads each through pinholed-tls, idle sessions (root)
	@tests/packages.sh lab
	@PINHOLED='$(abspath $(B)/pinholed)' tests/lab/run.py test --long '$(L)'

.PHONY: demo
demo: ## every mode beside an attacker, in one table (root): start here
	@tests/packages.sh build lab
	@$(MAKE) --no-print-directory all
	@PINHOLED='$(abspath $(B)/pinholed)' tests/lab/run.py demo

# --- guest ----------------------------------------------------------------

# Where no guest can be had, it says "skip guest: why".
.PHONY: check-guest
check-guest: all $(PLATFORM) ## platform tests and lab on Debian's stock kernel (root)
	@tests/packages.sh lab guest
	@PINHOLED='$(abspath $(B)/pinholed)' tests/guest/run.sh \
		tests/guest/lab.sh $(PLATFORM) || [ $$? -eq 77 ]

# --- benchmarks -----------------------------------------------------------

BENCH_SUPPORT = $(patsubst %.c,$(B)/%.o,tests/bench/trace.c \
	$(addprefix tests/scenario/,wire.c bytes.c))

BENCH_PROGRAMS = $(addprefix $(B)/bench/,core pinhole accept ftpd load flows)

$(B)/bench/core: $(BENCH_SUPPORT) $(B)/core.a
$(B)/bench/pinhole: $(BENCH_SUPPORT) $(NETFILTER) $(B)/core.a

$(B)/bench/%: $(B)/tests/bench/%.o
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) \
		$(shell pkg-config --libs openssl) -lpthread

.PHONY: bench
bench: ## what it costs beside its peers, in one run (root); BENCH=regex selects
	@tests/packages.sh build lab
	@$(MAKE) --no-print-directory all $(BENCH_PROGRAMS)
	@tests/bench/bench.py $(B) $(B)/bench.json '$(BENCH)'

.PHONY: bench-tls
bench-tls: all $(B)/bench/peer ## the relay beside haproxy and stunnel (root)
	@tests/packages.sh lab bench
	@PINHOLED='$(abspath $(B)/pinholed)' \
		PINHOLED_TLS='$(abspath $(B)/pinholed-tls)' tests/bench/relay.py

.PHONY: check-instructions
check-instructions: $(B)/bench/core ## the core costs no more instructions than recorded
	@tests/packages.sh valgrind
	@tests/bench/instructions.sh $<

# --- everything -----------------------------------------------------------

SUITES = check-pure check-deps check-unit check-scenario check-fuzz check-asan \
	check-instructions check-capture check-build check-platform check-lab \
	check-guest

.PHONY: deps
deps: ## install the packages that building and testing need (root, apt)
	$(Q)tests/packages.sh

.PHONY: test
test: deps ## every suite, with real peers and kernels (root); ends with a sum
	$(Q)tests/run.sh $(SUITES)

.PHONY: clean
clean: ## remove build/
	rm -rf $(B)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

# --- install --------------------------------------------------------------

MAN = $(patsubst docs/man/%.scd,$(B)/man/%,$(wildcard docs/man/*.scd))
CONFDIR = $(SYSCONFDIR)/pinholed
DOCDIR = $(DATADIR)/doc/pinholed
COMPLETIONDIR = $(DATADIR)/bash-completion/completions
DOCS = $(wildcard README.md LICENSE docs/*.md docs/*.json nft/example-gateway.nft)

$(B)/man/%: docs/man/%.scd
	$(call say,MAN,$@)
	@mkdir -p $(@D)
	$(Q)scdoc < $< > $@.new && mv $@.new $@

.PHONY: man
man: $(MAN) ## the manual pages into build/man/ (needs scdoc)

# An administrator's own file stays; the new one is put beside it.
# $(1) source, $(2) target
install_conf = @if [ -z "$(DESTDIR)" ] && [ -e $(2) ] && ! cmp -s $(1) $(2); \
	then echo "  KEEP   $(2) (the new one: $(2).new)"; \
		install -m 644 $(1) $(2).new; \
	else install -m 644 $(1) "$(DESTDIR)$(2)"; fi

.PHONY: install
install: all man ## everything, below DESTDIR where given
	install -d "$(DESTDIR)$(SBINDIR)" "$(DESTDIR)$(BINDIR)" \
		"$(DESTDIR)$(CONFDIR)" "$(DESTDIR)$(UNITDIR)" \
		"$(DESTDIR)$(SYSUSERSDIR)" "$(DESTDIR)$(MANDIR)/man1" \
		"$(DESTDIR)$(MANDIR)/man5" "$(DESTDIR)$(MANDIR)/man8" \
		"$(DESTDIR)$(COMPLETIONDIR)" "$(DESTDIR)$(DOCDIR)"
	install -m 755 $(B)/pinholed "$(DESTDIR)$(SBINDIR)/pinholed"
	install -m 755 $(B)/pinholed-tls "$(DESTDIR)$(SBINDIR)/pinholed-tls"
	install -m 755 $(B)/pinholectl "$(DESTDIR)$(BINDIR)/pinholectl"
	for unit in pinholed pinholed-tls; do \
		sed -e 's,/usr/sbin/pinholed,$(SBINDIR)/pinholed,' \
			-e 's,/etc/pinholed,$(CONFDIR),' systemd/$$unit.service \
			>"$(DESTDIR)$(UNITDIR)/$$unit.service"; done
	install -m 644 systemd/pinholed.sysusers \
		"$(DESTDIR)$(SYSUSERSDIR)/pinholed.conf"
	install -m 644 $(filter %.1,$(MAN)) "$(DESTDIR)$(MANDIR)/man1"
	install -m 644 $(filter %.5,$(MAN)) "$(DESTDIR)$(MANDIR)/man5"
	install -m 644 $(filter %.8,$(MAN)) "$(DESTDIR)$(MANDIR)/man8"
	install -m 644 docs/completion/* "$(DESTDIR)$(COMPLETIONDIR)"
	install -m 644 $(DOCS) "$(DESTDIR)$(DOCDIR)"
	$(call install_conf,docs/pinholed.conf,$(CONFDIR)/pinholed.conf)
	$(call install_conf,docs/pinholed-tls.conf,$(CONFDIR)/pinholed-tls.conf)
	$(call install_conf,nft/pinholed.nft,$(CONFDIR)/pinholed.nft)

# $(1) source, $(2) target
uninstall_conf = @if ! [ -e "$(DESTDIR)$(2)" ]; then :; \
	elif cmp -s $(1) "$(DESTDIR)$(2)"; then rm "$(DESTDIR)$(2)"; \
	else echo "  KEEP   $(DESTDIR)$(2) (changed)"; fi

.PHONY: uninstall
uninstall: ## the reverse; changed configuration files stay
	rm -f "$(DESTDIR)$(SBINDIR)/pinholed" "$(DESTDIR)$(BINDIR)/pinholectl" \
		"$(DESTDIR)$(SBINDIR)/pinholed-tls" \
		"$(DESTDIR)$(UNITDIR)/pinholed.service" \
		"$(DESTDIR)$(UNITDIR)/pinholed-tls.service" \
		"$(DESTDIR)$(SYSUSERSDIR)/pinholed.conf" \
		"$(DESTDIR)$(MANDIR)/man1/pinholectl.1" \
		"$(DESTDIR)$(MANDIR)/man5/pinholed.conf.5" \
		"$(DESTDIR)$(MANDIR)/man8/pinholed.8" \
		"$(DESTDIR)$(MANDIR)/man5/pinholed-tls.conf.5" \
		"$(DESTDIR)$(MANDIR)/man8/pinholed-tls.8" \
		"$(DESTDIR)$(COMPLETIONDIR)/pinholed-tls" \
		"$(DESTDIR)$(COMPLETIONDIR)/pinholed" \
		"$(DESTDIR)$(COMPLETIONDIR)/pinholectl"
	rm -rf "$(DESTDIR)$(DOCDIR)"
	$(call uninstall_conf,docs/pinholed.conf,$(CONFDIR)/pinholed.conf)
	$(call uninstall_conf,docs/pinholed-tls.conf,$(CONFDIR)/pinholed-tls.conf)
	$(call uninstall_conf,nft/pinholed.nft,$(CONFDIR)/pinholed.nft)
	@rmdir "$(DESTDIR)$(CONFDIR)" 2>/dev/null || :

.PHONY: check-build
check-build: all man ## install and uninstall, in a scratch directory; what the guides print
	@B='$(B)' MAKE='$(MAKE)' sh tests/build/install.sh
	@B='$(abspath $(B))' sh tests/build/guides.sh
