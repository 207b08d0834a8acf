/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: records are framed the same however the bytes are cut, and what cannot
 * be a record is never taken for one. */
#include "tls_bytes.h"

static void
assert_records(const struct outcome *o, const uint8_t *types, size_t count)
{
	assert_int_equal(o->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(o->list[i].status, TLS_RECORD);
		assert_int_equal(o->list[i].record.type, types[i]);
	}
	assert_true(tls_at_boundary(&o->framer));
}

static void
test_client_tls13(void **state)
{
	static const uint8_t types[] = { 22, 20, 23, 23 };
	struct bytes b = client_tls13(4096);
	struct outcome o;

	(void)state;
	run_whole(&o, true, &b);
	assert_records(&o, types, COUNT(types));
	assert_hello(&o, true, false, 0x0304, 0);
	assert_int_equal(o.list[3].record.length, 19);
	assert_int_equal(o.list[3].record.version, 0x0303);
	assert_true(o.framer.any && o.framer.cipher_on && o.framer.application);
}

static void
test_server_retry(void **state)
{
	static const uint8_t types[] = { 22, 20, 22, 23 };
	struct bytes b = server_tls13_retry(4096);
	struct tls_framer t = { 0 };
	struct tls_hello_walk walk = { 0 };
	struct span in = span_make(b.data, b.len);
	struct tls_record record;
	struct outcome o;

	(void)state;
	run_whole(&o, false, &b);
	assert_records(&o, types, COUNT(types));
	assert_hello(&o, true, true, 0x0304, 0xc030);
	/* in between: */
	assert_int_equal(tls_frame(&t, &walk, false, &in, &record), TLS_RECORD);
	assert_true(t.hello.retry);
	assert_false(t.hello.seen);
	assert_int_equal(t.hello.version, 0);
}

static void
test_server_tls12(void **state)
{
	static const uint8_t types[] = { 22, 20, 22, 23, 21 };
	struct bytes b = server_tls12(4096);
	struct outcome o;

	(void)state;
	run_whole(&o, false, &b);
	assert_records(&o, types, COUNT(types));
	assert_hello(&o, true, false, 0x0303, 0xc030);
}

/* An SSLv2-compatible hello: only a client's, only first. */
static void
test_sslv2(void **state)
{
	static const uint8_t types[] = { TLS_SSLV2_HELLO, 22 };
	struct bytes b = client_sslv2();
	struct outcome o;

	(void)state;
	run_whole(&o, true, &b);
	assert_records(&o, types, COUNT(types));
	assert_int_equal(o.list[0].record.length, 0x1c);
	assert_int_equal(o.list[0].record.version, 0);
	assert_int_equal(o.list[0].at, 2 + 0x1c);
	assert_hello(&o, true, false, 0x0303, 0);

	run_whole(&o, false, &b);
	assert_int_equal(o.count, 1);
	assert_int_equal(o.list[0].status, TLS_NOT_TLS);

	b = client_tls13(4096);
	put(&b, 0x801c010303, 5);
	run_whole(&o, true, &b);
	assert_int_equal(o.count, 5);
	assert_int_equal(o.list[4].status, TLS_NOT_TLS);
	assert_int_equal(o.consumed, b.len - 5);
}

/* --- the cut does not matter -----------------------------------------------*/

static void
assert_cut_alike(bool client, const struct bytes *b)
{
	struct outcome whole, cut;

	run_whole(&whole, client, b);
	for (size_t first = 1; first < b->len; first++) {
		run(&cut, client, b->data, b->len, first, b->len);
		assert_memory_equal(&whole, &cut, sizeof(cut));
	}
	for (size_t each = 1; each < 9; each++) {
		run(&cut, client, b->data, b->len, each, each);
		assert_memory_equal(&whole, &cut, sizeof(cut));
	}
}

static void
test_every_cut(void **state)
{
	struct bytes b;

	(void)state;
	for (unsigned client = 0; client < 2; client++) {
		b = client_tls13(4096);
		assert_cut_alike(client, &b);
		b = server_tls13_retry(4096);
		assert_cut_alike(client, &b);
		b = server_tls12(4096);
		assert_cut_alike(client, &b);
		b = client_sslv2();
		assert_cut_alike(client, &b);
	}
}

/* Cut off anywhere: what was there before the end is reported, no more. */
static void
test_every_prefix(void **state)
{
	struct bytes b = server_tls13_retry(50);
	struct outcome whole, part;

	(void)state;
	run_whole(&whole, false, &b);
	for (size_t len = 1; len < b.len; len++) {
		unsigned count = 0;

		run(&part, false, b.data, len, len, 1);
		while (whole.list[count].at <= len)
			count++;
		assert_int_equal(part.count, count);
		assert_memory_equal(part.list, whole.list,
				    count * sizeof(whole.list[0]));
		assert_int_equal(part.consumed, len);
		assert_int_equal(tls_at_boundary(&part.framer),
				 count != 0 && whole.list[count - 1].at == len);
		if (part.framer.hello.seen)
			assert_hello(&part, true, true, 0x0304, 0xc030);
		else
			assert_int_equal(part.framer.hello.version, 0);
	}
}

/* --- headers ---------------------------------------------------------------*/

