/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: the exposure meter is exact, however its time is cut up. */
#include "support.h"

#include "core/meter.h"

static void
test_parts_of_milliseconds_add_up(void **state)
{
	struct meter m = { 0 };

	(void)state;
	meter_set(&m, 3, 7000000);
	assert_int_equal(meter_read(&m, 7400000), 1); /* 1.2 */
	meter_set(&m, 5, 7400000);
	assert_int_equal(meter_read(&m, 8000000), 4); /* 1.2 + 3 */
	meter_set(&m, 0, 8000000);
	assert_int_equal(meter_read(&m, 9000000000), 4);
	/* A reader whose clock is a moment behind. */
	assert_int_equal(meter_read(&m, 1), 4);
}

static void
test_cuts_change_nothing(void **state)
{
	struct meter cut = { 0 }, whole = { 0 };
	uint64_t now = 1;

	(void)state;
	meter_set(&cut, 64512, now);
	meter_set(&whole, 64512, now);
	for (int i = 0; i < 10000; i++) {
		now += test_random(3000000);
		meter_set(&cut, 64512, now);
	}
	assert_int_equal(meter_read(&cut, now), meter_read(&whole, now));
	/* A year of ten thousand active grants. */
	meter_set(&whole, 645120000, 0);
	assert_true(meter_read(&whole, UINT64_C(31536000) * 1000000000) >
		    UINT64_C(20000000000000000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_of_milliseconds_add_up),
		cmocka_unit_test(test_cuts_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
