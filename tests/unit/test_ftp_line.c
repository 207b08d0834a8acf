/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Goal: the same bytes give the same lines however they are cut, and a block is
 * held only while half a line waits. */
#include "support.h"

#include "core/ftp_line.h"

#define BLOCKS 2

/* What a run of reads gave: every line as "text" and a letter per flag. */
struct record {
	char text[16384];
	size_t len;
};

struct bench {
	uint64_t memory[BLOCKS * FTP_LINE_MAX / 8];
	struct pool pool;
	struct ftp_line_reader reader;
	struct record record;
};

static void
bench_init(struct bench *b)
{
	assert_true(pool_bytes(BLOCKS, ftp_line_block_size()) <=
		    sizeof(b->memory));
	pool_init(&b->pool, b->memory, BLOCKS, ftp_line_block_size());
	b->reader = (struct ftp_line_reader){ 0 };
	b->record.len = 0;
}

static void
record_line(struct record *r, const struct ftp_line *line)
{
	assert_true(line->text.len + 10 < sizeof(r->text) - r->len);
	r->text[r->len++] = '"';
	if (line->text.len != 0)
		memcpy(r->text + r->len, line->text.data, line->text.len);
	r->len += line->text.len;
	r->text[r->len++] = '"';
	if (line->bare_lf)
		r->text[r->len++] = 'l';
	if (line->bare_cr)
		r->text[r->len++] = 'c';
	if (line->had_telnet)
		r->text[r->len++] = 't';
	if (line->had_nul)
		r->text[r->len++] = 'n';
	if (line->overlong)
		r->text[r->len++] = 'o';
	r->text[r->len++] = ' ';
}

static void
feed(struct bench *b, const void *bytes, size_t len)
{
	struct span in = guard_span(bytes, len);
	enum ftp_line_status status;
	struct ftp_line line;

	do {
		size_t before = in.len;

		status = ftp_line_read(&b->reader, &b->pool, &in, &line);
		assert_int_not_equal(status, FTP_LINE_NO_BLOCK);
		assert_true(b->pool.used <= 1);
		if (status == FTP_LINE_DONE) {
			assert_true(in.len < before);
			assert_true(ftp_line_at_start(&b->reader));
			record_line(&b->record, &line);
		}
	} while (status == FTP_LINE_DONE);
	assert_int_equal(in.len, 0);
	if (ftp_line_at_start(&b->reader))
		assert_int_equal(b->pool.used, 0);
}

static void
assert_record(const struct bench *b, const char *want, size_t len)
{
	assert_int_equal(b->record.len, len);
	assert_memory_equal(b->record.text, want, len);
}

/* The same record for the bytes in one piece, in every two, and one by one. */
static void
check_cuts(const void *bytes, size_t len, const char *want, size_t want_len)
{
	static struct bench b;
	const uint8_t *p = bytes;

	for (size_t cut = 0; cut <= len; cut++) {
		bench_init(&b);
		feed(&b, p, cut);
		feed(&b, p + cut, len - cut);
		assert_record(&b, want, want_len);
	}
	bench_init(&b);
	for (size_t i = 0; i < len; i++)
		feed(&b, p + i, 1);
	assert_record(&b, want, want_len);
	ftp_line_reset(&b.reader, &b.pool);
	assert_int_equal(b.pool.used, 0);
	assert_true(ftp_line_at_start(&b.reader));
}

#define LINES(bytes, want) \
	{ bytes, sizeof(bytes) - 1, want, sizeof(want) - 1 }

