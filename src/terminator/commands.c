/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of commands. */
#include "terminator/commands.h"

#include <string.h>

static bool
is_letter(uint8_t byte)
{
	return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

static bool
is_name(struct span word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!is_letter(word.data[i]))
			return false;
	return word.len != 0;
}

/* Takes the name in front off @list. */
static struct span
take_name(struct span *list)
{
	const uint8_t *comma = list->len != 0
				       ? memchr(list->data, ',', list->len)
				       : NULL;
	size_t len = comma != NULL ? (size_t)(comma - list->data) : list->len;
	struct span name = span_head(*list, len);

	span_skip(list, comma != NULL ? len + 1 : len);
	return name;
}

bool
commands_are_list(struct span text)
{
	if (text.len == 0 || text.len >= COMMANDS_MAX ||
	    text.data[text.len - 1] == ',')
		return false;
	while (text.len != 0)
		if (!is_name(take_name(&text)))
			return false;
	return true;
}

static bool
is_same(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if ((a.data[i] | 0x20) != (b.data[i] | 0x20))
			return false;
	return true;
}

/* RFC 775 put an X before what RFC 959 named without it. */
static struct span
without_x(struct span name)
{
	if (name.len == 4 && (name.data[0] | 0x20) == 'x')
		span_skip(&name, 1);
	return name;
}

static bool
is_on(const char *text, struct span word)
{
	struct span list = span_make(text, strlen(text));

	while (list.len != 0)
		if (is_same(without_x(take_name(&list)), without_x(word)))
			return true;
	return false;
}

bool
commands_allow(const char *deny, const char *allow, struct span word)
{
	if (deny[0] == '\0' && allow[0] == '\0')
		return true;
	return is_name(word) && !is_on(deny, word) &&
	       (allow[0] == '\0' || is_on(allow, word));
}
