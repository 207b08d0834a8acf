/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words and sentences of the reasons. */
#include "pinholed/reason.h"

static const struct {
	const char *word, *sentence;
} table[REASON_COUNT] = {
#define X(name, word, sentence) [REASON_##name] = { word, sentence },
	REASONS(X)
#undef X
};

const char *
reason_word(enum reason reason)
{
	if ((unsigned)reason >= REASON_COUNT)
		return "unknown";
	return table[reason].word;
}

const char *
reason_sentence(enum reason reason)
{
	if ((unsigned)reason >= REASON_COUNT)
		return "unknown";
	return table[reason].sentence;
}
