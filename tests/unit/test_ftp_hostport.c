/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: an announcement is read exactly, or refused with the reason; two ways
 * to read it are none. */
#include "support.h"

#include <arpa/inet.h>

#include "core/ftp_hostport.h"
#include "core/text.h"

typedef enum reason parser(struct span, struct endpoint *);

/* "address port", the reason's word where there is none. */
static const char *
read_as_text(parser *parse, struct span in)
{
	static const struct endpoint zero;
	static char text[80];
	char address[INET6_ADDRSTRLEN] = "none";
	struct endpoint e;
	enum reason why;

	memset(&e, 0xee, sizeof(e));
	why = parse(in, &e);
	if (why != REASON_NONE) {
		assert_true(endpoint_equal(&e, &zero));
		return reason_word(why);
	}
	if (e.addr.family != ADDR_NONE)
		inet_ntop(e.addr.family == ADDR_V4 ? AF_INET : AF_INET6,
			  e.addr.bytes, address, sizeof(address));
	for (size_t i = addr_len(e.addr.family); i < 16; i++)
		assert_int_equal(e.addr.bytes[i], 0);
	snprintf(text, sizeof(text), "%s %u", address, e.port);
	return text;
}

struct example {
	const char *text, *want;
};

static void
check(parser *parse, const struct example *examples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *got =
			read_as_text(parse, guard_text(examples[i].text));

		if (strcmp(got, examples[i].want) != 0)
			fail_msg("\"%s\": %s, not %s", examples[i].text, got,
				 examples[i].want);
	}
	assert_string_equal(read_as_text(parse, span_make(NULL, 0)),
			    "malformed");
}

#define CHECK(parse, examples) \
	check(parse, examples, sizeof(examples) / sizeof(examples[0]))

static void
test_port(void **state)
{
	static const struct example examples[] = {
		{ "10,77,1,2,195,149", "10.77.1.2 50069" },
		{ " 10,77,1,2,195,149\t ", "10.77.1.2 50069" },
		{ "0,0,0,0,0,0", "0.0.0.0 0" },
		{ "255,255,255,255,255,255", "255.255.255.255 65535" },
		{ "10,9,1,2,0,22", "10.9.1.2 22" },
		/* two readings of a leading zero */
		{ "010,9,1,2,4,1", "ambiguous" },
		{ "10,9,1,2,4,010", "ambiguous" },
		{ "10,9,1,08,4,1", "ambiguous" },
		{ "10,9,1,099,4,1", "ambiguous" },
		{ "01,00,000,007,04,1", "1.0.0.7 1025" },
		/* numbers that do not fit */
		{ "256,9,1,2,4,1", "number-range" },
		{ "10,9,1,2,300,80", "number-range" },
		{ "10,9,1,2,4,99999999999999999999999", "number-range" },
		{ "10,9,1,2,4,4294967297", "number-range" },
		{ "10,9,1,2,0004,1", "number-range" },
		/* not the form */
		{ "", "malformed" },
		{ "10,9,1,2,4", "malformed" },
		{ "10,9,1,2,4,", "malformed" },
		{ "10,9,1,2,4,1,", "malformed" },
		{ "10,9,1,2,4,1,5", "malformed" },
		{ ",10,9,1,2,4,1", "malformed" },
		{ "10,,9,1,2,4,1", "malformed" },
		{ "10,9,1,2, 4,1", "malformed" },
		{ "10,9,1,2,4 ,1", "malformed" },
		{ "10,9,1,2,4,1 x", "malformed" },
		{ "10,9,1,2,4,1)", "malformed" },
		{ "(10,9,1,2,4,1)", "malformed" },
		{ "10,9,1,2,-4,1", "malformed" },
		{ "10,9,1,2,+4,1", "malformed" },
		{ "0x0a,9,1,2,4,1", "malformed" },
		{ "10.9.1.2,4,1", "malformed" },
		{ "x", "malformed" },
	};

	(void)state;
	CHECK(ftp_parse_port, examples);
}

