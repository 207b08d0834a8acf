/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One NFLOG group. A datagram from the kernel is a bundle: one message a packet.
 * recvmmsg() takes several bundles at once, one into each row; they are handed out
 * from there, and only when all have been are the rows used again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>

#include "netfilter/attrs.h"
#include "netfilter/nflog.h"
#include "netfilter/rows.h"

#define BUNDLES 8 /* taken at once */
/* What the kernel takes memory for, for each bundle: small, as most bundles are. Its
 * allocator rounds up to a power of two, and what that gives is used. */
#define BUNDLE_BYTES 7680
/* A packet may be larger than that, and its bundle then as large as the next power
 * of two. */
#define COPY_RANGE 0xffff
#define ROW_BYTES  0x20000
/* In hundredths of a second: no copy waits longer for its bundle. */
#define PATIENCE 1

struct nflog {
	struct rows rows;
	struct nflog_counters counters;
	/* Where the next message stands: in row @row, with @left bytes from it
	 * to the row's end. All rows are done when @row is @filled. */
	int row, filled;
	const struct nlmsghdr *at;
	int left;
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
	nlh->nlmsg_flags = NLM_F_REQUEST;
	group->nfgen_family = AF_UNSPEC;
	group->version = NFNETLINK_V0;
	group->res_id = htons(number);
	mnl_attr_put(nlh, NFULA_CFG_CMD, sizeof(bind), &bind);
	mnl_attr_put(nlh, NFULA_CFG_MODE, sizeof(mode), &mode);
	mnl_attr_put_u32(nlh, NFULA_CFG_QTHRESH, htonl(NFLOG_BUNDLE));
	mnl_attr_put_u32(nlh, NFULA_CFG_TIMEOUT, htonl(PATIENCE));
	mnl_attr_put_u32(nlh, NFULA_CFG_NLBUFSIZ, htonl(BUNDLE_BYTES));
	/* Copies that come before the answer are dropped: their connections
	 * have begun before us. */
	return rows_configure(&log->rows, nlh);
}

int
nflog_open(uint16_t number, struct nflog **out)
{
	struct nflog *log = calloc(1, sizeof(*log));
	int err;

	if (log == NULL)
		return -ENOMEM;
	err = rows_open(&log->rows, BUNDLES, ROW_BYTES);
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
	rows_close(&log->rows);
	free(log);
}

int
nflog_fd(const struct nflog *log)
{
	return rows_fd(&log->rows);
}

/* Stands at the first message of row number @row, if there is one. */
static void
go_to_row(struct nflog *log, int row)
{
	log->row = row;
	if (row == log->filled)
		return;
	if ((log->rows.messages[row].msg_hdr.msg_flags & MSG_TRUNC) != 0)
		log->counters.overruns++;
	log->at = log->rows.iov[row].iov_base;
	log->left = (int)log->rows.messages[row].msg_len;
}

/* Fills the rows anew; 0 or -errno. */
static int
refill(struct nflog *log)
{
	int got = rows_receive(&log->rows, &log->counters.overruns);

	if (got < 0)
		return got;
	log->filled = got;
	go_to_row(log, 0);
	return 0;
}

/* True when there is a packet in it, then that is *@packet. */
static bool
read_message(const struct nlmsghdr *nlh, struct span *packet)
{
	const struct nlattr *attr = NULL;

	*packet = span_make(NULL, 0);
	if (!attrs_are_of(nlh, NFNL_SUBSYS_ULOG, NFULNL_MSG_PACKET))
		return false;
	while ((attr = attrs_next(nlh, attr)) != NULL)
		if (attrs_type(attr) == NFULA_PAYLOAD)
			*packet = attrs_value(attr);
	return packet->len != 0;
}

int
nflog_receive(struct nflog *log, struct span *packets, int max, bool *drained)
{
	bool short_of = false; /* the kernel had no more for us */
	int count = 0, err = 0;

	*drained = false;
	if (log->row == log->filled) {
		err = refill(log);
		short_of = log->filled < BUNDLES;
	}
	while (err == 0 && log->row < log->filled && count < max) {
		if (!mnl_nlmsg_ok(log->at, log->left)) {
			go_to_row(log, log->row + 1);
			continue;
		}
		if (read_message(log->at, &packets[count]))
			count++;
		log->at = mnl_nlmsg_next(log->at, &log->left);
	}
	log->counters.packets += (uint64_t)count;
	*drained = short_of && log->row == log->filled;
	return err != 0 ? err : count;
}

const struct nflog_counters *
nflog_counters(const struct nflog *log)
{
	return &log->counters;
}
