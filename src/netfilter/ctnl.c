/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connection tracking over ctnetlink: marks of control connections written, a
 * dump at start, news of connections that carry our mark.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

#include "netfilter/ctnl_message.h"

#define NEWS_BUFFER (4 * 1024 * 1024)

/* Where a message has the low byte of its type, IPCTNL_MSG_CT_... */
#define MESSAGE_AT                                 \
	(offsetof(struct nlmsghdr, nlmsg_type) + \
	 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 1 : 0))

struct ctnl {
	struct mnl_socket *requests, *news;
	uint32_t seq;
};

/*
 * Lets pass only what ctnl_parse_news() tells: that a connection ended whose mark has
 * a control class, and that one began whose mark has the bit of data classes. Each
 * message less is a turn less of somebody. A mark of 0 has no attribute.
 */
static int
attach_filter(int fd)
{
	const uint32_t data = UINT32_C(1) << (MARK_SHIFT + 3);
	const uint32_t cut = (uint32_t)CLASS_CUT << MARK_SHIFT;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_IMM,
			 NLMSG_LENGTH(sizeof(struct nfgenmsg))),
		BPF_STMT(BPF_LDX | BPF_IMM, CTA_MARK),
		/* A: where in the message the attribute is, or 0 */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			 (uint32_t)(SKF_AD_OFF + SKF_AD_NLATTR)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 12, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, NLA_HDRLEN),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, MARK_MASK),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		/* X: the class. An end, or a beginning (four further on)? */
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, MESSAGE_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPCTNL_MSG_CT_DELETE, 0, 4),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, cut, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, data, 2, 3),
		BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, data, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program));
}

