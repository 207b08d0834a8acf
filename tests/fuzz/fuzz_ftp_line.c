/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines, and what commands and replies they are. The first byte says where the
 * rest is cut; the lines must be those of the whole, and, where no Telnet byte
 * is in it, those that a simple reader finds. The client's and the server's
 * meaning of each is taken, too.
 */
#include "fuzz.h"

#include "core/ftp_command.h"
#include "core/ftp_reply.h"

#define BLOCKS 2
#define MEMORY 4096

struct reader {
	struct pool pool;
	struct ftp_line_reader lines;
	struct span in; /* what is left of the piece */
};

static uint64_t memory[2][MEMORY / sizeof(uint64_t)];

static void
start(struct reader *r, void *blocks)
{
	memset(r, 0, sizeof(*r));
	REQUIRE(pool_bytes(BLOCKS, ftp_line_block_size()) <= MEMORY);
	pool_init(&r->pool, blocks, BLOCKS, ftp_line_block_size());
}

static bool
is_inside(struct span part, struct span all)
{
	return part.len == 0 || (part.data >= all.data &&
				 part.data + part.len <= all.data + all.len);
}

static void
take_meaning(const struct ftp_line *line)
{
	static struct ftp_reply_reader replies;
	struct ftp_command c;
	struct ftp_reply reply;
	enum ftp_reply_status status;

	ftp_command_parse(line, &c);
	REQUIRE(c.verb < FTP_VERB_COUNT);
	REQUIRE(is_inside(c.word, line->text));
	REQUIRE(is_inside(c.argument, line->text));
	ftp_epsv_parse(c.argument);
	ftp_auth_parse(c.argument);
	status = ftp_reply_read(&replies, line, &reply);
	REQUIRE(is_inside(reply.text, line->text));
	if (status == FTP_REPLY_FINAL)
		REQUIRE(reply.code >= 200 && reply.code < 660);
	else if (status == FTP_REPLY_PRELIMINARY)
		REQUIRE(reply.code >= 100 && reply.code < 200);
	else
		REQUIRE(reply.code == 0 && reply.text.len == 0);
}

static bool
next_line(struct reader *r, struct ftp_line *line)
{
	enum ftp_line_status status =
		ftp_line_read(&r->lines, &r->pool, &r->in, line);

	REQUIRE(status != FTP_LINE_NO_BLOCK);
	if (status == FTP_LINE_MORE)
		REQUIRE(r->in.len == 0);
	return status == FTP_LINE_DONE;
}

/* The line that begins @all, for a text without Telnet bytes. */
static void
check_simply(struct span *all, const struct ftp_line *line)
{
	const uint8_t *end = memchr(all->data, '\n', all->len);
	size_t len;
	bool crlf;

	REQUIRE(end != NULL);
	len = (size_t)(end - all->data);
	crlf = len != 0 && all->data[len - 1] == '\r';
	REQUIRE(line->bare_lf == !crlf);
	REQUIRE(line->overlong == (len - crlf > FTP_LINE_MAX));
	REQUIRE(line->text.len == (line->overlong ? FTP_LINE_MAX : len - crlf));
	REQUIRE(line->text.len == 0 ||
		memcmp(line->text.data, all->data, line->text.len) == 0);
	REQUIRE(!line->had_telnet);
	span_skip(all, len + 1);
}

static bool
is_same(const struct ftp_line *a, const struct ftp_line *b)
{
	return a->text.len == b->text.len &&
	       (a->text.len == 0 ||
		memcmp(a->text.data, b->text.data, a->text.len) == 0) &&
	       a->bare_lf == b->bare_lf && a->bare_cr == b->bare_cr &&
	       a->had_telnet == b->had_telnet && a->had_nul == b->had_nul &&
	       a->overlong == b->overlong;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reader whole, cut;
	struct span in = span_make(data, size), left, simple;
	uint32_t step = 1 + draw(&in, 40);
	struct ftp_line a, b;
	bool plain;

	if (in.len == 0)
		return 0;
	plain = memchr(in.data, 0xff, in.len) == NULL;
	start(&whole, memory[0]);
	start(&cut, memory[1]);
	whole.in = simple = left = in;
	for (;;) {
		bool more = next_line(&whole, &a);

		while (!next_line(&cut, &b)) {
			REQUIRE(!more || left.len != 0);
			if (left.len == 0)
				break;
			cut.in = draw_bytes(&left, step);
		}
		if (!more)
			break;
		REQUIRE(is_same(&a, &b));
		if (plain)
			check_simply(&simple, &a);
		take_meaning(&a);
	}
	REQUIRE(left.len == 0 && cut.in.len == 0);
	REQUIRE(ftp_line_at_start(&whole.lines) ==
		ftp_line_at_start(&cut.lines));
	ftp_line_reset(&whole.lines, &whole.pool);
	ftp_line_reset(&cut.lines, &cut.pool);
	REQUIRE(whole.pool.used == 0 && cut.pool.used == 0);
	return 0;
}
