/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control connections of a replay, and what is known of each. */
#ifndef REPLAY_SESSIONS_H
#define REPLAY_SESSIONS_H

#include "explain/facts.h"

struct replay_session {
	struct facts facts;
	uint32_t said[2]; /* control packets with payload: client, server */
	uint32_t end[2];  /* behind the last byte that was read of each */
	bool placed[2];	  /* .end is known */
	bool held_back;	  /* a packet of it stood too early, at some time */
	uint64_t heard_ns;
	uint64_t data_over_ns;	/* when the newest data connection ended */
	uint64_t command_ns;	/* when the client last said something */
	bool in_use;
	bool ended;	/* it waits for its data connections */
	uint32_t data;	/* those that are not over */
	/* Owned by sessions.c: slot numbers, UINT32_MAX for none. */
	uint32_t next_id, next_pair, older, newer;
};

struct sessions {
	struct replay_session *slots;
	uint32_t *by_id, *by_pair; /* chains; the newest first */
	uint32_t count, mask;
	uint32_t free, oldest, newest;
};

/* At most @count at once. False: no memory. */
bool sessions_init(struct sessions *t, uint32_t count);
void sessions_free(struct sessions *t);

/* A zeroed slot for a new session, with its facts begun, as the newest; NULL
 * when none is left: take sessions_oldest() out first. */
struct replay_session *sessions_add(struct sessions *t, uint64_t id,
				    const struct endpoint *client,
				    const struct endpoint *server,
				    const struct policy_server *policy);
void sessions_del(struct sessions *t, struct replay_session *s);

/* Makes @s the newest. */
void sessions_touch(struct sessions *t, struct replay_session *s);
struct replay_session *sessions_oldest(const struct sessions *t);

/* NULL where there is none. */
struct replay_session *sessions_find(const struct sessions *t, uint64_t id);
/* The one with these ends that has not ended. */
struct replay_session *sessions_find_ends(const struct sessions *t,
					  const struct endpoint *client,
					  const struct endpoint *server);
/* Those between a client's and a server's address, one after the other: start
 * with NULL. */
struct replay_session *sessions_next_pair(const struct sessions *t,
					  const struct addr *client,
					  const struct addr *server,
					  const struct replay_session *from);

#endif
