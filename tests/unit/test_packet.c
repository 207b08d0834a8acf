/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: a TCP segment is found behind every header that may stand before it,
 * and no packet is read beyond its end or taken for what it is not. */
#include "core/packet.h"
#include "support.h"

/* 10.0.0.2:40000 > 192.0.2.1:21, PSH ACK, "PASV\r\n" */
#define TCP_FIXED(doff) \
	0x9c, 0x40, 0, 21, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, \
		(doff) << 4, 0x18, 0x01, 0xf6, 0xab, 0xcd, 0x00, 0x07
#define PASV	'P', 'A', 'S', 'V', '\r', '\n'
#define V4_ENDS 10, 0, 0, 2, 192, 0, 2, 1
#define V6_ENDS \
	0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x20, \
		0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define V4(ihl, total, fragment, protocol) \
	0x40 | (ihl), 0, (total) >> 8, (total) & 0xff, 0, 1, \
		(fragment) >> 8, (fragment) & 0xff, 63, protocol, 0, 0, V4_ENDS
#define V6(length, next) \
	0x60, 0, 0, 0, (length) >> 8, (length) & 0xff, next, 63, V6_ENDS
#define PAD4 0, 0, 0, 0
#define BYTES(...) \
	(const uint8_t[]){ __VA_ARGS__ }, \
		sizeof((const uint8_t[]){ __VA_ARGS__ })

struct sample {
	const char *what;
	enum packet_status status;
	const uint8_t *bytes;
	size_t len;
};

static const struct sample whole[] = {
	{ "IPv4", PACKET_OK,
	  BYTES(V4(5, 46, 0, 6), TCP_FIXED(5), PASV) },
	{ "IPv4, do not fragment", PACKET_OK,
	  BYTES(V4(5, 46, 0x4000, 6), TCP_FIXED(5), PASV) },
	{ "IPv4 with options", PACKET_OK,
	  BYTES(V4(7, 54, 0, 6), 1, 1, 1, 1, PAD4, TCP_FIXED(5), PASV) },
	{ "TCP options", PACKET_OK,
	  BYTES(V4(5, 50, 0, 6), TCP_FIXED(6), 1, 1, 1, 1, PASV) },
	{ "IPv6", PACKET_OK, BYTES(V6(26, 6), TCP_FIXED(5), PASV) },
	{ "IPv6, hop-by-hop, destination, routing", PACKET_OK,
	  BYTES(V6(66, 0), 60, 0, 1, 4, PAD4, 43, 1, 1, 12, PAD4, PAD4, PAD4,
		6, 1, 2, 0, PAD4, PAD4, PAD4, TCP_FIXED(5), PASV) },
	{ "IPv6, authentication in units of 4", PACKET_OK,
	  BYTES(V6(50, 51), 6, 4, 0, 0, PAD4, PAD4, PAD4, PAD4, PAD4,
		TCP_FIXED(5), PASV) },
	{ "IPv6, atomic fragment", PACKET_OK,
	  BYTES(V6(34, 44), 6, 0, 0, 0, 1, 2, 3, 4, TCP_FIXED(5), PASV) },
	{ "IPv6, 8 extension headers", PACKET_OK,
	  BYTES(V6(90, 0), 60, 0, PAD4, 0, 0, 60, 0, PAD4, 0, 0, 60, 0, PAD4, 0,
		0, 60, 0, PAD4, 0, 0, 60, 0, PAD4, 0, 0, 60, 0, PAD4, 0, 0, 60,
		0, PAD4, 0, 0, 6, 0, PAD4, 0, 0, TCP_FIXED(5), PASV) },
};

