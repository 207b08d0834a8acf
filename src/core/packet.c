/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header walk: each step takes its header off the front of a span that
 * ends where the IP packet does. */
#include "core/packet.h"

#include <string.h>

enum {
	IPV4_HEADER = 20,
	IPV6_HEADER = 40,
	TCP_HEADER = 20,
	EXTENSIONS_MAX = 8,
};

/* IANA protocol numbers */
enum {
	PROTO_HOP_BY_HOP = 0,
	PROTO_TCP = 6,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_AUTHENTICATION = 51,
	PROTO_DESTINATION = 60,
};

static uint16_t
read_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t
read_u32(const uint8_t *p)
{
	return (uint32_t)read_u16(p) << 16 | read_u16(p + 2);
}

/* RFC 791 section 3.1 */
static enum packet_status
take_ipv4(struct span *in, struct segment *out)
{
	const uint8_t *h = in->data;
	size_t header, total;

	if (in->len < IPV4_HEADER)
		return PACKET_TRUNCATED;
	header = (h[0] & 0x0f) * 4u;
	total = read_u16(h + 2);
	if (total == 0)
		total = in->len;
	if (header > in->len || total > in->len)
		return PACKET_TRUNCATED;
	if (header < IPV4_HEADER || total < header)
		return PACKET_BAD_HEADER;
	/* "more fragments" or an offset */
	if (read_u16(h + 6) & 0x3fff)
		return PACKET_FRAGMENT;
	if (h[9] != PROTO_TCP)
		return PACKET_NOT_TCP;
	out->hop_limit = h[8];
	out->source.addr = addr_make(ADDR_V4, h + 12);
	out->destination.addr = addr_make(ADDR_V4, h + 16);
	*in = span_head(*in, total);
	span_skip(in, header);
	return PACKET_OK;
}

/* RFC 8200 section 4: from the header @next to the TCP header. */
static enum packet_status
skip_extensions(struct span *in, uint8_t next)
{
	for (unsigned count = 0; next != PROTO_TCP; count++) {
		const uint8_t *h = in->data;
		size_t len;

		if (next != PROTO_HOP_BY_HOP && next != PROTO_ROUTING &&
		    next != PROTO_FRAGMENT && next != PROTO_AUTHENTICATION &&
		    next != PROTO_DESTINATION)
			return PACKET_NOT_TCP;
		/* Section 4.1: hop-by-hop options come first or not at all. */
		if (count == EXTENSIONS_MAX ||
		    (next == PROTO_HOP_BY_HOP && count != 0))
			return PACKET_BAD_HEADER;
		if (in->len < 8)
			return PACKET_TRUNCATED;
		/* Section 4.5: only a fragment that is the whole packet. */
		if (next == PROTO_FRAGMENT && (read_u16(h + 2) & 0xfff9))
			return PACKET_FRAGMENT;
		/* Section 4.4: segments left, so the destination is a way
		 * station, which will not read the TCP header. */
		if (next == PROTO_ROUTING && h[3] != 0)
			return PACKET_NOT_TCP;
		if (next == PROTO_FRAGMENT)
			len = 8;
		else if (next == PROTO_AUTHENTICATION) /* RFC 4302 2.2 */
			len = (h[1] + 2u) * 4;
		else
			len = (h[1] + 1u) * 8;
		if (len > in->len)
			return PACKET_TRUNCATED;
		next = h[0];
		span_skip(in, len);
	}
	return PACKET_OK;
}

/* RFC 8200 section 3 */
static enum packet_status
take_ipv6(struct span *in, struct segment *out)
{
	const uint8_t *h = in->data;
	size_t payload;

	if (in->len < IPV6_HEADER)
		return PACKET_TRUNCATED;
	payload = read_u16(h + 4);
	out->hop_limit = h[7];
	out->source.addr = addr_make(ADDR_V6, h + 8);
	out->destination.addr = addr_make(ADDR_V6, h + 24);
	span_skip(in, IPV6_HEADER);
	if (payload > in->len)
		return PACKET_TRUNCATED;
	if (payload != 0)
		*in = span_head(*in, payload);
	return skip_extensions(in, h[6]);
}

/* RFC 9293 section 3.1 */
static enum packet_status
take_tcp(struct span *in, struct segment *out)
{
	const uint8_t *h = in->data;
	size_t header;

	if (in->len < TCP_HEADER)
		return PACKET_TRUNCATED;
	header = (h[12] >> 4) * 4u;
	if (header < TCP_HEADER)
		return PACKET_BAD_HEADER;
	if (header > in->len)
		return PACKET_TRUNCATED;
	out->source.port = read_u16(h);
	out->destination.port = read_u16(h + 2);
	out->seq = read_u32(h + 4);
	out->ack = read_u32(h + 8);
	out->flags = h[13];
	out->window = read_u16(h + 14);
	out->urgent = read_u16(h + 18);
	span_skip(in, header);
	out->payload = *in;
	return PACKET_OK;
}

enum packet_status
packet_parse(struct span ip, struct segment *out)
{
	enum packet_status status;

	memset(out, 0, sizeof(*out));
	if (ip.len == 0)
		return PACKET_TRUNCATED;
	switch (ip.data[0] >> 4) {
	case 4:
		status = take_ipv4(&ip, out);
		break;
	case 6:
		status = take_ipv6(&ip, out);
		break;
	default:
		return PACKET_NOT_IP;
	}
	if (status == PACKET_OK)
		status = take_tcp(&ip, out);
	if (status != PACKET_OK)
		memset(out, 0, sizeof(*out));
	return status;
}
