/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a worker remembers of its newest sessions, running or ended, for
 * `pinholectl explain`. Fixed in size: a session's number names its place, and a
 * newer one takes it over. Connections that never get beyond their SYN take none.
 */
#ifndef DAEMON_CHRONICLE_H
#define DAEMON_CHRONICLE_H

#include "explain/facts.h"

/* Sessions of one worker. */
#define CHRONICLE_SLOTS 1024

struct chronicle_entry {
	struct facts facts; /* .session 0: free */
	uint64_t began_ns, heard_ns; /* of the first and the newest action */
	bool ended;
};

struct chronicle;

struct chronicle *chronicle_new(void); /* NULL: no memory */
void chronicle_free(struct chronicle *c); /* NULL is allowed */

/* Takes an action of @now_ns; @policy is in force. */
void chronicle_take(struct chronicle *c, const struct policy *policy,
		    const struct action *a, uint64_t now_ns);

/* Copies the entry at *@cursor or behind it and moves on; false at the end. */
bool chronicle_next(const struct chronicle *c, uint32_t *cursor,
		    struct chronicle_entry *out);

#endif
