/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running control connections, as far as connection tracking knows:
 *
 *	flows add COUNT		makes them, with the mark of a clear session
 *	flows dump		reads all entries of the namespace, and prints how
 *				many there are and the milliseconds that took
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#define CLEAR 0x20000000
#define BUFFER 65536

static struct mnl_socket *nl;
static char buf[BUFFER] __attribute__((aligned(NLMSG_ALIGNTO)));

static void
must(long result, const char *what)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

static struct nlmsghdr *
message(uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg =
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct nfgenmsg));

	nlh->nlmsg_type = (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | type);
	nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nfg->nfgen_family = AF_INET;
	return nlh;
}

static void
put_tuple(struct nlmsghdr *nlh, uint16_t type, uint32_t source,
	  uint32_t destination, uint16_t sport, uint16_t dport)
{
	struct nlattr *tuple = mnl_attr_nest_start(nlh, type), *part;

	part = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);
	mnl_attr_put_u32(nlh, CTA_IP_V4_SRC, htonl(source));
	mnl_attr_put_u32(nlh, CTA_IP_V4_DST, htonl(destination));
	mnl_attr_nest_end(nlh, part);
	part = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(nlh, CTA_PROTO_NUM, IPPROTO_TCP);
	mnl_attr_put_u16(nlh, CTA_PROTO_SRC_PORT, htons(sport));
	mnl_attr_put_u16(nlh, CTA_PROTO_DST_PORT, htons(dport));
	mnl_attr_nest_end(nlh, part);
	mnl_attr_nest_end(nlh, tuple);
}

static void
add(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t client = 0x0a000001 + i, server = 0xc0000201 + i % 8;
		struct nlmsghdr *nlh = message(
			IPCTNL_MSG_CT_NEW,
			NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
		struct nlattr *info, *tcp;

		put_tuple(nlh, CTA_TUPLE_ORIG, client, server, 40000, 21);
		put_tuple(nlh, CTA_TUPLE_REPLY, server, client, 21, 40000);
		mnl_attr_put_u32(nlh, CTA_TIMEOUT, htonl(3600));
		mnl_attr_put_u32(nlh, CTA_MARK, htonl(CLEAR));
		info = mnl_attr_nest_start(nlh, CTA_PROTOINFO);
		tcp = mnl_attr_nest_start(nlh, CTA_PROTOINFO_TCP);
		mnl_attr_put_u8(nlh, CTA_PROTOINFO_TCP_STATE,
				TCP_CONNTRACK_ESTABLISHED);
		mnl_attr_nest_end(nlh, tcp);
		mnl_attr_nest_end(nlh, info);
		must(mnl_socket_sendto(nl, nlh, nlh->nlmsg_len), "add");
		must(mnl_socket_recvfrom(nl, buf, sizeof(buf)), "add");
		if (((const struct nlmsgerr *)mnl_nlmsg_get_payload(
			     (const void *)buf))->error != 0) {
			fprintf(stderr, "flows: the kernel takes no more\n");
			exit(1);
		}
	}
}

static void
dump(void)
{
	struct nlmsghdr *nlh = message(IPCTNL_MSG_CT_GET, NLM_F_DUMP);
	struct timespec began, ended;
	unsigned count = 0;
	bool more = true;

	clock_gettime(CLOCK_MONOTONIC, &began);
	must(mnl_socket_sendto(nl, nlh, nlh->nlmsg_len), "dump");
	while (more) {
		int len = (int)mnl_socket_recvfrom(nl, buf, sizeof(buf));

		must(len, "dump");
		for (nlh = (void *)buf; mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len)) {
			more = nlh->nlmsg_type != NLMSG_DONE;
			count += more;
		}
	}
	clock_gettime(CLOCK_MONOTONIC, &ended);
	printf("%u %.1f\n", count,
	       (double)(ended.tv_sec - began.tv_sec) * 1e3 +
		       (double)(ended.tv_nsec - began.tv_nsec) / 1e6);
}

int
main(int argc, char **argv)
{
	nl = mnl_socket_open(NETLINK_NETFILTER);
	if (argc < 2 || nl == NULL)
		return 2;
	must(mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID), "socket");
	if (argc == 3)
		add((uint32_t)strtoul(argv[2], NULL, 10));
	else
		dump();
	return 0;
}
