/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which connection a message is about, and what of it.
 *
 * A connection is known to conntrack by two tuples, one for each direction, and
 * the source of each is the end that the forward hook sees: the real client in
 * the original one, the real server in the reply one. The destinations are what
 * address translation wrote there.
 */
#include <arpa/inet.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

#include "netfilter/ctnl_message.h"

/* Reads the source of a tuple. */
static void
parse_tuple(const struct nlattr *tuple, struct endpoint *source, bool *tcp)
{
	const struct nlattr *part, *attr;

	mnl_attr_for_each_nested(part, tuple)
	{
		bool ip = mnl_attr_get_type(part) == CTA_TUPLE_IP;

		if (!ip && mnl_attr_get_type(part) != CTA_TUPLE_PROTO)
			continue;
		mnl_attr_for_each_nested(attr, part)
		{
			uint16_t type = mnl_attr_get_type(attr);
			size_t len = mnl_attr_get_payload_len(attr);

			if (ip && type == CTA_IP_V4_SRC && len == 4)
				source->addr = addr_make(
					ADDR_V4, mnl_attr_get_payload(attr));
			else if (ip && type == CTA_IP_V6_SRC && len == 16)
				source->addr = addr_make(
					ADDR_V6, mnl_attr_get_payload(attr));
			else if (!ip && type == CTA_PROTO_NUM && len == 1)
				*tcp = mnl_attr_get_u8(attr) == IPPROTO_TCP;
			else if (!ip && type == CTA_PROTO_SRC_PORT && len == 2)
				source->port = ntohs(mnl_attr_get_u16(attr));
		}
	}
}

static void
parse_state(const struct nlattr *info, struct ctnl_seen *flow)
{
	const struct nlattr *tcp, *attr;

	mnl_attr_for_each_nested(tcp, info)
	{
		if (mnl_attr_get_type(tcp) != CTA_PROTOINFO_TCP)
			continue;
		mnl_attr_for_each_nested(attr, tcp)
		{
			if (mnl_attr_get_type(attr) ==
				    CTA_PROTOINFO_TCP_STATE &&
			    mnl_attr_get_payload_len(attr) == 1)
				flow->established = mnl_attr_get_u8(attr) ==
						    TCP_CONNTRACK_ESTABLISHED;
		}
	}
}

bool
ctnl_parse_flow(const struct nlmsghdr *nlh, struct ctnl_seen *flow)
{
	const struct nlattr *attr;

	*flow = (struct ctnl_seen){ 0 };
	if (nlh->nlmsg_type >> 8 != NFNL_SUBSYS_CTNETLINK ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nfgenmsg))
		return false;
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		uint16_t type = mnl_attr_get_type(attr);

		if (type == CTA_TUPLE_ORIG)
			parse_tuple(attr, &flow->client, &flow->tcp);
		else if (type == CTA_TUPLE_REPLY)
			parse_tuple(attr, &flow->server, &flow->tcp);
		else if (type == CTA_PROTOINFO)
			parse_state(attr, flow);
		else if (type == CTA_STATUS &&
			 mnl_attr_get_payload_len(attr) == 4)
			flow->status = ntohl(mnl_attr_get_u32(attr));
		else if (type == CTA_TIMEOUT &&
			 mnl_attr_get_payload_len(attr) == 4)
			flow->left_s = ntohl(mnl_attr_get_u32(attr));
		else if (type == CTA_MARK &&
			 mnl_attr_get_payload_len(attr) == 4)
			flow->mark = ntohl(mnl_attr_get_u32(attr));
	}
	return flow->tcp && flow->client.addr.family != ADDR_NONE &&
	       flow->client.addr.family == flow->server.addr.family;
}

bool ctnl_is_control(enum session_class class)
{
	return (class != CLASS_NONE && class < CLASS_DATA_PINHOLE) ||
	       class == CLASS_CUT;
}

bool
ctnl_parse_news(const struct nlmsghdr *nlh, struct event *out)
{
	bool destroyed = (nlh->nlmsg_type & 0xff) == IPCTNL_MSG_CT_DELETE;
	enum session_class class;
	struct ctnl_seen flow;

	if (!ctnl_parse_flow(nlh, &flow))
		return false;
	*out = (struct event){ 0 };
	class = (enum session_class)(flow.mark >> MARK_SHIFT);
	if (destroyed && ctnl_is_control(class)) {
		out->kind = EVENT_FLOW_ENDED;
		out->flow.client = flow.client;
		out->flow.server = flow.server;
		out->flow.class = class;
		return true;
	}
	if (!destroyed && class >= CLASS_DATA_PINHOLE &&
	    !ctnl_is_control(class)) {
		out->kind = EVENT_DATA_BEGAN;
		out->data.source = flow.client.addr;
		out->data.destination = flow.server.addr;
		out->data.port = flow.server.port;
		out->data.class = class;
		return true;
	}
	return false;
}
