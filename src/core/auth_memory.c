/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small memory of servers: no list to run through, no entry to free. */
#include "core/auth_memory.h"

#include <string.h>

#include "core/addr_hash.h"

void
auth_memory_init(struct auth_memory *m, const uint64_t key[static 2])
{
	m->key[0] = key[0];
	m->key[1] = key[1];
}

static unsigned
row_of(const struct auth_memory *m, const struct endpoint *end)
{
	return addr_hash(m->key, &end->addr, NULL, end->port) %
	       AUTH_MEMORY_ROWS;
}

/* Its place in the row, or AUTH_MEMORY_WAYS. */
static unsigned
find(const struct auth_known *row, const struct endpoint *end)
{
	unsigned i = 0;

	while (i < AUTH_MEMORY_WAYS && !endpoint_equal(&row[i].end, end))
		i++;
	return i;
}

uint8_t
auth_memory_get(const struct auth_memory *m, const struct endpoint *end)
{
	const struct auth_known *row = m->rows[row_of(m, end)];
	unsigned at = find(row, end);

	return at < AUTH_MEMORY_WAYS ? row[at].auth : 0;
}

void
auth_memory_add(struct auth_memory *m, const struct endpoint *end, uint8_t auth)
{
	struct auth_known *row = m->rows[row_of(m, end)];
	unsigned at = find(row, end);
	struct auth_known known = { .end = *end };

	if (at < AUTH_MEMORY_WAYS)
		known = row[at];
	else
		at = AUTH_MEMORY_WAYS - 1;
	known.auth |= auth;
	/* The newest first: the last one is the next to go. */
	memmove(row + 1, row, at * sizeof(*row));
	row[0] = known;
}
