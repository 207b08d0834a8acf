/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From an IP packet to a TCP segment: the only code that knows headers. */
#ifndef CORE_PACKET_H
#define CORE_PACKET_H

#include "pinholed/addr.h"
#include "pinholed/span.h"

/* RFC 9293 section 3.1 */
enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
};

struct segment {
	struct endpoint source, destination;
	uint32_t seq, ack;
	uint8_t flags;
	uint8_t hop_limit; /* IPv4 TTL */
	uint16_t window;
	uint16_t urgent;
	struct span payload; /* borrowed from the packet */
};

enum packet_status {
	PACKET_OK,
	PACKET_TRUNCATED, /* a header or the stated length reaches beyond */
	PACKET_NOT_IP,	  /* neither version 4 nor 6 */
	PACKET_FRAGMENT,  /* conntrack defragments: one here is not trusted */
	PACKET_NOT_TCP,
	PACKET_BAD_HEADER, /* lengths that contradict each other, extension
			      headers too many or out of place */
};

/*
 * Walks IPv4 with options or IPv6 with extension headers (RFC 8200 section 4;
 * at most 8 of them), then TCP. A routing header with segments left is
 * PACKET_NOT_TCP: the destination would pass it on unread. @ip starts at the IP
 * header. Bytes behind the IP length (link padding) are not payload; a captured
 * packet shorter than its IP length is PACKET_TRUNCATED. An IPv4 total length
 * or IPv6 payload length of 0 is taken as "all of @ip" (GSO above 64 KiB). On
 * anything but PACKET_OK *@out is all zero.
 */
enum packet_status packet_parse(struct span ip, struct segment *out);

#endif
