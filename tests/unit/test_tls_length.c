/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: a record's length says neither more nor less of its contents than it can;
 * and lines that announce are known by their lengths. Both are held against lines
 * that are really written and records that are really made.
 */
#include "support.h"

#include <arpa/inet.h>

#include "core/announce.h"
#include "core/servers.h"

static struct tls_length
plain(unsigned length, uint16_t version, uint16_t cipher)
{
	const struct tls_record record = {
		.type = TLS_APPLICATION_DATA,
		.version = 0x0303,
		.length = (uint16_t)length,
	};

	return tls_plaintext(&record, version, cipher);
}

/* RFC 5246 section 6.2.3.2, RFC 7366: the record of @n bytes in a CBC suite. */
static unsigned
cbc(unsigned n, unsigned mac, unsigned block, bool iv, bool etm)
{
	unsigned text = n + (etm ? 0 : mac) + 1;

	text += (block - text % block) % block;
	return (iv ? block : 0) + text + (etm ? mac : 0);
}

static void
test_lengths(void **state)
{
	(void)state;
	for (unsigned n = 1; n < 300; n++) {
		/* As OpenSSL and GnuTLS were seen to write them. */
		const struct {
			uint16_t version, cipher;
			unsigned length;
			bool exact;
		} all[] = {
			{ 0x0304, 0x1301, n + 17, true },
			{ 0x0304, 0x1303, n + 17, true },
			{ 0x0304, 0x1305, n + 9, true },
			{ 0x0303, 0xc02f, n + 24, true },
			{ 0x0303, 0x009d, n + 24, true },
			{ 0x0303, 0xcca8, n + 16, true },
			{ 0x0303, 0xc0a0, n + 16, true },
			{ 0x0301, 0x0005, n + 20, true },
			{ 0x0303, 0xc014, cbc(n, 20, 16, true, false), false },
			{ 0x0303, 0xc014, cbc(n, 20, 16, true, true), false },
			{ 0x0303, 0xc028, cbc(n, 48, 16, true, false), false },
			{ 0x0303, 0xc027, cbc(n, 32, 16, true, true), false },
			{ 0x0301, 0x002f, cbc(n, 20, 16, false, false), false },
			{ 0x0302, 0x000a, cbc(n, 20, 8, true, false), false },
			{ 0, 0, n + 16, false },
			{ 0, 0, n + 24, false },
			{ 0, 0, cbc(n, 48, 16, true, false), false },
		};

		for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
			struct tls_length l = plain(all[i].length,
						    all[i].version,
						    all[i].cipher);

			assert_true(l.low <= n && n <= l.high);
			if (all[i].exact)
				assert_int_equal(l.low, l.high);
		}
	}
	assert_int_equal(plain(10, 0x0304, 0x1301).high, 0);
	assert_int_equal(plain(0, 0, 0).high, 0);
}

static void
test_padding(void **state)
{
	struct tls_padding p = { 0 }, q = { 0 };
	struct tls_length l;

	(void)state;
	for (int i = 0; i < 3; i++) {
		l = (struct tls_length){ 63, 63 };
		tls_padding_take(&p, 0x0304, &l);
		assert_int_equal(l.low, i < 2 ? 63 : 0);
		assert_int_equal(l.high, 63);
	}
	for (int i = 0; i < 9; i++) {
		l = (struct tls_length){ 6, 6 };
		tls_padding_take(&q, 0x0304, &l);
		l = (struct tls_length){ 64, 64 };
		tls_padding_take(&q, 0x0304, &l);
		assert_int_equal(l.low, 64);
	}
	p = (struct tls_padding){ 0 };
	for (int i = 0; i < 9; i++) {
		l = (struct tls_length){ 64, 64 };
		tls_padding_take(&p, 0x0303, &l);
		assert_int_equal(l.low, 64);
	}
}

/* --- announcements ------------------------------------------------------------ */

static struct addr
random_addr(bool v6)
{
	uint8_t bytes[16];

	for (int i = 0; i < 16; i++)
		bytes[i] = test_random(3) == 0 ? 0 : (uint8_t)test_random(256);
	if (v6)
		bytes[0] = 0x20;
	return addr_make(v6 ? ADDR_V6 : ADDR_V4, bytes);
}

static struct tls_length
exactly(int n)
{
	return (struct tls_length){ (uint16_t)n, (uint16_t)n };
}

