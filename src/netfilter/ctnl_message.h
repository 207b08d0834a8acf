/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ctnetlink's messages say. */
#ifndef NETFILTER_CTNL_MESSAGE_H
#define NETFILTER_CTNL_MESSAGE_H

#include <stdbool.h>
#include <libmnl/libmnl.h>

#include "netfilter/ctnl.h"

/* What a message says of a connection. */
struct ctnl_seen {
	struct endpoint client, server;
	uint32_t mark;
	bool tcp;
	bool established; /* neither opening nor, on either side, closing */
	uint32_t status;  /* IPS_... bits */
	uint32_t left_s;
};

/* Fills *@flow. False for messages that are not about a TCP connection in full. */
bool ctnl_parse_flow(const struct nlmsghdr *nlh, struct ctnl_seen *flow);

/* A class that control connections have. */
bool ctnl_is_control(enum session_class class);

/* EVENT_FLOW_ENDED or EVENT_DATA_BEGAN, without its time. False for news that means
 * nothing to us. */
bool ctnl_parse_news(const struct nlmsghdr *nlh, struct event *out);

#endif
