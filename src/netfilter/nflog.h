/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One NFLOG group: copies of packets that went on, in bundles. */
#ifndef NETFILTER_NFLOG_H
#define NETFILTER_NFLOG_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/span.h"

struct nflog;

/* May be read while another thread receives. */
struct nflog_counters {
	_Atomic uint64_t packets;  /* handed out */
	_Atomic uint64_t overruns; /* ENOBUFS: the socket's buffer was full,
				      copies were lost */
};

/*
 * Binds group @number with whole packets. The kernel delivers what it has gathered
 * when NFLOG_BUNDLE packets wait, when 10 ms have passed, or when a rule says so
 * (queue-threshold 1). *@out is owned by the caller: nflog_close(). 0 or -errno;
 * -EPERM when another program has the group, or without CAP_NET_ADMIN; -EINVAL
 * from a kernel without nfnetlink_log.
 */
int nflog_open(uint16_t number, struct nflog **out)
	__attribute__((warn_unused_result));
void nflog_close(struct nflog *log); /* NULL is allowed */

#define NFLOG_BUNDLE 64

/* For poll(): readable when copies wait. */
int nflog_fd(const struct nflog *log);

/*
 * Fills @packets with up to @max copies, each from its IP header, in the order in
 * which the kernel made them, borrowed until the next call; a copy without a
 * packet in it is left out. Never waits. Returns how many (0: none waits) and sets
 * *@drained when there was nothing more; or -errno for a socket that is of no more
 * use. An overrun is counted, not returned.
 */
int nflog_receive(struct nflog *log, struct span *packets, int max,
		  bool *drained);

const struct nflog_counters *nflog_counters(const struct nflog *log);

#endif