static const struct sample refused[] = {
	{ "nothing", PACKET_TRUNCATED, NULL, 0 },
	{ "version 0", PACKET_NOT_IP, BYTES(0, 0, 0, 0) },
	{ "version 5", PACKET_NOT_IP, BYTES(0x50, 0, 0, 0) },
	{ "header length 4", PACKET_BAD_HEADER,
	  BYTES(V4(4, 46, 0, 6), TCP_FIXED(5), PASV) },
	{ "total length inside the header", PACKET_BAD_HEADER,
	  BYTES(V4(6, 23, 0, 6), PAD4, TCP_FIXED(5), PASV) },
	{ "total length beyond the packet", PACKET_TRUNCATED,
	  BYTES(V4(5, 47, 0, 6), TCP_FIXED(5), PASV) },
	{ "options beyond a packet of length 0", PACKET_TRUNCATED,
	  BYTES(V4(15, 0, 0, 6), TCP_FIXED(5)) },
	{ "first fragment", PACKET_FRAGMENT,
	  BYTES(V4(5, 46, 0x2000, 6), TCP_FIXED(5), PASV) },
	{ "last fragment", PACKET_FRAGMENT,
	  BYTES(V4(5, 46, 0x0001, 6), TCP_FIXED(5), PASV) },
	{ "far fragment", PACKET_FRAGMENT,
	  BYTES(V4(5, 46, 0x1000, 6), TCP_FIXED(5), PASV) },
	{ "UDP", PACKET_NOT_TCP,
	  BYTES(V4(5, 46, 0, 17), TCP_FIXED(5), PASV) },
	{ "data offset 4", PACKET_BAD_HEADER,
	  BYTES(V4(5, 46, 0, 6), TCP_FIXED(4), PASV) },
	{ "data offset beyond the packet", PACKET_TRUNCATED,
	  BYTES(V4(5, 46, 0, 6), TCP_FIXED(7), PASV) },
	{ "half a TCP header, padding behind", PACKET_TRUNCATED,
	  BYTES(V4(5, 30, 0, 6), TCP_FIXED(5), PASV) },
	{ "IPv6 length beyond the packet", PACKET_TRUNCATED,
	  BYTES(V6(27, 6), TCP_FIXED(5), PASV) },
	{ "IPv6, no next header", PACKET_NOT_TCP,
	  BYTES(V6(26, 59), TCP_FIXED(5), PASV) },
	{ "IPv6, ESP", PACKET_NOT_TCP,
	  BYTES(V6(26, 50), TCP_FIXED(5), PASV) },
	{ "IPv6, first fragment", PACKET_FRAGMENT,
	  BYTES(V6(34, 44), 6, 0, 0, 1, PAD4, TCP_FIXED(5), PASV) },
	{ "IPv6, last fragment", PACKET_FRAGMENT,
	  BYTES(V6(34, 44), 6, 0, 0, 8, PAD4, TCP_FIXED(5), PASV) },
	{ "IPv6, far fragment", PACKET_FRAGMENT,
	  BYTES(V6(34, 44), 6, 0, 0x80, 0, PAD4, TCP_FIXED(5), PASV) },
	{ "IPv6, a fragment behind options", PACKET_FRAGMENT,
	  BYTES(V6(42, 60), 44, 0, 1, 4, PAD4, 6, 0, 0, 1, PAD4, TCP_FIXED(5),
		PASV) },
	{ "IPv6, options late", PACKET_BAD_HEADER,
	  BYTES(V6(42, 60), 0, 0, 1, 4, PAD4, 6, 0, 1, 4, PAD4, TCP_FIXED(5),
		PASV) },
	{ "IPv6, a routing header that has not arrived", PACKET_NOT_TCP,
	  BYTES(V6(34, 43), 6, 0, 4, 1, PAD4, TCP_FIXED(5), PASV) },
	{ "IPv6, an extension beyond the packet", PACKET_TRUNCATED,
	  BYTES(V6(34, 60), 6, 4, 1, 4, PAD4, TCP_FIXED(5), PASV) },
	{ "IPv6, the same with nothing to follow it", PACKET_TRUNCATED,
	  BYTES(V6(34, 60), 59, 4, 1, 4, PAD4, TCP_FIXED(5), PASV) },
	{ "IPv6, an extension that swallows the TCP header", PACKET_TRUNCATED,
	  BYTES(V6(34, 60), 6, 2, 1, 4, PAD4, TCP_FIXED(5), PASV) },
	{ "IPv6, 9 extension headers", PACKET_BAD_HEADER,
	  BYTES(V6(98, 0), 60, 0, PAD4, 0, 0, 60, 0, PAD4, 0, 0, 60, 0, PAD4, 0,
		0, 60, 0, PAD4, 0, 0, 60, 0, PAD4, 0, 0, 60, 0, PAD4, 0, 0, 60,
		0, PAD4, 0, 0, 60, 0, PAD4, 0, 0, 6, 0, PAD4, 0, 0,
		TCP_FIXED(5), PASV) },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum packet_status
parse(const struct sample *sample, size_t len, struct segment *out)
{
	memset(out, 0xee, sizeof(*out));
	return packet_parse(guard_span(sample->bytes, len), out);
}

static void
assert_zero(const struct segment *segment)
{
	static const struct segment zero;

	assert_memory_equal(segment, &zero, sizeof(zero));
}

static void
assert_whole(const struct segment *s, size_t payload)
{
	static const uint8_t ends[] = { V4_ENDS }, ends6[] = { V6_ENDS };
	bool v4 = s->source.addr.family == ADDR_V4;
	enum addr_family family = v4 ? ADDR_V4 : ADDR_V6;
	struct addr source = addr_make(family, v4 ? ends : ends6);
	struct addr destination = addr_make(family, v4 ? ends + 4 : ends6 + 16);

	assert_true(addr_equal(&s->source.addr, &source));
	assert_true(addr_equal(&s->destination.addr, &destination));
	assert_int_equal(s->source.port, 40000);
	assert_int_equal(s->destination.port, 21);
	assert_int_equal(s->seq, 0x11223344);
	assert_int_equal(s->ack, 0x55667788);
	assert_int_equal(s->flags, TCP_PSH | TCP_ACK);
	assert_int_equal(s->hop_limit, 63);
	assert_int_equal(s->window, 0x01f6);
	assert_int_equal(s->urgent, 7);
	assert_int_equal(s->payload.len, payload);
	assert_memory_equal(s->payload.data, "PASV\r\n", 6);
}

static void
test_whole(void **state)
{
	struct segment out;

	(void)state;
	for (size_t i = 0; i < COUNT(whole); i++) {
		enum packet_status status =
			parse(&whole[i], whole[i].len, &out);

		if (status != PACKET_OK)
			fail_msg("%s: status %d", whole[i].what, status);
		assert_whole(&out, 6);
	}
}

static void
test_refused(void **state)
{
	struct segment out;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		enum packet_status status =
			parse(&refused[i], refused[i].len, &out);

		if (status != refused[i].status)
			fail_msg("%s: status %d", refused[i].what, status);
		assert_zero(&out);
	}
}

