/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What servers have been seen to do, beyond the life of one session. */
#ifndef CORE_SERVERS_H
#define CORE_SERVERS_H

#include <stdint.h>

#include "pinholed/addr.h"

/* Control ports that are remembered: rows, chosen by a keyed hash, of a few
 * entries each. In a full row the one that was named longest ago is forgotten. */
#define SERVERS_ROWS 256
#define SERVERS_WAYS 4

struct server_known {
	struct endpoint end;
	uint8_t auth; /* enum ftp_auth, or-ed: mechanisms it has accepted */
};

struct servers {
	struct server_known rows[SERVERS_ROWS][SERVERS_WAYS];
	uint64_t key[2];
};

/* @s is zeroed. */
void servers_init(struct servers *s, const uint64_t key[static 2]);

/* The mechanisms that @end has accepted as far as is remembered. */
uint8_t servers_auth(const struct servers *s, const struct endpoint *end);

/* Remembers that @end accepts @auth. */
void servers_add_auth(struct servers *s, const struct endpoint *end,
		      uint8_t auth);

#endif
