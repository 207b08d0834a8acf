/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses and ports as PORT, EPRT, LPRT, 227, 229 and 228 write them. */
#include "core/ftp_hostport.h"

#include <string.h>

#include "core/text.h"

/* Values of a comma-joined run that are kept: the longest form that is known,
 * RFC 1639 with a 20-byte address, has 25. */
#define RUN_MAX 32

struct run {
	size_t count;	     /* numbers in it, also those beyond RUN_MAX */
	enum reason trouble; /* with the first number that cannot be used */
	uint8_t values[RUN_MAX];
};

/* Consumes the longest run of comma-joined bytes in front of *@in; with @blanks
 * also where there are blanks beside the commas. */
static struct run
take_run(struct span *in, bool blanks)
{
	struct run run = { .trouble = REASON_NONE };
	struct span ahead = *in;

	while (ahead.len != 0 && text_is_digit(ahead.data[0])) {
		uint32_t value = 0;
		enum reason why = text_take_number(&ahead, 255, &value);

		if (run.trouble == REASON_NONE)
			run.trouble = why;
		if (run.count < RUN_MAX)
			run.values[run.count] = (uint8_t)value;
		run.count++;
		*in = ahead;

		if (blanks)
			text_skip_blanks(&ahead);
		if (!text_take(&ahead, ','))
			break;
		if (blanks)
			text_skip_blanks(&ahead);
	}
	return run;
}

static struct endpoint
endpoint_make(enum addr_family family, const uint8_t *address,
	      const uint8_t *port)
{
	return (struct endpoint){
		.addr = addr_make(family, address),
		.port = (uint16_t)(port[0] << 8 | port[1]),
	};
}

/* RFC 959 section 4.1.2: h1,h2,h3,h4,p1,p2 */
static enum reason
run_to_v4(const struct run *run, struct endpoint *out)
{
	if (run->count != 6)
		return REASON_MALFORMED;
	if (run->trouble == REASON_NONE)
		*out = endpoint_make(ADDR_V4, run->values, run->values + 4);
	return run->trouble;
}

enum reason
ftp_parse_port(struct span argument, struct endpoint *out)
{
	struct span rest = text_trim(argument);
	struct run run = take_run(&rest, false);

	*out = (struct endpoint){ 0 };
	return rest.len != 0 ? REASON_MALFORMED : run_to_v4(&run, out);
}

/* RFC 1639 section 2: version, address length, address, port length, port. */
static enum reason
read_long(struct span text, struct endpoint *out)
{
	struct span rest = text_trim(text);
	struct run run = take_run(&rest, false);
	const uint8_t *v = run.values;

	/* The shortest form there can be has a port of one byte. */
	if (rest.len != 0 || run.count < 4 || run.count > RUN_MAX)
		return REASON_MALFORMED;
	if (run.trouble != REASON_NONE)
		return run.trouble;
	if (v[0] != ADDR_V4 && v[0] != ADDR_V6)
		return REASON_FAMILY_UNKNOWN;
	if (v[1] != addr_len(v[0]) || run.count != v[1] + 5u ||
	    v[2 + v[1]] != 2)
		return REASON_MALFORMED;
	*out = endpoint_make(v[0], v + 2, v + 3 + v[1]);
	return REASON_NONE;
}

enum reason
ftp_parse_lprt(struct span argument, struct endpoint *out)
{
	*out = (struct endpoint){ 0 };
	return read_long(argument, out);
}

/* Dotted decimal, all of @s. */
static enum reason
read_v4(struct span s, uint8_t bytes[4])
{
	for (unsigned i = 0; i < 4; i++) {
		uint32_t value;
		enum reason why;

		if (i != 0 && !text_take(&s, '.'))
			return REASON_MALFORMED;
		why = text_take_number(&s, 255, &value);
		if (why != REASON_NONE)
			return why;
		bytes[i] = (uint8_t)value;
	}
	return s.len == 0 ? REASON_NONE : REASON_MALFORMED;
}

/* Up to four hexadecimal digits; false: none there. */
static bool
take_group(struct span *s, uint8_t bytes[2])
{
	unsigned value = 0, digits = 0;

	for (; digits < 4 && s->len != 0; digits++, span_skip(s, 1)) {
		uint8_t c = text_upper(s->data[0]);

		if (text_is_digit(c))
			value = value << 4 | (c - '0');
		else if (c >= 'A' && c <= 'F')
			value = value << 4 | (c - 'A' + 10);
		else
			break;
	}
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
	return digits != 0;
}

/* What stands in front of the next @c, or all of *@s. */
static struct span
text_before(struct span s, uint8_t c)
{
	const uint8_t *at = s.len != 0 ? memchr(s.data, c, s.len) : NULL;

	return at != NULL ? span_head(s, (size_t)(at - s.data)) : s;
}

