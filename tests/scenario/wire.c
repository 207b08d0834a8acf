/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Builds IPv4 and IPv6 packets with a TCP header. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

bool
wire_parse_addr(const char *text, struct addr *out)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		*out = addr_make(ADDR_V4, bytes);
	else if (inet_pton(AF_INET6, text, bytes) == 1)
		*out = addr_make(ADDR_V6, bytes);
	else
		return false;
	return true;
}

bool
wire_parse_endpoint(const char *text, struct endpoint *out)
{
	char host[64];
	unsigned port;
	int used = 0;

	memset(out, 0, sizeof(*out));
	if (sscanf(text, "[%63[^]]]:%u%n", host, &port, &used) != 2 &&
	    sscanf(text, "%63[^:]:%u%n", host, &port, &used) != 2)
		return false;
	if (text[used] != '\0' || port > 65535)
		return false;
	out->port = (uint16_t)port;
	return wire_parse_addr(host, &out->addr);
}

static void
put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static void
put32(uint8_t *p, uint32_t value)
{
	put16(p, value >> 16);
	put16(p + 2, value);
}

size_t
wire_build(const struct flow *flow, enum side from, uint32_t seq, uint8_t flags,
	   struct span payload, uint8_t *out)
{
	const struct endpoint *source = &flow->end[from];
	const struct endpoint *destination = &flow->end[!from];
	size_t alen = addr_len(source->addr.family), ip = alen == 4 ? 20 : 40;
	uint8_t *tcp = out + ip;

	memset(out, 0, ip + 20);
	if (alen == 4) {
		out[0] = 0x45;
		put16(out + 2, (uint32_t)(ip + 20 + payload.len));
		out[8] = 64;
		out[9] = IPPROTO_TCP;
	} else {
		out[0] = 0x60;
		put16(out + 4, (uint32_t)(20 + payload.len));
		out[6] = IPPROTO_TCP;
		out[7] = 64;
	}
	memcpy(out + ip - 2 * alen, source->addr.bytes, alen);
	memcpy(out + ip - alen, destination->addr.bytes, alen);
	put16(tcp, source->port);
	put16(tcp + 2, destination->port);
	put32(tcp + 4, seq);
	if (flags & TCP_ACK)
		put32(tcp + 8, flow->next[!from]);
	tcp[12] = 5 << 4;
	tcp[13] = flags;
	put16(tcp + 14, 65535);
	if (payload.len != 0)
		memcpy(tcp + 20, payload.data, payload.len);
	return ip + 20 + payload.len;
}
