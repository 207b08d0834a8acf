/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values of pinholed.conf(5): one word in, one value out, strictly. */
#include "io/conf_value.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define WORD_CLOSE_MAX 24

static bool
is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

static bool
is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

static bool
is_letter(uint8_t byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

struct span
value_word(struct span *line)
{
	struct span word;
	size_t len = 0;

	while (line->len != 0 && is_blank(line->data[0]))
		span_skip(line, 1);
	if (line->len != 0 && line->data[0] == '#')
		span_skip(line, line->len);
	while (len < line->len && !is_blank(line->data[len]))
		len++;
	word = span_head(*line, len);
	span_skip(line, len);
	return word;
}

bool
value_is(struct span word, const char *text)
{
	return word.len == strlen(text) &&
	       memcmp(word.data, text, word.len) == 0;
}

bool
value_number(struct span word, uint32_t low, uint32_t high, uint32_t *out)
{
	uint64_t n = 0;

	/* Ten digits hold every 32-bit number and none overflows 64 bits. */
	if (word.len == 0 || word.len > 10 ||
	    (word.data[0] == '0' && word.len > 1))
		return false;
	for (size_t i = 0; i < word.len; i++) {
		if (!is_digit(word.data[i]))
			return false;
		n = n * 10 + (word.data[i] - '0');
	}
	if (n < low || n > high)
		return false;
	*out = (uint32_t)n;
	return true;
}

bool
value_range(struct span word, uint16_t low, struct port_range *out)
{
	struct span first = word;
	uint32_t from, to;

	for (size_t i = 0; i < word.len; i++) {
		if (word.data[i] == '-') {
			first = span_head(word, i);
			span_skip(&word, i + 1);
			break;
		}
	}
	if (!value_number(first, low, UINT16_MAX, &from) ||
	    !value_number(word, from, UINT16_MAX, &to))
		return false;
	*out = (struct port_range){ .low = (uint16_t)from,
				    .high = (uint16_t)to };
	return true;
}

int
value_choice(struct span word, const char *const *choices)
{
	for (int i = 0; choices[i] != NULL; i++)
		if (value_is(word, choices[i]))
			return i;
	return -1;
}

bool
value_name(struct span word, char *out, size_t size)
{
	if (word.len == 0 || word.len >= size || is_digit(word.data[0]) ||
	    word.data[0] == '-' || word.data[0] == '.')
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (!is_letter(word.data[i]) && !is_digit(word.data[i]) &&
		    word.data[i] != '_' && word.data[i] != '-' &&
		    word.data[i] != '.')
			return false;
	memset(out, 0, size);
	memcpy(out, word.data, word.len);
	return true;
}

bool
value_path(struct span word, char *out, size_t size)
{
	if (word.len == 0 || word.len >= size || word.data[0] != '/')
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (word.data[i] <= ' ' || word.data[i] >= 127)
			return false;
	memset(out, 0, size);
	memcpy(out, word.data, word.len);
	return true;
}

bool
value_network(struct span word, struct addr *addr, uint8_t *prefix)
{
	char text[INET6_ADDRSTRLEN];
	struct span host = word;
	uint8_t bytes[16];
	uint32_t bits;

	for (size_t i = 0; i < word.len; i++)
		if (word.data[i] == '/')
			host = span_head(word, i);
	if (host.len >= sizeof(text) || memchr(host.data, 0, host.len) != NULL)
		return false;
	memcpy(text, host.data, host.len);
	text[host.len] = '\0';
	if (inet_pton(AF_INET, text, bytes) == 1)
		*addr = addr_make(ADDR_V4, bytes);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		*addr = addr_make(ADDR_V6, bytes);
	else
		return false;
	bits = 8 * (uint32_t)addr_len((enum addr_family)addr->family);
	if (host.len != word.len) {
		span_skip(&word, host.len + 1);
		if (!value_number(word, 0, bits, &bits))
			return false;
	}
	*prefix = (uint8_t)bits;
	return true;
}

struct addr
value_mask(const struct addr *addr, uint8_t prefix)
{
	struct addr net = *addr;

	for (unsigned i = 0; i < sizeof(net.bytes); i++) {
		unsigned keep = prefix > 8 * i ? prefix - 8 * i : 0;

		if (keep < 8)
			net.bytes[i] &= (uint8_t)(0xff00u >> keep);
	}
	return net;
}

char *
value_show(struct span word, char out[static VALUE_SHOWN])
{
	size_t len = 0;

	out[len++] = '"';
	for (size_t i = 0; i < word.len; i++) {
		uint8_t byte = word.data[i];

		/* The longest piece, the dots, the quote and the NUL. */
		if (len + 4 + 3 + 2 > VALUE_SHOWN) {
			len += (size_t)sprintf(out + len, "...");
			break;
		}
		if (byte > ' ' && byte < 127 && byte != '"' && byte != '\\')
			out[len++] = (char)byte;
		else
			len += (size_t)sprintf(out + len, "\\x%02x", byte);
	}
	out[len++] = '"';
	out[len] = '\0';
	return out;
}

unsigned
value_distance(struct span word, const char *text)
{
	/* Levenshtein's: row[j] is the distance to the first j letters. */
	unsigned row[WORD_CLOSE_MAX + 1];
	size_t text_len = strlen(text);

	if (word.len > WORD_CLOSE_MAX || text_len > WORD_CLOSE_MAX)
		return UINT_MAX;
	for (size_t j = 0; j <= text_len; j++)
		row[j] = (unsigned)j;
	for (size_t i = 0; i < word.len; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < text_len; j++) {
			unsigned best = diagonal +
					(word.data[i] != (uint8_t)text[j]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j + 1] + 1 < best)
				best = row[j + 1] + 1;
			diagonal = row[j + 1];
			row[j + 1] = best;
		}
	}
	return row[text_len];
}
