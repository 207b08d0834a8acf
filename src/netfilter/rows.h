/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A netlink socket from which packets come many at once, one datagram into each
 * row; what pktq.c and nflog.c share. */
#ifndef NETFILTER_ROWS_H
#define NETFILTER_ROWS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>

#define ROWS_MAX 64

struct rows {
	struct mnl_socket *nl;
	unsigned count; /* of rows */
	size_t size;	/* of one */
	struct mmsghdr messages[ROWS_MAX];
	struct iovec iov[ROWS_MAX];
	uint8_t *buf;
};

/* Opens the socket, and takes memory for @count rows, up to ROWS_MAX, of @size
 * bytes. @r: zeroed; to be released with rows_close(), whatever this returns. 0 or
 * -errno. */
int rows_open(struct rows *r, unsigned count, size_t size)
	__attribute__((warn_unused_result));
void rows_close(struct rows *r);

int rows_fd(const struct rows *r);

/* Sends a configuration message and waits for the answer to it, which is
 * returned: 0 or -errno. What comes before the answer is dropped. */
int rows_configure(struct rows *r, struct nlmsghdr *nlh);

/* Fills the rows with what waits. Returns how many (0: none), or -errno for a
 * socket that is of no more use; an overrun is counted in *@overruns. */
int rows_receive(struct rows *r, _Atomic uint64_t *overruns);

#endif
