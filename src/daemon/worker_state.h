/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A worker's whole state, for the files that share it: worker_open.c makes it,
 * worker.c changes it, worker_view.c tells of it. */
#ifndef DAEMON_WORKER_STATE_H
#define DAEMON_WORKER_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/chronicle.h"
#include "daemon/feed.h"
#include "daemon/ledger.h"
#include "daemon/worker.h"
#include "netfilter/traffic.h"

struct worker {
	pthread_t reader, keeper;
	pthread_mutex_t lock; /* over all below but the atomics */
	struct gate *gate;
	void *memory;
	size_t memory_size;
	struct traffic traffic;
	struct ctnl *ct;
	struct fwset *fw;
	int wake; /* eventfd: the deadline may have changed, or stop */
	struct feed *feed;
	struct chronicle *chronicle;
	const struct policy *policy; /* in force */
	struct ledger ledger;
	struct actions actions;
	enum session_class verdicts[TRAFFIC_BATCH]; /* of this batch */
	uint64_t news_lost;
	uint16_t index;
	_Atomic bool stop, ruleset_missing;
	_Atomic uint64_t reader_alive_ns, keeper_alive_ns;
};

#endif
