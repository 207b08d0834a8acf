/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: strangers cannot make the log grow without bound, and a log that nobody
 * reads holds nobody up; what was left out is counted and said.
 */
#include "support.h"

#include <fcntl.h>
#include <unistd.h>

#include "io/log.h"
#include "io/log_limit.h"

static void
test_a_second_has_its_allowance(void **state)
{
	uint64_t missed, before = log_limit_total();

	(void)state;
	log_limit_set(3);
	for (int i = 0; i < 3; i++)
		assert_true(log_limit_admit(100, &missed));
	for (int i = 0; i < 5; i++)
		assert_false(log_limit_admit(100, &missed));
	assert_int_equal(missed, 0);
	assert_true(log_limit_admit(101, &missed));
	assert_int_equal(missed, 5);
	assert_true(log_limit_admit(101, &missed));
	assert_int_equal(missed, 0);
	assert_int_equal(log_limit_total() - before, 5);
}

/* Standard error is a pipe that nobody reads. */
static void
test_a_stuck_log_holds_nobody_up(void **state)
{
	int ends[2], saved = dup(STDERR_FILENO);
	uint64_t before = log_limit_total();
	struct action action = { .kind = ACTION_NOTE, .level = NOTE_WARN };
	char text[4096];
	ssize_t got;

	(void)state;
	log_limit_set(1000000);
	log_init(LOG_TARGET_STDERR, LOG_LEVEL_INFO);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	dup2(ends[1], STDERR_FILENO);
	alarm(20); /* a blocked write would last for ever */
	for (int i = 0; i < 20000; i++)
		log_action(&action);
	alarm(0);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_true(log_limit_total() > before);
	got = read(ends[0], text, sizeof(text));
	assert_true(got > 0);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_second_has_its_allowance),
		cmocka_unit_test(test_a_stuck_log_holds_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
