/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connection tracking over ctnetlink: marks of control connections written, a
 * dump at start, news of connections that carry our mark.
 */
#ifndef NETFILTER_CTNL_H
#define NETFILTER_CTNL_H

#include "pinholed/addr.h"
#include "pinholed/class.h"
#include "pinholed/event.h"

struct ctnl;

/*
 * Opens two sockets: one for requests, one that receives NEW and DESTROY of TCP
 * connections whose mark has a class in it (filtered in the kernel, so that a
 * busy gateway's other connections cost nothing). 0 or -errno.
 */
int ctnl_open(struct ctnl **out) __attribute__((warn_unused_result));
void ctnl_close(struct ctnl *ct); /* NULL is allowed */

/* For poll(): readable when news waits. */
int ctnl_fd(const struct ctnl *ct);

/*
 * Takes the next piece of news as an event (EVENT_FLOW_ENDED,
 * EVENT_DATA_BEGAN), its now_ns left to the caller. Addresses are those that
 * the forward hook sees: original source, and the source of the reply
 * direction (the real server behind a destination NAT). 1: *@out is filled; 0:
 * nothing waits; -ENOBUFS: news was lost (make a dump, see ctnl_dump());
 * another -errno: the socket is of no more use.
 */
int ctnl_receive(struct ctnl *ct, struct event *out);

/* Writes @class into the mark of the control connection, leaving the mark's
 * other bits alone. 0, -ENOENT when conntrack has no such connection, or
 * another -errno. */
int ctnl_set_class(struct ctnl *ct, const struct endpoint *client,
		   const struct endpoint *server, enum session_class class);

/* The same without news: for requests alone. */
int ctnl_open_requests(struct ctnl **out) __attribute__((warn_unused_result));

/* An established TCP connection, whatever its mark. */
struct ctnl_flow {
	struct endpoint client, server;
	enum session_class class; /* from its mark; CLASS_NONE: none */
	bool offloaded;		  /* a flowtable forwards its packets */
	uint32_t left_s;	  /* till conntrack forgets it, if silent */
};

/* Calls @each for each of them. Waits until the dump ends. 0 or -errno. */
int ctnl_dump_flows(struct ctnl *ct,
		    void (*each)(const struct ctnl_flow *, void *), void *arg);

/*
 * Calls @each for every established TCP connection whose mark has a control class
 * (EVENT_FLOW_FOUND). Blocks until the dump ends. 0 or -errno. @each must not
 * call back into @ct.
 */
int ctnl_dump(struct ctnl *ct, void (*each)(const struct event *, void *),
	      void *arg);

#endif
