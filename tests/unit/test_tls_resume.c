/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: whether a TLS session was resumed, and whose, is told from what stands in
 * clear, however it is cut, and from no less. */
#include "core/tls_resume.h"

#include "tls_bytes.h"

enum { NEW_SESSION_TICKET = 4, HELLO_DONE = 14, TICKET = 35, PSK = 41 };

static const uint64_t key[2] = { 1, 2 };

/* The two directions of a connection. */
struct ends {
	struct tls_framer client, server;
};

static void
feed(struct tls_framer *t, bool client, const struct bytes *b, size_t cut,
     const uint64_t *with)
{
	struct tls_hello_walk walk = { .key = with };

	for (size_t at = 0; at < b->len; at += cut) {
		size_t left = b->len - at;
		struct span in = guard_span(b->data + at,
					    left < cut ? left : cut);
		struct tls_record record;

		while (in.len != 0)
			if (tls_frame(t, &walk, client, &in, &record) >=
			    TLS_NOT_TLS)
				return;
	}
}

static struct ends
read_ends(const struct bytes *client, const struct bytes *server, size_t cut)
{
	struct ends e = { 0 };

	feed(&e.client, true, client, cut, key);
	feed(&e.server, false, server, cut, key);
	return e;
}

static struct tls_resume
judge(const struct ends *e, const struct tls_tickets *t)
{
	return tls_resume_judge(&e->client, &e->server, t);
}

static struct bytes
numbered(uint8_t number, size_t len)
{
	struct bytes b = { 0 };

	while (b.len < len)
		put(&b, number, 1);
	return b;
}

static void
put_extension(struct bytes *list, uint16_t type, const struct bytes *body)
{
	put(list, type, 2);
	put(list, body->len, 2);
	put_bytes(list, body->data, body->len);
}

/* A hello in records; @session and the bodies of @ticket and @psk may be NULL. */
static struct bytes
hello(bool client, uint16_t version, const struct bytes *session,
      const struct bytes *ticket, const struct bytes *psk)
{
	const uint16_t both[] = { 0x0304, 0x0303 };
	struct bytes list = { 0 }, body = { 0 }, messages = { 0 }, b = { 0 };
	struct bytes versions = client ? versions_of_client(both, 2) :
					 version_of_server(version);

	if (ticket != NULL)
		put_extension(&list, TICKET, ticket);
	if (version >= 0x0304)
		put_extension(&list, VERSIONS, &versions);
	if (psk != NULL)
		put_extension(&list, PSK, psk);
	put(&body, 0x0303, 2);
	put_bytes(&body, plain_random, 32);
	put(&body, session != NULL ? session->len : 0, 1);
	if (session != NULL)
		put_bytes(&body, session->data, session->len);
	if (client) {
		put(&body, 2, 2);
		put(&body, 0xc030, 2);
		put(&body, 0x0100, 2);
	} else {
		put(&body, 0xc030, 2);
		put(&body, 0, 1);
	}
	put(&body, list.len, 2);
	put_bytes(&body, list.data, list.len);
	put_message(&messages, client ? CLIENT_HELLO : SERVER_HELLO, &body);
	put_handshake(&b, &messages, 4096);
	return b;
}

/* The rest of a server's flight up to TLS 1.2. */
static void
put_flight(struct bytes *b, bool full, const struct bytes *ticket)
{
	struct bytes body = { 0 }, messages = { 0 };

	if (full) {
		put_filler(&body, 300);
		put_message(&messages, CERTIFICATE, &body);
		body.len = 0;
		put_message(&messages, HELLO_DONE, &body);
	}
	if (ticket != NULL) {
		body.len = 0;
		put(&body, 7200, 4);
		put(&body, ticket->len, 2);
		put_bytes(&body, ticket->data, ticket->len);
		put_message(&messages, NEW_SESSION_TICKET, &body);
	}
	put_handshake(b, &messages, 100);
	put_change_cipher_spec(b);
	put_encrypted(b, TLS_HANDSHAKE, 40);
}

static void
assert_verdict(struct tls_resume r, enum tls_handshake handshake,
	       enum tls_offer offer, bool is_known)
{
	assert_int_equal(r.handshake, handshake);
	assert_int_equal(r.offer, offer);
	assert_int_equal(r.is_known, is_known);
}

