/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lengths by cipher suite (the numbers are IANA's). */
#include "core/tls_length.h"

enum {
	TLS_1_1 = 0x0302,
	/* A direction pads when so many records were multiples of this. By
	 * chance that happens once in 4096 times. */
	PAD_BLOCK = 16,
	PAD_RECORDS = 3,
	UNKNOWN_MOST = 16 + 48 + 16, /* IV, SHA-384, a block */
	UNKNOWN_LEAST = 16,	     /* a tag alone */
};

enum kind {
	KIND_UNKNOWN,
	KIND_AEAD,   /* overhead: nonce and tag */
	KIND_CBC,    /* overhead: MAC; block: of the cipher */
	KIND_STREAM, /* overhead: MAC */
};

static const struct suite {
	uint16_t first, last;
	uint8_t kind, overhead, block;
} suites[] = {
	{ 0x0001, 0x0001, KIND_STREAM, 16, 0 },	 /* NULL_MD5 */
	{ 0x0002, 0x0002, KIND_STREAM, 20, 0 },	 /* NULL_SHA */
	{ 0x0004, 0x0004, KIND_STREAM, 16, 0 },	 /* RC4_128_MD5 */
	{ 0x0005, 0x0005, KIND_STREAM, 20, 0 },	 /* RC4_128_SHA */
	{ 0x000a, 0x000a, KIND_CBC, 20, 8 },	 /* 3DES_EDE_CBC_SHA */
	{ 0x0013, 0x0013, KIND_CBC, 20, 8 },
	{ 0x0016, 0x0016, KIND_CBC, 20, 8 },
	{ 0x002f, 0x003a, KIND_CBC, 20, 16 },	 /* AES_CBC_SHA */
	{ 0x003b, 0x003b, KIND_STREAM, 32, 0 },	 /* NULL_SHA256 */
	{ 0x003c, 0x0040, KIND_CBC, 32, 16 },	 /* AES_CBC_SHA256 */
	{ 0x0041, 0x0046, KIND_CBC, 20, 16 },	 /* CAMELLIA_128_CBC_SHA */
	{ 0x0067, 0x006d, KIND_CBC, 32, 16 },
	{ 0x0084, 0x0089, KIND_CBC, 20, 16 },	 /* CAMELLIA_256_CBC_SHA */
	{ 0x0096, 0x009b, KIND_CBC, 20, 16 },	 /* SEED_CBC_SHA */
	{ 0x009c, 0x00ad, KIND_AEAD, 24, 0 },	 /* AES_GCM */
	{ 0x00ba, 0x00c5, KIND_CBC, 32, 16 },	 /* CAMELLIA_CBC_SHA256 */
	{ 0x1301, 0x1304, KIND_AEAD, 17, 0 },	 /* TLS 1.3: type, tag */
	{ 0x1305, 0x1305, KIND_AEAD, 9, 0 },	 /* CCM_8 */
	{ 0xc003, 0xc003, KIND_CBC, 20, 8 },
	{ 0xc004, 0xc005, KIND_CBC, 20, 16 },	 /* ECDH_ECDSA AES_CBC_SHA */
	{ 0xc007, 0xc007, KIND_STREAM, 20, 0 },	 /* RC4 */
	{ 0xc008, 0xc008, KIND_CBC, 20, 8 },
	{ 0xc009, 0xc00a, KIND_CBC, 20, 16 },	 /* ECDHE_ECDSA AES_CBC_SHA */
	{ 0xc00d, 0xc00d, KIND_CBC, 20, 8 },
	{ 0xc00e, 0xc00f, KIND_CBC, 20, 16 },
	{ 0xc011, 0xc011, KIND_STREAM, 20, 0 },	 /* RC4 */
	{ 0xc012, 0xc012, KIND_CBC, 20, 8 },
	{ 0xc013, 0xc014, KIND_CBC, 20, 16 },	 /* ECDHE_RSA AES_CBC_SHA */
	{ 0xc023, 0xc023, KIND_CBC, 32, 16 },	 /* ... AES_128_CBC_SHA256 */
	{ 0xc024, 0xc024, KIND_CBC, 48, 16 },	 /* ... AES_256_CBC_SHA384 */
	{ 0xc025, 0xc025, KIND_CBC, 32, 16 },
	{ 0xc026, 0xc026, KIND_CBC, 48, 16 },
	{ 0xc027, 0xc027, KIND_CBC, 32, 16 },
	{ 0xc028, 0xc028, KIND_CBC, 48, 16 },
	{ 0xc029, 0xc029, KIND_CBC, 32, 16 },
	{ 0xc02a, 0xc02a, KIND_CBC, 48, 16 },
	{ 0xc02b, 0xc032, KIND_AEAD, 24, 0 },	 /* ECDHE AES_GCM */
	{ 0xc07a, 0xc093, KIND_AEAD, 24, 0 },	 /* CAMELLIA_GCM */
	{ 0xc09c, 0xc09f, KIND_AEAD, 24, 0 },	 /* AES_CCM */
	{ 0xc0a0, 0xc0a3, KIND_AEAD, 16, 0 },	 /* AES_CCM_8 */
	{ 0xc0ac, 0xc0ad, KIND_AEAD, 24, 0 },	 /* ECDHE_ECDSA AES_CCM */
	{ 0xc0ae, 0xc0af, KIND_AEAD, 16, 0 },	 /* ... CCM_8 */
	{ 0xcca8, 0xccae, KIND_AEAD, 16, 0 },	 /* CHACHA20_POLY1305 */
};

static struct tls_length
between(int low, int high)
{
	if (high <= 0)
		return (struct tls_length){ 0, 0 };
	return (struct tls_length){ (uint16_t)(low < 0 ? 0 : low),
				    (uint16_t)high };
}

struct tls_length
tls_plaintext(const struct tls_record *record, uint16_t version,
	      uint16_t cipher)
{
	int length = record->length;

	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		const struct suite *s = &suites[i];
		int rest = length - s->overhead;

		if (cipher < s->first || cipher > s->last)
			continue;
		if (s->kind != KIND_CBC)
			return between(rest, rest);
		/* RFC 4346 section 6.2.3.2: the IV came with TLS 1.1. */
		if (version >= TLS_1_1)
			rest -= s->block;
		return between(rest - s->block, rest - 1);
	}
	return between(length - UNKNOWN_MOST, length - UNKNOWN_LEAST);
}

void
tls_padding_take(struct tls_padding *p, uint16_t version,
		 struct tls_length *length)
{
	/* Picked up: it may be any version. */
	if (version != 0 && version < TLS_1_3)
		return;
	/* The inner type counts among what is padded. */
	if (length->high != 0 && (length->high + 1) % PAD_BLOCK != 0 &&
	    length->high % PAD_BLOCK != 0)
		p->odd = true;
	if (p->records < PAD_RECORDS)
		p->records++;
	if (!p->odd && p->records == PAD_RECORDS)
		length->low = 0;
}