static void
test_eprt(void **state)
{
	static const struct example examples[] = {
		/* RFC 2428 section 2 */
		{ "|1|132.235.1.2|6275|", "132.235.1.2 6275" },
		{ "|2|1080::8:800:200C:417A|5282|",
		  "1080::8:800:200c:417a 5282" },
		{ "|2|fd00:77:1::2|50001| ", "fd00:77:1::2 50001" },
		{ "!1!10.9.1.2!65535!", "10.9.1.2 65535" },
		{ "~1~10.9.1.2~0~", "10.9.1.2 0" },
		{ "x2x::1x2121x", "::1 2121" },
		{ "|1|10.9.1.2|007|", "10.9.1.2 7" },
		/* all shapes of an IPv6 address */
		{ "|2|::|1|", ":: 1" },
		{ "|2|1::|1|", "1:: 1" },
		{ "|2|1:2:3:4:5:6:7:8|1|", "1:2:3:4:5:6:7:8 1" },
		{ "|2|1:2:3:4:5:6:7::|1|", "1:2:3:4:5:6:7:0 1" },
		{ "|2|::2:3:4:5:6:7:8|1|", "0:2:3:4:5:6:7:8 1" },
		{ "|2|1::8|1|", "1::8 1" },
		{ "|2|0001:ABCD::00fF|1|", "1:abcd::ff 1" },
		{ "|2|::ffff:10.9.1.2|2121|", "::ffff:10.9.1.2 2121" },
		{ "|2|1:2:3:4:5:6:7.8.9.10|1|", "1:2:3:4:5:6:708:90a 1" },
		{ "|2|64:ff9b::10.9.1.2|1|", "64:ff9b::a09:102 1" },
		{ "|2|1:2:3:4:5::9.9.9.9|1|", "1:2:3:4:5:0:909:909 1" },
		/* and what is none */
		{ "|2|1:2:3:4:5:6:7|1|", "malformed" },
		{ "|2|1:2:3:4:5:6:7:8:9|1|", "malformed" },
		{ "|2|1:2:3:4:5:6:7:8::|1|", "malformed" },
		{ "|2|::1:2:3:4:5:6:7:8|1|", "malformed" },
		{ "|2|1:2:3:4::5:6:7:8|1|", "malformed" },
		{ "|2|1::2::3|1|", "malformed" },
		{ "|2|:::|1|", "malformed" },
		{ "|2|1:::2|1|", "malformed" },
		{ "|2|:1:2:3:4:5:6:7|1|", "malformed" },
		{ "|2|1:2:3:4:5:6:7:|1|", "malformed" },
		{ "|2|:|1|", "malformed" },
		{ "|2|00001::|1|", "malformed" },
		{ "|2|1::g|1|", "malformed" },
		{ "|2|fe80::1%eth0|1|", "malformed" },
		{ "|2|[::1]|1|", "malformed" },
		{ "|2| ::1|1|", "malformed" },
		{ "|2|::10.9.1.2:1|1|", "malformed" },
		{ "|2|1:2:3:4:5:6:7:10.9.1.2|1|", "malformed" },
		{ "|2|1:2:3:4:5:10.9.1.2|1|", "malformed" },
		{ "|2|::10.9.1|1|", "malformed" },
		{ "|2|::10.9.1.2.3|1|", "malformed" },
		{ "|2|::ffff:10.9.1.010|1|", "ambiguous" },
		{ "|2|::ffff:10.9.1.256|1|", "number-range" },
		{ "|2|10.9.1.2|1|", "malformed" },
		{ "|2||1|", "malformed" },
		/* the numbers */
		{ "|1|10.9.1.2|65536|", "number-range" },
		{ "|1|10.9.1.2|4294969417|", "number-range" },
		{ "|1|10.9.1.2|000021|", "number-range" },
		{ "|1|10.9.1.2|02121|", "ambiguous" },
		{ "|1|10.9.1.256|2121|", "number-range" },
		{ "|1|010.9.1.2|2121|", "ambiguous" },
		{ "|3|10.9.1.2|2121|", "family-unknown" },
		{ "|0|10.9.1.2|2121|", "family-unknown" },
		{ "|12|10.9.1.2|2121|", "family-unknown" },
		{ "|999|10.9.1.2|2121|", "number-range" },
		{ "|1|::1|2121|", "malformed" },
		/* the delimiters */
		{ "", "malformed" },
		{ "|", "malformed" },
		{ "|1", "malformed" },
		{ "|1|10.9.1.2|2121", "malformed" },
		{ "|1|10.9.1.2|2121||", "malformed" },
		{ "|1|10.9.1.2|2121|x", "malformed" },
		{ "|1|10.9.1.2!2121|", "malformed" },
		{ "|1|10.9.1.2||", "malformed" },
		{ "|1|10.9.1.2|-1|", "malformed" },
		{ "|1|10.9.1.2| 2121|", "malformed" },
		{ "|1|10.9.1|2121|", "malformed" },
		{ "|1|10.9.1.2.3|2121|", "malformed" },
		{ "|||2121|", "malformed" },
		{ "||10.9.1.2|2121|", "malformed" },
		{ "3132.235.1.2362753", "malformed" },
		{ ".1.10.9.1.2.2121.", "malformed" },
		{ "\x7f" "1\x7f" "10.9.1.2\x7f" "1\x7f", "malformed" },
		{ "\x80" "1\x80" "10.9.1.2\x80" "1\x80", "malformed" },
	};

	(void)state;
	CHECK(ftp_parse_eprt, examples);
}

