/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choices out of bytes: a fuzzer's input, or random ones. */
#ifndef TESTS_SUPPORT_DRAW_H
#define TESTS_SUPPORT_DRAW_H

#include <stdint.h>

#include "pinholed/span.h"

/* The next @count bytes; fewer at the end. */
static inline struct span
draw_bytes(struct span *in, size_t count)
{
	struct span head = span_head(*in, count);

	span_skip(in, count);
	return head;
}

/* A number from 0 to @bound - 1, from as few bytes as it needs; 0 at the end.
 */
static inline uint32_t
draw(struct span *in, uint32_t bound)
{
	struct span bytes = draw_bytes(in, bound <= 0x100     ? 1
					   : bound <= 0x10000 ? 2
							      : 4);
	uint32_t number = 0;

	for (size_t i = 0; i < bytes.len; i++)
		number = number << 8 | bytes.data[i];
	return number % bound;
}

#endif
