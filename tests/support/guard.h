/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Input that ends at an unreadable page: one byte read too far is a crash. */
#ifndef TESTS_SUPPORT_GUARD_H
#define TESTS_SUPPORT_GUARD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pinholed/span.h"

#define GUARD_MAX ((size_t)1 << 20)

/* A copy of @bytes whose end touches the page. Up to GUARD_MAX bytes; good
 * until the next call. */
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
	if (len > GUARD_MAX) {
		fprintf(stderr, "guard_span: %zu bytes are too many\n", len);
		abort();
	}
	if (len != 0)
		memcpy(arena + GUARD_MAX - len, bytes, len);
	return span_make(arena + GUARD_MAX - len, len);
}

#endif