#define LONG_V6 "6,16,253,0,0,119,0,1,0,0,0,0,0,0,0,0,0,2"

static void
test_lprt(void **state)
{
	static const struct example examples[] = {
		{ "4,4,10,9,1,2,2,8,73", "10.9.1.2 2121" },
		{ " " LONG_V6 ",2,8,73 ", "fd00:77:1::2 2121" },
		{ "4,4,10,9,1,2,2,8,256", "number-range" },
		{ "4,4,10,9,1,2,2,8,073", "ambiguous" },
		{ "5,4,10,9,1,2,2,8,73", "family-unknown" },
		{ "16,10,1,2,3,4,5,6,7,8,9,10,2,8,73", "family-unknown" },
		{ "9,20,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,2,8,73",
		  "family-unknown" },
		{ "6,4,10,9,1,2,2,8,73", "malformed" },
		{ "4,16,10,9,1,2,2,8,73", "malformed" },
		{ "4,255,10,9,1,2,2,8,73", "malformed" },
		{ "4,4,10,9,1,2,1,8,73", "malformed" },
		{ "4,4,10,9,1,2,3,8,73", "malformed" },
		{ "4,4,10,9,1,2,2,8", "malformed" },
		{ "4,4,10,9,1,2,2,8,73,1", "malformed" },
		{ "4,4,10,9,1,2,1,8", "malformed" },
		{ LONG_V6 ",2,8", "malformed" },
		{ LONG_V6 "," LONG_V6, "malformed" },
		{ "4", "malformed" },
		{ "4,4", "malformed" },
		{ "(4,4,10,9,1,2,2,8,73)", "malformed" },
	};

	(void)state;
	CHECK(ftp_parse_lprt, examples);
}

