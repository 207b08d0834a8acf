/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much was open for how long: a number of (source, port) pairs, added up over
 * the time. The unit is one pair for one millisecond.
 */
#ifndef CORE_METER_H
#define CORE_METER_H

#include <stdint.h>

/* Zeroed is "nothing open yet". */
struct meter {
	uint64_t pairs;	   /* open since @since_ns */
	uint64_t pair_ms;  /* up to @since_ns */
	uint64_t rest;	   /* of that, pair-nanoseconds below a whole one */
	uint64_t since_ns; /* when @pairs was set */
};

/* From @now_ns on @pairs are open. */
void meter_set(struct meter *m, uint64_t pairs, uint64_t now_ns);

/* Pair-milliseconds up to @now_ns. */
uint64_t meter_read(const struct meter *m, uint64_t now_ns);

#endif
