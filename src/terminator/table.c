/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hash tables with random keys: strangers choose addresses and ports. */
#include "terminator/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/siphash.h"
#include "terminator/control.h"

#define BUCKETS 4096

struct client {
	LIST_ENTRY(client) next;
	struct addr addr;
	uint32_t count[2]; /* by enum table_what */
};

struct table {
	uint64_t key[2];
	LIST_HEAD(, control) controls[BUCKETS];
	LIST_HEAD(, announced) announced[BUCKETS];
	LIST_HEAD(, client) clients[BUCKETS];
	uint32_t total[2];
};

struct table *
table_new(void)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t != NULL &&
	    getrandom(t->key, sizeof(t->key), 0) != sizeof(t->key)) {
		free(t);
		return NULL;
	}
	return t;
}

void
table_free(struct table *t)
{
	free(t);
}

static void
put_addr(uint64_t words[3], const struct addr *a)
{
	memcpy(words, a->bytes, 16);
	words[2] = a->family;
}

static size_t
bucket(const struct table *t, const struct addr *a, const struct addr *b,
       uint32_t ports)
{
	uint64_t words[7] = { 0 };

	put_addr(words, a);
	if (b != NULL)
		put_addr(words + 3, b);
	words[6] = ports;
	return siphash_words(t->key, words, 7) % BUCKETS;
}

static size_t
ends_bucket(const struct table *t, const struct endpoint *client,
	    const struct endpoint *server)
{
	return bucket(t, &client->addr, &server->addr,
		      (uint32_t)client->port << 16 | server->port);
}

/* --- sessions ------------------------------------------------------------- */

void
table_add_control(struct table *t, struct control *c)
{
	LIST_INSERT_HEAD(&t->controls[ends_bucket(t, &c->client_end,
						  &c->server_end)],
			 c, in_table);
}

void
table_del_control(struct table *t, struct control *c)
{
	(void)t;
	LIST_REMOVE(c, in_table);
}

struct control *
table_control(const struct table *t, const struct endpoint *client,
	      const struct endpoint *server)
{
	struct control *c;

	LIST_FOREACH(c, &t->controls[ends_bucket(t, client, server)], in_table)
		if (endpoint_equal(&c->client_end, client) &&
		    endpoint_equal(&c->server_end, server))
			return c;
	return NULL;
}

void
table_each_control(struct table *t, void (*visit)(struct control *, void *),
		   void *arg)
{
	struct control *c, *next;

	for (size_t i = 0; i < BUCKETS; i++)
		for (c = LIST_FIRST(&t->controls[i]); c != NULL; c = next) {
			next = LIST_NEXT(c, in_table);
			visit(c, arg);
		}
}

/* --- announced ------------------------------------------------------------ */

void
table_add_announced(struct table *t, struct announced *a)
{
	size_t at = bucket(t, &a->opening.source, &a->opening.destination,
			   a->opening.port);

	LIST_INSERT_HEAD(&t->announced[at], a, in_table);
}

void
table_del_announced(struct announced *a)
{
	LIST_REMOVE(a, in_table);
}

struct announced *
table_announced(const struct table *t, const struct addr *source,
		const struct endpoint *destination)
{
	size_t at = bucket(t, source, &destination->addr, destination->port);
	struct announced *a, *oldest = NULL;

	LIST_FOREACH(a, &t->announced[at], in_table)
		if (a->opening.port == destination->port &&
		    addr_equal(&a->opening.source, source) &&
		    addr_equal(&a->opening.destination, &destination->addr))
			oldest = a;
	return oldest;
}

/* --- clients -------------------------------------------------------------- */

static struct client *
find_client(const struct table *t, const struct addr *addr, size_t *at)
{
	struct client *c;

	*at = bucket(t, addr, NULL, 0);
	LIST_FOREACH(c, &t->clients[*at], next)
		if (addr_equal(&c->addr, addr))
			return c;
	return NULL;
}

bool
table_count(struct table *t, enum table_what what, const struct addr *addr,
	    uint32_t max, uint32_t total)
{
	size_t at;
	struct client *c = find_client(t, addr, &at);

	if (t->total[what] >= total || (c != NULL && c->count[what] >= max))
		return false;
	if (c == NULL) {
		c = calloc(1, sizeof(*c));
		if (c == NULL)
			return false;
		c->addr = *addr;
		LIST_INSERT_HEAD(&t->clients[at], c, next);
	}
	c->count[what]++;
	t->total[what]++;
	return true;
}

void
table_uncount(struct table *t, enum table_what what, const struct addr *addr)
{
	size_t at;
	struct client *c = find_client(t, addr, &at);

	if (c == NULL || c->count[what] == 0)
		return;
	c->count[what]--;
	t->total[what]--;
	if (c->count[TABLE_SESSIONS] != 0 || c->count[TABLE_DATA] != 0)
		return;
	LIST_REMOVE(c, next);
	free(c);
}

uint32_t
table_total(const struct table *t, enum table_what what)
{
	return t->total[what];
}
