/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which session a packet belongs to, and which one has been silent longest. */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/send_for.h"
#include "core/session.h"

/* Sessions are linked by index into `slots`, plus 1: 0 ends a list. */
struct table_list {
	uint32_t oldest, newest;
	uint32_t count;
};

struct table {
	struct session *slots;
	uint32_t *buckets;
	uint32_t count;	      /* of slots */
	uint32_t bucket_mask; /* buckets - 1, a power of two */
	uint32_t free;	      /* list through hash_next */
	uint32_t used;
	uint64_t key[2];
	/* By the time of the last packet, .running not to the moment (see
	 * table_touch). Those that wait for their greeting, or for their end,
	 * have a shorter life and a limit of their own, hence a list of their
	 * own. */
	struct table_list half_open, running;
};

size_t table_bytes(uint32_t sessions);

/* @memory: table_bytes() zeroed bytes, 8-byte aligned, borrowed. */
void table_init(struct table *t, void *memory, uint32_t sessions,
		const uint64_t key[static 2]);

/* The session between these two ends, or NULL. */
struct session *table_find(const struct table *t,
			   const struct endpoint *client,
			   const struct endpoint *server);

/* The same in two steps: where the chain of these ends begins, which stays true for
 * good, and the session in that chain. */
const uint32_t *table_bucket(const struct table *t,
			     const struct endpoint *client,
			     const struct endpoint *server);
struct session *table_find_in(const struct table *t, const uint32_t *bucket,
			      const struct endpoint *client,
			      const struct endpoint *server);

/* Sends for the session that @link, a bucket or ->hash_next, leads to; returns it,
 * not to be looked at before it had time to come, or NULL. @tls: a record is going
 * to be read, not a line. @opens: it may open something. */
static inline const struct session *
table_foresee(const struct table *t, uint32_t link, bool tls, bool opens)
{
	const struct session *s = &t->slots[link - 1];

	if (link == 0)
		return NULL;
	send_for(s);
	send_for(s->side);
	send_for(&s->id);
	if (tls)
		send_for(s->tls);
	if (opens)
		send_for(&s->started_ns);
	return s;
}

/* A zeroed session with its ends set, in the table and newest of its list at
 * @now_ns; NULL when the table is full. The pair must not be in the table. */
struct session *table_add(struct table *t, const struct endpoint *client,
			  const struct endpoint *server, uint64_t now_ns);

void table_remove(struct table *t, struct session *s);

/*
 * Makes @s the newest of the list that its class belongs to. A running session
 * that came there less than @grace_s ago stays where it is: to move each session
 * with each of its packets would fetch its neighbours from memory, too.
 */
void table_touch(struct table *t, struct session *s, uint64_t now_ns,
		 uint32_t grace_s);

/* The session that has been silent longest, or NULL. */
struct session *table_oldest(const struct table *t,
			     const struct table_list *list);

#endif
