/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fwset.c and fwset_policy.c share. */
#ifndef NETFILTER_FWSET_INTERNAL_H
#define NETFILTER_FWSET_INTERNAL_H

#include "netfilter/fwtx.h"

struct fwset {
	struct fwtx tx;
	char tls_table[64]; /* the table for pinholed-tls */
	uint64_t handle;    /* of both tables, see fwset_table_handle() */
	char missing[128];  /* fwset_check()'s */
};

/* The sets that fwset_sync_policy() writes, in our table and in that one. */
#define FWSET_POLICY_SETS 5
#define FWSET_TLS_SETS	  6
extern const char *const fwset_policy_sets[FWSET_POLICY_SETS];
extern const char *const fwset_tls_sets[FWSET_TLS_SETS];

#endif
