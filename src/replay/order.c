/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A ring of copies. */
#include "replay/order.h"

#include <stdlib.h>
#include <string.h>

bool
order_push(struct order *o, struct span ip, uint64_t now_ns)
{
	struct held_packet *p = &o->ring[(o->first + o->count) % ORDER_MAX];

	if (o->count == ORDER_MAX || ip.len > ORDER_BYTES_MAX - o->bytes)
		return false;
	*p = (struct held_packet){ now_ns, malloc(ip.len + 1), ip.len };
	if (p->bytes == NULL)
		return false;
	memcpy(p->bytes, ip.data, ip.len);
	o->bytes += ip.len;
	o->count++;
	return true;
}

const struct held_packet *
order_first(const struct order *o)
{
	return o->count != 0 ? &o->ring[o->first] : NULL;
}

struct held_packet
order_pop(struct order *o)
{
	struct held_packet p = o->ring[o->first];

	o->first = (o->first + 1) % ORDER_MAX;
	o->count--;
	o->bytes -= p.len;
	return p;
}

void
order_free(struct order *o)
{
	while (o->count != 0)
		free(order_pop(o).bytes);
}