static void
test_227(void **state)
{
	static const struct example examples[] = {
		/* vsftpd, proftpd, pure-ftpd, pyftpdlib */
		{ "Entering Passive Mode (10,77,2,11,195,149).",
		  "10.77.2.11 50069" },
		{ "Entering passive mode (10,77,2,11,195,149).",
		  "10.77.2.11 50069" },
		/* RFC 1123 section 4.1.2.6: no parentheses, anywhere */
		{ "Entering Passive Mode 10,9,2,2,200,1", "10.9.2.2 51201" },
		{ "10,9,2,2,200,1", "10.9.2.2 51201" },
		{ "=10,9,2,2,200,1", "10.9.2.2 51201" },
		{ "Mode 1 (10,9,2,2,200,1)", "10.9.2.2 51201" },
		{ "Modes 1, 2 (10,9,2,2,200,1) in 30 s", "10.9.2.2 51201" },
		{ "12,300 users (10,9,2,2,200,1)", "10.9.2.2 51201" },
		{ "OK (10,9,2,2,200,1), go", "10.9.2.2 51201" },
		{ "OK 10,9,2,2,200,1, go", "10.9.2.2 51201" },
		{ "(10, 9, 2, 2, 200, 1)", "10.9.2.2 51201" },
		{ "(10,9,2,2,0,22)", "10.9.2.2 22" },
		/* the same twice, or something else */
		{ "(10,9,2,2,200,1) = (10,9,2,2,200,1)", "10.9.2.2 51201" },
		{ "(10,9,2,2,200,1) (10,9,2,2,200,2)", "ambiguous" },
		{ "(10,9,2,2,200,1) (10,9,2,3,200,1)", "ambiguous" },
		{ "(10,9,2,2,200,1) (10,9,2,2,200,1) (1,2,3,4,5,6)",
		  "ambiguous" },
		{ "(10,9,2,2,200,1) (1,2,3,4,5,6) (10,9,2,2,200,1)",
		  "ambiguous" },
		{ "(10,9,2,2,200,1) (10,9,2,2,300,1)", "number-range" },
		{ "(10,9,2,2,300,1) (10,9,2,2,200,1)", "number-range" },
		{ "(10,9,2,2,200,1) (10,9,2,2,0200,1)", "number-range" },
		{ "(10,9,2,2,200,1) (10,9,2,2,200,01)", "10.9.2.2 51201" },
		{ "(10,9,2,2,200,1) (10,9,2,2,020,1)", "ambiguous" },
		/* numbers that do not fit */
		{ "Entering Passive Mode (10,9,2,2,300,80)", "number-range" },
		{ "(256,9,2,2,200,1)", "number-range" },
		{ "(10,9,2,2,4294967296,1)", "number-range" },
		{ "(010,009,002,002,200,001)", "ambiguous" },
		/* which six of the seven? */
		{ "(10,9,2,2,200,1,7)", "malformed" },
		{ "(1, 10,9,2,2,200,1)", "malformed" },
		{ "(10,9,2,2,200,1 ,7)", "malformed" },
		{ "(10,9,2,2,200,1) 1,2,3,4,5,6,7", "malformed" },
		{ "1,2,3,4,5,6,7 (10,9,2,2,200,1)", "malformed" },
		/* none */
		{ "soon", "malformed" },
		{ "", "malformed" },
		{ "(10,9,2,2,200)", "malformed" },
		{ "(10,9,2,2,200,", "malformed" },
		{ "(10,9,2,2;200,1)", "malformed" },
		{ "(10,9,,2,2,200,1)", "malformed" },
		{ "(10,9,-2,2,200,1)", "malformed" },
		{ "(|||2121|)", "malformed" },
	};

	(void)state;
	CHECK(ftp_parse_227, examples);
}

static void
test_229(void **state)
{
	static const struct example examples[] = {
		/* vsftpd, proftpd, pure-ftpd, pyftpdlib */
		{ "Entering Extended Passive Mode (|||50069|).",
		  "none 50069" },
		{ "Extended Passive mode OK (|||50069|)", "none 50069" },
		{ "Entering extended passive mode (|||6446|).", "none 6446" },
		{ "(!!!6446!)", "none 6446" },
		{ "see (RFC 2428) (|||6446|)", "none 6446" },
		{ "( (|||6446|)", "none 6446" },
		{ "(|1|10.9.2.2|6446|)", "10.9.2.2 6446" },
		{ "(|2|fd00:77:2::11|6446|)", "fd00:77:2::11 6446" },
		{ "(|||0|)", "none 0" },
		{ "(|||6446|) (|||6446|)", "none 6446" },
		{ "(|||6446|) (|||6447|)", "ambiguous" },
		{ "(|||6446|) (|1|10.9.2.2|6446|)", "ambiguous" },
		{ "(|||6446|) (|||65536|)", "number-range" },
		{ "(|||06446|)", "ambiguous" },
		{ "(|||65536|)", "number-range" },
		{ "(|||99999999999999999999|)", "number-range" },
		{ "(|3|10.9.2.2|6446|)", "family-unknown" },
		{ "", "malformed" },
		{ "OK", "malformed" },
		{ "|||6446|", "malformed" },
		{ "(|||6446|", "malformed" },
		{ "(|||6446)", "malformed" },
		{ "(||6446|)", "malformed" },
		{ "(||||6446|)", "malformed" },
		{ "(|1||6446|)", "malformed" },
		{ "(||10.9.2.2|6446|)", "malformed" },
		{ "(|||6446||)", "malformed" },
		{ "(|||-1|)", "malformed" },
		{ "(||| 6446|)", "malformed" },
		{ "(||!6446|)", "malformed" },
		{ "(   6446 )", "malformed" },
		{ "(11164461)", "malformed" },
		{ "()", "malformed" },
		{ "((((", "malformed" },
	};

	(void)state;
	CHECK(ftp_parse_229, examples);
}

