/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Announcements: the first byte chooses the form. What is read must come out
 * the same when it is written plainly and read again. */
#include <arpa/inet.h>

#include "fuzz.h"

#include "core/ftp_hostport.h"

typedef enum reason parse_function(struct span text, struct endpoint *out);

static parse_function *const parsers[] = {
	ftp_parse_port, ftp_parse_eprt, ftp_parse_lprt,
	ftp_parse_227,	ftp_parse_229,	ftp_parse_228,
};

static void
write_long(const struct endpoint *e, char out[static 256])
{
	size_t alen = addr_len(e->addr.family);
	int n = snprintf(out, 256, "(%u,%zu", e->addr.family, alen);

	for (size_t i = 0; i < alen; i++)
		n += snprintf(out + n, 256 - (size_t)n, ",%u",
			      e->addr.bytes[i]);
	snprintf(out + n, 256 - (size_t)n, ",2,%u,%u)", e->port >> 8,
		 e->port & 255);
}

static void
write_extended(const struct endpoint *e, char out[static 256])
{
	char host[INET6_ADDRSTRLEN] = "";
	bool v4 = e->addr.family == ADDR_V4;

	if (e->addr.family == ADDR_NONE) {
		snprintf(out, 256, "(|||%u|)", e->port);
		return;
	}
	inet_ntop(v4 ? AF_INET : AF_INET6, e->addr.bytes, host, sizeof(host));
	snprintf(out, 256, "(|%d|%s|%u|)", v4 ? 1 : 2, host, e->port);
}

static void
write_short(const struct endpoint *e, char out[static 256])
{
	const uint8_t *b = e->addr.bytes;

	snprintf(out, 256, "(%u,%u,%u,%u,%u,%u)", b[0], b[1], b[2], b[3],
		 e->port >> 8, e->port & 255);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_make(data, size), text;
	parse_function *parse = parsers[draw(&in, 6)];
	bool reply = parse == ftp_parse_227 || parse == ftp_parse_228 ||
		     parse == ftp_parse_229;
	struct endpoint one, zero, two;
	enum reason reason;
	char plain[256];

	if (in.len > GUARD_MAX)
		return 0;
	memset(&zero, 0, sizeof(zero));
	memset(&one, 0xa5, sizeof(one));
	reason = parse(guard_span(in.data, in.len), &one);
	REQUIRE(reason == REASON_NONE || reason == REASON_MALFORMED ||
		reason == REASON_NUMBER_RANGE || reason == REASON_AMBIGUOUS ||
		reason == REASON_FAMILY_UNKNOWN);
	if (reason != REASON_NONE) {
		REQUIRE(endpoint_equal(&one, &zero));
		return 0;
	}
	if (parse == ftp_parse_port || parse == ftp_parse_227)
		write_short(&one, plain);
	else if (parse == ftp_parse_eprt || parse == ftp_parse_229)
		write_extended(&one, plain);
	else
		write_long(&one, plain);
	/* Replies have parentheses, commands have none. */
	text = reply ? span_make(plain, strlen(plain))
		     : span_make(plain + 1, strlen(plain) - 2);
	REQUIRE(parse(guard_span(text.data, text.len), &two) == REASON_NONE);
	REQUIRE(endpoint_equal(&one, &two));
	return 0;
}
