/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: a line's verb and argument, and a warning where servers differ. */
#include "support.h"

#include "core/ftp_command.h"

static void
assert_span(struct span s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	if (s.len != 0)
		assert_memory_equal(s.data, want, s.len);
}

static struct ftp_command
parse(const char *text)
{
	struct ftp_line line = { .text = guard_text(text) };
	struct ftp_command out;

	ftp_command_parse(&line, &out);
	return out;
}

static const struct {
	const char *text;
	enum ftp_verb verb;
	const char *word, *argument;
	bool empty, ambiguous, plausible;
} cases[] = {
	{ "PASV", FTP_PASV, "PASV", "", false, false, true },
	{ "pasv", FTP_PASV, "pasv", "", false, false, true },
	{ "pAsV ", FTP_PASV, "pAsV", "", false, false, true },
	{ "PORT 10,9,1,2,4,1", FTP_PORT, "PORT", "10,9,1,2,4,1", false, false,
	  true },
	{ "PORT  10,9,1,2,4,1", FTP_PORT, "PORT", "10,9,1,2,4,1", false,
	  false, true },
	{ "PORT\t10,9,1,2,4,1", FTP_PORT, "PORT", "10,9,1,2,4,1", false, true,
	  true },
	{ "PORT \t1", FTP_PORT, "PORT", "1", false, true, true },
	{ "RETR a\tb ", FTP_RETR, "RETR", "a\tb ", false, false, true },
	{ " PORT 1", FTP_PORT, "PORT", "1", false, true, true },
	{ "\tPORT 1", FTP_PORT, "PORT", "1", false, true, true },
	{ "PORTAL 1", FTP_OTHER, "PORTAL", "1", false, false, false },
	{ "EPSV ALL", FTP_EPSV, "EPSV", "ALL", false, false, true },
	{ "PWD", FTP_PWD, "PWD", "", false, false, true },
	{ "CCC", FTP_CCC, "CCC", "", false, false, true },
	{ "CCCC", FTP_OTHER, "CCCC", "", false, false, true },
	{ "PO", FTP_OTHER, "PO", "", false, false, false },
	{ "GET / HTTP/1.1", FTP_OTHER, "GET", "/ HTTP/1.1", false, false,
	  true },
	{ "PA5V", FTP_OTHER, "PA5V", "", false, false, false },
	{ "PASV,1", FTP_OTHER, "PASV,1", "", false, false, false },
	{ "\x16\x03\x01", FTP_OTHER, "\x16\x03\x01", "", false, false, false },
	/* the same letters but for the bit that makes capitals */
	{ "P\x01SV", FTP_OTHER, "P\x01SV", "", false, false, false },
	{ "\xd0" "ASV", FTP_OTHER, "\xd0" "ASV", "", false, false, false },
	{ "", FTP_OTHER, "", "", true, false, false },
	{ "  ", FTP_OTHER, "", "", true, true, false },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ftp_command c = parse(cases[i].text);

		assert_int_equal(c.verb, cases[i].verb);
		assert_span(c.word, cases[i].word);
		assert_span(c.argument, cases[i].argument);
		assert_int_equal(c.empty, cases[i].empty);
		assert_int_equal(c.ambiguous, cases[i].ambiguous);
		assert_int_equal(c.plausible, cases[i].plausible);
	}
}

/* Goal: every way of writing a line that readers take differently is told. */
static void
test_line_properties(void **state)
{
	struct ftp_line line = { .text = guard_text("PORT 1") };
	struct ftp_command c;

	(void)state;
	ftp_command_parse(&line, &c);
	assert_false(c.ambiguous);
	for (int i = 0; i < 4; i++) {
		struct ftp_line l = line;

		l.bare_lf = i == 0;
		l.bare_cr = i == 1;
		l.had_telnet = i == 2;
		l.had_nul = i == 3;
		ftp_command_parse(&l, &c);
		assert_true(c.ambiguous);
		assert_int_equal(c.verb, FTP_PORT);
	}
}

