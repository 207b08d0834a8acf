/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A keyed hash: SipHash-1-3, for the core's tables and for fingerprints. */
#ifndef CORE_SIPHASH_H
#define CORE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Hashes @count words under @key. With a random key a stranger who chooses the
 * words cannot choose collisions.
 */
uint64_t siphash_words(const uint64_t key[static 2], const uint64_t *words,
		       size_t count);

/* The same over bytes that come one by one: begin, add, end. */
struct siphash {
	uint64_t v[4];
	uint64_t word; /* the bytes that make no whole word yet */
	uint64_t len;
};

void siphash_begin(struct siphash *h, const uint64_t key[static 2]);
void siphash_add(struct siphash *h, uint8_t byte);
uint64_t siphash_end(const struct siphash *h);

#endif
