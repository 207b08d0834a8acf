/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of learned servers: open addressing, nothing is ever removed. */
#include "core/servers.h"

#include "core/siphash.h"

struct learned_server *
servers_get(struct servers *servers, const struct addr *addr)
{
	uint64_t words[3] = { 0, 0, addr->family };
	uint32_t at;

	memcpy(words, addr->bytes, sizeof(addr->bytes));
	at = (uint32_t)siphash_words(servers->key, words, 3);
	for (;; at++) {
		struct learned_server *s =
			&servers->slots[at % SERVERS_SLOTS];

		if (addr_equal(&s->addr, addr))
			return s;
		if (s->addr.family != ADDR_NONE)
			continue;
		if (servers->used == SERVERS_SLOTS / 4 * 3)
			return NULL;
		servers->used++;
		s->addr = *addr;
		return s;
	}
}

void
ports_seen_add(struct ports_seen *seen, uint16_t port)
{
	if (seen->count == 0 || port < seen->low)
		seen->low = port;
	if (port > seen->high)
		seen->high = port;
	seen->count++;
}
