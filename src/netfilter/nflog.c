/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One NFLOG group. A datagram from the kernel is a bundle: one message a packet.
 * recvmmsg() takes several bundles at once, one into each row; they are handed out
 * from there, and only when all have been are the rows used again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>

#include "netfilter/nflog.h"

#define ROWS 8
/* What the kernel takes memory for, for each bundle: small, as most bundles are. Its
 * allocator rounds up to a power of two, and what that gives is used. */
#define BUNDLE_BYTES 7680
/* A packet may be larger than that, and its bundle then as large as the next power
 * of two. */
#define COPY_RANGE 0xffff
#define ROW_BYTES  0x20000
/* In hundredths of a second: no copy waits longer for its bundle. */
#define PATIENCE 1

/* What may wait in the socket, overhead included. */
#define RECEIVE_BUFFER (32 * 1024 * 1024)

struct nflog {
	struct mnl_socket *nl;
	struct nflog_counters counters;
	/* Where the next message stands: in row @row, with @left bytes from it
	 * to the row's end. All rows are done when @row is @rows. */
	int row, rows;
	const struct nlmsghdr *at;
	int left;
	struct mmsghdr messages[ROWS];
	struct iovec iov[ROWS];
	uint8_t *buf; /* ROWS rows */
};

static int
configure(struct nflog *log, uint16_t number)
{
	const struct nfulnl_msg_config_cmd bind = {
		.command = NFULNL_CFG_CMD_BIND,
	};
	const struct nfulnl_msg_config_mode mode = {
		.copy_range = htonl(COPY_RANGE),
		.copy_mode = NFULNL_COPY_PACKET,
	};
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *group =
		mnl_nlmsg_put_extra_header(nlh, sizeof(*group));

	nlh->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	group->nfgen_family = AF_UNSPEC;
	group->version = NFNETLINK_V0;
	group->res_id = htons(number);
	mnl_attr_put(nlh, NFULA_CFG_CMD, sizeof(bind), &bind);
	mnl_attr_put(nlh, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(nlh, NFULA_CFG_QTHRESH, htonl(NFLOG_BUNDLE));
	mnl_attr_put_u32(nlh, NFULA_CFG_TIMEOUT, htonl(PATIENCE));
	mnl_attr_put_u32(nlh, NFULA_CFG_NLBUFSIZ, htonl(BUNDLE_BYTES));
	if (mnl_socket_sendto(log->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	/* The first copies may come before the answer: they are dropped, their
	 * connections have begun before us. */
	for (;;) {
		const struct nlmsghdr *answer = (const void *)log->buf;
		const struct nlmsgerr *err = mnl_nlmsg_get_payload(answer);
		ssize_t len = recv(nflog_fd(log), log->buf, ROW_BYTES, 0);

		if (len < 0 && errno != EINTR && errno != ENOBUFS)
			return -errno;
		if (len >= (ssize_t)NLMSG_LENGTH(sizeof(*err)) &&
		    answer->nlmsg_type == NLMSG_ERROR)
			return err->error;
	}
}

static int
open_socket(struct nflog *log)
{
	int size = RECEIVE_BUFFER;

	log->buf = malloc((size_t)ROWS * ROW_BYTES);
	if (log->buf == NULL)
		return -ENOMEM;
	/* Taken now: a flood must not make the daemon grow. */
	memset(log->buf, 0xff, (size_t)ROWS * ROW_BYTES);
	for (size_t i = 0; i < ROWS; i++) {
		log->iov[i].iov_base = log->buf + i * ROW_BYTES;
		log->iov[i].iov_len = ROW_BYTES;
		log->messages[i].msg_hdr.msg_iov = &log->iov[i];
		log->messages[i].msg_hdr.msg_iovlen = 1;
	}
	log->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (log->nl == NULL ||
	    mnl_socket_bind(log->nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(nflog_fd(log), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)) < 0)
		return -errno;
	return 0;
}

int
nflog_open(uint16_t number, struct nflog **out)
{
	struct nflog *log = calloc(1, sizeof(*log));
	int err;

	if (log == NULL)
		return -ENOMEM;
	err = open_socket(log);
	if (err == 0)
		err = configure(log, number);
	if (err != 0) {
		nflog_close(log);
		return err;
	}
	*out = log;
	return 0;
}

void
nflog_close(struct nflog *log)
{
	if (log == NULL)
		return;
	if (log->nl != NULL)
		mnl_socket_close(log->nl);
	free(log->buf);
	free(log);
}

int
nflog_fd(const struct nflog *log)
{
	return mnl_socket_get_fd(log->nl);
}

/* Stands at the first message of row number @row, if there is one. */
static void
go_to_row(struct nflog *log, int row)
{
	log->row = row;
	if (row == log->rows)
		return;
	if ((log->messages[row].msg_hdr.msg_flags & MSG_TRUNC) != 0)
		log->counters.overruns++;
	log->at = log->iov[row].iov_base;
	log->left = (int)log->messages[row].msg_len;
}

/* Fills the rows anew; 0 or -errno. */
static int
refill(struct nflog *log)
{
	int got;

	while ((got = recvmmsg(nflog_fd(log), log->messages, ROWS,
			       MSG_DONTWAIT, NULL)) < 0) {
		if (errno == ENOBUFS)
			log->counters.overruns++;
		else if (errno != EINTR)
			break;
	}
	if (got < 0 && errno != EAGAIN)
		return -errno;
	log->rows = got < 0 ? 0 : got;
	go_to_row(log, 0);
	return 0;
}

/* True when there is a packet in it, then that is *@packet. */
static bool
read_message(const struct nlmsghdr *nlh, struct span *packet)
{
	const struct nlattr *attr;

	*packet = span_make(NULL, 0);
	if (nlh->nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nfgenmsg))
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == NFULA_PAYLOAD)
			*packet = span_make(mnl_attr_get_payload(attr),
					    mnl_attr_get_payload_len(attr));
	return packet->len != 0;
}

int
nflog_receive(struct nflog *log, struct span *packets, int max, bool *drained)
{
	bool short_of = false; /* the kernel had no more for us */
	int count = 0, err = 0;

	*drained = false;
	if (log->row == log->rows) {
		err = refill(log);
		short_of = log->rows < ROWS;
	}
	while (err == 0 && log->row < log->rows && count < max) {
		if (!mnl_nlmsg_ok(log->at, log->left)) {
			go_to_row(log, log->row + 1);
			continue;
		}
		if (read_message(log->at, &packets[count]))
			count++;
		log->at = mnl_nlmsg_next(log->at, &log->left);
	}
	log->counters.packets += (uint64_t)count;
	*drained = short_of && log->row == log->rows;
	return err != 0 ? err : count;
}

const struct nflog_counters *
nflog_counters(const struct nflog *log)
{
	return &log->counters;
}
