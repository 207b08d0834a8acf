/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which AUTH mechanisms servers have accepted, beyond the life of one session.
 */
#ifndef CORE_AUTH_MEMORY_H
#define CORE_AUTH_MEMORY_H

#include <stdint.h>

#include "pinholed/addr.h"

/* Control ports that are remembered: rows, chosen by a keyed hash, of a few
 * entries each. In a full row the one that was named longest ago is forgotten.
 */
#define AUTH_MEMORY_ROWS 256
#define AUTH_MEMORY_WAYS 4

struct auth_known {
	struct endpoint end;
	uint8_t auth; /* enum ftp_auth, or-ed: mechanisms it has accepted */
};

struct auth_memory {
	struct auth_known rows[AUTH_MEMORY_ROWS][AUTH_MEMORY_WAYS];
	uint64_t key[2];
};

/* @m is zeroed. */
void auth_memory_init(struct auth_memory *m, const uint64_t key[static 2]);

/* The mechanisms that @end has accepted as far as is remembered. */
uint8_t auth_memory_get(const struct auth_memory *m,
			const struct endpoint *end);

/* Remembers that @end accepts @auth. */
void auth_memory_add(struct auth_memory *m, const struct endpoint *end,
		     uint8_t auth);

#endif
