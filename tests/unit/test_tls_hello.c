/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: a hello says its version and cipher however it is spread over records,
 * and no length in it is believed beyond what surrounds it. */
#include "tls_bytes.h"

/* Messages spread over records, of any size. */
static void
test_every_record_size(void **state)
{
	struct outcome o;
	struct bytes b;

	(void)state;
	for (size_t most = 1; most < 200; most++) {
		b = client_tls13(most);
		run_whole(&o, true, &b);
		assert_hello(&o, true, false, 0x0304, 0);
		b = server_tls13_retry(most);
		run_whole(&o, false, &b);
		assert_hello(&o, true, true, 0x0304, 0xc030);
		b = server_tls12(most + 4);
		run_whole(&o, false, &b);
		assert_hello(&o, true, false, 0x0303, 0xc030);
	}
}

static void
run_hello(struct outcome *o, bool client, const struct bytes *body)
{
	struct bytes messages = { 0 }, b = { 0 };

	put_message(&messages, client ? CLIENT_HELLO : SERVER_HELLO, body);
	put_handshake(&b, &messages, 4096);
	run_whole(o, client, &b);
	assert_int_equal(o->count, 1);
	assert_int_equal(o->list[0].status, TLS_RECORD);
}

static void
test_versions(void **state)
{
	static const struct {
		uint16_t legacy, offered[4], version;
	} table[] = {
		{ 0x0303, { 0x0304, 0x0303, GREASE }, 0x0304 },
		{ 0x0303, { GREASE, 0x0302, 0x0303, 0x0304 }, 0x0304 },
		{ 0x0303, { 0x0303 }, 0x0303 },
		{ 0x0303, { 0x0302, 0x0301 }, 0x0302 },
		{ 0x0303, { GREASE, 0x7f1c }, 0 },
	};
	struct bytes body, versions, list;
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		size_t count = 0;

		while (count < 4 && table[i].offered[count] != 0)
			count++;
		versions = versions_of_client(table[i].offered, count);
		list = extensions(&versions);
		body = hello_body(true, table[i].legacy, plain_random, &list);
		run_hello(&o, true, &body);
		assert_hello(&o, true, false, table[i].version, 0);
	}
	/* no extensions at all, and an empty list of them */
	body = hello_body(true, 0x0302, plain_random, NULL);
	run_hello(&o, true, &body);
	assert_hello(&o, true, false, 0x0302, 0);
	list.len = 0;
	body = hello_body(false, 0x0301, plain_random, &list);
	run_hello(&o, false, &body);
	assert_hello(&o, true, false, 0x0301, 0xc030);
	/* the client's random has no meaning */
	body = hello_body(true, 0x0303, retry_random, NULL);
	run_hello(&o, true, &body);
	assert_hello(&o, true, false, 0x0303, 0);
	/* a retry before TLS 1.3 is none, but no ServerHello either */
	body = hello_body(false, 0x0303, retry_random, NULL);
	run_hello(&o, false, &body);
	assert_hello(&o, false, true, 0, 0);
}

/* Offsets in hello_body()'s result. */
enum {
	AT_SESSION = 34,
	AT_CIPHERS = 67,
	AT_METHODS = 75,
	AT_LIST = 77,
	AT_SERVER_LIST = 70,
	TO_FIRST = 2,	  /* from a list's length to its first extension */
	TO_VERSIONS = 10, /* and to supported_versions */
};

static void
test_lengths_beyond_their_parent(void **state)
{
	static const struct {
		bool client;
		size_t at;
		unsigned len;
		uint32_t number;
	} table[] = {
		{ true, AT_SESSION, 1, 255 },
		{ true, AT_CIPHERS, 2, 0xffff },
		{ true, AT_METHODS, 1, 255 },
		{ true, AT_LIST, 2, 0xffff },
		{ true, AT_LIST, 2, 25 }, /* one more than there is */
		{ true, AT_LIST, 2, 23 }, /* one less */
		{ true, AT_LIST, 2, 0 },
		{ true, AT_LIST + TO_FIRST + 2, 2, 0xffff },
		{ true, AT_LIST + TO_FIRST + 2, 2, 21 },
		{ true, AT_LIST + TO_FIRST + 2, 2,
		  19 }, /* half a header left */
		{ true, AT_LIST + TO_VERSIONS + 2, 2, 0xffff },
		{ true, AT_LIST + TO_VERSIONS + 2, 2, 0 },
		{ true, AT_LIST + TO_VERSIONS + 4, 1, 255 },
		{ true, AT_LIST + TO_VERSIONS + 4, 1, 4 },
		{ true, AT_LIST + TO_VERSIONS + 4, 1, 3 },
		{ true, AT_LIST + TO_VERSIONS + 4, 1, 0 },
		{ false, AT_SESSION, 1, 255 },
		{ false, AT_SERVER_LIST, 2, 0xffff },
		{ false, AT_SERVER_LIST, 2, 0 },
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 3 },
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 1 },
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 0 },
		/* to the end of the list, and beyond */
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 6 },
		{ false, AT_SERVER_LIST + TO_VERSIONS + 2, 2, 7 },
	};
	static const uint16_t offered[] = { 0x0304 };
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		bool client = table[i].client;
		struct bytes versions = client ? versions_of_client(offered, 1)
					       : version_of_server(0x0304);
		struct bytes list = extensions(&versions);
		struct bytes body =
			hello_body(client, 0x0303, plain_random, &list);
		size_t len = body.len;

		run_hello(&o, client, &body);
		assert_hello(&o, true, false, 0x0304, client ? 0 : 0xc030);
		body.len = table[i].at;
		put(&body, table[i].number, table[i].len);
		body.len = len;
		run_hello(&o, client, &body);
		if (o.framer.hello.seen)
			fail_msg("case %zu was read", i);
		assert_hello(&o, false, false, 0, 0);
	}
}