/* Whatever is missing at the end, the packet is truncated and no byte behind
 * it is read. */
static void
test_every_prefix(void **state)
{
	struct segment out;

	(void)state;
	for (size_t i = 0; i < COUNT(whole); i++) {
		for (size_t len = 0; len < whole[i].len; len++) {
			assert_int_equal(parse(&whole[i], len, &out),
					 PACKET_TRUNCATED);
			assert_zero(&out);
		}
	}
}

static void
test_padding_is_no_payload(void **state)
{
	uint8_t padded[256] = { 0 };
	struct segment out;

	(void)state;
	for (size_t i = 0; i < COUNT(whole); i++) {
		memcpy(padded, whole[i].bytes, whole[i].len);
		assert_int_equal(packet_parse(guard_span(padded,
							 whole[i].len + 14),
					      &out),
				 PACKET_OK);
		assert_whole(&out, 6);
	}
}

/* A stated length of 0: all that is there. */
static void
test_length_zero(void **state)
{
	static const uint8_t head[] = { V4(5, 0, 0, 6), TCP_FIXED(5), PASV };
	static const uint8_t head6[] = { V6(0, 6), TCP_FIXED(5), PASV };
	static uint8_t big[100000];
	struct segment out;

	(void)state;
	memcpy(big, head, sizeof(head));
	assert_int_equal(packet_parse(guard_span(big, sizeof(big)), &out),
			 PACKET_OK);
	assert_whole(&out, sizeof(big) - 40);
	memcpy(big, head6, sizeof(head6));
	assert_int_equal(packet_parse(guard_span(big, sizeof(big)), &out),
			 PACKET_OK);
	assert_whole(&out, sizeof(big) - 60);
}

/* Hostile bytes in place of good ones: the payload stays inside the packet, and
 * a refusal leaves nothing. */
static void
test_damaged(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		const struct sample *sample = &whole[test_random(COUNT(whole))];
		uint8_t bytes[256];
		struct segment out;
		struct span in;

		memcpy(bytes, sample->bytes, sample->len);
		for (unsigned n = test_random(4); n != 0; n--)
			bytes[test_random((uint32_t)sample->len)] =
				(uint8_t)test_random(256);
		in = guard_span(bytes, sample->len - test_random(8));
		memset(&out, 0xee, sizeof(out));
		if (packet_parse(in, &out) != PACKET_OK) {
			assert_zero(&out);
			continue;
		}
		assert_true(out.payload.data >= in.data + 40);
		assert_true(out.payload.data + out.payload.len <=
			    in.data + in.len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_padding_is_no_payload),
		cmocka_unit_test(test_length_zero),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
