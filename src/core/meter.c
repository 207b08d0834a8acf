/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exposure meter: exact, whatever the steps, in 64 bits. */
#include "core/meter.h"

#define NS_PER_MS UINT64_C(1000000)

/* Whole milliseconds and the rest apart: pairs times nanoseconds would not fit
 * for long. */
static struct meter
advance(const struct meter *m, uint64_t now_ns)
{
	uint64_t ns = now_ns > m->since_ns ? now_ns - m->since_ns : 0;
	struct meter to = *m;

	to.rest += m->pairs * (ns % NS_PER_MS);
	to.pair_ms += m->pairs * (ns / NS_PER_MS) + to.rest / NS_PER_MS;
	to.rest %= NS_PER_MS;
	to.since_ns = m->since_ns + ns;
	return to;
}

void
meter_set(struct meter *m, uint64_t pairs, uint64_t now_ns)
{
	*m = advance(m, now_ns);
	m->pairs = pairs;
}

uint64_t
meter_read(const struct meter *m, uint64_t now_ns)
{
	return advance(m, now_ns).pair_ms;
}
