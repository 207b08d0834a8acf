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

/* A port's digits make a reply shorter or longer by up to this. */
#define DIGITS_VARY 2

bool
learned_opens(const struct learned_windows *w, unsigned length, bool grammar,
	      bool digits)
{
	unsigned vary = digits ? DIGITS_VARY : 0;
	const struct learned_length *l;

	if (length >= ANNOUNCE_LENGTHS)
		return false;
	l = &w->replies[length];
	if (l->used == 0 && l->unused >= WINDOWS_DROP)
		return false;
	if (grammar || l->used != 0)
		return true;
	for (unsigned i = length - (length < vary ? length : vary);
	     i <= length + vary && i < ANNOUNCE_LENGTHS; i++)
		if (w->replies[i].outside)
			return true;
	return false;
}

static void
count(uint8_t *n)
{
	if (*n != UINT8_MAX)
		++*n;
}

bool
learned_use(struct learned_windows *w, unsigned length, bool foreseen)
{
	if (length != 0 && length < ANNOUNCE_LENGTHS) {
		count(&w->replies[length].used);
		w->replies[length].outside |= !foreseen;
	}
	if (!foreseen) {
		w->counts.missed++;
		w->counts.streak = 0;
		return false;
	}
	w->counts.foreseen++;
	return ++w->counts.streak == WINDOWS_STREAK;
}

void
learned_unused(struct learned_windows *w, unsigned length)
{
	w->counts.unused++;
	if (length < ANNOUNCE_LENGTHS)
		count(&w->replies[length].unused);
}
