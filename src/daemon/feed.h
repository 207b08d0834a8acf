/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a worker tells those who watch: a ring that the worker fills and the main
 * thread empties. Neither ever waits for the other; what does not fit is counted.
 */
#ifndef DAEMON_FEED_H
#define DAEMON_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/action.h"

struct feed;

struct feed_entry {
	uint64_t now_ns; /* in the events' clock */
	struct action action;
};

/* @wake is an eventfd that is written to when there is something to take; it stays
 * the caller's. NULL: no memory. */
struct feed *feed_new(int wake);
void feed_free(struct feed *feed); /* NULL is allowed */

/* Main thread: whether anybody watches. Nothing is taken in while nobody does. */
void feed_want(struct feed *feed, bool wanted);

/* Worker. */
void feed_put(struct feed *feed, const struct action *action, uint64_t now_ns);

/* Worker: wakes the main thread when something was put since the last call. */
void feed_flush(struct feed *feed);

/* Main thread: the oldest entry. False when there is none. */
bool feed_take(struct feed *feed, struct feed_entry *out);

/* Main thread: how many did not fit since the last call. */
uint64_t feed_lost(struct feed *feed);

#endif
