/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of fixed size, by the four ends, with an order of age. */
#include "replay/flows.h"

#include <stdlib.h>

#include "core/siphash.h"

#define NONE UINT32_MAX

static const uint64_t hash_key[2] = { 0x70696e686f6c6564, 0x666c6f7773 };

bool
flows_init(struct flows *t, uint32_t count, uint32_t segments)
{
	uint32_t buckets = 16;

	while (buckets < count)
		buckets *= 2;
	*t = (struct flows){
		.slots = calloc(count, sizeof(*t->slots)),
		.buckets = malloc(buckets * sizeof(uint32_t)),
		.memory = malloc(pool_bytes(segments, stream_block_size())),
		.count = count,
		.mask = buckets - 1,
		.oldest = NONE,
		.newest = NONE,
	};
	if (t->slots == NULL || t->buckets == NULL || t->memory == NULL)
		return false;
	for (uint32_t i = 0; i < buckets; i++)
		t->buckets[i] = NONE;
	pool_init(&t->segments, t->memory, segments, stream_block_size());
	return true;
}

void
flows_free(struct flows *t)
{
	free(t->slots);
	free(t->buckets);
	free(t->memory);
	*t = (struct flows){ 0 };
}

static uint32_t *
bucket_of(const struct flows *t, const struct endpoint *source,
	  const struct endpoint *destination)
{
	uint64_t words[5];

	memcpy(words, source->addr.bytes, 16);
	memcpy(words + 2, destination->addr.bytes, 16);
	words[4] = (uint64_t)source->port << 16 | destination->port;
	return &t->buckets[siphash_words(hash_key, words, 5) & t->mask];
}

static void
unlink_age(struct flows *t, struct flow *f)
{
	uint32_t *left = f->older == NONE ? &t->oldest :
					    &t->slots[f->older].newer;
	uint32_t *right = f->newer == NONE ? &t->newest :
					     &t->slots[f->newer].older;

	*left = f->newer;
	*right = f->older;
}

static void
link_newest(struct flows *t, struct flow *f)
{
	uint32_t at = (uint32_t)(f - t->slots);

	f->newer = NONE;
	f->older = t->newest;
	if (t->newest == NONE)
		t->oldest = at;
	else
		t->slots[t->newest].newer = at;
	t->newest = at;
}

static struct flow *
take_slot(struct flows *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		uint32_t at = (t->free + i) % t->count;

		if (!t->slots[at].in_use) {
			t->free = (at + 1) % t->count;
			return &t->slots[at];
		}
	}
	return NULL;
}

struct flow *
flows_add(struct flows *t, const struct endpoint *source,
	  const struct endpoint *destination)
{
	struct flow *f = take_slot(t);
	uint32_t *bucket = bucket_of(t, source, destination);

	if (f == NULL)
		return NULL;
	*f = (struct flow){
		.source = *source,
		.destination = *destination,
		.in_use = true,
		.next = *bucket,
	};
	*bucket = (uint32_t)(f - t->slots);
	link_newest(t, f);
	return f;
}

void
flows_del(struct flows *t, struct flow *f)
{
	uint32_t at = (uint32_t)(f - t->slots);
	uint32_t *link = bucket_of(t, &f->source, &f->destination);

	data_watch_stop(&f->watch, &t->segments);
	while (*link != at)
		link = &t->slots[*link].next;
	*link = f->next;
	unlink_age(t, f);
	f->in_use = false;
}

void
flows_touch(struct flows *t, struct flow *f)
{
	unlink_age(t, f);
	link_newest(t, f);
}

struct flow *
flows_find(const struct flows *t, const struct endpoint *source,
	   const struct endpoint *destination)
{
	for (uint32_t at = *bucket_of(t, source, destination); at != NONE;
	     at = t->slots[at].next)
		if (endpoint_equal(&t->slots[at].source, source) &&
		    endpoint_equal(&t->slots[at].destination, destination))
			return &t->slots[at];
	return NULL;
}

struct flow *
flows_oldest(const struct flows *t)
{
	return t->oldest != NONE ? &t->slots[t->oldest] : NULL;
}
