/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the core decided and the kernel has not been told yet. Actions come in,
 * one transaction goes out, and only what really happened is logged.
 */
#ifndef DAEMON_LEDGER_H
#define DAEMON_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "netfilter/ctnl.h"
#include "netfilter/fwset.h"
#include "pinholed/action.h"
#include "daemon/feed.h"

/* Actions that wait at most; a full ledger is committed early. */
#define LEDGER_MAX 512

struct ledger {
	struct fwset *fw; /* borrowed */
	struct ctnl *ct;  /* borrowed */
	struct feed *feed; /* borrowed: who watches hears what is logged */
	uint64_t now_ns;   /* of the newest actions */
	/* In the order of the core's decisions. */
	struct action list[LEDGER_MAX];
	uint32_t count;	    /* waiting for the log */
	uint32_t committed; /* of these, how many the kernel has been told */
	/* Handles of openings that the kernel refused, for EVENT_OPEN_FAILED. */
	uint32_t failed[LEDGER_MAX];
	uint32_t failed_count;
	bool shadow; /* the kernel is told nothing: all of it is for the log */
	bool ruleset_missing; /* the last commit found no table or set */
	uint64_t transactions, transactions_failed, marks_failed;
};

/* Takes over the actions of one step, which was at @now_ns. */
void ledger_take(struct ledger *l, const struct actions *actions,
		 uint64_t now_ns);

/* Tells the kernel all that waits and fills l->failed anew. */
void ledger_commit(struct ledger *l);

/* Logs all that was committed, tells it to the feed, and forgets it. */
void ledger_log(struct ledger *l);

#endif
