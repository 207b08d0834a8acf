/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: the newest sessions are remembered, in bounded memory; connections that
 * never say anything push nothing out; a session's facts are its own.
 */
#include "support.h"

#include "daemon/chronicle.c"

static const struct policy policy = { .server_count = 0 };
static struct chronicle *chronicle;

static int
set_up(void **state)
{
	(void)state;
	chronicle = chronicle_new();
	assert_non_null(chronicle);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	chronicle_free(chronicle);
	return 0;
}

static void
take(uint64_t session, enum reason reason, enum session_class class, bool ends)
{
	struct action a = {
		.kind = ACTION_NOTE,
		.session = session,
		.reason = reason,
		.class = class,
		.ends = ends,
	};

	chronicle_take(chronicle, &policy, &a, session);
}

static unsigned
count(uint64_t *lowest)
{
	struct chronicle_entry e = { .ended = false };
	uint32_t cursor = 0;
	unsigned n = 0;

	*lowest = UINT64_MAX;
	for (; chronicle_next(chronicle, &cursor, &e); n++)
		if (e.facts.session < *lowest)
			*lowest = e.facts.session;
	return n;
}

static void
test_newest_stay(void **state)
{
	uint64_t lowest;

	(void)state;
	for (uint64_t id = 1; id <= 5000; id++)
		take(id, REASON_GREETED, CLASS_CLEAR, false);
	assert_int_equal(count(&lowest), CHRONICLE_SLOTS);
	assert_int_equal(lowest, 5000 - CHRONICLE_SLOTS + 1);
	/* A late word of an old one does not bring it back. */
	take(10, REASON_LOGGED_IN, CLASS_CLEAR, false);
	take(10, REASON_CONTROL_ENDED, CLASS_CLEAR, true);
	assert_int_equal(count(&lowest), CHRONICLE_SLOTS);
	assert_int_equal(lowest, 5000 - CHRONICLE_SLOTS + 1);
}

static void
test_silent_connections_take_no_place(void **state)
{
	uint64_t lowest;

	(void)state;
	take(1, REASON_GREETED, CLASS_CLEAR, false);
	for (uint64_t id = 2; id <= 5000; id++) {
		take(id, REASON_SESSION_NEW, CLASS_GREETING, false);
		take(id, REASON_LIMIT_HALF_OPEN, CLASS_GREETING, true);
	}
	assert_int_equal(count(&lowest), 1);
	assert_int_equal(lowest, 1);
}

static void
test_facts_are_kept(void **state)
{
	struct chronicle_entry e = { .ended = false };
	uint32_t cursor = 0;

	(void)state;
	take(3, REASON_TLS_EXPLICIT, CLASS_OPAQUE, false);
	take(3, REASON_NO_RANGE, CLASS_OPAQUE, false);
	take(3, REASON_CONTROL_ENDED, CLASS_OPAQUE, true);
	take(0, REASON_PACKET_BAD, CLASS_NONE, false); /* of no session */
	assert_true(chronicle_next(chronicle, &cursor, &e));
	assert_true(e.facts.opaque && e.facts.no_range && e.ended);
	assert_true(e.facts.heard_client && e.facts.heard_server);
	assert_false(chronicle_next(chronicle, &cursor, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		T(test_newest_stay),
		T(test_silent_connections_take_no_place),
		T(test_facts_are_kept),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
