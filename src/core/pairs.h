/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the encrypted sessions between one client and one server have in common:
 * what their TLS sessions can be resumed with, and their newest exchange that a
 * data connection could belong to.
 */
#ifndef CORE_PAIRS_H
#define CORE_PAIRS_H

#include <stddef.h>

#include "core/send_for.h"
#include "core/tls_resume.h"
#include "pinholed/addr.h"

/* A command and its reply that have opened no window. One data connection may
 * follow. */
struct pair_exchange {
	uint64_t at_ns; /* 0: none */
	uint16_t client_port, server_port; /* the session's */
	uint8_t reply;	/* the reply's length; 0: it has not come */
	bool shaped;	/* the command can announce, by its length */
};

struct pair {
	struct pair_exchange passive, active;
	struct addr client, server;
	uint32_t sessions, hash_next;
	struct tls_tickets tickets;
};

struct pairs {
	struct pair *slots;
	uint32_t *buckets;
	uint32_t bucket_mask, free;
	uint64_t key[2];
};

/* @count: as many as there can be sessions that hold grants. */
size_t pairs_bytes(uint32_t count);

/* @memory: pairs_bytes() zeroed bytes, 8-byte aligned, borrowed. */
void pairs_init(struct pairs *p, void *memory, uint32_t count,
		const uint64_t key[static 2]);

/* The pair, or NULL when it has no session. */
struct pair *pairs_find(const struct pairs *p, const struct addr *client,
			const struct addr *server);

/* Counts one session more, or less; the last one takes the pair along. Its entry
 * stays the same meanwhile. */
uint32_t pairs_add_session(struct pairs *p, const struct addr *client,
			   const struct addr *server);
void pairs_del_session(struct pairs *p, const struct addr *client,
		       const struct addr *server);

static inline struct pair *
pairs_at(const struct pairs *p, uint32_t entry)
{
	return &p->slots[entry - 1];
}

/* Sends for the exchanges of an entry. */
static inline void
pairs_foresee(const struct pairs *p, uint32_t entry)
{
	const struct pair *pair = pairs_at(p, entry);

	send_for(&pair->passive);
	send_for(&pair->active.reply);
}

#endif
