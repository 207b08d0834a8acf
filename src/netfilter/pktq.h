/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One NFQUEUE: packets in batches, verdicts in batches. */
#ifndef NETFILTER_PKTQ_H
#define NETFILTER_PKTQ_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/span.h"

/* Most packets that one pktq_receive() hands out. */
#define PKTQ_BATCH 64

struct pktq;

/* May be read while another thread receives. */
struct pktq_counters {
	_Atomic uint64_t packets;  /* handed out */
	_Atomic uint64_t overruns; /* ENOBUFS: the socket's buffer was full,
				      packets passed unseen or were dropped by
				      the kernel */
	_Atomic uint64_t verdict_errors;
};

/*
 * Binds queue @number with whole packets, GSO packets as they are, and fail-
 * open (a full queue lets packets pass). @max_length: packets the kernel may
 * keep waiting. *@out is owned by the caller: pktq_close(). 0 or -errno;
 * -EBUSY when another program has the queue, -EPERM without CAP_NET_ADMIN.
 */
int pktq_open(uint16_t number, uint32_t max_length, struct pktq **out)
	__attribute__((warn_unused_result));
void pktq_close(struct pktq *q); /* NULL is allowed */

/* For poll(): readable when packets wait. */
int pktq_fd(const struct pktq *q);

/*
 * Fills @packets with up to PKTQ_BATCH packets, each from its IP header,
 * borrowed until the next call. Never waits. Returns how many (0: none waits), or
 * -errno for a socket that is of no more use; an overrun is counted, not returned.
 */
int pktq_receive(struct pktq *q, struct span packets[static PKTQ_BATCH]);

/*
 * Accepts packet number @index of the last pktq_receive() and all before it, this
 * one with @value in the bits @mask of its packet mark. 0 or -errno (also
 * counted).
 */
int pktq_accept_marked(struct pktq *q, int index, uint32_t value, uint32_t mask);

/* Accepts all before packet number @index of the last pktq_receive(), and drops this
 * one. 0 or -errno (also counted). */
int pktq_drop(struct pktq *q, int index);

/* Accepts all packets of the last pktq_receive(), with one message. 0 or
 * -errno (also counted). */
int pktq_accept_batch(struct pktq *q);

const struct pktq_counters *pktq_counters(const struct pktq *q);

#endif
