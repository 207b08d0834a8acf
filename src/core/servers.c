/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of learned servers: open addressing, nothing is ever removed. */
#include "core/servers.h"

#include "core/addr_hash.h"

struct learned_server *
servers_get(struct servers *servers, const struct addr *addr)
{
	uint32_t at = (uint32_t)addr_hash(servers->key, addr, NULL, 0);

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

#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* 2 to the power of 48: a file may say anything, and counters only grow. */
#define COUNT_MAX UINT64_C(0x1000000000000)

static uint64_t
more(uint64_t a, uint64_t b)
{
	return MAX(a, b) < COUNT_MAX ? MAX(a, b) : COUNT_MAX;
}

void
learned_merge(struct learned_windows *w, const struct learned_view *in)
{
	w->counts.foreseen = more(w->counts.foreseen, in->counts.foreseen);
	w->counts.missed = more(w->counts.missed, in->counts.missed);
	w->counts.unused = more(w->counts.unused, in->counts.unused);
	w->counts.streak = MAX(w->counts.streak, in->counts.streak);
	if (w->counts.streak > INT32_MAX)
		w->counts.streak = INT32_MAX;
	for (int i = 0; i < ANNOUNCE_LENGTHS; i++) {
		w->replies[i].used = MAX(w->replies[i].used,
					 in->replies[i].used);
		w->replies[i].unused = MAX(w->replies[i].unused,
					   in->replies[i].unused);
		w->replies[i].outside |= in->replies[i].outside;
	}
}

void
learned_show(const struct learned_windows *w, struct learned_view *out)
{
	out->counts = w->counts;
	for (int i = 0; i < ANNOUNCE_LENGTHS; i++) {
		out->replies[i].used = w->replies[i].used;
		out->replies[i].unused = w->replies[i].unused;
		out->replies[i].outside = w->replies[i].outside;
	}
}