/* The control connection of the tests: session ID 0x11..., ticket 0x22... */
static struct tls_tickets
control(size_t cut)
{
	struct bytes id = numbered(0x11, 32), ticket = numbered(0x22, 180);
	struct bytes client = hello(true, 0x0303, NULL, NULL, NULL);
	struct bytes server = hello(false, 0x0303, &id, NULL, NULL);
	struct tls_tickets t = { 0 };
	struct ends e;

	put_change_cipher_spec(&client);
	put_flight(&server, true, &ticket);
	e = read_ends(&client, &server, cut);
	assert_verdict(judge(&e, &t), TLS_HANDSHAKE_FULL, TLS_OFFER_NONE,
		       false);
	tls_resume_learn(&t, &e.client, &e.server);
	return t;
}

static void
test_tls12(void **state)
{
	static const struct {
		uint8_t id, ticket; /* the client's; 0: none */
		uint16_t offers;    /* versions up to */
		bool full;
		enum tls_offer offer;
		bool is_known;
	} table[] = {
		/* the control connection's ticket, and its session ID */
		{ 0x33, 0x22, 0x0303, false, TLS_OFFER_TICKET, true },
		{ 0x11, 0, 0x0303, false, TLS_OFFER_SESSION_ID, true },
		{ 0x11, 0, 0x0304, false, TLS_OFFER_SESSION_ID, true },
		{ 0, 0x22, 0x0303, false, TLS_OFFER_TICKET, true },
		/* another one's */
		{ 0x33, 0x44, 0x0303, false, TLS_OFFER_TICKET, false },
		{ 0x33, 0, 0x0303, false, TLS_OFFER_SESSION_ID, false },
		/* not taken */
		{ 0x33, 0x22, 0x0303, true, TLS_OFFER_TICKET, true },
		{ 0x11, 0, 0x0303, true, TLS_OFFER_SESSION_ID, true },
		{ 0x33, 0, 0x0303, true, TLS_OFFER_SESSION_ID, false },
		/* nothing offered: none, or the session ID of a client that
		 * could do TLS 1.3 */
		{ 0, 0, 0x0303, true, TLS_OFFER_NONE, false },
		{ 0x33, 0, 0x0304, true, TLS_OFFER_NONE, false },
	};
	struct tls_tickets t = control(5000);

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct bytes id = numbered(table[i].id, table[i].id ? 32 : 0);
		struct bytes ticket = numbered(table[i].ticket,
					       table[i].ticket ? 180 : 0);
		struct bytes client =
			hello(true, table[i].offers, &id, &ticket, NULL);
		struct bytes server = hello(false, 0x0303, &id, NULL, NULL);
		struct ends e;

		put_flight(&server, table[i].full, NULL);
		for (size_t cut = 1; cut < 400; cut++) {
			e = read_ends(&client, &server, cut);
			assert_verdict(judge(&e, &t),
				       table[i].full ? TLS_HANDSHAKE_FULL :
						       TLS_HANDSHAKE_RESUMED,
				       table[i].offer, table[i].is_known);
		}
	}
}

/* However the control connection is cut, its ticket is found again. */
static void
test_control_in_pieces(void **state)
{
	struct tls_tickets whole = control(5000), cut;

	(void)state;
	for (size_t size = 1; size < 300; size++) {
		cut = control(size);
		assert_memory_equal(&whole, &cut, sizeof(whole));
	}
}

/* A resumed control connection passes on what it was resumed with. */
static void
test_learn_from_resumed(void **state)
{
	struct bytes ticket = numbered(0x55, 100), none = { 0 };
	struct bytes client = hello(true, 0x0303, &none, &ticket, NULL);
	struct bytes server = hello(false, 0x0303, &none, NULL, NULL);
	struct tls_tickets t = { 0 };
	struct ends e;

	(void)state;
	put_flight(&server, false, NULL);
	e = read_ends(&client, &server, 5000);
	assert_false(judge(&e, &t).is_known);
	tls_resume_learn(&t, &e.client, &e.server);
	assert_verdict(judge(&e, &t), TLS_HANDSHAKE_RESUMED, TLS_OFFER_TICKET,
		       true);
	/* Only so many are kept, and the newest are. */
	for (uint8_t i = 0; i < 3 * TLS_TICKETS_MAX; i++) {
		ticket = numbered((uint8_t)(0x60 + i), 100);
		client = hello(true, 0x0303, &none, &ticket, NULL);
		e = read_ends(&client, &server, 5000);
		tls_resume_learn(&t, &e.client, &e.server);
		assert_true(judge(&e, &t).is_known);
	}
}