static const struct {
	const char *bytes;
	size_t len;
	const char *want;
	size_t want_len;
} cases[] = {
	LINES("", ""),
	LINES("PASV", ""),
	LINES("PASV\r", ""),
	LINES("PASV\r\n", "\"PASV\" "),
	LINES("\r\n", "\"\" "),
	LINES("\n", "\"\"l "),
	LINES("\r\n\n\r\r\n", "\"\" \"\"l \"\r\"c "),
	LINES("PASV\n", "\"PASV\"l "),
	LINES("NOOP\r\nPORT 1,2\r\nPA", "\"NOOP\" \"PORT 1,2\" "),
	LINES("NOOP\nPORT 1,2\r\n", "\"NOOP\"l \"PORT 1,2\" "),
	/* a CR that ends nothing */
	LINES("PASV\r\r\n", "\"PASV\r\"c "),
	LINES("A\rB\r\n", "\"A\rB\"c "),
	LINES("A\rB\n", "\"A\rB\"lc "),
	LINES("A\r\0\r\n", "\"A\r\0\"cn "),
	LINES("\r\r\r\n", "\"\r\r\"c "),
	LINES("A\0B\r\nC\r\n", "\"A\0B\"n \"C\" "),
	/* RFC 959's ABOR: IP, Synch, then the command */
	LINES("\xff\xf4\xff\xf2" "ABOR\r\n", "\"ABOR\"t "),
	LINES("PO\xff\xf1RT\r\nNOOP\r\n", "\"PORT\"t \"NOOP\" "),
	LINES("A\xff\xffZ\r\n", "\"A\xffZ\"t "),
	LINES("A\xff\xfb\x01Z\r\n", "\"AZ\"t "),
	LINES("A\xff\xfc\nZ\r\n", "\"AZ\"t "),
	LINES("A\xff\xfd\xffZ\r\n", "\"AZ\"t "),
	LINES("A\xff\xfe\rZ\r\n", "\"AZ\"t "),
	LINES("A\xff\xf9\r\n", "\"A\"t "),
	LINES("\xff\xf1\r\n", "\"\"t "),
	LINES("\xff\xf1", ""),
	/* a Telnet command between CR and LF, and IAC IAC there */
	LINES("A\r\xff\xf1\n", "\"A\"t "),
	LINES("A\r\xff\xff\n", "\"A\r\xff\"lct "),
	/* a subnegotiation hides what is in it */
	LINES("A\xff\xfa\x18\r\nPORT 1\r\n\xff\xf0Z\r\n", "\"AZ\"t "),
	LINES("A\xff\xfa\xff\xff\xf0\xff\xf0Z\r\n", "\"AZ\"t "),
	LINES("A\xff\xfa\xff\r\n\xff\xf0Z\r\n", "\"AZ\"t "),
	LINES("A\xff\xfaZ\r\nPASV\r\n", ""),
	/* flags end with their line */
	LINES("\xff\xf1" "A\0\r\r\nB\r\n", "\"A\0\r\"ctn \"B\" "),
	/* pure-ftpd greets in one segment */
	LINES("220---------- Welcome to Pure-FTPd [TLS] ----------\r\n"
	      "220-You are user number 1 of 50 allowed.\r\n"
	      "220 You will be disconnected after 15 minutes.\r\n",
	      "\"220---------- Welcome to Pure-FTPd [TLS] ----------\" "
	      "\"220-You are user number 1 of 50 allowed.\" "
	      "\"220 You will be disconnected after 15 minutes.\" "),
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_cuts(cases[i].bytes, cases[i].len, cases[i].want,
			   cases[i].want_len);
}

/* Goal: a long line ends where it ends, and only its front is kept. */
static void
test_overlong(void **state)
{
	static const size_t lengths[] = { FTP_LINE_MAX - 1, FTP_LINE_MAX,
					  FTP_LINE_MAX + 1,
					  2 * FTP_LINE_MAX };
	static const char *const tails[] = { "\r\n", "\r\r\n", "\n",
					     "\0\r\n", "\xff\xf1\r\n" };
	static const size_t tail_lengths[] = { 2, 3, 1, 3, 4 };
	static const char *const flags[] = { "", "c", "l", "n", "t" };
	static char bytes[2 * FTP_LINE_MAX + 16], want[2 * FTP_LINE_MAX + 16];

	(void)state;
	for (size_t l = 0; l < 4; l++) {
		for (size_t t = 0; t < 5; t++) {
			size_t extra = t == 1 || t == 3 ? 1 : 0;
			size_t len = lengths[l] + extra, kept = len;
			size_t n = lengths[l] + tail_lengths[t], w = 0;

			memset(bytes, 'x', lengths[l]);
			memcpy(bytes + lengths[l], tails[t], tail_lengths[t]);
			memcpy(bytes + n, "QUIT\r\n", 6);
			if (kept > FTP_LINE_MAX)
				kept = FTP_LINE_MAX;
			want[w++] = '"';
			memcpy(want + w, bytes, kept);
			w += kept;
			w += (size_t)sprintf(want + w, "\"%s%s \"QUIT\" ",
					     flags[t],
					     len > FTP_LINE_MAX ? "o" : "");
			check_cuts(bytes, n + 6, want, w);
		}
	}
}

