/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sessions that a server gave us on one control connection, for its data
 * connections to resume. */
#ifndef TLS_TICKETS_H
#define TLS_TICKETS_H

#include <openssl/ssl.h>

/* Servers may give a fresh ticket for each data connection (FileZilla Server
 * does): the newest is the one to use. The one before stays for the moment when
 * the newest cannot be resumed. Zeroed is empty. */
struct tickets {
	SSL_SESSION *newest, *before;
};

/* Takes over the reference. */
void tickets_add(struct tickets *tickets, SSL_SESSION *session);

/* A copy of the newest one that can be resumed: an alert on the data connection
 * must not spoil the original. NULL: there is none. Owned by the caller. */
SSL_SESSION *tickets_copy(const struct tickets *tickets);

void tickets_clear(struct tickets *tickets);

#endif