static void
test_tls13(void **state)
{
	struct bytes id = numbered(0x77, 32), empty = { 0 }, chosen = { 0 };
	struct bytes identity = numbered(0x66, 200);
	struct tls_tickets t = control(5000);

	(void)state;
	put(&chosen, 0, 2);
	for (int offered = 0; offered < 2; offered++) {
		for (int taken = 0; taken <= offered; taken++) {
			struct bytes client = hello(true, 0x0304, &id, &empty,
						    offered ? &identity : NULL);
			struct bytes server = hello(false, 0x0304, &id, NULL,
						    taken ? &chosen : NULL);
			struct ends e = read_ends(&client, &server, 33);

			assert_verdict(judge(&e, &t),
				       taken ? TLS_HANDSHAKE_RESUMED :
					       TLS_HANDSHAKE_FULL,
				       offered ? TLS_OFFER_PSK :
						 TLS_OFFER_NONE,
				       taken);
		}
	}
}

/* No verdict before its time: not by half a handshake. */
static void
test_every_prefix(void **state)
{
	struct bytes id = numbered(0x11, 32), ticket = numbered(0x22, 180);
	struct bytes client = hello(true, 0x0303, &id, &ticket, NULL);
	struct bytes server = hello(false, 0x0303, &id, NULL, NULL);
	struct tls_tickets t = control(5000);
	size_t hello_len = server.len;
	struct bytes part;
	struct ends e;

	(void)state;
	put_flight(&server, false, NULL);
	for (part = server, part.len = 0; part.len < server.len; part.len++) {
		e = read_ends(&client, &part, 5000);
		/* with the ChangeCipherSpec, six bytes behind the hello */
		assert_int_equal(judge(&e, &t).handshake,
				 part.len < hello_len + 6 ?
					 TLS_HANDSHAKE_UNKNOWN :
					 TLS_HANDSHAKE_RESUMED);
	}
	for (part = client, part.len = 0; part.len < client.len; part.len++) {
		e = read_ends(&part, &server, 5000);
		assert_int_equal(judge(&e, &t).handshake,
				 TLS_HANDSHAKE_UNKNOWN);
	}
}

/* A NewSessionTicket that contradicts itself is none, and ends the reading. */
static void
test_false_tickets(void **state)
{
	static const uint16_t lengths[] = { 0, 1, 179, 181, 0xffff };
	struct bytes id = numbered(0x11, 32), ticket = numbered(0x22, 180);

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct bytes server = hello(false, 0x0303, &id, NULL, NULL);
		struct bytes client = hello(true, 0x0303, NULL, NULL, NULL);
		struct bytes body = { 0 }, messages = { 0 };
		struct ends e;

		put(&body, 7200, 4);
		put(&body, lengths[i], 2);
		put_bytes(&body, ticket.data, ticket.len);
		put_message(&messages, NEW_SESSION_TICKET, &body);
		put_handshake(&server, &messages, 4096);
		e = read_ends(&client, &server, 7);
		assert_true(e.server.hello.seen);
		assert_int_equal(e.server.hello.ticket, 0);
	}
}

/* Without a key nothing is remembered of the bytes. */
static void
test_no_key(void **state)
{
	struct bytes id = numbered(0x11, 32), ticket = numbered(0x22, 180);
	struct bytes client = hello(true, 0x0303, &id, &ticket, NULL);
	struct tls_framer t = { 0 };

	(void)state;
	feed(&t, true, &client, 9, NULL);
	assert_true(t.hello.seen);
	assert_int_equal(t.hello.session, 0);
	assert_int_equal(t.hello.ticket, 0);
}

/* Bytes one by one, and whole words: the same hash. */
static void
test_siphash_bytes(void **state)
{
	uint64_t words[16];
	struct siphash h;

	(void)state;
	for (size_t count = 0; count <= COUNT(words); count++) {
		siphash_begin(&h, key);
		for (size_t i = 0; i < count; i++) {
			words[i] = (uint64_t)test_random(1u << 31) << 32 |
				   test_random(1u << 31);
			for (int k = 0; k < 8; k++)
				siphash_add(&h, (uint8_t)(words[i] >> 8 * k));
		}
		assert_int_equal(siphash_end(&h),
				 siphash_words(key, words, count));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tls12),
		cmocka_unit_test(test_control_in_pieces),
		cmocka_unit_test(test_learn_from_resumed),
		cmocka_unit_test(test_tls13),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_false_tickets),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_siphash_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