/* Goal: any bytes, any cuts: the same lines as in one piece. The alphabet makes
 * the rare states frequent. */
static void
test_any_bytes(void **state)
{
	static const uint8_t alphabet[] = { 255, 255, 250, 240, 251, 254, 241,
					    '\r', '\r', '\n', '\n', 0, 'A',
					    'B', ' ' };
	static struct bench whole, cut;
	uint8_t bytes[256];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = test_random(sizeof(bytes));

		for (size_t i = 0; i < len; i++)
			bytes[i] = round % 8 == 0 ?
					   (uint8_t)test_random(256) :
					   alphabet[test_random(
						   sizeof(alphabet))];
		bench_init(&whole);
		feed(&whole, bytes, len);
		bench_init(&cut);
		for (size_t at = 0, n; at < len; at += n) {
			n = 1 + test_random((uint32_t)(len - at));
			feed(&cut, bytes + at, n);
		}
		assert_record(&cut, whole.record.text, whole.record.len);
		assert_int_equal(ftp_line_at_start(&cut.reader),
				 ftp_line_at_start(&whole.reader));
	}
}

/* Goal: the common line costs neither a copy nor a block. */
static void
test_whole_line_is_borrowed(void **state)
{
	static struct bench b;
	struct span in = guard_text("USER a\r\nPASV\r\n");
	const uint8_t *front = in.data;
	struct ftp_line line;

	(void)state;
	bench_init(&b);
	assert_int_equal(ftp_line_read(&b.reader, &b.pool, &in, &line),
			 FTP_LINE_DONE);
	assert_ptr_equal(line.text.data, front);
	assert_int_equal(ftp_line_read(&b.reader, &b.pool, &in, &line),
			 FTP_LINE_DONE);
	assert_ptr_equal(line.text.data, front + 8);
	assert_int_equal(b.pool.used, 0);
}

/* Goal: a gathered line lives until the next call, which gives its block back,
 * with or without bytes. */
static void
test_gathered_line_lives_until_next_call(void **state)
{
	static struct bench b;
	struct span in;
	struct ftp_line line;

	(void)state;
	bench_init(&b);
	in = guard_text("PA");
	assert_int_equal(ftp_line_read(&b.reader, &b.pool, &in, &line),
			 FTP_LINE_MORE);
	assert_int_equal(b.pool.used, 1);
	assert_false(ftp_line_at_start(&b.reader));
	in = guard_text("SV\r\nNO");
	assert_int_equal(ftp_line_read(&b.reader, &b.pool, &in, &line),
			 FTP_LINE_DONE);
	assert_int_equal(b.pool.used, 1);
	assert_true(ftp_line_at_start(&b.reader));
	assert_int_equal(line.text.len, 4);
	assert_memory_equal(line.text.data, "PASV", 4);
	in = guard_text("");
	assert_int_equal(ftp_line_read(&b.reader, &b.pool, &in, &line),
			 FTP_LINE_MORE);
	assert_int_equal(b.pool.used, 0);
}

/* Goal: without a block half a line cannot be kept, and says so; whole lines go
 * on, and after a reset the reader starts anew. */
static void
test_no_block(void **state)
{
	static struct bench b;
	struct ftp_line_reader other = { 0 };
	pool_handle taken[BLOCKS];
	struct ftp_line line;
	struct span in;

	(void)state;
	bench_init(&b);
	for (size_t i = 0; i < BLOCKS; i++)
		taken[i] = pool_take(&b.pool);
	in = guard_text("PASV\r\nEPSV");
	assert_int_equal(ftp_line_read(&other, &b.pool, &in, &line),
			 FTP_LINE_DONE);
	assert_int_equal(ftp_line_read(&other, &b.pool, &in, &line),
			 FTP_LINE_NO_BLOCK);
	ftp_line_reset(&other, &b.pool);
	assert_true(ftp_line_at_start(&other));
	assert_int_equal(b.pool.used, BLOCKS);
	pool_give(&b.pool, &taken[0]);
	in = guard_text("EPSV");
	assert_int_equal(ftp_line_read(&other, &b.pool, &in, &line),
			 FTP_LINE_MORE);
	ftp_line_reset(&other, &b.pool);
	assert_int_equal(b.pool.used, BLOCKS - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_overlong),
		cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_whole_line_is_borrowed),
		cmocka_unit_test(test_gathered_line_lives_until_next_call),
		cmocka_unit_test(test_no_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
