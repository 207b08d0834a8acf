/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data connections of a replay that are not over. */
#ifndef REPLAY_FLOWS_H
#define REPLAY_FLOWS_H

#include "core/data_watch.h"
#include "explain/facts.h"
#include "pinholed/action.h"

/* When the TLS handshake began, beside the control connection's dialogue. */
enum flow_hello {
	FLOW_HELLO_NONE,	   /* no ClientHello */
	FLOW_HELLO_BEFORE_COMMAND, /* the client had said nothing since the SYN */
	FLOW_HELLO_BEFORE_REPLY,   /* it had, and no reply had come */
	FLOW_HELLO_AFTER_REPLY,	   /* a reply had come: 150, as a rule */
};

struct flow {
	struct endpoint source, destination; /* of its SYN */
	uint64_t session;		     /* which it is taken for */
	bool from_client;		     /* passive mode */
	bool foreign; /* it went to an address that 227 named, not the server */
	enum data_fate fate;
	enum opening_kind by; /* unless blocked */
	bool unproven;	      /* it has to show the gate what it is */
	bool cut;	      /* and did not */
	uint32_t syn;	      /* its sequence number */
	uint64_t began_ns, heard_ns;
	uint64_t bytes[2]; /* of payload, each once: FTP client's, server's */
	uint32_t next_seq[2];
	bool placed[2]; /* .next_seq is known */
	uint8_t fins;	   /* bit 0: the source's, bit 1: the other's */
	bool answered, reset;
	enum flow_hello hello;
	uint32_t said[2]; /* the session's, at the SYN */
	struct data_watch watch;
	struct tls_tickets tickets; /* what it could resume */
	/* Owned by flows.c. */
	bool in_use;
	uint32_t next, older, newer;
};

struct flows {
	struct flow *slots;
	uint32_t *buckets;
	uint32_t count, mask;
	uint32_t free, oldest, newest;
	struct pool segments; /* for their streams */
	void *memory;
};

/* At most @count at once, and @segments directions with a gap. False: no
 * memory. */
bool flows_init(struct flows *t, uint32_t count, uint32_t segments);
void flows_free(struct flows *t);

/* A zeroed one with its ends set, as the newest; NULL when none is left. */
struct flow *flows_add(struct flows *t, const struct endpoint *source,
		       const struct endpoint *destination);
/* Gives back what it holds, too. */
void flows_del(struct flows *t, struct flow *f);
void flows_touch(struct flows *t, struct flow *f);

/* The connection whose SYN went from @source to @destination, or NULL. */
struct flow *flows_find(const struct flows *t, const struct endpoint *source,
			const struct endpoint *destination);
struct flow *flows_oldest(const struct flows *t);

#endif