static int
open_requests(struct ctnl *ct)
{
	ct->requests = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (ct->requests == NULL ||
	    mnl_socket_bind(ct->requests, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

static int
open_news(struct ctnl *ct)
{
	int size = NEWS_BUFFER;
	int groups[] = { NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_DESTROY };

	ct->news = mnl_socket_open2(NETLINK_NETFILTER,
				    SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (ct->news == NULL ||
	    mnl_socket_bind(ct->news, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(ctnl_fd(ct), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)) < 0 ||
	    attach_filter(ctnl_fd(ct)) < 0)
		return -errno;
	for (size_t i = 0; i < 2; i++)
		if (mnl_socket_setsockopt(ct->news, NETLINK_ADD_MEMBERSHIP,
					  &groups[i], sizeof(groups[i])) < 0)
			return -errno;
	return 0;
}

static int
open_all(bool news, struct ctnl **out)
{
	struct ctnl *ct = calloc(1, sizeof(*ct));
	int err;

	if (ct == NULL)
		return -ENOMEM;
	err = open_requests(ct);
	if (err == 0 && news)
		err = open_news(ct);
	if (err != 0) {
		ctnl_close(ct);
		return err;
	}
	*out = ct;
	return 0;
}

int
ctnl_open(struct ctnl **out)
{
	return open_all(true, out);
}

int
ctnl_open_requests(struct ctnl **out)
{
	return open_all(false, out);
}

void
ctnl_close(struct ctnl *ct)
{
	if (ct == NULL)
		return;
	if (ct->requests != NULL)
		mnl_socket_close(ct->requests);
	if (ct->news != NULL)
		mnl_socket_close(ct->news);
	free(ct);
}

int
ctnl_fd(const struct ctnl *ct)
{
	return mnl_socket_get_fd(ct->news);
}

int
ctnl_receive(struct ctnl *ct, struct event *out)
{
	char buf[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *nlh = (void *)buf;

	for (;;) {
		ssize_t len = recv(ctnl_fd(ct), buf, sizeof(buf), 0);

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno == EAGAIN ? 0 : -errno;
		/* One message each: so the kernel sends news. */
		if (mnl_nlmsg_ok(nlh, (int)len) && ctnl_parse_news(nlh, out))
			return 1;
	}
}

static struct nlmsghdr *
request(struct ctnl *ct, char *buf, uint8_t message, uint16_t flags,
	uint8_t family)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg;

	nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | message);
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++ct->seq;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = family;
	nfg->version = NFNETLINK_V0;
	return nlh;
}

/* Sends @nlh and reads until its answer ends, each message to @each. */
static int
transact(struct ctnl *ct, const struct nlmsghdr *nlh, mnl_cb_t each, void *arg)
{
	char buf[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
	int more;

	if (mnl_socket_sendto(ct->requests, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		ssize_t len = mnl_socket_recvfrom(ct->requests, buf,
						  sizeof(buf));

		if (len < 0 && errno == EINTR) {
			more = MNL_CB_OK;
			continue;
		}
		if (len < 0)
			return -errno;
		more = mnl_cb_run(buf, (size_t)len, ct->seq,
				  mnl_socket_get_portid(ct->requests), each,
				  arg);
	} while (more == MNL_CB_OK);
	return more < 0 ? -errno : 0;
}

static void
put_tuple(struct nlmsghdr *nlh, uint16_t type, const struct endpoint *source,
	  const struct endpoint *destination)
{
	bool v4 = source->addr.family == ADDR_V4;
	size_t len = addr_len(source->addr.family);
	struct nlattr *tuple = mnl_attr_nest_start(nlh, type), *part;

	part = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);
	mnl_attr_put(nlh, v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, len,
		     source->addr.bytes);
	mnl_attr_put(nlh, v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, len,
		     destination->addr.bytes);
	mnl_attr_nest_end(nlh, part);
	part = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(nlh, CTA_PROTO_NUM, IPPROTO_TCP);
	mnl_attr_put_u16(nlh, CTA_PROTO_SRC_PORT, htons(source->port));
	mnl_attr_put_u16(nlh, CTA_PROTO_DST_PORT, htons(destination->port));
	mnl_attr_nest_end(nlh, part);
	mnl_attr_nest_end(nlh, tuple);
}

static int
set_mark(struct ctnl *ct, uint16_t tuple, const struct endpoint *source,
	 const struct endpoint *destination, enum session_class class)
{
	char buf[512] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;

	nlh = request(ct, buf, IPCTNL_MSG_CT_NEW, NLM_F_ACK,
		      source->addr.family == ADDR_V4 ? AF_INET : AF_INET6);
	put_tuple(nlh, tuple, source, destination);
	mnl_attr_put_u32(nlh, CTA_MARK, htonl((uint32_t)class << MARK_SHIFT));
	mnl_attr_put_u32(nlh, CTA_MARK_MASK, htonl(MARK_MASK));
	return transact(ct, nlh, NULL, NULL);
}

int
ctnl_set_class(struct ctnl *ct, const struct endpoint *client,
	       const struct endpoint *server, enum session_class class)
{
	int err = set_mark(ct, CTA_TUPLE_ORIG, client, server, class);

	/* Where the server's address is translated, only the reply direction
	 * shows the real one; where the client's is, only the original. */
	if (err == -ENOENT)
		err = set_mark(ct, CTA_TUPLE_REPLY, server, client, class);
	return err;
}

struct dump {
	void (*each)(const struct event *, void *);
	void *arg;
};

static int
dump_one(const struct nlmsghdr *nlh, void *arg)
{
	const struct dump *dump = arg;
	struct event event = { .kind = EVENT_FLOW_FOUND };
	struct ctnl_seen flow;

	/* One that has ended stays in conntrack for minutes. */
	if (!ctnl_parse_flow(nlh, &flow) || !flow.established)
		return MNL_CB_OK;
	event.flow.client = flow.client;
	event.flow.server = flow.server;
	event.flow.class = (enum session_class)(flow.mark >> MARK_SHIFT);
	if (ctnl_is_control(event.flow.class))
		dump->each(&event, dump->arg);
	return MNL_CB_OK;
}

int
ctnl_dump(struct ctnl *ct, void (*each)(const struct event *, void *),
	  void *arg)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct dump dump = { .each = each, .arg = arg };

	return transact(ct,
			request(ct, buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP,
				AF_UNSPEC),
			dump_one, &dump);
}

struct flows {
	void (*each)(const struct ctnl_flow *, void *);
	void *arg;
};

static int
dump_flow(const struct nlmsghdr *nlh, void *arg)
{
	const struct flows *flows = arg;
	struct ctnl_flow out;
	struct ctnl_seen flow;
	bool offloaded;

	if (!ctnl_parse_flow(nlh, &flow))
		return MNL_CB_OK;
	/* Of one that a flowtable forwards the kernel tells no state. */
	offloaded = (flow.status & (IPS_OFFLOAD | IPS_HW_OFFLOAD)) != 0;
	if (!flow.established && !offloaded)
		return MNL_CB_OK;
	out = (struct ctnl_flow){
		.client = flow.client,
		.server = flow.server,
		.class = (enum session_class)(flow.mark >> MARK_SHIFT),
		.offloaded = offloaded,
		.left_s = flow.left_s,
	};
	flows->each(&out, flows->arg);
	return MNL_CB_OK;
}

int
ctnl_dump_flows(struct ctnl *ct,
		void (*each)(const struct ctnl_flow *, void *), void *arg)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct flows flows = { .each = each, .arg = arg };

	return transact(ct,
			request(ct, buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP,
				AF_UNSPEC),
			dump_flow, &flows);
}
