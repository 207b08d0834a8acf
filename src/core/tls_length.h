/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an encrypted record's length says about the length of what is in it. */
#ifndef CORE_TLS_LENGTH_H
#define CORE_TLS_LENGTH_H

#include "core/tls.h"

/* From how many bytes to how many; .high 0: nothing can be said, or nothing is
 * in it. Both are the same where the length is exact. */
struct tls_length {
	uint16_t low, high;
};

/*
 * The plaintext's length in an application_data record, under @version and
 * @cipher of the server's hello (both 0: the hellos were not seen):
 *   AEAD            exact (RFC 5288, 6655, 7905; RFC 8446 section 5.2)
 *   CBC             a block's span, with or without encrypt-then-mac (RFC 5246
 *                   section 6.2.3.2, RFC 7366); least padding is assumed
 *   NULL, RC4       exact
 *   anything else   what any of the above would allow
 */
struct tls_length tls_plaintext(const struct tls_record *record,
				uint16_t version, uint16_t cipher);

/* Whether a direction pads its TLS 1.3 records (RFC 8446 section 5.4), from
 * those that came so far; zeroed is "none came". */
struct tls_padding {
	uint8_t records : 2; /* stops counting at 3 */
	bool odd : 1;	     /* one was no multiple of a likely block */
};

/* Takes a record's length as tls_plaintext() has it, and widens *@length where
 * padding may stand in it: then its .high is all that is known. */
void tls_padding_take(struct tls_padding *p, uint16_t version,
		      struct tls_length *length);

#endif
