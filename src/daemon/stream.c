/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Actions become JSON once, however many watch. */
#include "daemon/stream.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

#include "io/event_json.h"
#include "daemon/feed.h"
#include "daemon/state.h"

/* Entries of one feed that one call takes; the rest wakes us again. */
#define PIECE 512
#define LINE_MAX_LEN 1024

static void
publish(struct state *st, json_t *object)
{
	char line[LINE_MAX_LEN];
	size_t room = sizeof(line) - 1, len;

	if (object == NULL)
		return;
	len = json_dumpb(object, line, room, EVENT_JSON_FLAGS);
	json_decref(object);
	if (len == 0 || len > room)
		return;
	line[len++] = '\n';
	control_publish(st->control, line, len);
}

/* What the clock on the wall shows at 0 of the events' clock. */
static double
wall_offset(void)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	return (double)wall.tv_sec + (double)wall.tv_nsec / 1e9 -
	       (double)clock_now_ns() / 1e9;
}

/* True when more is left. */
static bool
take_feed(struct state *st, struct feed *feed, double offset)
{
	struct feed_entry entry;
	uint64_t lost = feed_lost(feed);
	unsigned n = 0;

	if (lost != 0)
		publish(st, json_pack("{s:f, s:s, s:s, s:I}", "time",
				      offset + (double)clock_now_ns() / 1e9,
				      "type", "note", "reason", "lost", "count",
				      (json_int_t)lost));
	for (; n < PIECE && feed_take(feed, &entry); n++)
		publish(st, event_json(&entry.action,
				       offset + (double)entry.now_ns / 1e9));
	return n == PIECE;
}

void
stream_step(struct state *st)
{
	bool wanted = control_watchers(st->control) != 0, more = false;
	double offset = wall_offset();
	eventfd_t count;

	/* Before the feeds are looked at: what comes behind wakes us again. */
	eventfd_read(st->feed_wake, &count);
	for (uint16_t i = 0; i < st->worker_count; i++) {
		struct feed *feed = worker_feed(st->workers[i]);

		feed_want(feed, wanted);
		more |= take_feed(st, feed, offset);
	}
	if (more)
		eventfd_write(st->feed_wake, 1);
}
