/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table of fixed size with two indexes and an order of age. */
#include "replay/sessions.h"

#include <stdlib.h>

#include "core/siphash.h"

#define NONE UINT32_MAX

/* Whoever made the capture could choose collisions, and slow down his own
 * reading of it: chains are bounded by the table. */
static const uint64_t hash_key[2] = { 0x70696e686f6c6564, 0x7265706c6179 };

bool
sessions_init(struct sessions *t, uint32_t count)
{
	uint32_t buckets = 16;

	while (buckets < count)
		buckets *= 2;
	*t = (struct sessions){
		.slots = calloc(count, sizeof(*t->slots)),
		.by_id = malloc(buckets * sizeof(uint32_t)),
		.by_pair = malloc(buckets * sizeof(uint32_t)),
		.count = count,
		.mask = buckets - 1,
		.oldest = NONE,
		.newest = NONE,
	};
	if (t->slots == NULL || t->by_id == NULL || t->by_pair == NULL)
		return false;
	for (uint32_t i = 0; i < buckets; i++)
		t->by_id[i] = t->by_pair[i] = NONE;
	return true;
}

void
sessions_free(struct sessions *t)
{
	free(t->slots);
	free(t->by_id);
	free(t->by_pair);
	*t = (struct sessions){ 0 };
}

static uint32_t *
id_bucket(const struct sessions *t, uint64_t id)
{
	return &t->by_id[siphash_words(hash_key, &id, 1) & t->mask];
}

static uint32_t *
pair_bucket(const struct sessions *t, const struct addr *client,
	    const struct addr *server)
{
	uint64_t words[4];

	memcpy(words, client->bytes, 16);
	memcpy(words + 2, server->bytes, 16);
	return &t->by_pair[siphash_words(hash_key, words, 4) & t->mask];
}

static void
unlink_age(struct sessions *t, struct replay_session *s)
{
	uint32_t *left = s->older == NONE ? &t->oldest :
					    &t->slots[s->older].newer;
	uint32_t *right = s->newer == NONE ? &t->newest :
					     &t->slots[s->newer].older;

	*left = s->newer;
	*right = s->older;
}

static void
link_newest(struct sessions *t, struct replay_session *s)
{
	uint32_t at = (uint32_t)(s - t->slots);

	s->newer = NONE;
	s->older = t->newest;
	if (t->newest == NONE)
		t->oldest = at;
	else
		t->slots[t->newest].newer = at;
	t->newest = at;
}

/* Slots that were never used come first, in order; then those given back. */
static struct replay_session *
take_slot(struct sessions *t)
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

struct replay_session *
sessions_add(struct sessions *t, uint64_t id, const struct endpoint *client,
	     const struct endpoint *server, const struct policy_server *policy)
{
	struct replay_session *s = take_slot(t);
	uint32_t at, *bucket;

	if (s == NULL)
		return NULL;
	at = (uint32_t)(s - t->slots);
	*s = (struct replay_session){ .in_use = true };
	facts_begin(&s->facts, id, client, server, policy);
	bucket = id_bucket(t, id);
	s->next_id = *bucket;
	*bucket = at;
	bucket = pair_bucket(t, &client->addr, &server->addr);
	s->next_pair = *bucket;
	*bucket = at;
	link_newest(t, s);
	return s;
}

void
sessions_del(struct sessions *t, struct replay_session *s)
{
	uint32_t at = (uint32_t)(s - t->slots);
	uint32_t *link;

	for (link = id_bucket(t, s->facts.session); *link != at;)
		link = &t->slots[*link].next_id;
	*link = s->next_id;
	for (link = pair_bucket(t, &s->facts.client.addr,
				&s->facts.server.addr);
	     *link != at;)
		link = &t->slots[*link].next_pair;
	*link = s->next_pair;
	unlink_age(t, s);
	s->in_use = false;
}

void
sessions_touch(struct sessions *t, struct replay_session *s)
{
	unlink_age(t, s);
	link_newest(t, s);
}

struct replay_session *
sessions_oldest(const struct sessions *t)
{
	return t->oldest != NONE ? &t->slots[t->oldest] : NULL;
}

struct replay_session *
sessions_find(const struct sessions *t, uint64_t id)
{
	for (uint32_t at = *id_bucket(t, id); at != NONE;
	     at = t->slots[at].next_id)
		if (t->slots[at].facts.session == id)
			return &t->slots[at];
	return NULL;
}

struct replay_session *
sessions_next_pair(const struct sessions *t, const struct addr *client,
		   const struct addr *server, const struct replay_session *from)
{
	uint32_t at = from != NULL ? from->next_pair :
				     *pair_bucket(t, client, server);

	for (; at != NONE; at = t->slots[at].next_pair)
		if (addr_equal(&t->slots[at].facts.client.addr, client) &&
		    addr_equal(&t->slots[at].facts.server.addr, server))
			return &t->slots[at];
	return NULL;
}

struct replay_session *
sessions_find_ends(const struct sessions *t, const struct endpoint *client,
		   const struct endpoint *server)
{
	struct replay_session *s = NULL;

	while ((s = sessions_next_pair(t, &client->addr, &server->addr, s)) !=
	       NULL)
		if (!s->ended && endpoint_equal(&s->facts.client, client) &&
		    endpoint_equal(&s->facts.server, server))
			return s;
	return NULL;
}
