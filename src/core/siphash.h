/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A keyed hash for the core's tables: SipHash-1-3 over whole 64-bit words. */
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

#endif
