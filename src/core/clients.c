/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clients table: a chained hash over a fixed array. */
#include "core/clients.h"

#include <assert.h>
#include <stdbool.h>

#include "core/addr_hash.h"
#include "core/buckets.h"

size_t
clients_bytes(uint32_t count)
{
	return (size_t)count * sizeof(struct client) +
	       (size_t)buckets_for(count) * sizeof(uint32_t);
}

void
clients_init(struct clients *c, void *memory, uint32_t count,
	     const uint64_t key[static 2])
{
	*c = (struct clients){
		.slots = memory,
		.bucket_mask = buckets_for(count) - 1,
		.key = { key[0], key[1] },
	};
	c->buckets = (uint32_t *)(void *)(c->slots + count);
	for (uint32_t i = count; i > 0; i--) {
		c->slots[i - 1].hash_next = c->free;
		c->free = i;
	}
}

static uint32_t *
bucket_of(const struct clients *c, const struct addr *addr)
{
	return &c->buckets[addr_hash(c->key, addr, NULL, 0) & c->bucket_mask];
}

/* The link that leads to the address's entry, or to 0. */
static uint32_t *
find_link(const struct clients *c, const struct addr *addr)
{
	uint32_t *link = bucket_of(c, addr);

	while (*link != 0 && !addr_equal(&c->slots[*link - 1].addr, addr))
		link = &c->slots[*link - 1].hash_next;
	return link;
}

struct client *
clients_find(const struct clients *c, const struct addr *addr)
{
	uint32_t index = *find_link(c, addr);

	return index != 0 ? &c->slots[index - 1] : NULL;
}

uint32_t
clients_add_session(struct clients *c, const struct addr *addr)
{
	uint32_t *link = find_link(c, addr), index = *link;

	if (index == 0) {
		index = c->free;
		assert(index != 0);
		c->free = c->slots[index - 1].hash_next;
		c->slots[index - 1] = (struct client){ .addr = *addr };
		*link = index;
	}
	c->slots[index - 1].sessions++;
	return index;
}

void
clients_del_session(struct clients *c, const struct addr *addr)
{
	uint32_t *link = find_link(c, addr), index = *link;
	struct client *client = &c->slots[index - 1];

	assert(index != 0);
	if (--client->sessions != 0)
		return;
	*link = client->hash_next;
	client->hash_next = c->free;
	c->free = index;
}
