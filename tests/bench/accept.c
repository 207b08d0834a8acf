/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The floor: accepts everything that queue NUMBER has, unread, in the cheapest
 * known way. No payload is copied, packets come as they are (GSO), a batch with
 * one system call, and one verdict for all; before it sleeps it looks a few times
 * more, and lets others run in between.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <libnetfilter_queue/libnetfilter_queue.h>

#define BATCH 64
#define ROW 512
#define LOOKS 32

static int fd;
static uint16_t number;

static void
must(int result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static void
bind_queue(struct mnl_socket *nl)
{
	const uint32_t flags = htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN);
	char buf[512] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh = nfq_nlmsg_put(buf, NFQNL_MSG_CONFIG, number);
	int size = 32 * 1024 * 1024;

	nfq_nlmsg_cfg_put_cmd(nlh, AF_UNSPEC, NFQNL_CFG_CMD_BIND);
	nfq_nlmsg_cfg_put_params(nlh, NFQNL_COPY_META, 0);
	nfq_nlmsg_cfg_put_qmaxlen(nlh, 16384);
	mnl_attr_put(nlh, NFQA_CFG_FLAGS, sizeof(flags), &flags);
	mnl_attr_put(nlh, NFQA_CFG_MASK, sizeof(flags), &flags);
	nlh->nlmsg_flags |= NLM_F_ACK;
	must((int)mnl_socket_sendto(nl, nlh, nlh->nlmsg_len), "bind");
	must((int)mnl_socket_recvfrom(nl, buf, sizeof(buf)), "bind");
	must(((struct nlmsgerr *)mnl_nlmsg_get_payload((void *)buf))->error,
	     "bind");
	must(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)),
	     "buffer");
}

static uint32_t
packet_id(const struct nlmsghdr *nlh)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(attr) == NFQA_PACKET_HDR)
			return ntohl(((const struct nfqnl_msg_packet_hdr *)
					      mnl_attr_get_payload(attr))
					     ->packet_id);
	return 0;
}

static struct mmsghdr messages[BATCH];

static int
receive(void)
{
	int got = -1;

	for (int i = 0; got < 0 && i < LOOKS; i++) {
		if (i != 0)
			sched_yield();
		got = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
		if (got < 0 && errno != EAGAIN)
			return got;
	}
	return got >= 0 ? got :
			  recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
}

int
main(int argc, char **argv)
{
	static uint8_t rows[BATCH][ROW]
		__attribute__((aligned(NLMSG_ALIGNTO)));
	static struct iovec iov[BATCH];
	struct mnl_socket *nl = mnl_socket_open(NETLINK_NETFILTER);

	if (argc != 2 || nl == NULL)
		return 2;
	number = (uint16_t)atoi(argv[1]);
	fd = mnl_socket_get_fd(nl);
	must(mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID), "socket");
	bind_queue(nl);
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ rows[i], ROW };
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		char buf[64] __attribute__((aligned(NLMSG_ALIGNTO)));
		struct nlmsghdr *nlh;
		int got = receive();

		if (got < 0 && (errno == ENOBUFS || errno == EINTR))
			continue;
		must(got, "receive");
		nlh = nfq_nlmsg_put(buf, NFQNL_MSG_VERDICT_BATCH, number);
		nfq_nlmsg_verdict_put(nlh,
				      (int)packet_id((void *)rows[got - 1]),
				      NF_ACCEPT);
		must((int)mnl_socket_sendto(nl, nlh, nlh->nlmsg_len), "verdict");
	}
}