/* RFC 4291 section 2.2, all of @s; no zone, which means nothing to a peer. */
static enum reason
read_v6(struct span s, uint8_t bytes[16])
{
	uint8_t head[16] = { 0 };
	size_t len = 0, gap = sizeof(head); /* where "::" stood; 16: nowhere */
	bool first = true;

	for (; s.len != 0; first = false) {
		struct span word;

		if (len == sizeof(head))
			return REASON_MALFORMED;
		/* A colon joins, two are the gap. */
		if (!first || s.data[0] == ':') {
			if (!text_take(&s, ':'))
				return REASON_MALFORMED;
			if (text_take(&s, ':')) {
				if (gap != sizeof(head))
					return REASON_MALFORMED;
				gap = len;
				if (s.len == 0)
					break;
			} else if (first) {
				return REASON_MALFORMED;
			}
		}
		word = text_before(s, ':');
		if (word.len == s.len && sizeof(head) - len >= 4 &&
		    text_before(word, '.').len != word.len) {
			enum reason why = read_v4(word, head + len);

			if (why != REASON_NONE)
				return why;
			len += 4;
			break;
		}
		if (!take_group(&s, head + len))
			return REASON_MALFORMED;
		len += 2;
	}
	/* The gap stands for one group or more. */
	if ((len == sizeof(head)) != (gap == sizeof(head)))
		return REASON_MALFORMED;
	memset(bytes, 0, sizeof(head));
	memcpy(bytes, head, gap < len ? gap : len);
	if (gap < len)
		memcpy(bytes + sizeof(head) - (len - gap), head + gap,
		       len - gap);
	return REASON_NONE;
}

/* "1|a.b.c.d|" or "2|v6|" with @mark for the bar, from the front of *@s. */
static enum reason
take_address(struct span *s, uint8_t mark, struct addr *out)
{
	uint8_t bytes[16];
	uint32_t family;
	struct span word;
	enum reason why = text_take_number(s, 255, &family);

	if (why != REASON_NONE)
		return why;
	if (!text_take(s, mark))
		return REASON_MALFORMED;
	if (family != 1 && family != 2)
		return REASON_FAMILY_UNKNOWN;
	word = text_before(*s, mark);
	why = family == 1 ? read_v4(word, bytes) : read_v6(word, bytes);
	if (why != REASON_NONE)
		return why;
	*out = addr_make(family == 1 ? ADDR_V4 : ADDR_V6, bytes);
	span_skip(s, word.len);
	return text_take(s, mark) ? REASON_NONE : REASON_MALFORMED;
}

/* RFC 2428 sections 2 and 3, all of @s; both address fields may be empty where
 * @reply says so. */
static enum reason
read_extended(struct span s, bool reply, struct endpoint *out)
{
	struct endpoint e = { 0 };
	enum reason why = REASON_NONE;
	uint32_t port;
	uint8_t mark;

	if (s.len == 0)
		return REASON_MALFORMED;
	/* A digit needs no test: the number before it takes it. */
	mark = s.data[0];
	if (mark < 33 || mark > 126)
		return REASON_MALFORMED;
	span_skip(&s, 1);
	if (!reply || !text_take(&s, mark))
		why = take_address(&s, mark, &e.addr);
	else if (!text_take(&s, mark))
		why = REASON_MALFORMED;
	if (why != REASON_NONE)
		return why;
	why = text_take_number(&s, 65535, &port);
	if (why != REASON_NONE)
		return why;
	if (!text_take(&s, mark) || s.len != 0)
		return REASON_MALFORMED;
	e.port = (uint16_t)port;
	*out = e;
	return REASON_NONE;
}

enum reason
ftp_parse_eprt(struct span argument, struct endpoint *out)
{
	*out = (struct endpoint){ 0 };
	return read_extended(text_trim(argument), false, out);
}

/*
 * What a text says as a whole, once @why and @e have been read at one more
 * place of it: peers look at different places, so all must agree. What is not
 * the form at all is mere text. Start with REASON_MALFORMED.
 */
static enum reason
agree(enum reason so_far, struct endpoint *out, enum reason why,
      const struct endpoint *e)
{
	if (why == REASON_MALFORMED)
		return so_far;
	if (so_far == REASON_NONE && why == REASON_NONE &&
	    !endpoint_equal(out, e))
		why = REASON_AMBIGUOUS;
	else if (so_far != REASON_NONE && so_far != REASON_MALFORMED)
		why = so_far;
	*out = why == REASON_NONE ? *e : (struct endpoint){ 0 };
	return why;
}

/* RFC 1123 section 4.1.2.6: search the text for the six numbers. */
enum reason
ftp_parse_227(struct span text, struct endpoint *out)
{
	enum reason result = REASON_MALFORMED;

	*out = (struct endpoint){ 0 };
	while (text.len != 0) {
		struct endpoint e = { 0 };
		struct run run;

		if (!text_is_digit(text.data[0])) {
			span_skip(&text, 1);
			continue;
		}
		run = take_run(&text, true);
		/* Which six of them is for each client to guess. */
		if (run.count > 6) {
			*out = (struct endpoint){ 0 };
			return REASON_MALFORMED;
		}
		result = agree(result, out, run_to_v4(&run, &e), &e);
	}
	return result;
}

/* Moves *@text behind its next '('; *@group is what stands up to the ')'. */
static bool
next_group(struct span *text, struct span *group)
{
	span_skip(text, text_before(*text, '(').len);
	if (!text_take(text, '('))
		return false;
	*group = text_before(*text, ')');
	return group->len != text->len;
}

enum reason
ftp_parse_229(struct span text, struct endpoint *out)
{
	enum reason result = REASON_MALFORMED;
	struct span group;

	*out = (struct endpoint){ 0 };
	while (next_group(&text, &group)) {
		struct endpoint e = { 0 };
		enum reason why = read_extended(group, true, &e);

		result = agree(result, out, why, &e);
	}
	return result;
}

enum reason
ftp_parse_228(struct span text, struct endpoint *out)
{
	enum reason result = REASON_MALFORMED;
	struct span group;

	*out = (struct endpoint){ 0 };
	while (next_group(&text, &group)) {
		struct endpoint e = { 0 };
		enum reason why = read_long(group, &e);

		result = agree(result, out, why, &e);
	}
	return result;
}
