/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blanks, words and bounded numbers in a span. */
#include "core/text.h"

size_t
text_skip_blanks(struct span *s)
{
	size_t before = s->len;

	while (s->len != 0 && text_is_blank(s->data[0]))
		span_skip(s, 1);
	return before - s->len;
}

struct span
text_trim(struct span s)
{
	text_skip_blanks(&s);
	while (s.len != 0 && text_is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool
text_is_word(struct span s, const char *word)
{
	for (; s.len != 0 && text_upper(s.data[0]) == (uint8_t)*word; word++) {
		/* A NUL byte would match the word's end. */
		if (*word == '\0')
			return false;
		span_skip(&s, 1);
	}
	return s.len == 0 && *word == '\0';
}

bool
text_take(struct span *s, uint8_t c)
{
	if (s->len == 0 || s->data[0] != c)
		return false;
	span_skip(s, 1);
	return true;
}

enum reason
text_take_number(struct span *s, uint32_t max, uint32_t *out)
{
	bool zero = s->len != 0 && s->data[0] == '0';
	uint32_t value = 0, room = 1;
	size_t digits = 0;

	/* It wraps only where there are too many digits in any case. */
	for (; s->len != 0 && text_is_digit(s->data[0]); digits++) {
		value = value * 10 + (s->data[0] - '0');
		span_skip(s, 1);
	}
	for (uint32_t rest = max / 10; rest != 0; rest /= 10)
		room++;

	if (digits == 0)
		return REASON_MALFORMED;
	if (digits > room || value > max)
		return REASON_NUMBER_RANGE;
	/* Of the numbers with a leading zero, 0 to 7 alone are the same in
	 * octal. */
	if (zero && digits > 1 && value > 7)
		return REASON_AMBIGUOUS;
	*out = value;
	return REASON_NONE;
}
