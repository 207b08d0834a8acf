/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: of a data connection it is told whether there is TLS in it and whether
 * something came through, in any order of segments, and nothing is kept behind. */
#include "core/data_watch.h"

#include "tls_bytes.h"

enum { SEGMENTS = 4 };

static const uint64_t key[2] = { 3, 4 };
static struct pool pool;

static int
set_up(void **state)
{
	static uint8_t memory[SEGMENTS * 20000] __attribute__((aligned(8)));

	(void)state;
	assert_true(pool_bytes(SEGMENTS, stream_block_size()) <=
		    sizeof(memory));
	pool_init(&pool, memory, SEGMENTS, stream_block_size());
	return 0;
}

static void
send_at(struct data_watch *w, bool client, uint32_t seq, const void *data,
	size_t len)
{
	const struct segment seg = { .seq = seq,
				     .flags = TCP_ACK,
				     .payload = guard_span(data, len) };

	data_watch_segment(w, &pool, client, &seg);
}

static void
send_bytes(struct data_watch *w, bool client, uint32_t *seq,
	   const struct bytes *b, size_t cut)
{
	for (size_t at = 0; at < b->len; at += cut) {
		size_t len = b->len - at < cut ? b->len - at : cut;

		send_at(w, client, *seq, b->data + at, len);
		*seq += (uint32_t)len;
	}
}

static void
send_syn(struct data_watch *w, bool client, uint32_t seq)
{
	const struct segment seg = { .seq = seq, .flags = TCP_SYN };

	data_watch_segment(w, &pool, client, &seg);
}

static void
test_clear(void **state)
{
	struct data_watch w;

	(void)state;
	data_watch_start(&w, key);
	send_syn(&w, true, 100);
	assert_false(w.spoke || w.clear || w.moved || w.done);
	send_at(&w, false, 500, "-rw-r--r--", 10);
	assert_true(w.spoke && w.clear && w.moved && w.done);
	assert_false(w.hello || w.lost);
	assert_false(data_watch_established(&w));
}

/* A full TLS 1.3 handshake as OpenSSL's servers make it: two tickets of one
 * length behind the client's Finished, then what was asked for, or not. */
static void
tls13(struct data_watch *w, size_t cut, unsigned tickets, size_t contents)
{
	uint32_t client = 0xfffffff0, server = 7;
	struct bytes c = client_tls13(4096), s = { 0 }, end = { 0 };
	struct bytes versions = version_of_server(0x0304);
	struct bytes list = extensions(&versions);
	struct bytes body = hello_body(false, 0x0303, plain_random, &list);
	struct bytes messages = { 0 };

	c.len -= 5 + 53 + 5 + 19 + 6; /* the hello alone */
	put_message(&messages, SERVER_HELLO, &body);
	put_handshake(&s, &messages, 4096);
	put_change_cipher_spec(&s);
	put_encrypted(&s, TLS_APPLICATION_DATA, 900);
	data_watch_start(w, key);
	send_syn(w, true, client - 1);
	send_bytes(w, true, &client, &c, cut);
	send_bytes(w, false, &server, &s, cut);
	assert_false(data_watch_established(w));
	c.len = 0;
	put_change_cipher_spec(&c);
	put_encrypted(&c, TLS_APPLICATION_DATA, 69);
	send_bytes(w, true, &client, &c, cut);
	assert_true(data_watch_established(w));
	assert_false(w->moved);
	while (tickets-- != 0)
		put_encrypted(&end, TLS_APPLICATION_DATA, 250);
	if (contents != 0)
		put_encrypted(&end, TLS_APPLICATION_DATA, contents);
	put_encrypted(&end, TLS_APPLICATION_DATA, 19);
	send_bytes(w, false, &server, &end, cut);
}

static void
test_tls13(void **state)
{
	static const struct tls_tickets none;
	struct data_watch w;

	(void)state;
	for (size_t cut = 1; cut < 1500; cut += 1 + cut / 8) {
		tls13(&w, cut, 2, 0);
		assert_false(w.moved);
		assert_true(w.hello && !w.lost && !w.done);
		assert_int_equal(data_watch_judge(&w, &none).handshake,
				 TLS_HANDSHAKE_FULL);
		tls13(&w, cut, 2, 40);
		assert_true(w.moved && w.done);
		tls13(&w, cut, 2, 250); /* of a ticket's length, but the third */
		assert_true(w.moved);
		tls13(&w, cut, 0, 5000);
		assert_true(w.moved);
		tls13(&w, cut, 1, 260);
		assert_true(w.moved);
	}
}

static void
test_tls12(void **state)
{
	struct bytes c = { 0 }, s = server_tls12(4096);
	struct data_watch w;
	uint32_t client = 1, server = 1;

	(void)state;
	s.len -= 5 + 26 + 5 + 60; /* up to the server's Finished */
	data_watch_start(&w, key);
	c = client_tls13(4096);
	c.len -= 5 + 53 + 5 + 19 + 6;
	send_bytes(&w, true, &client, &c, 100);
	send_bytes(&w, false, &server, &s, 100);
	c.len = 0;
	put_change_cipher_spec(&c);
	put_encrypted(&c, TLS_HANDSHAKE, 40);
	send_bytes(&w, true, &client, &c, 100);
	assert_true(data_watch_established(&w));
	assert_false(w.moved);
	s.len = 0;
	put_encrypted(&s, TLS_ALERT, 26);
	send_bytes(&w, false, &server, &s, 100);
	assert_false(w.moved);
	s.len = 0;
	put_encrypted(&s, TLS_APPLICATION_DATA, 26);
	send_bytes(&w, false, &server, &s, 100);
	assert_true(w.moved);
}

/* Late segments, twice the same, and a gap that is never filled. */
static void
test_order(void **state)
{
	struct bytes c = client_tls13(4096);
	struct data_watch w;

	(void)state;
	data_watch_start(&w, key);
	send_syn(&w, true, 0);
	send_at(&w, true, 61, c.data + 60, c.len - 60);
	assert_false(w.spoke);
	send_at(&w, true, 1, c.data, 70);
	send_at(&w, true, 1, c.data, 70);
	assert_true(w.spoke && w.hello);
	assert_true(w.side[0].tls.hello.seen);
	send_at(&w, true, 100000, c.data, 10);
	assert_true(w.lost && w.done);
	assert_int_equal(pool.used, 0);
}

/* Whatever comes, nothing of the pool stays behind. */
static void
test_noise(void **state)
{
	struct data_watch w;
	uint8_t noise[64];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		data_watch_start(&w, key);
		for (int i = 0; i < 20; i++) {
			for (size_t k = 0; k < sizeof(noise); k++)
				noise[k] = k % 8 == 0 ?
						   (uint8_t)(20 + test_random(4)) :
						   (uint8_t)test_random(256);
			send_at(&w, test_random(2) != 0, test_random(300),
				noise, 1 + test_random(sizeof(noise)));
		}
		data_watch_stop(&w, &pool);
		assert_int_equal(pool.used, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_clear, set_up),
		cmocka_unit_test_setup(test_tls13, set_up),
		cmocka_unit_test_setup(test_tls12, set_up),
		cmocka_unit_test_setup(test_order, set_up),
		cmocka_unit_test_setup(test_noise, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
