/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets with other hosts' addresses: what TPROXY delivers and what goes on. */
#ifndef TERMINATOR_SOCKETS_H
#define TERMINATOR_SOCKETS_H

#include <stdint.h>

#include "pinholed/addr.h"

/* Listens on all addresses, foreign ones too. A descriptor or -errno. */
int sockets_listen(enum addr_family family, uint16_t port);

/* The next waiting connection with its two ends; -EAGAIN: none. */
int sockets_accept(int listener, struct endpoint *peer,
		   struct endpoint *local);

/*
 * Begins to connect to @to with @from as the own address, whoever has it. The
 * port is any but those of @from and of connections that @taken says are there:
 * connection tracking would take two of them for one. A descriptor or -errno.
 */
int sockets_connect(const struct endpoint *from, const struct endpoint *to,
		    bool (*taken)(void *arg, const struct endpoint *from,
				  const struct endpoint *to),
		    void *arg);

/* How a connection attempt that became writable ended: 0 or -errno. */
int sockets_connected(int fd);

/* Closes with RST. */
void sockets_reset(int fd);

#endif
