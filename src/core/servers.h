/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each server has shown: the passive ports that it really used, which
 * pinholectl suggests ranges from; and how long its replies are that announce a
 * data connection, where they cannot be read. A fixed table; once it is full no
 * more servers are learned.
 */
#ifndef CORE_SERVERS_H
#define CORE_SERVERS_H

#include "core/announce.h"
#include "pinholed/gate.h"

/* A power of two; three quarters of it are used. */
#define SERVERS_SLOTS 512

/* A length opens nothing any more when so many of its windows were not used, and
 * none was. */
#define WINDOWS_DROP 8

/* So many transfers in a row, all foreseen, make `window learn` strict. */
#define WINDOWS_STREAK 32

_Static_assert(ANNOUNCE_LENGTHS == LEARNED_LENGTHS, "views show all lengths");

/* Counts of one reply length, up to 255. */
struct learned_length {
	uint8_t used, unused; /* windows */
	bool outside; /* the grammar does not have it */
};

/* Of one direction of data connections. */
struct learned_windows {
	struct windows_view counts;
	struct learned_length replies[ANNOUNCE_LENGTHS];
};

struct learned_server {
	struct addr addr; /* ADDR_NONE: free */
	struct ports_seen announced, connected;
	struct learned_windows passive, active;
};

struct servers {
	struct learned_server slots[SERVERS_SLOTS];
	uint64_t key[2];
	uint32_t used;
};

/* @addr's entry, made where it is missing; NULL when the table is full. */
struct learned_server *servers_get(struct servers *servers,
				   const struct addr *addr);

/* Whether a reply of @length opens a window: @grammar, unless it has been useless
 * so far; and what has been learned, where digits may vary (@digits) its
 * neighbours too. */
bool learned_opens(const struct learned_windows *w, unsigned length,
		   bool grammar, bool digits);

/* A data connection came through a window that @length had opened, or would have
 * needed one (@foreseen is false); or none came. 0: no length is known. True:
 * the streak is complete now. */
bool learned_use(struct learned_windows *w, unsigned length, bool foreseen);
void learned_unused(struct learned_windows *w, unsigned length);

/* For gate_learn() and gate_learned_next(). */
void learned_merge(struct learned_windows *w, const struct learned_view *in);
void learned_show(const struct learned_windows *w, struct learned_view *out);

void ports_seen_add(struct ports_seen *seen, uint16_t port);

#endif
