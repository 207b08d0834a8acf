/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes into the core: bytes, kernel news, time. */
#ifndef PINHOLED_EVENT_H
#define PINHOLED_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/addr.h"
#include "pinholed/class.h"
#include "pinholed/policy.h"
#include "pinholed/reason.h"
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
	EVENT_STREAM,	    /* control bytes that somebody else has put in
			       order and decrypted: .stream */
	EVENT_REQUEST,	    /* pinholed-tls asks for something: .request */
};

/* As in pinholed/terminator.h, and REQUEST_LOST: the connection that the
 * requests of this .peer came through has ended, and with it go its sessions. */
enum request_kind {
	REQUEST_BEGIN,
	REQUEST_OPEN,
	REQUEST_CLOSE,
	REQUEST_END,
	REQUEST_TELL,
	REQUEST_LOST,
};

/* Bytes that are kept of what stands in REQUEST_TELL. */
#define SESSION_TLS_MAX 47

/* Connections from pinholed-tls at the same time. */
#define REQUEST_PEERS_MAX 8

struct event {
	enum event_kind kind;
	uint64_t now_ns; /* monotonic; never smaller than in an earlier event */
	union {
		struct {
			/* From the first byte of the IP header; borrowed for
			 * the step. */
			struct span packet;
			/* Which of the packets it was that gate_foresee() has
			 * been told of last, counted from 1; 0: none. */
			uint32_t foreseen;
		};
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
			enum session_class class; /* from its mark */
		} data;
		/*
		 * The first one for two ends begins their session, also with no
		 * bytes; EVENT_FLOW_ENDED ends it. It is read as lines from
		 * beginning to end: tls-wanted behind AUTH; terminated when the
		 * server has accepted that, or has greeted on an implicit port;
		 * clear-after-ccc when it has accepted CCC; not-ftp when
		 * something stands where it must not (for one, clear bytes
		 * behind AUTH). Each change is said by ACTION_MARK: the caller
		 * does to the connection what it means. Feed it line by line,
		 * and what stands behind a 234, or a 2xx to CCC, only when it
		 * has come through the new layer: in the same event it is taken
		 * for an injection, in a half line the caller must notice it.
		 */
		struct {
			struct endpoint client, server;
			bool from_server;
			struct span bytes; /* borrowed for the step */
		} stream;
		/* From who may ask: see pinholed/terminator.h, whose fields
		 * these are. */
		struct {
			enum request_kind kind;
			uint32_t peer; /* who asks: never 0, and a number that
					  no earlier connection had. A session
					  obeys who began it. */
			struct endpoint client, server;
			uint16_t port;
			bool active, relay;
			enum reason reason;
			uint32_t handle;
			struct span tls[2]; /* borrowed for the step; at most
					       SESSION_TLS_MAX bytes count */
		} request;
		uint32_t handle; /* struct opening's */
		/* Borrowed until the next EVENT_POLICY has been stepped. */
		const struct policy *policy;
	};
};

#endif
