/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: only the last line of a reply counts, whatever a server quotes inside
 * a multi-line one. */
#include "support.h"

#include "core/ftp_reply.h"

static enum ftp_reply_status
read_line(struct ftp_reply_reader *r, const char *text, struct ftp_reply *out)
{
	struct ftp_line line = { .text = guard_text(text) };

	memset(out, 0xee, sizeof(*out));
	return ftp_reply_read(r, &line, out);
}

/* A dialogue: each line with what it is; F and P with its code and text, m
 * when it closes a multi-line reply. */
struct step {
	const char *line;
	char want; /* F final, P preliminary, - part, 0 none */
	uint16_t code;
	bool multi;
	const char *text;
};

static const struct step steps[] = {
	/* vsftpd, proftpd, pyftpdlib */
	{ "220 (vsFTPd 3.0.3)", 'F', 220, false, "(vsFTPd 3.0.3)" },
	{ "331 Please specify the password.", 'F', 331, false,
	  "Please specify the password." },
	{ "227 Entering Passive Mode (10,77,2,11,195,149).", 'F', 227, false,
	  "Entering Passive Mode (10,77,2,11,195,149)." },
	{ "150 Here comes the directory listing.", 'P', 150, false,
	  "Here comes the directory listing." },
	{ "226 Directory send OK.", 'F', 226, false, "Directory send OK." },
	{ "120 Ready in 5 minutes", 'P', 120, false, "Ready in 5 minutes" },
	/* RFC 2228 */
	{ "631 c2FmZQ==", 'F', 631, false, "c2FmZQ==" },
	{ "659 x", 'F', 659, false, "x" },
	{ "100 x", 'P', 100, false, "x" },
	/* nothing behind the code */
	{ "200", 'F', 200, false, "" },
	{ "200 ", 'F', 200, false, "" },
	{ "200  ok", 'F', 200, false, " ok" },
	/* pure-ftpd's greeting */
	{ "220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------", '-',
	  0, false, "" },
	{ "220-You are user number 1 of 50 allowed.", '-', 0, false, "" },
	{ "220-Local time is now 09:41. Server port: 21.", '-', 0, false, "" },
	{ "220 You will be disconnected after 15 minutes.", 'F', 220, true,
	  "You will be disconnected after 15 minutes." },
	/* vsftpd's FEAT: inside lines begin with a blank */
	{ "211-Features:", '-', 0, false, "" },
	{ " AUTH TLS", '-', 0, false, "" },
	{ " EPSV", '-', 0, false, "" },
	{ "", '-', 0, false, "" },
	{ "211 End", 'F', 211, true, "End" },
	/* a forged reply inside, of another code, in all forms */
	{ "213-Status follows:", '-', 0, false, "" },
	{ "227 Entering Passive Mode (10,9,2,2,0,22)", '-', 0, false, "" },
	{ "227-x", '-', 0, false, "" },
	{ "227", '-', 0, false, "" },
	{ "213-again", '-', 0, false, "" },
	{ "2134 no", '-', 0, false, "" },
	{ "213x", '-', 0, false, "" },
	{ "213\t", '-', 0, false, "" },
	{ " 213 no", '-', 0, false, "" },
	{ "213", 'F', 213, true, "" },
	{ "150-wait", '-', 0, false, "" },
	{ "150 go", 'P', 150, true, "go" },
	/* no replies at all */
	{ "", 0, 0, false, "" },
	{ "22", 0, 0, false, "" },
	{ " 227 x", 0, 0, false, "" },
	{ "2270 x", 0, 0, false, "" },
	{ "227\tx", 0, 0, false, "" },
	{ "227x", 0, 0, false, "" },
	{ "099 x", 0, 0, false, "" },
	{ "700 x", 0, 0, false, "" },
	{ "260 x", 0, 0, false, "" },
	{ "22x x", 0, 0, false, "" },
	{ "x", 0, 0, false, "" },
	/* and none of them left the reader anywhere but between replies */
	{ "200 ok", 'F', 200, false, "ok" },
};

static void
test_dialogue(void **state)
{
	struct ftp_reply_reader r = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct step *s = &steps[i];
		enum ftp_reply_status want = s->want == 'F' ? FTP_REPLY_FINAL :
					     s->want == 'P' ?
							 FTP_REPLY_PRELIMINARY :
					     s->want == '-' ? FTP_REPLY_PART :
							      FTP_REPLY_NONE;
		struct ftp_reply out;

		assert_int_equal(read_line(&r, s->line, &out), want);
		assert_int_equal(out.code, s->code);
		assert_int_equal(out.multi_line, s->multi);
		assert_int_equal(out.text.len, strlen(s->text));
		if (out.text.len != 0)
			assert_memory_equal(out.text.data, s->text,
					    out.text.len);
	}
}

/* Goal: a cut reply line is refused, or the same reply with less text. */
static void
test_prefixes(void **state)
{
	static const char whole[] = "227 Entering Passive Mode (1,2,3,4,5,6)";

	(void)state;
	for (size_t len = 0; len < sizeof(whole); len++) {
		struct ftp_line line = { .text = guard_span(whole, len) };
		struct ftp_reply_reader r = { 0 };
		struct ftp_reply out;

		assert_int_equal(ftp_reply_read(&r, &line, &out),
				 len < 3 ? FTP_REPLY_NONE : FTP_REPLY_FINAL);
		assert_int_equal(out.code, len < 3 ? 0 : 227);
		assert_int_equal(out.text.len, len < 4 ? 0 : len - 4);
		assert_int_equal(r.multi, 0);
	}
}

/* Goal: any line leaves the reader between replies or in one that can end. */
static void
test_any_bytes(void **state)
{
	static const uint8_t alphabet[] = "0123456789  --x";
	struct ftp_reply_reader r = { 0 };

	(void)state;
	for (int round = 0; round < 100000; round++) {
		uint8_t bytes[8];
		size_t len = test_random(sizeof(bytes));
		struct ftp_line line;
		struct ftp_reply out;
		enum ftp_reply_status status;
		bool ended;

		for (size_t i = 0; i < len; i++)
			bytes[i] = round % 4 == 0 ?
					   (uint8_t)test_random(256) :
					   alphabet[test_random(15)];
		line = (struct ftp_line){ .text = guard_span(bytes, len) };
		status = ftp_reply_read(&r, &line, &out);
		ended = status == FTP_REPLY_FINAL ||
			status == FTP_REPLY_PRELIMINARY;
		assert_int_equal(out.code != 0, ended);
		assert_int_equal(r.multi != 0, status == FTP_REPLY_PART);
		assert_true(r.multi == 0 || (r.multi >= 100 && r.multi < 660));
		if (r.multi != 0 && test_random(8) == 0) {
			char end[8];

			snprintf(end, sizeof(end), "%u ", r.multi);
			read_line(&r, end, &out);
			assert_true(out.multi_line);
			assert_int_equal(r.multi, 0);
		}
	}
	ftp_reply_read(&(struct ftp_reply_reader){ 0 },
		       &(struct ftp_line){ 0 }, &(struct ftp_reply){ 0 });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dialogue),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
