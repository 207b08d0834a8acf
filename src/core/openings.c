/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The openings table: a chained hash over a fixed array, and two lists by time. */
#include "core/openings.h"

#include "core/addr_hash.h"
#include "core/buckets.h"

#define INDEX_BITS 22

/* Chains of all that is open from one address to another: a cache line of them,
 * which can be fetched before the port is known. */
#define ROW UINT64_C(16)

size_t
openings_bytes(uint32_t count)
{
	return (size_t)count * sizeof(struct opening_slot) +
	       (size_t)buckets_for(count) * sizeof(uint32_t);
}

void
openings_init(struct openings *o, void *memory, uint32_t count,
	      const uint64_t key[static 2])
{
	*o = (struct openings){
		.buckets = memory,
		.count = count,
		.bucket_mask = buckets_for(count) - 1,
		.key = { key[0], key[1] },
	};
	o->slots = (struct opening_slot *)(void *)(o->buckets +
						   buckets_for(count));
	for (uint32_t i = count; i > 0; i--) {
		o->slots[i - 1].hash_next = o->free;
		o->free = i;
	}
}

static uint32_t *
bucket_of(const struct openings *o, enum opening_kind kind,
	  const struct addr *source, const struct addr *destination,
	  uint16_t port)
{
	uint64_t hash = addr_hash(o->key, source, destination, 0);
	uint64_t at = hash >> 32;

	/* Both are looked up for each announcement: one chain for both. */
	if (kind == OPENING_RELAY)
		kind = OPENING_PINHOLE;
	at += (unsigned)kind + port;
	return &o->buckets[(hash & o->bucket_mask & ~(ROW - 1)) |
			   (at & (ROW - 1))];
}

void
openings_foresee(const struct openings *o, const struct addr *source,
		 const struct addr *destination)
{
	__builtin_prefetch(
		bucket_of(o, OPENING_PINHOLE, source, destination, 0));
}

static uint32_t *
slot_bucket(const struct openings *o, const struct opening *opening)
{
	return bucket_of(o, opening->kind, &opening->source,
			 &opening->destination, opening->port);
}

static struct openings_list *
list_of(struct openings *o, const struct opening_slot *slot)
{
	if (opening_is_window(slot->opening.kind))
		return &o->windows;
	return opening_is_grant(slot->opening.kind) ? &o->grants :
						      &o->pinholes;
}

static uint32_t
index_of(const struct openings *o, const struct opening_slot *slot)
{
	return (uint32_t)(slot - o->slots) + 1;
}

static void
list_append(struct openings *o, struct opening_slot *slot)
{
	struct openings_list *list = list_of(o, slot);
	uint32_t index = index_of(o, slot);

	slot->older = list->newest;
	slot->newer = 0;
	if (list->newest != 0)
		o->slots[list->newest - 1].newer = index;
	else
		list->oldest = index;
	list->newest = index;
}

static void
list_unlink(struct openings *o, struct opening_slot *slot)
{
	struct openings_list *list = list_of(o, slot);

	if (slot->older != 0)
		o->slots[slot->older - 1].newer = slot->newer;
	else
		list->oldest = slot->newer;
	if (slot->newer != 0)
		o->slots[slot->newer - 1].older = slot->older;
	else
		list->newest = slot->older;
}

struct opening_slot *
openings_find(const struct openings *o, enum opening_kind kind,
	      const struct addr *source, const struct addr *destination,
	      uint16_t port)
{
	uint32_t i = *bucket_of(o, kind, source, destination, port);

	while (i != 0) {
		struct opening_slot *slot = &o->slots[i - 1];
		const struct opening *have = &slot->opening;

		if (have->kind == kind && have->port == port &&
		    addr_equal(&have->source, source) &&
		    addr_equal(&have->destination, destination))
			return slot;
		i = slot->hash_next;
	}
	return NULL;
}

struct opening_slot *
openings_get(const struct openings *o, uint32_t handle)
{
	uint32_t index = handle & OPENINGS_MAX;

	if (index == 0 || index > o->count || !o->slots[index - 1].in_use ||
	    o->slots[index - 1].opening.handle != handle)
		return NULL;
	return &o->slots[index - 1];
}

struct opening_slot *
openings_add(struct openings *o, const struct opening *opening, uint64_t due_ns)
{
	uint32_t *bucket, index = o->free;
	struct opening_slot *slot;

	if (index == 0)
		return NULL;
	slot = &o->slots[index - 1];
	o->free = slot->hash_next;
	o->used++;
	*slot = (struct opening_slot){
		.opening = *opening,
		.due_ns = due_ns,
		.holders = 1,
		.generation = (uint16_t)(slot->generation + 1),
		.in_use = true,
	};
	slot->opening.handle = (uint32_t)slot->generation << INDEX_BITS | index;
	bucket = slot_bucket(o, opening);
	slot->hash_next = *bucket;
	*bucket = index;
	list_append(o, slot);
	return slot;
}

void
openings_remove(struct openings *o, struct opening_slot *slot)
{
	uint32_t index = index_of(o, slot);
	uint32_t *link = slot_bucket(o, &slot->opening);

	while (*link != index)
		link = &o->slots[*link - 1].hash_next;
	*link = slot->hash_next;
	list_unlink(o, slot);
	slot->in_use = false;
	slot->hash_next = o->free;
	o->free = index;
	o->used--;
}

void
openings_postpone(struct openings *o, struct opening_slot *slot,
		  uint64_t due_ns)
{
	list_unlink(o, slot);
	slot->due_ns = due_ns;
	list_append(o, slot);
}

struct opening_slot *
openings_oldest(const struct openings *o, const struct openings_list *list)
{
	return list->oldest != 0 ? &o->slots[list->oldest - 1] : NULL;
}
