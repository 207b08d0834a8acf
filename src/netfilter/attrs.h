/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The attributes of a packet's message, walked in line. A packet has a dozen of
 * them, and libmnl takes four calls for each: as long as the core takes to find the
 * packet's session. What is not in a packet's way is read with libmnl.
 */
#ifndef NETFILTER_ATTRS_H
#define NETFILTER_ATTRS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include "pinholed/span.h"

/* Whether @nlh, which mnl_nlmsg_ok() has passed, is @command of nfnetlink's
 * @subsystem and can have attributes. */
static inline bool
attrs_are_of(const struct nlmsghdr *nlh, unsigned subsystem, unsigned command)
{
	return nlh->nlmsg_type == (subsystem << 8 | command) &&
	       nlh->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nfgenmsg));
}

/* The attribute of such a message behind @before, or the first one where that is
 * NULL; NULL where no whole one is left. */
static inline const struct nlattr *
attrs_next(const struct nlmsghdr *nlh, const struct nlattr *before)
{
	const char *end = (const char *)nlh + nlh->nlmsg_len;
	const char *at =
		before == NULL ?
			(const char *)nlh + NLMSG_SPACE(sizeof(struct nfgenmsg)) :
			(const char *)before + NLA_ALIGN(before->nla_len);
	const struct nlattr *attr = (const void *)at;

	if (end - at < NLA_HDRLEN || attr->nla_len < NLA_HDRLEN ||
	    attr->nla_len > end - at)
		return NULL;
	return attr;
}

static inline unsigned
attrs_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

/* What @attr holds, borrowed from the message. */
static inline struct span
attrs_value(const struct nlattr *attr)
{
	return span_make((const char *)attr + NLA_HDRLEN,
			 (size_t)attr->nla_len - NLA_HDRLEN);
}

#endif