static void
test_228(void **state)
{
	static const struct example examples[] = {
		{ "Entering Long Passive Mode (4,4,10,9,2,2,2,8,73)",
		  "10.9.2.2 2121" },
		{ "Entering Long Passive Mode (" LONG_V6 ",2,8,73)",
		  "fd00:77:1::2 2121" },
		{ "Long (RFC 1639) (4,4,10,9,2,2,2,8,73)", "10.9.2.2 2121" },
		{ "(4,4,10,9,2,2,2,8,73) (4,4,10,9,2,2,2,8,74)", "ambiguous" },
		{ "(4,4,10,9,2,2,2,8,730)", "number-range" },
		{ "(5,4,10,9,2,2,2,8,73)", "family-unknown" },
		{ "4,4,10,9,2,2,2,8,73", "malformed" },
		{ "(4,4,10,9,2,2,2,8,73", "malformed" },
		{ "(4,4,10,9,2,2,2,8)", "malformed" },
		{ "(10,9,2,2,200,1)", "family-unknown" },
	};

	(void)state;
	CHECK(ftp_parse_228, examples);
}

static const struct {
	parser *parse;
	const char *whole;
	size_t shortest; /* front that is read as something */
} whole_forms[] = {
	{ ftp_parse_port, "10,77,1,2,195,149", 15 },
	{ ftp_parse_eprt, "|1|132.235.1.2|6275|", 20 },
	{ ftp_parse_eprt, "|2|1080::8:800:200C:417A|5282|", 30 },
	{ ftp_parse_eprt, "|2|::ffff:10.9.1.2|5282|", 24 },
	{ ftp_parse_lprt, LONG_V6 ",2,8,73", sizeof(LONG_V6) + 5 },
	{ ftp_parse_227, "Entering (10,77,2,11,195,149).", 26 },
	{ ftp_parse_229, "Entering (|||50069|).", 20 },
	{ ftp_parse_229, "Entering (|1|10.9.2.2|6446|).", 28 },
	{ ftp_parse_228, "Entering (4,4,10,9,2,2,2,8,73)", 30 },
};

#define FORMS (sizeof(whole_forms) / sizeof(whole_forms[0]))

/* Goal: a form that is cut is refused; only where numbers end the text (PORT,
 * LPRT, 227 without its end) can a shorter one be read. */
static void
test_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		const char *whole = whole_forms[i].whole;

		for (size_t len = 0; len <= strlen(whole); len++) {
			const char *got = read_as_text(whole_forms[i].parse,
						       guard_span(whole, len));

			assert_int_equal(strchr(got, ' ') != NULL,
					 len >= whole_forms[i].shortest);
		}
	}
}

/* Goal: every byte of every form replaced by every value: no read beyond the
 * text, and what is refused leaves nothing behind (read_as_text looks). */
static void
test_changed_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < FORMS; i++) {
		size_t len = strlen(whole_forms[i].whole);
		char text[64];

		for (size_t at = 0; at < len; at++) {
			memcpy(text, whole_forms[i].whole, len);
			for (unsigned c = 0; c < 256; c++) {
				text[at] = (char)c;
				read_as_text(whole_forms[i].parse,
					     guard_span(text, len));
			}
		}
	}
}

