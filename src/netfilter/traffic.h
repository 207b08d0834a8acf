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

/* traffic_receive() waits no longer than this. */
#define TRAFFIC_WAIT_MS 1000

struct traffic {
	struct pktq *queue;
	struct nflog *copies; /* NULL: every packet is held */
	int wake;	      /* eventfd */
	bool busy; /* the last batch had packets of the queue */
	/* The queue's newest batch, while copies that were made before it are
	 * still to be handed out, and for how many batches of those it has
	 * waited. */
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
 * fills *@batch. A packet that is held comes behind the copies of all that was
 * said before it, as long as those are not too many (TRAFFIC_PATIENCE). Returns 0
 * (*@batch may be empty), or -errno for a socket that is of no more use.
 */
int traffic_receive(struct traffic *t, struct traffic_batch *batch);

/* From now on no traffic_receive() waits, in another thread either. */
void traffic_wake(struct traffic *t);

#endif
