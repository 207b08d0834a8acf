/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes into the core: bytes, kernel news, time. */
#ifndef PINHOLED_EVENT_H
#define PINHOLED_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/addr.h"
#include "pinholed/class.h"
#include "pinholed/policy.h"
#include "pinholed/span.h"

enum event_kind {
	EVENT_PACKET,	    /* a control packet from the queue: .packet */
	EVENT_TICK,	    /* time passed; send one when gate_deadline() is due */
	EVENT_FLOW_FOUND,   /* a running control connection in a dump: .flow */
	EVENT_FLOW_ENDED,   /* conntrack destroyed a control connection: .flow */
	EVENT_DATA_BEGAN,   /* a pinhole or grant let a connection in: .data */
	EVENT_OPEN_FAILED,  /* the kernel refused ACTION_OPEN .handle */
	EVENT_POLICY,	    /* a new configuration: .policy */
	EVENT_RESTORE,	    /* the ruleset was emptied or reloaded: say again
			       everything that is open */
};

struct event {
	enum event_kind kind;
	uint64_t now_ns; /* monotonic; never smaller than in an earlier event */
	union {
		/* From the first byte of the IP header; borrowed for the step. */
		struct span packet;
		/* Addresses as the forward, input or output hook sees them. */
		struct {
			struct endpoint client, server;
			enum session_class class; /* from its mark; FLOW_FOUND */
			/* FLOW_FOUND: no other gate can get its packets. Else
			 * what it may open waits for its next packet. */
			bool owned;
		} flow;
		struct {
			struct addr source, destination;
			uint16_t port; /* destination's */
		} data;
		uint32_t handle; /* struct opening's */
		/* Borrowed until the next EVENT_POLICY has been stepped. */
		const struct policy *policy;
	};
};

#endif