static void
test_headers(void **state)
{
	static const struct {
		uint64_t header; /* 5 bytes */
		bool client;
		enum tls_status status;
		size_t consumed;
	} table[] = {
		{ 0x1603010001, true, TLS_MORE, 5 },
		{ 0x1603000001, true, TLS_MORE, 5 },
		{ 0x1603040001, false, TLS_MORE, 5 },
		{ 0x1403030001, false, TLS_MORE, 5 },
		{ 0x1503030002, false, TLS_MORE, 5 },
		{ 0x1803030010, false, TLS_MORE, 5 },
		{ 0x1703034800, true, TLS_MORE, 5 },
		{ 0x1703034801, true, TLS_BROKEN, 5 },
		{ 0x1703034900, true, TLS_BROKEN, 4 },
		{ 0x1603050001, true, TLS_BROKEN, 3 },
		{ 0x1602000001, true, TLS_BROKEN, 2 },
		{ 0x1604000001, true, TLS_BROKEN, 2 },
		{ 0x1703030000, true, TLS_RECORD, 5 },
		{ 0x1603030000, true, TLS_BROKEN, 5 },
		{ 0x1403030000, true, TLS_BROKEN, 5 },
		{ 0x1503030000, true, TLS_BROKEN, 5 },
		{ 0x1303030001, true, TLS_NOT_TLS, 0 },
		{ 0x1903030001, true, TLS_NOT_TLS, 0 },
		{ 0x0003030001, true, TLS_NOT_TLS, 0 },
		{ 0x323230206f, false, TLS_NOT_TLS, 0 }, /* "220 o" */
		{ 0x800b010301, true, TLS_MORE, 5 },
		{ 0xffff010300, true, TLS_MORE, 5 },
		{ 0x800b010002, true, TLS_MORE, 5 },
		{ 0x800b010003, true, TLS_BROKEN, 5 },
		{ 0x800b010305, true, TLS_BROKEN, 5 },
		{ 0x800b010203, true, TLS_BROKEN, 4 },
		{ 0x800b020301, true, TLS_BROKEN, 3 },
		{ 0x8008010301, true, TLS_BROKEN, 2 },
		{ 0x8009010301, true, TLS_MORE, 5 },
		{ 0x800b010301, false, TLS_NOT_TLS, 0 },
	};
	struct outcome o;

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct bytes b = { 0 };
		enum tls_status status;

		put(&b, table[i].header, 5);
		run_whole(&o, table[i].client, &b);
		status = o.count != 0 ? o.list[0].status : TLS_MORE;
		if (status != table[i].status ||
		    o.consumed != table[i].consumed)
			fail_msg("%010llx: status %d, %zu bytes",
				 (unsigned long long)table[i].header, status,
				 o.consumed);
		assert_cut_alike(table[i].client, &b);
		if (status != TLS_BROKEN)
			continue;

		struct span good = guard_text("\x17\3\3\0\0");
		struct tls_record record;

		assert_int_equal(tls_frame(&o.framer, &o.walk, true, &good,
					   &record),
				 TLS_BROKEN);
		assert_false(tls_at_boundary(&o.framer));
	}
}

/* Bytes of no sense, headers damaged too. */
static void
test_damaged_stream(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		bool client = test_random(2);
		struct bytes b =
			test_random(2) ? server_tls12(60) : client_sslv2();
		struct outcome whole, cut;

		for (unsigned n = 1 + test_random(4); n != 0; n--)
			b.data[test_random((uint32_t)b.len)] =
				(uint8_t)test_random(256);
		run_whole(&whole, client, &b);
		run(&cut, client, b.data, b.len, 1 + test_random(300),
		    1 + test_random(300));
		assert_memory_equal(&cut, &whole, sizeof(cut));
	}
}

static void
test_close_shape(void **state)
{
	static const struct {
		uint8_t type;
		uint16_t length, version, cipher;
		bool cipher_on, expected;
	} table[] = {
		{ 23, 19, 0x0304, 0x1301, true, true },
		{ 23, 19, 0x0304, 0x1303, false, true },
		{ 23, 18, 0x0304, 0x1301, true, false },
		{ 23, 20, 0x0304, 0x1301, true, false },
		{ 23, 11, 0x0304, 0x1301, true, false },
		{ 23, 11, 0x0304, 0x1305, true, true },
		{ 23, 19, 0x0304, 0x1305, true, false },
		{ 21, 19, 0x0304, 0x1301, true, false },
		{ 21, 2, 0x0304, 0x1301, true, false },
		{ 21, 26, 0x0303, 0xc030, true, true },
		{ 21, 18, 0x0303, 0xcca8, true, true },
		{ 21, 32, 0x0301, 0x002f, true, true },
		{ 21, 26, 0x0303, 0xc030, false, false },
		{ 21, 2, 0x0303, 0xc030, true, false },
		{ 21, 2, 0x0303, 0xc030, false, false },
		{ 23, 26, 0x0303, 0xc030, true, false },
		{ 23, 19, 0x0303, 0xc030, true, false },
		{ 22, 26, 0x0303, 0xc030, true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct tls_record record = { .type = table[i].type,
					     .version = 0x0303,
					     .length = table[i].length };

		if (tls_is_close_shaped(&record, table[i].version,
					table[i].cipher, table[i].cipher_on) !=
		    table[i].expected)
			fail_msg("case %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_client_tls13),
		cmocka_unit_test(test_server_retry),
		cmocka_unit_test(test_server_tls12),
		cmocka_unit_test(test_sslv2),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_damaged_stream),
		cmocka_unit_test(test_close_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
