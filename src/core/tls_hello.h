/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the hellos say, and what else of a handshake is in clear: read as it
 * comes in. */
#ifndef CORE_TLS_HELLO_H
#define CORE_TLS_HELLO_H

#include <stdbool.h>
#include <stdint.h>

#include "core/siphash.h"
#include "pinholed/span.h"

/* RFC 8446 section 4.2.1, RFC 5246 */
enum { TLS_1_2 = 0x0303, TLS_1_3 = 0x0304 };

/* What one direction's hello said; zero until it was seen whole. */
struct tls_hello {
	/* Resumption; tls_resume.h makes a verdict of it. Of session IDs and
	 * tickets only a fingerprint is kept, 0 where there is none. */
	uint64_t session; /* the session ID; in TLS 1.3 it has no meaning */
	uint64_t ticket;  /* ClientHello: its session_ticket extension (RFC
			     5077); the server: its NewSessionTicket, up to TLS
			     1.2 and behind the hello */
	uint64_t name;	  /* ClientHello: the fingerprint of server_name (RFC 6066
			     section 3) */
	uint16_t version; /* negotiated (ServerHello: supported_versions where
			     present) or highest offered (ClientHello) */
	uint16_t cipher;  /* ServerHello's cipher suite; 0 in a ClientHello */
	bool seen : 1;
	bool retry : 1;	  /* a HelloRetryRequest was seen (RFC 8446 4.1.4) */
	bool psk : 1;	  /* pre_shared_key is there: offered, or chosen (RFC
			     8446 section 4.2.11) */
	bool full : 1;	  /* the server, up to TLS 1.2: a Certificate or the like
			     followed its hello: no session was resumed */
};

/* The place in the handshake messages; zeroed is "before the first one". */
struct tls_hello_walk {
	uint8_t field;		 /* enum field in tls_hello.c */
	bool retry_random;	 /* the random so far is HelloRetryRequest's */
	uint16_t version, cipher; /* of the hello so far */
	/* Under which key fingerprints are made; borrowed. NULL: none are. */
	const uint64_t *key;
	struct siphash hash;	 /* of the field, where it is a fingerprint's */
	uint64_t session, ticket, name; /* of the hello so far */
	bool psk;
	uint32_t number;	 /* the field's value so far */
	uint32_t field_left;	 /* bytes of the field still to come */
	/* Bytes behind the field, which are still to be given out to fields: */
	uint32_t extension_left; /* of the extension */
	uint32_t message_left;	 /* of the message */
};

/*
 * Walks the next bytes of one direction's handshake messages, the content of
 * its records of type 22 put together, however they are cut. Fills *@hello when
 * this direction's hello is whole; a hello that contradicts itself is never
 * seen. Behind the server's hello, up to TLS 1.2, ->ticket and ->full follow;
 * otherwise nothing is done once @hello->seen. Set @w->key before the first call,
 * where fingerprints are wanted.
 */
void tls_hello_read(struct tls_hello_walk *w, bool client, struct span in,
		    struct tls_hello *hello);

/* True when the walk has nothing to remember: no message has begun that has not
 * ended. */
bool tls_hello_is_between(const struct tls_hello_walk *w);

/* True when nothing more will come of it. */
bool tls_hello_is_done(const struct tls_hello_walk *w, bool client,
		       const struct tls_hello *hello);

#endif
