/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A borrowed run of bytes: the only form in which the core sees input. */
#ifndef PINHOLED_SPAN_H
#define PINHOLED_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Never NUL-terminated, never owned. `data` may be NULL when `len` is 0.
 * A function that takes `struct span *` consumes from its front.
 */
struct span {
	const uint8_t *data;
	size_t len; /* bytes */
};

static inline struct span
span_make(const void *data, size_t len)
{
	return (struct span){ .data = data, .len = len };
}

/* Drops the first @count bytes, or all of them when there are fewer. */
static inline void
span_skip(struct span *s, size_t count)
{
	if (count > s->len)
		count = s->len;
	if (count != 0)
		s->data += count;
	s->len -= count;
}

/* The first @count bytes, or all of them when there are fewer. */
static inline struct span
span_head(struct span s, size_t count)
{
	return span_make(s.data, count < s.len ? count : s.len);
}

#endif
