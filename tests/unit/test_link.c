/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: the IP packet is found behind every link layer, and no byte beyond the
 * frame is read, however it lies about itself. */
#include "replay/link.h"

#include <pcap/pcap.h>

#include "support.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The first bytes are all that a link layer looks at. */
#define IP4 "\x45\x00\x00\x14"
#define IP6 "\x60\x00\x00\x00"
#define MACS "\1\2\3\4\5\6\1\2\3\4\5\6"
#define FRAME(type, header, ip) { type, header ip, sizeof(header) - 1 }

static const struct {
	int type;
	const char *bytes;
	size_t header;
} frames[] = {
	FRAME(DLT_EN10MB, MACS "\x08\x00", IP4),
	FRAME(DLT_EN10MB, MACS "\x86\xdd", IP6),
	FRAME(DLT_EN10MB, MACS "\x81\x00\x00\x07\x08\x00", IP4),
	FRAME(DLT_EN10MB, MACS "\x88\xa8\x00\x07\x81\x00\x00\x08\x86\xdd", IP6),
	FRAME(DLT_EN10MB, MACS "\x91\x00\x00\x07\x08\x00", IP4),
	FRAME(DLT_EN10MB, MACS "\x88\x64\x11\x00\x00\x01\x00\x06\x00\x21", IP4),
	FRAME(DLT_EN10MB, MACS "\x88\x64\x11\x00\x00\x01\x00\x06\x00\x57", IP6),
	FRAME(DLT_EN10MB,
	      MACS "\x81\x00\x00\x07\x88\x64\x11\x00\x00\x01\x00\x06\x00\x21",
	      IP4),
	FRAME(DLT_EN10MB, MACS "\x88\x47\x00\x01\x00\x40\x00\x02\x01\x40", IP4),
	FRAME(DLT_EN10MB,
	      MACS "\x00\x20\xaa\xaa\x03\x00\x00\x00\x08\x00", IP4),
	FRAME(DLT_LINUX_SLL, "\0\0\0\1\0\6\1\2\3\4\5\6\0\0\x08\x00", IP4),
	FRAME(DLT_LINUX_SLL, "\0\0\0\1\0\6\1\2\3\4\5\6\0\0\x86\xdd", IP6),
	FRAME(DLT_LINUX_SLL2,
	      "\x08\x00\0\0\0\0\0\2\0\1\0\6\1\2\3\4\5\6\0\0", IP4),
	FRAME(DLT_LINUX_SLL2,
	      "\x81\x00\0\0\0\0\0\2\0\1\0\6\1\2\3\4\5\6\0\0\0\7\x86\xdd", IP6),
	FRAME(DLT_RAW, "", IP4),
	FRAME(101, "", IP6),
	FRAME(DLT_IPV4, "", IP4),
	FRAME(DLT_IPV6, "", IP6),
	FRAME(DLT_NULL, "\2\0\0\0", IP4),
	FRAME(DLT_NULL, "\0\0\0\x1e", IP6),
	FRAME(DLT_LOOP, "\0\0\0\2", IP4),
	FRAME(DLT_PPP, "\xff\x03\x00\x21", IP4),
	FRAME(DLT_PPP, "\x00\x57", IP6),
	FRAME(DLT_PPP, "\x21", IP4),
	FRAME(DLT_PPP_SERIAL, "\xff\x03\x00\x21", IP4),
	FRAME(DLT_PPP_ETHER, "\x11\x00\x00\x01\x00\x06\x00\x21", IP4),
	FRAME(DLT_C_HDLC, "\x0f\x00\x08\x00", IP4),
	FRAME(DLT_IEEE802_11,
	      "\x08\x01\0\0\1\2\3\4\5\6\1\2\3\4\5\6\1\2\3\4\5\6\0\0"
	      "\xaa\xaa\x03\x00\x00\x00\x08\x00",
	      IP4),
	FRAME(DLT_IEEE802_11_RADIO,
	      "\0\0\x09\0\0\0\0\0\0"
	      "\x88\x03\0\0\1\2\3\4\5\6\1\2\3\4\5\6\1\2\3\4\5\6\0\0"
	      "\1\2\3\4\5\6\0\0\xaa\xaa\x03\x00\x00\x00\x86\xdd",
	      IP6),
	FRAME(DLT_NFLOG, "\2\0\0\x64\x08\0\1\0\x08\0\0\3\x08\0\x09\0", IP4),
	FRAME(DLT_ENC, "\0\0\0\2\0\0\0\1\0\0\0\0", IP4),
	FRAME(DLT_PFLOG,
	      "\x11\2\0\0em0\0\0\0\0\0\0\0\0\0\0\0\0\0", IP4),
};

static void
test_every_layer(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		size_t len = frames[i].header + 4;
		struct span frame = guard_span(frames[i].bytes, len);
		struct span ip = link_ip(frames[i].type, frame);

		assert_true(link_is_known(frames[i].type));
		if (ip.data != frame.data + frames[i].header || ip.len != 4)
			fail_msg("case %zu: %zu bytes", i, ip.len);
	}
	assert_false(link_is_known(DLT_USB_LINUX));
	assert_int_equal(link_ip(DLT_USB_LINUX, guard_text("E...")).len, 0);
}

/* Too short a frame gives what is there of the packet, or nothing. */
static void
test_every_prefix(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		for (size_t len = 0; len < frames[i].header + 4; len++) {
			struct span frame = guard_span(frames[i].bytes, len);
			struct span ip = link_ip(frames[i].type, frame);

			assert_true(ip.len <= len);
			if (len <= frames[i].header && ip.len != 0)
				fail_msg("case %zu, %zu bytes", i, len);
		}
	}
}

static void
test_no_ip(void **state)
{
	static const char *const ethernet[] = {
		MACS "\x08\x06" IP4,		     /* ARP */
		MACS "\x08\x00\x75\x00\x00\x14",     /* neither version */
		MACS "\x88\x63\x11\x09\0\0\0\0" IP4, /* PPPoE discovery */
		MACS "\0\x20\xf0\xf0\3\0\0\0\x08\0" IP4,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ethernet); i++)
		assert_int_equal(link_ip(DLT_EN10MB,
					 guard_span(ethernet[i], 18)).len,
				 0);
}

/* Any bytes, on any link. */
static void
test_noise(void **state)
{
	uint8_t noise[80];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		int type = frames[test_random(COUNT(frames))].type;
		size_t len = test_random(sizeof(noise) + 1);

		for (size_t i = 0; i < len; i++)
			noise[i] = test_random(3) == 0 ?
					   (uint8_t)test_random(256) :
					   "\x81\x00\x88\x64\x45\xff\x03\x09"
						   [test_random(8)];
		link_ip(type, guard_span(noise, len));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_layer),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_no_ip),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
