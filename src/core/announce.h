/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long the lines are that announce a data port, where they cannot be read:
 * from their grammar, the addresses and the ports that can stand in them.
 *
 * The grammar leaves the text of a reply free. The texts that are counted with
 * here are RFC 959's and RFC 2428's own words, which nearly all servers use, and
 * those of the servers that use others; what else there is has to be learned.
 */
#ifndef CORE_ANNOUNCE_H
#define CORE_ANNOUNCE_H

#include "core/tls_length.h"
#include "pinholed/policy.h"

/* Longer replies than this announce nothing. */
#define ANNOUNCE_LENGTHS 128 /* as LEARNED_LENGTHS in pinholed/gate.h */

/* What a client's command can be, by its length. */
enum announce_command {
	ANNOUNCE_NONE,
	ANNOUNCE_PASSIVE,      /* PASV, EPSV */
	ANNOUNCE_PASSIVE_EPSV, /* EPSV with an argument: 229 only */
	ANNOUNCE_ACTIVE,       /* PORT, EPRT of @client */
};
enum announce_command announce_command(struct tls_length length,
				       const struct addr *client);

/* Whether a command can be PROT: what it protects may change with it. */
bool announce_can_be_prot(struct tls_length length);

/* Whether a reply of @length can be a 227 or 229 of @server for one of @range's
 * ports. */
bool announce_passive_reply(struct tls_length length,
			    enum announce_command command,
			    const struct addr *server, struct port_range range);

/* Whether it can be the 200 that accepts PORT or EPRT. */
bool announce_active_reply(struct tls_length length);

#endif
