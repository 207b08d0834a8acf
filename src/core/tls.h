/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TLS record framing of one direction, without any key (RFC 8446 section 5,
 * RFC 5246 section 6.2). It sees records, their types and lengths, and the
 * hellos that are sent in clear.
 */
#ifndef CORE_TLS_H
#define CORE_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/tls_hello.h"
#include "pinholed/span.h"

/* RFC 8446 section 5.1, RFC 6520 */
enum tls_type {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION_DATA = 23,
	TLS_HEARTBEAT = 24,
	TLS_SSLV2_HELLO = 128, /* RFC 5246 appendix E.2; not on the wire */
};

/*
 * A direction's framing state; zeroed is "before the first record". It keeps no
 * record, only its place, however the bytes are cut.
 */
struct tls_framer {
	/* Read by the session: */
	struct tls_hello hello;
	bool any : 1;	      /* a whole record was seen */
	bool cipher_on : 1;   /* ChangeCipherSpec was seen */
	bool application : 1; /* an application_data record was seen */
	/* Internal: */
	bool broken : 1;
	bool deaf : 1;		/* no hello is read any more */
	uint8_t header_len : 3; /* bytes in .header; 0: at a record boundary */
	uint8_t header[5];
	uint16_t left; /* bytes of the record behind the header, to come */
};

enum tls_status {
	TLS_MORE,     /* @in is used up; nothing to report */
	TLS_RECORD,   /* a record ended here; *record tells which */
	TLS_NOT_TLS,  /* at a record boundary the next byte cannot begin a
			 record; nothing of it was consumed */
	TLS_BROKEN,   /* a record header began and is impossible: for good */
};

struct tls_record {
	uint8_t type;	  /* enum tls_type */
	uint16_t version; /* of the record header; 0 for TLS_SSLV2_HELLO */
	uint16_t length;  /* payload bytes */
};

/*
 * Consumes from *@in up to the end of the next record. @walk is the place in
 * this direction's hello, which the caller keeps for it while
 * tls_hello_is_between() says false. Call again until
 * TLS_MORE. A record header is possible when the type is 20 to 24, the major
 * version 3, the minor 0 to 4, the length 1 to 16384 + 2048 (RFC 5246 section
 * 6.2.3; TLS 1.2's limit, the wider one; 0 is allowed for application data). As
 * the very first record of a client (@client), an SSLv2-compatible hello counts
 * too: high bit of the length set, message type 1, version 3.x or SSL 2.0's
 * 00 02.
 * The first byte alone decides between TLS_NOT_TLS and a header.
 * After TLS_BROKEN every call says TLS_BROKEN.
 * The outcome does not depend on how the bytes were cut into calls.
 */
enum tls_status tls_frame(struct tls_framer *t, struct tls_hello_walk *walk,
			  bool client, struct span *in,
			  struct tls_record *record);

/* True at a record boundary: no record has begun that has not ended. */
bool tls_at_boundary(const struct tls_framer *t);

/*
 * True when a record that this direction sent can be a close_notify alert under
 * the negotiated keys, judged by type and length alone: for TLS 1.3
 * (@version 0x0304) application data of exactly 2 + 1 + tag bytes (RFC 8446
 * sections 5.2 and 6; the tag is 16 bytes, 8 for TLS_AES_128_CCM_8_SHA256,
 * cipher 0x1305); up to TLS 1.2 an alert record after ChangeCipherSpec
 * (@cipher_on) that is not a bare 2-byte one.
 */
bool tls_is_close_shaped(const struct tls_record *record, uint16_t version,
			 uint16_t cipher, bool cipher_on);

#endif
