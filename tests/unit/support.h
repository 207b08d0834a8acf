/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every unit test needs: cmocka, guarded input, seeded randomness. */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "support/guard.h"

/* guard_span() of the bytes of a string, without its NUL. */
static inline struct span
guard_text(const char *text)
{
	return guard_span(text, strlen(text));
}

/*
 * A number from 0 to @bound - 1. The seed is printed at the first call;
 * PINHOLED_TEST_SEED in the environment repeats a run.
 */
static inline uint32_t
test_random(uint32_t bound)
{
	static uint64_t state;
	static bool seeded;
	uint64_t z;

	if (!seeded) {
		const char *given = getenv("PINHOLED_TEST_SEED");

		if (given != NULL)
			state = strtoull(given, NULL, 10);
		else if (getrandom(&state, 4, 0) != 4)
			abort();
		seeded = true;
		fprintf(stderr, "PINHOLED_TEST_SEED=%llu\n",
			(unsigned long long)state);
	}
	/* splitmix64 */
	z = state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ (z >> 31)) % bound);
}

#endif
