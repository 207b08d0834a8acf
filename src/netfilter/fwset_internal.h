/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fwset.c and fwset_policy.c share. */
#ifndef NETFILTER_FWSET_INTERNAL_H
#define NETFILTER_FWSET_INTERNAL_H

#include "netfilter/fwtx.h"

struct fwset {
	struct fwtx tx;
};

/* The sets that fwset_sync_policy() writes. */
#define FWSET_POLICY_SETS 9
extern const char *const fwset_policy_sets[FWSET_POLICY_SETS];

#endif
