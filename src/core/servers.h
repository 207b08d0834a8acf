/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which passive ports each server has really used: what pinholectl suggests
 * ranges from. A fixed table; once it is full no more servers are learned.
 */
#ifndef CORE_SERVERS_H
#define CORE_SERVERS_H

#include "pinholed/gate.h"

/* A power of two; three quarters of it are used. */
#define SERVERS_SLOTS 512

struct learned_server {
	struct addr addr; /* ADDR_NONE: free */
	struct ports_seen announced, connected;
};

struct servers {
	struct learned_server slots[SERVERS_SLOTS];
	uint64_t key[2];
	uint32_t used;
};

/* @addr's entry, made where it is missing; NULL when the table is full. */
struct learned_server *servers_get(struct servers *servers,
				   const struct addr *addr);

void ports_seen_add(struct ports_seen *seen, uint16_t port);

#endif