/* Goal: each verb is found in any case, and nothing near it is. */
static void
test_every_verb(void **state)
{
	static const char *const names[] = {
		"OTHER",
#define X(verb) #verb,
		FTP_VERBS(X)
#undef X
	};

	(void)state;
	assert_string_equal(ftp_verb_name(FTP_OTHER), "OTHER");
	assert_string_equal(ftp_verb_name(FTP_VERB_COUNT), "OTHER");
	for (unsigned v = FTP_OTHER + 1; v < FTP_VERB_COUNT; v++) {
		char word[8];
		size_t len = strlen(names[v]);

		assert_string_equal(ftp_verb_name((enum ftp_verb)v), names[v]);
		for (unsigned mask = 0; mask < 1u << len; mask++) {
			memcpy(word, names[v], len + 1);
			for (size_t i = 0; i < len; i++)
				if (mask >> i & 1)
					word[i] = (char)(word[i] + 32);
			assert_int_equal(parse(word).verb, v);
			strcat(word, "Q");
			assert_int_not_equal(parse(word).verb, v);
			word[len - 1] = '\0';
			assert_int_not_equal(parse(word).verb, v);
		}
	}
}

static void
test_epsv(void **state)
{
	static const struct {
		const char *text;
		enum ftp_epsv want;
	} forms[] = {
		{ "", FTP_EPSV_PLAIN },	   { "  ", FTP_EPSV_PLAIN },
		{ "1", FTP_EPSV_V4 },	   { "1 ", FTP_EPSV_V4 },
		{ "2", FTP_EPSV_V6 },	   { "ALL", FTP_EPSV_ALL },
		{ "all ", FTP_EPSV_ALL },  { "3", FTP_EPSV_OTHER },
		{ "11", FTP_EPSV_OTHER },  { "AL", FTP_EPSV_OTHER },
		{ "ALLE", FTP_EPSV_OTHER }, { "1 2", FTP_EPSV_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		assert_int_equal(ftp_epsv_parse(guard_text(forms[i].text)),
				 forms[i].want);
	assert_int_equal(ftp_epsv_parse(guard_span("ALL\0", 4)),
			 FTP_EPSV_OTHER);
}

static void
test_auth(void **state)
{
	static const char *const tls[] = { "TLS",   "SSL",   "TLS-C", "TLS-P",
					   "tls",   "Ssl",   "tls-c", "TLS " };
	static const char *const not_tls[] = { "",	 "GSSAPI", "TL",
					       "TLS-",	 "TLS-X",  "TLSC",
					       "SSL-P",	 "TLS x" };

	(void)state;
	for (size_t i = 0; i < sizeof(tls) / sizeof(tls[0]); i++)
		assert_int_not_equal(ftp_auth_parse(guard_text(tls[i])),
				     FTP_AUTH_OTHER);
	for (size_t i = 0; i < sizeof(not_tls) / sizeof(not_tls[0]); i++)
		assert_int_equal(ftp_auth_parse(guard_text(not_tls[i])),
				 FTP_AUTH_OTHER);
	assert_int_equal(ftp_auth_parse(guard_span("TLS\0", 4)),
			 FTP_AUTH_OTHER);
}

/* Goal: any bytes give spans that lie in the line, in order, apart. */
static void
test_any_bytes(void **state)
{
	(void)state;
	for (int round = 0; round < 50000; round++) {
		uint8_t bytes[24];
		size_t len = test_random(sizeof(bytes));
		struct ftp_line line;
		struct ftp_command c;
		const uint8_t *end;

		for (size_t i = 0; i < len; i++)
			bytes[i] = test_random(4) == 0 ?
					   ' ' :
					   (uint8_t)test_random(256);
		line = (struct ftp_line){ .text = guard_span(bytes, len) };
		end = line.text.data + len;
		ftp_command_parse(&line, &c);
		assert_true(c.word.data >= line.text.data);
		assert_true(c.argument.data >= c.word.data + c.word.len);
		assert_true(c.argument.data + c.argument.len == end);
		ftp_epsv_parse(c.argument);
		ftp_auth_parse(c.argument);
	}
	ftp_command_parse(&(struct ftp_line){ 0 }, &(struct ftp_command){ 0 });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_line_properties),
		cmocka_unit_test(test_every_verb),
		cmocka_unit_test(test_epsv),
		cmocka_unit_test(test_auth),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