/* Goal: the IPv6 reader takes what inet_pton(3) takes, gives the same bytes,
 * and takes nothing else. */
static void
test_v6_against_libc(void **state)
{
	static const char alphabet[] = "::::11a0.";
	unsigned taken = 0;

	(void)state;
	for (int round = 0; round < 200000; round++) {
		char text[40], line[64];
		uint8_t want[16];
		size_t len = test_random(24);
		struct endpoint e;
		enum reason why;
		bool ok;

		for (size_t i = 0; i < len; i++)
			text[i] = alphabet[test_random(9)];
		if (round % 4 == 0)
			len += (size_t)sprintf(text + len, ":1.20.3.4");
		text[len] = '\0';
		snprintf(line, sizeof(line), "|2|%s|1|", text);
		why = ftp_parse_eprt(guard_text(line), &e);
		ok = inet_pton(AF_INET6, text, want) == 1;
		/* Ours reads a harmless leading zero in the IPv4 tail; libc
		 * does not. */
		if (strchr(text, '.') != NULL && why == REASON_NONE && !ok)
			continue;
		if (ok != (why == REASON_NONE))
			fail_msg("%s: %s", text, reason_word(why));
		if (ok)
			assert_memory_equal(e.addr.bytes, want, 16);
		taken += ok;
	}
	assert_true(taken > 1000);
}

/* Goal: hostile text costs no crash in any parser. */
static void
test_any_bytes(void **state)
{
	static const char alphabet[] = "0123456789,,,,,,||||((()).: 2561";

	(void)state;
	for (int round = 0; round < 100000; round++) {
		char text[512];
		size_t len = test_random(round % 100 == 0 ? 512 : 48);

		for (size_t i = 0; i < len; i++)
			text[i] = round % 8 == 0 ?
					  (char)test_random(256) :
					  alphabet[test_random(
						  sizeof(alphabet) - 1)];
		for (size_t i = 0; i < FORMS; i++)
			read_as_text(whole_forms[i].parse,
				     guard_span(text, len));
	}
}

/* Goal: digits without end neither overflow nor wrap. */
static void
test_number(void **state)
{
	char digits[400];

	(void)state;
	memset(digits, '9', sizeof(digits));
	for (size_t len = 1; len <= sizeof(digits); len++) {
		struct span s = guard_span(digits, len);
		uint32_t value = 7;

		assert_int_equal(text_take_number(&s, 65535, &value),
				 len < 5 ? REASON_NONE : REASON_NUMBER_RANGE);
		assert_int_equal(s.len, 0);
		if (len >= 5)
			assert_int_equal(value, 7);
	}
	for (uint32_t n = 0; n < 70000; n++) {
		uint32_t value = 0;
		struct span s;

		snprintf(digits, sizeof(digits), "%u,", n);
		s = guard_text(digits);
		assert_int_equal(text_take_number(&s, 65535, &value),
				 n > 65535 ? REASON_NUMBER_RANGE : REASON_NONE);
		assert_int_equal(value, n > 65535 ? 0 : n);
		assert_int_equal(s.len, 1);
	}
}

/* Goal: a leading zero is refused exactly where C's octal reads another number
 * or stops before the end. */
static void
test_leading_zero(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 1000; n++) {
		char digits[8], *end;
		uint32_t value = 0;
		struct span s;
		unsigned long octal;
		bool same;

		snprintf(digits, sizeof(digits), "0%03u", n);
		octal = strtoul(digits, &end, 8);
		same = *end == '\0' && octal == n;
		s = guard_text(digits);
		assert_int_equal(text_take_number(&s, 65535, &value),
				 same ? REASON_NONE : REASON_AMBIGUOUS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_port),
		cmocka_unit_test(test_eprt),
		cmocka_unit_test(test_lprt),
		cmocka_unit_test(test_227),
		cmocka_unit_test(test_229),
		cmocka_unit_test(test_228),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_changed_bytes),
		cmocka_unit_test(test_v6_against_libc),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_leading_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
