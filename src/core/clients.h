/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much each client address has: what keeps one from taking all. */
#ifndef CORE_CLIENTS_H
#define CORE_CLIENTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/send_for.h"
#include "pinholed/addr.h"

/* An address with at least one session. */
struct client {
	struct addr addr;
	uint32_t sessions;
	uint32_t pinholes; /* open now */
	uint32_t hash_next;
};

struct clients {
	struct client *slots;
	uint32_t *buckets;
	uint32_t bucket_mask, free;
	uint64_t key[2];
};

/* @count: as many as there can be sessions. */
size_t clients_bytes(uint32_t count);

/* @memory: clients_bytes() zeroed bytes, 8-byte aligned, borrowed. */
void clients_init(struct clients *c, void *memory, uint32_t count,
		  const uint64_t key[static 2]);

/* The address's entry, or NULL when it has no session. */
struct client *clients_find(const struct clients *c, const struct addr *addr);

/* Counts one session more; returns its entry, which stays while the session does.
 * There is room as long as there is for the session. */
uint32_t clients_add_session(struct clients *c, const struct addr *addr);

static inline struct client *
clients_at(const struct clients *c, uint32_t entry)
{
	return &c->slots[entry - 1];
}

/* Sends for the entry. */
static inline void
clients_foresee(const struct clients *c, uint32_t entry)
{
	send_for(clients_at(c, entry));
}

/* Counts one session less; the last one takes the entry along. */
void clients_del_session(struct clients *c, const struct addr *addr);

#endif
