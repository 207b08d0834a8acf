/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The feed's ring: one writer, one reader, two counters that only grow. */
#include "daemon/feed.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>

/* A power of two. */
#define FEED_SLOTS 2048

struct feed {
	int wake;
	bool put; /* the worker's: since the last flush */
	_Atomic bool wanted;
	_Atomic uint32_t written, taken;
	_Atomic uint64_t lost;
	struct feed_entry slots[FEED_SLOTS];
};

struct feed *
feed_new(int wake)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (feed != NULL)
		feed->wake = wake;
	return feed;
}

void
feed_free(struct feed *feed)
{
	free(feed);
}

void
feed_want(struct feed *feed, bool wanted)
{
	atomic_store(&feed->wanted, wanted);
}

void
feed_put(struct feed *feed, const struct action *action, uint64_t now_ns)
{
	uint32_t at = atomic_load_explicit(&feed->written,
					   memory_order_relaxed);

	if (!atomic_load_explicit(&feed->wanted, memory_order_relaxed))
		return;
	if (at - atomic_load_explicit(&feed->taken, memory_order_acquire) ==
	    FEED_SLOTS) {
		atomic_fetch_add(&feed->lost, 1);
		return;
	}
	feed->slots[at % FEED_SLOTS] = (struct feed_entry){
		.now_ns = now_ns,
		.action = *action,
	};
	atomic_store_explicit(&feed->written, at + 1, memory_order_release);
	feed->put = true;
}

void
feed_flush(struct feed *feed)
{
	if (feed->put)
		eventfd_write(feed->wake, 1);
	feed->put = false;
}

bool
feed_take(struct feed *feed, struct feed_entry *out)
{
	uint32_t at = atomic_load_explicit(&feed->taken, memory_order_relaxed);

	if (at == atomic_load_explicit(&feed->written, memory_order_acquire))
		return false;
	*out = feed->slots[at % FEED_SLOTS];
	atomic_store_explicit(&feed->taken, at + 1, memory_order_release);
	return true;
}

uint64_t
feed_lost(struct feed *feed)
{
	return atomic_exchange(&feed->lost, 0);
}
