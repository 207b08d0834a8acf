/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who belongs to whom: sessions by their ends, announced data connections by
 * theirs, and how much each client has. */
#ifndef TERMINATOR_TABLE_H
#define TERMINATOR_TABLE_H

#include <sys/queue.h>

#include "pinholed/action.h"

struct control;

/* A data connection that was announced and has not come. */
struct announced {
	LIST_ENTRY(announced) in_table, in_control;
	struct control *control;
	struct opening opening; /* as the core here has it */
	uint32_t handle;	/* pinholed's, when it has answered; or 0 */
	enum reason reason;	/* which announcement it was */
};

struct table;

struct table *table_new(void);
void table_free(struct table *table);

void table_add_control(struct table *table, struct control *control);
void table_del_control(struct table *table, struct control *control);
struct control *table_control(const struct table *table,
			      const struct endpoint *client,
			      const struct endpoint *server);

void table_add_announced(struct table *table, struct announced *announced);
void table_del_announced(struct announced *announced);
/* The oldest that a connection from @source to @destination can be. */
struct announced *table_announced(const struct table *table,
				  const struct addr *source,
				  const struct endpoint *destination);

/* What one client address has. */
enum table_what { TABLE_SESSIONS, TABLE_DATA };

/* Counts one more; false, and nothing is counted, where that is too many for
 * this client or (@total) for all. */
bool table_count(struct table *table, enum table_what what,
		 const struct addr *client, uint32_t max, uint32_t total);
void table_uncount(struct table *table, enum table_what what,
		   const struct addr *client);
uint32_t table_total(const struct table *table, enum table_what what);

/* Calls @visit for every session; it may end the one it gets. */
void table_each_control(struct table *table,
			void (*visit)(struct control *, void *arg), void *arg);

#endif
