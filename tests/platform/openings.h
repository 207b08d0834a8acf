/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Openings and the configuration's sets, written by hand as the daemon would. */
#ifndef TESTS_PLATFORM_OPENINGS_H
#define TESTS_PLATFORM_OPENINGS_H

#include "netns.h"

#include "netfilter/fwset.h"

static struct fwset *fw;

static inline struct action
action(enum action_kind kind, enum opening_kind opening, const char *source,
       const char *destination, uint16_t port, uint32_t timeout_s)
{
	struct action a = { .kind = kind, .has_opening = true };

	a.opening.kind = opening;
	a.opening.source = addr_from(source);
	a.opening.destination = addr_from(destination);
	a.opening.port = port;
	a.opening.timeout_s = timeout_s;
	return a;
}

static inline int
apply(enum action_kind kind, enum opening_kind opening, const char *source,
      const char *destination, uint16_t port, uint32_t timeout_s)
{
	struct action a = action(kind, opening, source, destination, port,
				 timeout_s);

	assert_int_equal(fwset_add(fw, &a), 0);
	return fwset_commit(fw);
}

static inline struct policy_server
server(const char *net, uint8_t prefix, uint16_t low, uint16_t high)
{
	return (struct policy_server){
		.net = addr_from(net),
		.prefix = prefix,
		.opaque = POLICY_OPAQUE_GRANT,
		.passive = { low, high },
	};
}

static inline void
sync_policy(const struct policy *policy)
{
	assert_int_equal(fwset_sync_policy(fw, policy, false), 0);
	/* nft can read what we wrote. */
	must_run("nft list table inet pinholed >/dev/null");
}

#endif