/* A message whose end cuts the hello anywhere, with more bytes behind it. */
static void
test_every_message_length(void **state)
{
	struct bytes versions = version_of_server(0x0304);
	struct bytes list = extensions(&versions);
	struct bytes body = hello_body(false, 0x0303, plain_random, &list);
	struct outcome o;

	(void)state;
	for (size_t len = 0; len < body.len; len++) {
		struct bytes messages = { 0 }, b = { 0 };

		put(&messages, SERVER_HELLO, 1);
		put(&messages, len, 3);
		put_bytes(&messages, body.data, body.len);
		put_handshake(&b, &messages, 4096);
		run_whole(&o, false, &b);
		/* behind the compression method a hello may end */
		if (len == AT_SERVER_LIST)
			assert_hello(&o, true, false, 0x0303, 0xc030);
		else
			assert_hello(&o, false, false, 0, 0);
	}
}

/* Behind a ChangeCipherSpec the handshake is encrypted, whatever it looks like;
 * a message of another type before the hello is passed over. */
static void
test_which_messages_are_read(void **state)
{
	struct bytes body = hello_body(false, 0x0303, plain_random, NULL);
	struct bytes messages = { 0 }, none = { 0 }, b = { 0 };
	struct outcome o;

	(void)state;
	put_message(&messages, SERVER_HELLO, &body);
	put_change_cipher_spec(&b);
	put_handshake(&b, &messages, 4096);
	run_whole(&o, false, &b);
	assert_hello(&o, false, false, 0, 0);

	b.len = messages.len = 0;
	put_message(&messages, 0, &none); /* HelloRequest */
	put_message(&messages, CLIENT_HELLO, &body);
	put_message(&messages, SERVER_HELLO, &body);
	put_handshake(&b, &messages, 4096);
	run_whole(&o, false, &b);
	assert_hello(&o, true, false, 0x0303, 0xc030);

	/* the first hello counts */
	messages.len = b.len = 0;
	body = hello_body(false, 0x0302, plain_random, NULL);
	put_message(&messages, SERVER_HELLO, &body);
	body = hello_body(false, 0x0301, plain_random, NULL);
	put_message(&messages, SERVER_HELLO, &body);
	put_handshake(&b, &messages, 60);
	put_handshake(&b, &messages, 4096);
	run_whole(&o, false, &b);
	assert_hello(&o, true, false, 0x0302, 0xc030);

	/* application data is no handshake */
	b.len = 0;
	put_record(&b, TLS_APPLICATION_DATA, messages.data, messages.len);
	run_whole(&o, false, &b);
	assert_hello(&o, false, false, 0, 0);
}

/* Damage to what is in the records changes no record. */
static void
test_damaged_payload(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		bool client = test_random(2);
		struct bytes b =
			client ? client_tls13(4096) : server_tls13_retry(4096);
		struct outcome whole, cut;
		uint32_t payload = 5 + ((uint32_t)b.data[3] << 8 | b.data[4]);

		run_whole(&whole, client, &b);
		for (unsigned n = 1 + test_random(4); n != 0; n--)
			b.data[5 + test_random(payload - 5)] =
				(uint8_t)test_random(256);
		run(&cut, client, b.data, b.len, 1 + test_random(300),
		    1 + test_random(300));
		assert_int_equal(cut.count, whole.count);
		assert_memory_equal(cut.list, whole.list, sizeof(cut.list));
		run_whole(&whole, client, &b);
		assert_memory_equal(&cut, &whole, sizeof(cut));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_record_size),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_lengths_beyond_their_parent),
		cmocka_unit_test(test_every_message_length),
		cmocka_unit_test(test_which_messages_are_read),
		cmocka_unit_test(test_damaged_payload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
