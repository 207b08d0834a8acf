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
#include <sys/mman.h>
#include <sys/random.h>

#include <cmocka.h>

#include "pinholed/span.h"

#define GUARD_MAX ((size_t)1 << 20)

/*
 * A copy of @bytes whose end touches an unreadable page: one byte read too far
 * is a crash. Up to GUARD_MAX bytes; good until the next call.
 */
static inline struct span
guard_span(const void *bytes, size_t len)
{
	static uint8_t *arena;

	if (arena == NULL) {
		arena = mmap(NULL, 2 * GUARD_MAX, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (arena == MAP_FAILED ||
		    mprotect(arena + GUARD_MAX, GUARD_MAX, PROT_NONE) != 0) {
			perror("guard_span");
			abort();
		}
	}
	assert_true(len <= GUARD_MAX);
	if (len != 0)
		memcpy(arena + GUARD_MAX - len, bytes, len);
	return span_make(arena + GUARD_MAX - len, len);
}

/* The same for the bytes of a string, without its NUL. */
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
