/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IP addresses and endpoints as plain values that memcmp() can compare. */
#ifndef PINHOLED_ADDR_H
#define PINHOLED_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The value is the IP version, so that it can be read off a packet. */
enum addr_family {
	ADDR_NONE = 0,
	ADDR_V4 = 4,
	ADDR_V6 = 6,
};

/* Network byte order; an IPv4 address fills the first four bytes, the other
 * twelve are zero. Every function that builds one zeroes it first, so two equal
 * addresses are equal byte by byte. */
struct addr {
	uint8_t bytes[16];
	uint8_t family; /* enum addr_family */
};

struct endpoint {
	struct addr addr;
	uint16_t port; /* host byte order */
};

/* Bytes of an address of this family: 4, 16, or 0 for ADDR_NONE. */
static inline size_t
addr_len(enum addr_family family)
{
	return family == ADDR_V4 ? 4 : family == ADDR_V6 ? 16 : 0;
}

/* Copies addr_len(@family) bytes from @bytes, in network byte order. */
static inline struct addr
addr_make(enum addr_family family, const uint8_t *bytes)
{
	struct addr a = { .family = (uint8_t)family };

	memcpy(a.bytes, bytes, addr_len(family));
	return a;
}

static inline bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static inline bool
endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && addr_equal(&a->addr, &b->addr);
}

/* True when the first @prefix bits of both are the same and so is the family. */
static inline bool
addr_in_prefix(const struct addr *a, const struct addr *net, unsigned prefix)
{
	unsigned whole = prefix / 8, rest = prefix % 8;
	uint8_t mask = (uint8_t)(0xff00u >> rest);

	if (a->family != net->family || prefix > 8 * sizeof(a->bytes) ||
	    memcmp(a->bytes, net->bytes, whole) != 0)
		return false;
	return rest == 0 || ((a->bytes[whole] ^ net->bytes[whole]) & mask) == 0;
}

#endif
