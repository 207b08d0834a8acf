/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small words of the FTP readers: blanks, letters, numbers with a bound. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/reason.h"
#include "pinholed/span.h"

static inline bool
text_is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static inline bool
text_is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* ASCII letters as capitals; every other byte as it is. */
static inline uint8_t
text_upper(uint8_t c)
{
	return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

/* Drops blanks from the front; returns how many. */
size_t text_skip_blanks(struct span *s);

/* @s without blanks in front and behind. */
struct span text_trim(struct span s);

/* True when @s is @word, which is in capitals, in any case. */
bool text_is_word(struct span s, const char *word);

/* Consumes @c from the front of *@s; false: something else is there. */
bool text_take(struct span *s, uint8_t c);

/*
 * Consumes all decimal digits in front of *@s, however many, and sets *@out
 * (untouched unless REASON_NONE):
 *   REASON_MALFORMED     no digit there;
 *   REASON_NUMBER_RANGE  above @max (at most 65535), or more digits than @max
 *                        has, leading zeros counted;
 *   REASON_AMBIGUOUS     a leading zero, and as octal it is another number or
 *                        none.
 */
enum reason text_take_number(struct span *s, uint32_t max, uint32_t *out);

#endif
