/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of data connections: a chained hash over a fixed array, and a list by
 * the time of the last packet. */
#include "core/proofs.h"

#include "core/addr_hash.h"

void
proofs_init(struct proofs *p, const uint64_t key[static 2])
{
	p->key[0] = key[0];
	p->key[1] = key[1];
}

static uint32_t *
bucket_of(struct proofs *p, const struct endpoint *source,
	  const struct endpoint *destination)
{
	return &p->buckets[addr_hash(p->key, &source->addr, &destination->addr,
				     (uint64_t)source->port << 16 |
					     destination->port) %
			   PROOFS_MAX];
}

static uint32_t
index_of(const struct proofs *p, const struct proof *proof)
{
	return (uint32_t)(proof - p->slots) + 1;
}

struct proof *
proofs_find(struct proofs *p, const struct endpoint *source,
	    const struct endpoint *destination)
{
	uint32_t i = *bucket_of(p, source, destination);

	while (i != 0) {
		struct proof *proof = &p->slots[i - 1];

		if (endpoint_equal(&proof->source, source) &&
		    endpoint_equal(&proof->destination, destination))
			return proof;
		i = proof->hash_next;
	}
	return NULL;
}

static void
append(struct proofs *p, struct proof *proof)
{
	uint32_t index = index_of(p, proof);

	proof->older = p->newest;
	proof->newer = 0;
	if (p->newest != 0)
		p->slots[p->newest - 1].newer = index;
	else
		p->oldest = index;
	p->newest = index;
}

static void
take_out(struct proofs *p, struct proof *proof)
{
	if (proof->older != 0)
		p->slots[proof->older - 1].newer = proof->newer;
	else
		p->oldest = proof->newer;
	if (proof->newer != 0)
		p->slots[proof->newer - 1].older = proof->older;
	else
		p->newest = proof->older;
}

struct proof *
proofs_add(struct proofs *p, const struct endpoint *source,
	   const struct endpoint *destination)
{
	uint32_t *bucket = bucket_of(p, source, destination), index = p->free;
	struct proof *proof;

	if (index == 0 && p->fresh == PROOFS_MAX)
		return NULL;
	if (index == 0)
		index = ++p->fresh;
	proof = &p->slots[index - 1];
	if (index == p->free)
		p->free = proof->hash_next;
	*proof = (struct proof){
		.source = *source,
		.destination = *destination,
		.in_use = true,
		.hash_next = *bucket,
	};
	*bucket = index;
	append(p, proof);
	return proof;
}

void
proofs_remove(struct proofs *p, struct proof *proof)
{
	uint32_t index = index_of(p, proof);
	uint32_t *link = bucket_of(p, &proof->source, &proof->destination);

	while (*link != index)
		link = &p->slots[*link - 1].hash_next;
	*link = proof->hash_next;
	take_out(p, proof);
	proof->in_use = false;
	proof->hash_next = p->free;
	p->free = index;
}

void
proofs_touch(struct proofs *p, struct proof *proof)
{
	take_out(p, proof);
	append(p, proof);
}

struct proof *
proofs_oldest(struct proofs *p)
{
	return p->oldest != 0 ? &p->slots[p->oldest - 1] : NULL;
}
