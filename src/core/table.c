/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session table: a chained hash over a fixed array. A session never moves,
 * so a pointer to it is good until table_remove().
 */
#include "core/table.h"

#include <string.h>

#include "core/addr_hash.h"
#include "core/buckets.h"

#define NS_PER_S   UINT64_C(1000000000)
#define CACHE_LINE 64

_Static_assert(sizeof(struct session) <= 5 * CACHE_LINE,
	       "sessions are many: stay small");
_Static_assert(offsetof(struct session, side) == CACHE_LINE &&
		       offsetof(struct session, tls) == 2 * CACHE_LINE &&
		       offsetof(struct session, id) >= 3 * CACHE_LINE &&
		       offsetof(struct session, started_ns) == 4 * CACHE_LINE,
	       "a line needs three cache lines of it, a record four");

size_t
table_bytes(uint32_t sessions)
{
	return (size_t)sessions * sizeof(struct session) +
	       (size_t)buckets_for(4 * sessions) * sizeof(uint32_t);
}

void
table_init(struct table *t, void *memory, uint32_t sessions,
	   const uint64_t key[static 2])
{
	*t = (struct table){
		.slots = memory,
		.count = sessions,
		.bucket_mask = buckets_for(4 * sessions) - 1,
		.key = { key[0], key[1] },
	};
	t->buckets = (uint32_t *)(void *)(t->slots + sessions);
	for (uint32_t i = sessions; i > 0; i--) {
		t->slots[i - 1].hash_next = t->free;
		t->free = i;
	}
}

static uint32_t *
bucket_of(const struct table *t, const struct endpoint *client,
	  const struct endpoint *server)
{
	return &t->buckets[addr_hash(t->key, &client->addr, &server->addr,
				     (uint64_t)client->port << 16 |
					     server->port) &
			   t->bucket_mask];
}

static uint32_t
index_of(const struct table *t, const struct session *s)
{
	return (uint32_t)(s - t->slots) + 1;
}

static struct table_list *
list_of(struct table *t, const struct session *s)
{
	return s->listed_half_open ? &t->half_open : &t->running;
}

static bool
is_half_open(const struct session *s)
{
	return s->class == CLASS_GREETING || s->ended;
}

static void
list_append(struct table *t, struct session *s, uint64_t now_ns)
{
	uint32_t index = index_of(t, s);
	struct table_list *list;

	s->listed_half_open = is_half_open(s);
	s->listed_s = (uint32_t)(now_ns / NS_PER_S);
	list = list_of(t, s);
	s->older = list->newest;
	s->newer = 0;
	if (list->newest != 0)
		t->slots[list->newest - 1].newer = index;
	else
		list->oldest = index;
	list->newest = index;
	list->count++;
}

static void
list_unlink(struct table *t, struct session *s)
{
	struct table_list *list = list_of(t, s);

	if (s->older != 0)
		t->slots[s->older - 1].newer = s->newer;
	else
		list->oldest = s->newer;
	if (s->newer != 0)
		t->slots[s->newer - 1].older = s->older;
	else
		list->newest = s->older;
	list->count--;
}

const uint32_t *
table_bucket(const struct table *t, const struct endpoint *client,
	     const struct endpoint *server)
{
	return bucket_of(t, client, server);
}

struct session *
table_find_in(const struct table *t, const uint32_t *bucket,
	      const struct endpoint *client, const struct endpoint *server)
{
	uint32_t i = *bucket;

	while (i != 0) {
		struct session *s = &t->slots[i - 1];

		if (endpoint_equal(&s->client, client) &&
		    endpoint_equal(&s->server, server))
			return s;
		i = s->hash_next;
	}
	return NULL;
}

struct session *
table_find(const struct table *t, const struct endpoint *client,
	   const struct endpoint *server)
{
	return table_find_in(t, bucket_of(t, client, server), client, server);
}

struct session *
table_add(struct table *t, const struct endpoint *client,
	  const struct endpoint *server, uint64_t now_ns)
{
	uint32_t *bucket, index = t->free;
	struct session *s;

	if (index == 0)
		return NULL;
	s = &t->slots[index - 1];
	t->free = s->hash_next;
	t->used++;
	memset(s, 0, sizeof(*s));
	s->client = *client;
	s->server = *server;
	s->class = CLASS_GREETING;
	s->in_use = true;
	bucket = bucket_of(t, client, server);
	s->hash_next = *bucket;
	*bucket = index;
	list_append(t, s, now_ns);
	return s;
}

void
table_remove(struct table *t, struct session *s)
{
	uint32_t index = index_of(t, s);
	uint32_t *link = bucket_of(t, &s->client, &s->server);

	while (*link != index)
		link = &t->slots[*link - 1].hash_next;
	*link = s->hash_next;
	list_unlink(t, s);
	s->in_use = false;
	s->hash_next = t->free;
	t->free = index;
	t->used--;
}

void
table_touch(struct table *t, struct session *s, uint64_t now_ns,
	    uint32_t grace_s)
{
	if (!s->listed_half_open && !is_half_open(s) &&
	    now_ns / NS_PER_S - s->listed_s < grace_s)
		return;
	list_unlink(t, s);
	list_append(t, s, now_ns);
}

struct session *
table_oldest(const struct table *t, const struct table_list *list)
{
	return list->oldest != 0 ? &t->slots[list->oldest - 1] : NULL;
}
