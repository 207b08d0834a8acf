/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: what a worker puts into its feed comes out on the other side, in order and
 * whole, while both run; what does not fit is counted; and nothing goes in while
 * nobody watches.
 */
#include "support.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/eventfd.h>

#include "daemon/feed.c"

#define MANY 300000

static struct feed *feed;
static int wake;

static int
set_up(void **state)
{
	(void)state;
	wake = eventfd(0, EFD_NONBLOCK);
	feed = feed_new(wake);
	assert_non_null(feed);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	feed_free(feed);
	close(wake);
	return 0;
}

static void
put(uint64_t number)
{
	struct action a = { .session = number };

	memset(a.text, (int)(number & 0xff), sizeof(a.text));
	feed_put(feed, &a, number);
}

static bool
is_whole(const struct feed_entry *entry)
{
	for (size_t i = 0; i < sizeof(entry->action.text); i++)
		if (entry->action.text[i] != (entry->now_ns & 0xff))
			return false;
	return entry->action.session == entry->now_ns;
}

static void
test_nobody_watches(void **state)
{
	struct feed_entry entry;

	(void)state;
	put(1);
	feed_flush(feed);
	assert_false(feed_take(feed, &entry));
	assert_int_equal(poll(&(struct pollfd){ wake, POLLIN, 0 }, 1, 0), 0);
}

static void
test_full(void **state)
{
	struct feed_entry entry;
	uint64_t n = 0;

	(void)state;
	feed_want(feed, true);
	for (uint64_t i = 0; i < FEED_SLOTS + 5; i++)
		put(i);
	feed_flush(feed);
	assert_int_equal(poll(&(struct pollfd){ wake, POLLIN, 0 }, 1, 0), 1);
	while (feed_take(feed, &entry)) {
		assert_int_equal(entry.now_ns, n++);
		assert_true(is_whole(&entry));
	}
	assert_int_equal(n, FEED_SLOTS);
	assert_int_equal(feed_lost(feed), 5);
	assert_int_equal(feed_lost(feed), 0);
	put(77);
	assert_true(feed_take(feed, &entry));
	assert_int_equal(entry.now_ns, 77);
}

static void *
write_many(void *arg)
{
	for (uint64_t i = 1; i <= MANY; i++) {
		put(i);
		feed_flush(feed);
	}
	return arg;
}

static void
test_two_threads(void **state)
{
	uint64_t last = 0, taken = 0, lost = 0, idle = 0;
	struct feed_entry entry;
	pthread_t writer;

	(void)state;
	feed_want(feed, true);
	assert_int_equal(pthread_create(&writer, NULL, write_many, NULL), 0);
	while (taken + lost < MANY && idle < 100000000) {
		if (!feed_take(feed, &entry)) {
			lost += feed_lost(feed);
			idle++;
			sched_yield();
			continue;
		}
		assert_true(entry.now_ns > last);
		assert_true(is_whole(&entry));
		last = entry.now_ns;
		taken++;
	}
	pthread_join(writer, NULL);
	lost += feed_lost(feed);
	assert_int_equal(taken + lost, MANY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_nobody_watches),
		T(test_full),
		T(test_two_threads),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
