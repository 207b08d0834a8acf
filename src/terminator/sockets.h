/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets with other hosts' addresses: what TPROXY delivers and what goes on. */
#ifndef TERMINATOR_SOCKETS_H
#define TERMINATOR_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/addr.h"

/* Listens on all addresses, foreign ones too. A descriptor or -errno. */
int sockets_listen(enum addr_family family, uint16_t port);

/* The next waiting connection with its two ends; -EAGAIN: none. */
int sockets_accept(int listener, struct endpoint *peer,
		   struct endpoint *local);

/*
 * Begins to connect to @to with @from as the own address, whoever has it. The
 * port is below those that hosts choose from for themselves, and none of @from or
 * of a connection that @taken says is there: connection tracking would take two of
 * them for one. A descriptor or -errno.
 */
int sockets_connect(const struct endpoint *from, const struct endpoint *to,
		    bool (*taken)(void *arg, const struct endpoint *from,
				  const struct endpoint *to),
		    void *arg);

/* How a connection attempt that became writable ended: 0 or -errno. */
int sockets_connected(int fd);

/* Closes with RST. */
void sockets_reset(int fd);

/*
 * True when this network namespace looks for a local socket before it routes
 * (net.ipv4.tcp_early_demux, which goes for IPv6, too). Then it drops what it
 * should forward while a socket of ours has the same two ends: as in TIME-WAIT,
 * when a server comes from port 20 to a port that an earlier relay had. False
 * where /proc does not tell.
 */
bool sockets_early_demux(void);

#endif
