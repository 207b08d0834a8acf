/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyed hash of the core's tables: by addresses, and what else tells their
 * entries apart. */
#ifndef CORE_ADDR_HASH_H
#define CORE_ADDR_HASH_H

#include <stddef.h>

#include "core/siphash.h"
#include "pinholed/addr.h"

/* Hashes @a, @b (of the same family, or NULL) and @rest, of 56 bits. As many words
 * as there are: IPv4 pays for no more than it has. */
static inline uint64_t
addr_hash(const uint64_t key[static 2], const struct addr *a,
	  const struct addr *b, uint64_t rest)
{
	uint64_t words[5] = { rest << 8 | a->family };

	if (a->family == ADDR_V4) {
		memcpy(words + 1, a->bytes, 4);
		if (b != NULL)
			memcpy((uint8_t *)(words + 1) + 4, b->bytes, 4);
		return siphash_words(key, words, 2);
	}
	memcpy(words + 1, a->bytes, 16);
	if (b == NULL)
		return siphash_words(key, words, 3);
	memcpy(words + 3, b->bytes, 16);
	return siphash_words(key, words, 5);
}

#endif
