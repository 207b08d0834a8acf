/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Was a TLS session resumed, and whose? Told from the hellos, without any key.
 *
 * Up to TLS 1.2 (RFC 5246 section 7.3, RFC 5077) session IDs and new tickets are
 * in clear, so that the control connection's can be found again on a data
 * connection; and a resumed handshake is the one without a certificate. In TLS
 * 1.3 (RFC 8446 section 2.2) tickets are sent encrypted: only that the server
 * took what the client offered can be seen.
 */
#ifndef CORE_TLS_RESUME_H
#define CORE_TLS_RESUME_H

#include "core/tls.h"

/* Of what one control connection can be resumed with. */
#define TLS_TICKETS_MAX 8

/* Fingerprints, all made under the same key; zeroed is "none known". */
struct tls_tickets {
	uint64_t known[TLS_TICKETS_MAX];
	uint8_t next; /* the place of the next one; the oldest goes */
};

/* What the client asked to resume by. */
enum tls_offer {
	TLS_OFFER_NONE,
	TLS_OFFER_SESSION_ID,
	TLS_OFFER_TICKET,
	TLS_OFFER_PSK, /* TLS 1.3 */
};

enum tls_handshake {
	TLS_HANDSHAKE_UNKNOWN, /* not seen, or not far enough */
	TLS_HANDSHAKE_FULL,
	TLS_HANDSHAKE_RESUMED,
};

struct tls_resume {
	uint8_t handshake; /* enum tls_handshake */
	uint8_t offer;	   /* enum tls_offer */
	bool is_known;	   /* what was offered is one of the tickets; in TLS
			      1.3, where nobody can tell, whatever the server
			      took */
};

/* Whether @print, which is not 0, is one of them. */
bool tls_tickets_hold(const struct tls_tickets *tickets, uint64_t print);

/* What the two directions of a connection say; @tickets are the control
 * connection's. */
struct tls_resume tls_resume_judge(const struct tls_framer *client,
				   const struct tls_framer *server,
				   const struct tls_tickets *tickets);

/* Adds what the connection of these two directions can be resumed with. */
void tls_resume_learn(struct tls_tickets *tickets,
		      const struct tls_framer *client,
		      const struct tls_framer *server);

#endif
