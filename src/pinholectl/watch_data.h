/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the live view shows: asked for each second, and the refusals from the
 * stream. */
#ifndef PINHOLECTL_WATCH_DATA_H
#define PINHOLECTL_WATCH_DATA_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Refusals that are kept, and the longest line of one. */
#define REFUSALS 64
#define REFUSAL_LEN 200

/* More sessions and openings than these are counted, not listed. */
#define LISTED_MAX 500

struct watch_rates {
	double packets, commands, opened, data, refused;
};

struct watch_data {
	const char *path; /* of the socket */
	int stream;	  /* of events; -1: not connected */
	bool watching;	  /* the daemon said so: nothing is missed from here on */
	char in[4096];	  /* the beginning of a line of it */
	size_t in_len;
	json_t *status, *sessions, *pinholes; /* the newest; may be NULL */
	bool reachable;
	uint64_t asked_ms; /* when */
	struct watch_rates rates;
	/* The newest last; refusals[(first + i) % REFUSALS]. */
	char refusals[REFUSALS][REFUSAL_LEN];
	unsigned first, count;
};

void watch_data_init(struct watch_data *d, const char *path);
void watch_data_fini(struct watch_data *d);

/* Asks all anew; connects the stream where it is not. */
void watch_data_ask(struct watch_data *d);

/* Takes what the stream has. Never waits. */
void watch_data_read(struct watch_data *d);

#endif
