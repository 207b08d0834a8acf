/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What control connections say: the packets that a queue holds, and the copies of
 * those that it need not hold, in the order in which they were said.
 */
#ifndef NETFILTER_TRAFFIC_H
#define NETFILTER_TRAFFIC_H

#include "netfilter/nflog.h"
#include "netfilter/pktq.h"

/* Most packets of one batch. */
#define TRAFFIC_BATCH PKTQ_BATCH

/* What is held waits for so many batches of copies at most: who floods us with what
 * need not be held shall not hold up the others. */
#define TRAFFIC_PATIENCE 64

/* So often at most, one after the other, what is held is handed out without a look
 * for copies. */
#define TRAFFIC_UNLOOKED 16

/* traffic_wait() waits no longer than this. */
#define TRAFFIC_WAIT_MS 1000

struct traffic {
	struct pktq *queue;
	struct nflog *copies; /* NULL: every packet is held */
	int wake;	      /* eventfd */
	bool busy; /* the last batch had packets of the queue */
	bool idle; /* there was nothing at all */
	int unlooked;
	/* The queue's newest batch, until it is handed out, and for how many
	 * batches of copies that were made before it it has waited. */
	int held_count, waited;
	struct span held[PKTQ_BATCH];
	_Atomic uint64_t overtaken; /* times it was not waited any longer */
};

/* Of @packets the first @copies have gone on, the others are the newest batch of
 * the queue and wait for their verdict. All are borrowed until the next call. */
struct traffic_batch {
	int copies, count;
	struct span packets[TRAFFIC_BATCH];
};

/* Binds a queue, as pktq_open(). To be released with traffic_close(). 0 or -errno. */
int traffic_open(struct traffic *t, uint16_t queue, uint32_t max_length)
	__attribute__((warn_unused_result));

/* And the group of the copies, as nflog_open(). */
int traffic_open_copies(struct traffic *t, uint16_t group)
	__attribute__((warn_unused_result));

/* One that was not opened, or only in part, is allowed when it is all zero. */
void traffic_close(struct traffic *t);

/*
 * Waits for packets, up to TRAFFIC_WAIT_MS, with a few looks before sleeping, and
 * reads the queue into ->held, unless something is there already. Each call is
 * followed by traffic_take(). Returns 0, also where there is nothing, or -errno for
 * a socket that is of no more use.
 */
int traffic_wait(struct traffic *t);

/*
 * Fills *@batch. A packet that is held comes behind the copies of all that was said
 * before it, as long as those are not too many (TRAFFIC_PATIENCE). Where @copies is
 * false there are none that it has to come behind, and one does not look for them
 * (but see TRAFFIC_UNLOOKED). Returns as traffic_wait(); *@batch may be empty.
 */
int traffic_take(struct traffic *t, bool copies, struct traffic_batch *batch);

/* From now on no traffic_wait() waits, in another thread either. */
void traffic_wake(struct traffic *t);

#endif
