/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small memory of servers: no list to run through, no entry to free. */
#include "core/servers.h"

#include <string.h>

#include "core/siphash.h"

void
servers_init(struct servers *s, const uint64_t key[static 2])
{
	s->key[0] = key[0];
	s->key[1] = key[1];
}

static unsigned
row_of(const struct servers *s, const struct endpoint *end)
{
	uint64_t words[3] = { 0, 0,
			      (uint64_t)end->addr.family << 16 | end->port };

	memcpy(words, end->addr.bytes, sizeof(end->addr.bytes));
	return siphash_words(s->key, words, 3) % SERVERS_ROWS;
}

/* Its place in the row, or SERVERS_WAYS. */
static unsigned
find(const struct server_known *row, const struct endpoint *end)
{
	unsigned i = 0;

	while (i < SERVERS_WAYS && !endpoint_equal(&row[i].end, end))
		i++;
	return i;
}

uint8_t
servers_auth(const struct servers *s, const struct endpoint *end)
{
	const struct server_known *row = s->rows[row_of(s, end)];
	unsigned at = find(row, end);

	return at < SERVERS_WAYS ? row[at].auth : 0;
}

void
servers_add_auth(struct servers *s, const struct endpoint *end, uint8_t auth)
{
	struct server_known *row = s->rows[row_of(s, end)];
	unsigned at = find(row, end);
	struct server_known known = { .end = *end };

	if (at < SERVERS_WAYS)
		known = row[at];
	else
		at = SERVERS_WAYS - 1;
	known.auth |= auth;
	/* The newest first: the last one is the next to go. */
	memmove(row + 1, row, at * sizeof(*row));
	row[0] = known;
}
