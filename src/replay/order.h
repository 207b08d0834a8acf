/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Packets that stand too early in their capture, and all that follow them.
 *
 * Where several CPUs or interfaces are captured at once, an answer can stand in
 * front of what it answers. The core would take that for a loss. So who is early
 * waits a moment for what he acknowledges.
 */
#ifndef REPLAY_ORDER_H
#define REPLAY_ORDER_H

#include <stdbool.h>

#include "pinholed/span.h"

/* Bounds on what waits: packets, bytes, and for how long. */
#define ORDER_MAX	1024
#define ORDER_BYTES_MAX ((size_t)8 << 20)
#define ORDER_WAIT_NS	UINT64_C(200000000)

struct order {
	struct held_packet {
		uint64_t time_ns; /* when it came */
		uint8_t *bytes;	  /* a copy */
		size_t len;
	} ring[ORDER_MAX];
	unsigned first, count;
	size_t bytes;
};

/* Puts a copy behind the rest. False: there is no room. */
bool order_push(struct order *o, struct span ip, uint64_t now_ns);

/* The first, or NULL. */
const struct held_packet *order_first(const struct order *o);

/* Takes the first out; its bytes are the caller's, to free(). */
struct held_packet order_pop(struct order *o);

void order_free(struct order *o);

#endif
