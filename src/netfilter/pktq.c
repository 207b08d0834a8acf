/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One NFQUEUE: packets in batches, verdicts in batches.
 *
 * The kernel numbers a queue's packets upwards, so one message that accepts all
 * up to the highest number seen answers for a whole batch. Each packet is a
 * datagram of its own; recvmmsg() takes as many as wait, one into each row.
 *
 * NETLINK_NO_ENOBUFS stays off: with it nobody would know of packets that found
 * no room in the socket. Those pass unseen, as the queue is fail-open.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <libnetfilter_queue/libnetfilter_queue.h>

#include "netfilter/attrs.h"
#include "netfilter/pktq.h"
#include "netfilter/rows.h"

/* The copy range and room for netlink's headers and attributes. */
#define COPY_RANGE 0xffff
#define ROW_BYTES  (COPY_RANGE + 1025)

struct pktq {
	struct rows rows;
	uint16_t number;
	bool pending;	  /* packets were handed out and await their verdict */
	uint32_t answered; /* the newest that was, by itself */
	uint32_t last_id; /* of the newest of them */
	uint32_t ids[PKTQ_BATCH], marks[PKTQ_BATCH];
	struct pktq_counters counters;
};

/* An old command that does nothing now but to need the capability. */
static struct nlmsghdr *
put_nothing(char *buf)
{
	struct nlmsghdr *nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, 0);

	nfq_nlmsg_cfg_put_cmd(nlh, AF_INET, NFQNL_CFG_CMD_PF_BIND);
	return nlh;
}

static int
bind_queue(struct pktq *q, uint32_t max_length)
{
	const uint32_t flags = htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN);
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;
	int err;

	/* The kernel says EPERM also for a queue that is another's: first ask
	 * for the capability alone. */
	err = rows_configure(&q->rows, put_nothing(buf));
	if (err != 0)
		return err;

	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, q->number);
	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_PACKET, COPY_RANGE);
	nfq_nlmsg_cfg_put_qmaxlen(nlh, max_length);
	mnl_attr_put(nlh, NFQA_CFG_FLAGS, sizeof(flags), &flags);
	mnl_attr_put(nlh, NFQA_CFG_MASK, sizeof(flags), &flags);
	/* The first packets may come before the answer. They pass with the
	 * first batch: its verdict accepts them too, unread. */
	err = rows_configure(&q->rows, nlh);
	return err == -EPERM ? -EBUSY : err;
}

int
pktq_open(uint16_t number, uint32_t max_length, struct pktq **out)
{
	struct pktq *q = calloc(1, sizeof(*q));
	int err;

	if (q == NULL)
		return -ENOMEM;
	q->number = number;
	err = rows_open(&q->rows, PKTQ_BATCH, ROW_BYTES);
	if (err == 0)
		err = bind_queue(q, max_length);
	if (err != 0) {
		pktq_close(q);
		return err;
	}
	*out = q;
	return 0;
}

void
pktq_close(struct pktq *q)
{
	if (q == NULL)
		return;
	rows_close(&q->rows);
	free(q);
}

int
pktq_fd(const struct pktq *q)
{
	return rows_fd(&q->rows);
}

static bool
is_failure(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);

	return mnl_nlmsg_get_payload_len(nlh) < sizeof(*err) || err->error != 0;
}

/* Reads one message; true when it is a packet, then *@packet and q->last_id
 * are its. */
static bool
read_message(struct pktq *q, const struct nlmsghdr *nlh, size_t len,
	     int index, struct span *packet)
{
	const struct nfqnl_msg_packet_hdr *header = NULL;
	const struct nlattr *attr = NULL;
	struct span value;
	uint32_t mark = 0;

	if (!mnl_nlmsg_ok(nlh, (int)len))
		return false;
	/* A verdict is answered only where it failed. */
	if (nlh->nlmsg_type == NLMSG_ERROR && is_failure(nlh))
		q->counters.verdict_errors++;
	if (!attrs_are_of(nlh, NFNL_SUBSYS_QUEUE, NFQNL_MSG_PACKET))
		return false;
	*packet = span_make(NULL, 0);
	while ((attr = attrs_next(nlh, attr)) != NULL) {
		value = attrs_value(attr);
		if (attrs_type(attr) == NFQA_PACKET_HDR &&
		    value.len >= sizeof(*header))
			header = (const void *)value.data;
		else if (attrs_type(attr) == NFQA_MARK && value.len >= 4)
			mark = ntohl(mnl_attr_get_u32(attr));
		else if (attrs_type(attr) == NFQA_PAYLOAD)
			*packet = value;
	}
	if (header == NULL)
		return false;
	q->last_id = ntohl(header->packet_id);
	q->ids[index] = q->last_id;
	q->marks[index] = mark;
	return true;
}

int
pktq_receive(struct pktq *q, struct span packets[static PKTQ_BATCH])
{
	int got = rows_receive(&q->rows, &q->counters.overruns), count = 0;

	if (got < 0)
		return got;
	for (int i = 0; i < got; i++)
		if (read_message(q, q->rows.iov[i].iov_base,
				 q->rows.messages[i].msg_len, count,
				 &packets[count]))
			count++;
	q->pending = q->pending || count > 0;
	q->counters.packets += (uint64_t)count;
	return count;
}

static int
send_verdict(struct pktq *q, struct nlmsghdr *nlh)
{
	if (mnl_socket_sendto(q->rows.nl, nlh, nlh->nlmsg_len) >= 0)
		return 0;
	q->counters.verdict_errors++;
	return -errno;
}

static int
accept_up_to(struct pktq *q, uint32_t id)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;

	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_VERDICT_BATCH, q->number);
	nfq_nlmsg_verdict_put(nlh, (int)id, NF_ACCEPT);
	return send_verdict(q, nlh);
}

/* Packet @index by itself, and what came before it: a connection's packets must not
 * overtake each other. With @mark where that is not NULL. */
static int
answer(struct pktq *q, int index, int verdict, const uint32_t *mark)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;
	int err = 0, sent;

	/* For a batch that holds nothing the kernel says ENOENT, unasked. */
	if (index > 0 && q->ids[index - 1] != q->answered)
		err = accept_up_to(q, q->ids[index - 1]);
	nlh = nfq_nlmsg_put(buf, NFQNL_MSG_VERDICT, q->number);
	nfq_nlmsg_verdict_put(nlh, (int)q->ids[index], verdict);
	if (mark != NULL)
		nfq_nlmsg_verdict_put_mark(nlh, *mark);
	sent = send_verdict(q, nlh);
	q->answered = q->ids[index];
	q->pending = q->answered != q->last_id;
	return sent != 0 ? sent : err;
}

int
pktq_accept_marked(struct pktq *q, int index, uint32_t value, uint32_t mask)
{
	uint32_t mark = (q->marks[index] & ~mask) | value;

	return answer(q, index, NF_ACCEPT, &mark);
}

int
pktq_drop(struct pktq *q, int index)
{
	return answer(q, index, NF_DROP, NULL);
}

int
pktq_accept_batch(struct pktq *q)
{
	if (!q->pending)
		return 0;
	q->pending = false;
	return accept_up_to(q, q->last_id);
}

const struct pktq_counters *
pktq_counters(const struct pktq *q)
{
	return &q->counters;
}
