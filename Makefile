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
PKGS = libmnl libnetfilter_queue libnftnl jansson libcap-ng
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

.PHONY: all
all: $(B)/pinholed $(B)/pinholectl ## build the programs into build/

$(B)/pinholed: $(call obj,daemon) $(NETFILTER) $(IO) $(B)/core.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lpthread

$(B)/pinholectl: $(call obj,pinholectl)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/core.a: $(CORE)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/io.a: $(IO)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- tests ----------------------------------------------------------------

UNIT = $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/test_*.c))

$(B)/unit/%: tests/unit/%.c $(B)/core.a $(B)/io.a
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) -Itests/unit $(ALL_CFLAGS) $(PKG_CFLAGS) \
		-MMD -MP -pie -o $@ $< $(B)/io.a $(B)/core.a $(PKG_LIBS) -lcmocka

.PHONY: check-unit
check-unit: $(if $(T),$(B)/unit/test_$(T),$(UNIT)) ## unit tests; T=stream runs one
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
	@$(B)/scenario $(SCENARIOS)

check: check-scenario

.PHONY: clean
clean: ## remove build/
	rm -rf $(B)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
