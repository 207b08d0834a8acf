/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Netlink datagrams, many with one system call. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netfilter/rows.h"

/* What may wait in the socket, overhead included. */
#define RECEIVE_BUFFER (32 * 1024 * 1024)

int
rows_open(struct rows *r, unsigned count, size_t size)
{
	int buffer = RECEIVE_BUFFER;

	r->count = count;
	r->size = size;
	r->buf = malloc(count * size);
	if (r->buf == NULL)
		return -ENOMEM;
	/* Taken now: a flood must not make the daemon grow. */
	memset(r->buf, 0xff, count * size);
	for (size_t i = 0; i < count; i++) {
		r->iov[i].iov_base = r->buf + i * size;
		r->iov[i].iov_len = size;
		r->messages[i].msg_hdr.msg_iov = &r->iov[i];
		r->messages[i].msg_hdr.msg_iovlen = 1;
	}
	r->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (r->nl == NULL ||
	    mnl_socket_bind(r->nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(rows_fd(r), SOL_SOCKET, SO_RCVBUFFORCE, &buffer,
		       sizeof(buffer)) < 0)
		return -errno;
	return 0;
}

void
rows_close(struct rows *r)
{
	if (r->nl != NULL)
		mnl_socket_close(r->nl);
	free(r->buf);
}

int
rows_fd(const struct rows *r)
{
	return mnl_socket_get_fd(r->nl);
}

int
rows_configure(struct rows *r, struct nlmsghdr *nlh)
{
	const struct nlmsghdr *answer = (const void *)r->buf;
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(answer);

	nlh->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(r->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		ssize_t len = recv(rows_fd(r), r->buf, r->size, 0);

		if (len < 0 && errno != EINTR && errno != ENOBUFS)
			return -errno;
		if (len >= (ssize_t)NLMSG_LENGTH(sizeof(*err)) &&
		    answer->nlmsg_type == NLMSG_ERROR)
			return err->error;
	}
}

int
rows_receive(struct rows *r, _Atomic uint64_t *overruns)
{
	int got;

	while ((got = recvmmsg(rows_fd(r), r->messages, r->count,
			       MSG_DONTWAIT, NULL)) < 0) {
		if (errno == ENOBUFS)
			(*overruns)++;
		else if (errno != EINTR)
			return errno == EAGAIN ? 0 : -errno;
	}
	return got;
}
