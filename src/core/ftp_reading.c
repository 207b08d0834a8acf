/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ambiguous announcements, written out once for each kind of reader. */
#include "core/ftp_reading.h"

#include <string.h>

#include "core/ftp_line.h"
#include "core/text.h"

/* Places in a text at which a first or last host-port is looked for. */
#define TRIES_MAX 16

/* A text in which every number is written plainly, and room for it: an octal
 * number is never longer in decimal. */
struct plain {
	size_t len;
	uint8_t bytes[FTP_LINE_MAX];
};

static void
put_number(struct plain *p, uint32_t value)
{
	uint32_t unit = 1;

	while (value / unit >= 10)
		unit *= 10;
	for (; unit != 0; unit /= 10)
		p->bytes[p->len++] = (uint8_t)('0' + value / unit % 10);
}

/* Writes the digits @number as they are, without leading zeros, or, where they
 * can be octal and begin with one, as the number that they are then. */
static void
put_digits(struct plain *p, struct span number, bool octal)
{
	uint32_t value = 0;
	bool zero = number.data[0] == '0';

	while (number.len > 1 && number.data[0] == '0')
		span_skip(&number, 1);
	for (size_t i = 0; i < number.len && i < 9; i++) {
		octal &= number.data[i] < '8';
		value = value << 3 | (number.data[i] & 7u);
	}
	if (octal && zero && number.len < 10) {
		put_number(p, value);
		return;
	}
	memcpy(p->bytes + p->len, number.data, number.len);
	p->len += number.len;
}

static struct span
write_plain(struct plain *p, struct span text, bool octal)
{
	uint8_t before = 0;

	text = span_head(text, sizeof(p->bytes));
	p->len = 0;
	while (text.len != 0) {
		struct span number = text;
		uint8_t behind;

		while (text.len != 0 && text_is_digit(text.data[0]))
			span_skip(&text, 1);
		number.len -= text.len;
		behind = text.len != 0 ? text.data[0] : 0;
		/* Beside a colon it is hexadecimal, in an IPv6 address. */
		if (number.len != 0)
			put_digits(p, number,
				   octal && before != ':' && behind != ':');
		if (text.len != 0)
			p->bytes[p->len++] = behind;
		before = behind;
		span_skip(&text, 1);
	}
	return span_make(p->bytes, p->len);
}

/* Where one piece of a reply's text can end and another begin. */
static bool
is_border(struct span text, size_t at)
{
	return text.data[at - 1] == ')' || text.data[at - 1] == ' ';
}

/* The shortest head, or tail, of @text that says one thing. */
static struct endpoint
read_piece(ftp_parser *parse, struct span text, bool tail)
{
	struct endpoint e;
	unsigned tries = 0;

	if (parse(text, &e) == REASON_NONE)
		return e;
	for (size_t n = 1; n < text.len && tries < TRIES_MAX; n++) {
		size_t at = tail ? text.len - n : n;
		struct span piece = tail ? span_make(text.data + at, n)
					 : span_head(text, n);

		if (!is_border(text, at))
			continue;
		tries++;
		if (parse(piece, &e) == REASON_NONE)
			return e;
	}
	return (struct endpoint){ 0 };
}

struct ftp_readings
ftp_read_both(ftp_parser *parse, struct span text, bool odd_line)
{
	struct ftp_readings r = { 0 };
	struct plain plain;

	if (odd_line) {
		text = write_plain(&plain, text, false);
		r.lenient = read_piece(parse, text, true);
		return r;
	}
	r.strict = read_piece(parse, write_plain(&plain, text, false), false);
	r.lenient = read_piece(parse, write_plain(&plain, text, true), true);
	return r;
}
