/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pairs table: a chained hash over a fixed array. */
#include "core/pairs.h"

#include <assert.h>

#include "core/addr_hash.h"
#include "core/buckets.h"

size_t
pairs_bytes(uint32_t count)
{
	return (size_t)count * sizeof(struct pair) +
	       (size_t)buckets_for(count) * sizeof(uint32_t);
}

void
pairs_init(struct pairs *p, void *memory, uint32_t count,
	   const uint64_t key[static 2])
{
	*p = (struct pairs){
		.slots = memory,
		.bucket_mask = buckets_for(count) - 1,
		.key = { key[0], key[1] },
	};
	p->buckets = (uint32_t *)(void *)(p->slots + count);
	for (uint32_t i = count; i > 0; i--) {
		p->slots[i - 1].hash_next = p->free;
		p->free = i;
	}
}

/* The link that leads to the pair's entry, or to 0. */
static uint32_t *
find_link(const struct pairs *p, const struct addr *client,
	  const struct addr *server)
{
	uint32_t *link = &p->buckets[addr_hash(p->key, client, server, 0) &
				     p->bucket_mask];

	while (*link != 0 &&
	       (!addr_equal(&p->slots[*link - 1].client, client) ||
		!addr_equal(&p->slots[*link - 1].server, server)))
		link = &p->slots[*link - 1].hash_next;
	return link;
}

struct pair *
pairs_find(const struct pairs *p, const struct addr *client,
	   const struct addr *server)
{
	uint32_t index = *find_link(p, client, server);

	return index != 0 ? &p->slots[index - 1] : NULL;
}

uint32_t
pairs_add_session(struct pairs *p, const struct addr *client,
		  const struct addr *server)
{
	uint32_t *link = find_link(p, client, server), index = *link;

	if (index == 0) {
		index = p->free;
		assert(index != 0);
		p->free = p->slots[index - 1].hash_next;
		p->slots[index - 1] = (struct pair){
			.client = *client,
			.server = *server,
		};
		*link = index;
	}
	p->slots[index - 1].sessions++;
	return index;
}

void
pairs_del_session(struct pairs *p, const struct addr *client,
		  const struct addr *server)
{
	uint32_t *link = find_link(p, client, server), index = *link;
	struct pair *pair = &p->slots[index - 1];

	assert(index != 0);
	if (--pair->sessions != 0)
		return;
	*link = pair->hash_next;
	pair->hash_next = p->free;
	p->free = index;
}
