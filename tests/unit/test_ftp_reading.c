/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: what the log says of an ambiguous announcement is what readers of each kind
 * take it for. */
#include "support.h"

#include <arpa/inet.h>

#include "core/ftp_line.h"
#include "core/ftp_reading.h"

static const char *
end_text(const struct endpoint *e, char out[static 64])
{
	char address[INET6_ADDRSTRLEN] = "-";

	if (e->port == 0)
		return "nothing";
	if (e->addr.family != ADDR_NONE)
		inet_ntop(e->addr.family == ADDR_V4 ? AF_INET : AF_INET6,
			  e->addr.bytes, address, sizeof(address));
	snprintf(out, 64, "%s %u", address, e->port);
	return out;
}

static void
test_readings(void **state)
{
	static const struct {
		ftp_parser *parse;
		const char *text;
		bool odd;
		const char *strict, *lenient;
	} t[] = {
		{ ftp_parse_port, "10,0,0,2,156,065", false,
		  "10.0.0.2 40001", "10.0.0.2 39989" },
		{ ftp_parse_port, "012,0,0,2,156,65", false,
		  "12.0.0.2 40001", "10.0.0.2 40001" },
		/* 08 cannot be octal. */
		{ ftp_parse_port, "10,0,0,2,156,08", false, "10.0.0.2 39944",
		  "10.0.0.2 39944" },
		/* In octal it is out of range. */
		{ ftp_parse_port, "10,0,0,0777,156,65", false, "nothing",
		  "nothing" },
		{ ftp_parse_port, "10,0,0,2,156,65", true, "nothing",
		  "10.0.0.2 40001" },
		{ ftp_parse_port, "what", true, "nothing", "nothing" },
		{ ftp_parse_eprt, "|1|10.0.0.2|040001|", false,
		  "10.0.0.2 40001", "10.0.0.2 16385" },
		{ ftp_parse_eprt, "|1|10.0.0.2|02001|", false, "10.0.0.2 2001",
		  "10.0.0.2 1025" },
		{ ftp_parse_eprt, "|2|2001:0db8::0012|02001|", false,
		  "2001:db8::12 2001", "2001:db8::12 1025" },
		{ ftp_parse_227, "ok (192,0,2,1,195,80) or (192,0,2,1,195,81)",
		  false, "192.0.2.1 50000", "192.0.2.1 50001" },
		{ ftp_parse_227, "ok 192,0,2,1,195,80 192,0,2,2,195,81", false,
		  "192.0.2.1 50000", "192.0.2.2 50001" },
		{ ftp_parse_229, "ok (|||50000|) (|||50001|)", false,
		  "- 50000", "- 50001" },
		{ ftp_parse_227, "ok (192,0,2,1,195,80)", true, "nothing",
		  "192.0.2.1 50000" },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct ftp_readings r = ftp_read_both(
			t[i].parse, guard_text(t[i].text), t[i].odd);

		assert_string_equal(end_text(&r.strict, text), t[i].strict);
		assert_string_equal(end_text(&r.lenient, text), t[i].lenient);
	}
}

/* Goal: any bytes, of any length, are within bounds. */
static void
test_any_bytes(void **state)
{
	static ftp_parser *const parsers[] = { ftp_parse_port, ftp_parse_eprt,
					       ftp_parse_lprt, ftp_parse_227,
					       ftp_parse_228,  ftp_parse_229 };
	static const char letters[] = "0017289,,.|()  :aF";
	uint8_t bytes[FTP_LINE_MAX];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = test_random(round % 100 == 0 ? sizeof(bytes) : 60);

		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)letters[test_random(
				sizeof(letters) - 1)];
		ftp_read_both(parsers[test_random(6)], guard_span(bytes, len),
			      test_random(2) == 0);
	}
	memset(bytes, '0', sizeof(bytes));
	ftp_read_both(ftp_parse_227, guard_span(bytes, sizeof(bytes)), false);
	memset(bytes, '7', sizeof(bytes));
	ftp_read_both(ftp_parse_227, guard_span(bytes, sizeof(bytes)), true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readings),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests_name("ftp_reading", tests, NULL, NULL);
}
