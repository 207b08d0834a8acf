/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control text cut into lines, Telnet commands taken out. */
#include "core/ftp_line.h"

#include <string.h>

/* RFC 854, "TELNET command structure" */
enum {
	SE = 240,
	SB = 250,
	WILL = 251,
	DONT = 254,
	IAC = 255,
};

enum telnet_state {
	TELNET_DATA,
	TELNET_COMMAND, /* behind IAC */
	TELNET_OPTION,	/* behind IAC WILL, WONT, DO, DONT */
	TELNET_SB,	/* inside IAC SB */
	TELNET_SB_IAC,	/* behind an IAC in there */
};

_Static_assert(FTP_LINE_MAX % 8 == 0, "blocks are multiples of 8 bytes");

uint32_t
ftp_line_block_size(void)
{
	return FTP_LINE_MAX;
}

void
ftp_line_reset(struct ftp_line_reader *r, struct pool *pool)
{
	pool_give(pool, &r->block);
	*r = (struct ftp_line_reader){ 0 };
}

bool
ftp_line_at_start(const struct ftp_line_reader *r)
{
	return r->ended || (r->len == 0 && !r->cr && !r->had_telnet);
}

static bool
has_byte(struct span s, uint8_t c)
{
	return s.len != 0 && memchr(s.data, c, s.len) != NULL;
}

/* A whole line without Telnet bytes in front of *@in: the common case, which
 * needs no copy. */
static bool
take_whole(struct span *in, struct ftp_line *line)
{
	const uint8_t *lf = memchr(in->data, '\n', in->len);
	struct span text;
	bool crlf;

	if (lf == NULL)
		return false;
	text = span_head(*in, (size_t)(lf - in->data));
	if (has_byte(text, IAC))
		return false;
	crlf = text.len != 0 && text.data[text.len - 1] == '\r';
	if (crlf)
		text.len--;
	*line = (struct ftp_line){
		.text = span_head(text, FTP_LINE_MAX),
		.bare_lf = !crlf,
		.bare_cr = has_byte(text, '\r'),
		.had_nul = has_byte(text, '\0'),
		.overlong = text.len > FTP_LINE_MAX,
	};
	span_skip(in, (size_t)(lf - in->data) + 1);
	return true;
}

/* True when @c is text, false when it belongs to a Telnet command. */
static bool
telnet_is_text(struct ftp_line_reader *r, uint8_t c)
{
	switch ((enum telnet_state)r->telnet) {
	case TELNET_DATA:
		if (c != IAC)
			return true;
		r->had_telnet = true;
		r->telnet = TELNET_COMMAND;
		return false;
	case TELNET_COMMAND:
		r->telnet = TELNET_DATA;
		if (c == SB)
			r->telnet = TELNET_SB;
		else if (c >= WILL && c <= DONT)
			r->telnet = TELNET_OPTION;
		return c == IAC;
	case TELNET_OPTION:
		r->telnet = TELNET_DATA;
		return false;
	case TELNET_SB:
		if (c == IAC)
			r->telnet = TELNET_SB_IAC;
		return false;
	case TELNET_SB_IAC:
		r->telnet = c == SE ? TELNET_DATA : TELNET_SB;
		return false;
	}
	return false;
}

/* False when the pool is empty. */
static bool
keep(struct ftp_line_reader *r, struct pool *pool, uint8_t c)
{
	uint8_t *block;

	if (r->len == FTP_LINE_MAX) {
		r->overlong = true;
		return true;
	}
	if (r->block == 0)
		r->block = pool_take(pool);
	if (r->block == 0)
		return false;
	block = pool_at(pool, r->block);
	block[r->len++] = c;
	return true;
}

static void
end_gathered(struct ftp_line_reader *r, const struct pool *pool,
	     struct ftp_line *line)
{
	const void *text = r->block != 0 ? pool_at(pool, r->block) : NULL;

	*line = (struct ftp_line){
		.text = span_make(text, r->len),
		.bare_lf = !r->cr,
		.bare_cr = r->bare_cr,
		.had_telnet = r->had_telnet,
		.had_nul = r->had_nul,
		.overlong = r->overlong,
	};
	r->ended = true;
}

/* RFC 959 section 5.3.1: CRLF ends a line. LF alone does so too, as all
 * servers have it. */
enum ftp_line_status
ftp_line_read(struct ftp_line_reader *r, struct pool *pool, struct span *in,
	      struct ftp_line *line)
{
	if (r->ended)
		ftp_line_reset(r, pool);
	if (in->len != 0 && ftp_line_at_start(r) && take_whole(in, line))
		return FTP_LINE_DONE;

	while (in->len != 0) {
		uint8_t c = in->data[0];

		span_skip(in, 1);
		if (!telnet_is_text(r, c))
			continue;
		if (c == '\n') {
			end_gathered(r, pool, line);
			return FTP_LINE_DONE;
		}
		/* A CR waits until it is known that no LF follows. */
		if (r->cr) {
			r->bare_cr = true;
			if (!keep(r, pool, '\r'))
				return FTP_LINE_NO_BLOCK;
		}
		r->cr = c == '\r';
		r->had_nul |= c == '\0';
		if (!r->cr && !keep(r, pool, c))
			return FTP_LINE_NO_BLOCK;
	}
	return FTP_LINE_MORE;
}
