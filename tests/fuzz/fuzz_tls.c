/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS framing of one direction: the first byte says whose, and where the rest
 * is cut. Records, hellos and the way it ends must be those of the whole. */
#include "fuzz.h"

#include "core/tls_resume.h"

static const uint64_t key[2] = { 5, 6 };

struct reader {
	struct tls_framer tls;
	struct tls_hello_walk walk;
	struct span in; /* what is left of the piece */
};

static enum tls_status
next_record(struct reader *r, bool client, struct tls_record *record)
{
	struct span before = r->in;
	enum tls_status status = tls_frame(&r->tls, &r->walk, client, &r->in,
					   record);

	REQUIRE(r->in.len <= before.len);
	if (status == TLS_MORE)
		REQUIRE(r->in.len == 0);
	if (status == TLS_NOT_TLS)
		REQUIRE(r->in.len == before.len && tls_at_boundary(&r->tls));
	if (status == TLS_RECORD) {
		REQUIRE(tls_at_boundary(&r->tls) && r->tls.any);
		REQUIRE(record->length <= 16384 + 2048 ||
			record->type == TLS_SSLV2_HELLO);
		tls_is_close_shaped(record, r->tls.hello.version,
				    r->tls.hello.cipher, r->tls.cipher_on);
	}
	return status;
}

static bool
is_same(const struct tls_framer *a, const struct tls_framer *b)
{
	return a->any == b->any && a->cipher_on == b->cipher_on &&
	       a->application == b->application &&
	       a->hello.seen == b->hello.seen &&
	       a->hello.retry == b->hello.retry &&
	       a->hello.version == b->hello.version &&
	       a->hello.cipher == b->hello.cipher &&
	       a->hello.session == b->hello.session &&
	       a->hello.ticket == b->hello.ticket &&
	       a->hello.psk == b->hello.psk && a->hello.full == b->hello.full;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size), left;
	uint32_t head = draw(&in, 256);
	bool client = (head & 1) != 0;
	struct reader whole = { .in = in }, cut = { 0 };
	struct tls_tickets tickets = { 0 };
	struct tls_framer none = { 0 };

	left = in;
	whole.walk.key = cut.walk.key = key;
	for (;;) {
		struct tls_record a = { 0 }, b = { 0 };
		enum tls_status x = next_record(&whole, client, &a), y;

		while ((y = next_record(&cut, client, &b)) == TLS_MORE &&
		       left.len != 0)
			cut.in = draw_bytes(&left, 1 + (head >> 1));
		REQUIRE(x == y);
		REQUIRE(is_same(&whole.tls, &cut.tls));
		if (x != TLS_RECORD)
			break;
		REQUIRE(a.type == b.type && a.version == b.version &&
			a.length == b.length);
	}
	/* One direction alone tells nothing. */
	REQUIRE(tls_resume_judge(&whole.tls, &none, &tickets).handshake ==
		TLS_HANDSHAKE_UNKNOWN);
	tls_resume_learn(&tickets, &whole.tls, &whole.tls);
	REQUIRE(tickets.next <= TLS_TICKETS_MAX);
	return 0;
}
