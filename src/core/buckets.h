/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many chains the core's hash tables have. */
#ifndef CORE_BUCKETS_H
#define CORE_BUCKETS_H

#include <stdint.h>

/* For a table of at most @entries: a power of two, so that chains are short. */
static inline uint32_t
buckets_for(uint32_t entries)
{
	uint32_t n = 16;

	while (n < entries && n < UINT32_C(1) << 31)
		n <<= 1;
	return n;
}

#endif
