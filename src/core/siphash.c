/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SipHash-1-3 (Aumasson, Bernstein 2012). */
#include "core/siphash.h"

static inline uint64_t
rotate(uint64_t value, int bits)
{
	return value << bits | value >> (64 - bits);
}

static inline void
sip_round(uint64_t v[static 4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static inline void
sip_word(uint64_t v[static 4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

static inline void
sip_begin(uint64_t v[static 4], const uint64_t key[static 2])
{
	v[0] = key[0] ^ 0x736f6d6570736575u;
	v[1] = key[1] ^ 0x646f72616e646f6du;
	v[2] = key[0] ^ 0x6c7967656e657261u;
	v[3] = key[1] ^ 0x7465646279746573u;
}

/* @last: the bytes left over, and the length in the highest byte. */
static inline uint64_t
sip_end(uint64_t v[static 4], uint64_t last)
{
	sip_word(v, last);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t
siphash_words(const uint64_t key[static 2], const uint64_t *words, size_t count)
{
	uint64_t v[4];

	sip_begin(v, key);
	for (size_t i = 0; i < count; i++)
		sip_word(v, words[i]);
	return sip_end(v, (uint64_t)count * 8 << 56);
}

void
siphash_begin(struct siphash *h, const uint64_t key[static 2])
{
	*h = (struct siphash){ 0 };
	sip_begin(h->v, key);
}

void
siphash_add(struct siphash *h, uint8_t byte)
{
	h->word |= (uint64_t)byte << 8 * (h->len % 8);
	if (++h->len % 8 != 0)
		return;
	sip_word(h->v, h->word);
	h->word = 0;
}

uint64_t
siphash_end(const struct siphash *h)
{
	uint64_t v[4] = { h->v[0], h->v[1], h->v[2], h->v[3] };

	return sip_end(v, h->word | h->len << 56);
}