static void
test_passive(void **state)
{
	static const char *const words[] = { "Entering Extended Passive Mode",
					     "Extended Passive mode OK" };
	char text[128], host[64];

	(void)state;
	assert_int_equal(announce_command(exactly(6), &(struct addr){ 0 }),
			 ANNOUNCE_PASSIVE);
	for (int i = 0; i < 20000; i++) {
		bool v6 = test_random(2) == 0;
		struct addr server = random_addr(v6);
		uint16_t low = (uint16_t)(1024 + test_random(60000));
		uint16_t high = (uint16_t)(low + test_random(65535u - low + 1));
		unsigned port = low + test_random(high - low + 1u);
		struct port_range range = { low, high };
		int n = snprintf(text, sizeof(text), "229 %s (|||%u|)%s\r\n",
				 words[i % 3 == 0], port,
				 i % 3 == 1 ? "." : "");

		assert_true(announce_passive_reply(exactly(n), ANNOUNCE_PASSIVE,
						   &server, range));
		assert_true(announce_passive_reply(
			exactly(n), ANNOUNCE_PASSIVE_EPSV, &server, range));
		if (v6)
			continue;
		snprintf(host, sizeof(host), "%u,%u,%u,%u", server.bytes[0],
			 server.bytes[1], server.bytes[2], server.bytes[3]);
		n = snprintf(text, sizeof(text),
			     "227 Entering Passive Mode (%s,%u,%u)%s\r\n",
			     host, port >> 8, port & 255, i % 2 ? "." : "");
		assert_true(announce_passive_reply(exactly(n), ANNOUNCE_PASSIVE,
						   &server, range));
		assert_false(announce_passive_reply(exactly(n), ANNOUNCE_ACTIVE,
						    &server, range));
		assert_false(announce_passive_reply(exactly(n + 10),
						    ANNOUNCE_PASSIVE, &server,
						    range));
		assert_false(announce_passive_reply(exactly(30),
						    ANNOUNCE_PASSIVE, &server,
						    range));
	}
}

static void
test_active(void **state)
{
	char text[128], host[64];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		bool v6 = test_random(2) == 0;
		struct addr client = random_addr(v6);
		unsigned port = 1024 + test_random(64512);
		int n;

		inet_ntop(v6 ? AF_INET6 : AF_INET, client.bytes, host,
			  sizeof(host));
		n = snprintf(text, sizeof(text), "EPRT |%d|%s|%u|\r\n",
			     v6 ? 2 : 1, host, port);
		/* inet_ntop() writes some as IPv4 in IPv6, which are none. */
		if (strchr(host, '.') == NULL || !v6)
			assert_int_equal(announce_command(exactly(n), &client),
					 ANNOUNCE_ACTIVE);
		if (v6)
			continue;
		n = snprintf(text, sizeof(text), "PORT %u,%u,%u,%u,%u,%u\r\n",
			     client.bytes[0], client.bytes[1], client.bytes[2],
			     client.bytes[3], port >> 8, port & 255);
		assert_int_equal(announce_command(exactly(n), &client),
				 ANNOUNCE_ACTIVE);
		assert_int_equal(announce_command(exactly(n + 20), &client),
				 ANNOUNCE_NONE);
	}
	assert_true(announce_active_reply(exactly(29)));
	assert_false(announce_active_reply(exactly(66)));
}

/* --- learning ------------------------------------------------------------------ */

static void
test_learned(void **state)
{
	struct learned_windows w = { 0 };
	struct learned_windows copy = { 0 };
	struct learned_view view = { 0 };

	(void)state;
	/* The grammar opens, until it has been useless often. */
	for (int i = 0; i < WINDOWS_DROP; i++) {
		assert_true(learned_opens(&w, 47, true, true));
		learned_unused(&w, 47);
	}
	assert_false(learned_opens(&w, 47, true, true));
	/* One use brings it back, however useless it is beside that. */
	assert_false(learned_use(&w, 47, true));
	assert_true(learned_opens(&w, 47, true, true));
	/* What was missed opens, and its neighbours where digits vary. */
	assert_false(learned_opens(&w, 80, false, true));
	assert_false(learned_use(&w, 80, false));
	assert_true(learned_opens(&w, 80, false, false));
	assert_true(learned_opens(&w, 82, false, true));
	assert_false(learned_opens(&w, 83, false, true));
	assert_false(learned_opens(&w, 82, false, false));
	assert_false(learned_opens(&w, ANNOUNCE_LENGTHS, true, true));
	assert_false(learned_opens(&w, 60000, true, true));
	/* A miss ends the streak; so many without one complete it, once. */
	assert_int_equal(w.counts.streak, 0);
	for (int i = 1; i <= WINDOWS_STREAK + 5; i++)
		assert_int_equal(learned_use(&w, 47, true),
				 i == WINDOWS_STREAK);
	learned_show(&w, &view);
	learned_merge(&copy, &view);
	assert_memory_equal(&copy, &w, sizeof(w));
	learned_merge(&copy, &view);
	assert_memory_equal(&copy, &w, sizeof(w));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_passive),
		cmocka_unit_test(test_active),
		cmocka_unit_test(test_learned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
