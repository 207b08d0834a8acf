/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Record headers, and which records are handed to the hello walk. */
#include "core/tls.h"

#include <string.h>

enum {
	HEADER = 5,
	RECORD_MAX = 16384 + 2048,
	/* RFC 5246 appendix E.2: of an SSLv2-compatible hello's length, the
	 * part that HEADER covers (type and version), and the least there is
	 * (and three lengths). */
	SSLV2_IN_HEADER = 3,
	SSLV2_MIN = 9,
	CIPHER_CCM_8 = 0x1305, /* TLS_AES_128_CCM_8_SHA256 */
};

static bool
is_sslv2(const uint8_t *header)
{
	return header[0] & 0x80;
}

/* Payload bytes, by a whole header. */
static uint16_t
header_length(const uint8_t *header)
{
	if (is_sslv2(header))
		return (uint16_t)((header[0] & 0x7f) << 8 | header[1]);
	return (uint16_t)(header[3] << 8 | header[4]);
}

static bool
can_begin(const struct tls_framer *t, bool client, uint8_t byte)
{
	return (byte >= TLS_CHANGE_CIPHER_SPEC && byte <= TLS_HEARTBEAT) ||
	       (client && !t->any && (byte & 0x80));
}

/* Whether the @len'th byte of the header, the last so far, can stand there. */
static bool
header_possible(const uint8_t *h, unsigned len)
{
	bool sslv2 = is_sslv2(h);

	switch (len) {
	case 2:
		return sslv2 ? header_length(h) >= SSLV2_MIN : h[1] == 3;
	case 3:
		return sslv2 ? h[2] == 1 : h[2] <= 4;
	case 4:
		return sslv2 ? h[3] == 3 || h[3] == 0 : h[3] <= RECORD_MAX >> 8;
	case 5:
		if (sslv2)
			return h[3] == 3 ? h[4] <= 4 : h[4] == 2;
		if (header_length(h) == 0)
			return h[0] == TLS_APPLICATION_DATA;
		return header_length(h) <= RECORD_MAX;
	}
	return true;
}

/* The record is whole. */
static void
end_record(struct tls_framer *t, struct tls_record *record)
{
	const uint8_t *h = t->header;

	record->length = header_length(h);
	if (is_sslv2(h)) {
		record->type = TLS_SSLV2_HELLO;
		t->hello.version = (uint16_t)(h[3] << 8 | h[4]);
		t->hello.seen = true;
	} else {
		record->type = h[0];
		record->version = (uint16_t)(h[1] << 8 | h[2]);
	}
	if (record->type == TLS_CHANGE_CIPHER_SPEC)
		t->cipher_on = true;
	t->deaf |= t->cipher_on && !t->hello.retry;
	if (record->type == TLS_APPLICATION_DATA)
		t->application = true;
	t->any = true;
	t->header_len = 0;
}

enum tls_status
tls_frame(struct tls_framer *t, struct tls_hello_walk *walk, bool client,
	  struct span *in, struct tls_record *record)
{
	struct span part;

	memset(record, 0, sizeof(*record));
	if (t->broken)
		return TLS_BROKEN;
	while (t->header_len < HEADER) {
		if (in->len == 0)
			return TLS_MORE;
		if (t->header_len == 0 && !can_begin(t, client, in->data[0]))
			return TLS_NOT_TLS;
		t->header[t->header_len++] = in->data[0];
		span_skip(in, 1);
		t->broken = !header_possible(t->header, t->header_len);
		if (t->broken)
			return TLS_BROKEN;
		if (t->header_len == HEADER)
			t->left = header_length(t->header) -
				  (is_sslv2(t->header) ? SSLV2_IN_HEADER : 0);
	}
	part = span_head(*in, t->left);
	span_skip(in, part.len);
	t->left -= (uint16_t)part.len;
	/* RFC 8446 appendix D.4: behind a HelloRetryRequest the
	 * ChangeCipherSpec means nothing and the next hello is in clear. */
	if (t->header[0] == TLS_HANDSHAKE && !t->deaf &&
	    (!t->cipher_on || t->hello.retry)) {
		tls_hello_read(walk, client, part, &t->hello);
		t->deaf = tls_hello_is_done(walk, client, &t->hello);
	}
	if (t->left != 0)
		return TLS_MORE;
	end_record(t, record);
	return TLS_RECORD;
}

bool
tls_at_boundary(const struct tls_framer *t)
{
	return t->header_len == 0;
}

bool
tls_is_close_shaped(const struct tls_record *record, uint16_t version,
		    uint16_t cipher, bool cipher_on)
{
	unsigned tag = cipher == CIPHER_CCM_8 ? 8 : 16;

	/* RFC 8446 section 5.2: level and description, the inner type, the
	 * tag; no padding. */
	if (version >= TLS_1_3)
		return record->type == TLS_APPLICATION_DATA &&
		       record->length == 2 + 1 + tag;
	return record->type == TLS_ALERT && cipher_on && record->length != 2;
}
