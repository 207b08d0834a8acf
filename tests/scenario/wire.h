/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A control connection as it looks on the wire: IP and TCP headers, sequence
 * numbers. */
#ifndef SCENARIO_WIRE_H
#define SCENARIO_WIRE_H

#include "core/packet.h"
#include "pinholed/addr.h"
#include "pinholed/span.h"

enum side { CLIENT, SERVER };

struct flow {
	char name[16];
	struct endpoint end[2]; /* by enum side */
	uint32_t next[2];	/* the next byte's sequence number */
	bool syn_shown[2];	/* the gate has been shown this side's SYN */
};

/* "192.0.2.1" or "2001:db8::1". False: neither. */
bool wire_parse_addr(const char *text, struct addr *out);

/* "192.0.2.1:21" or "[2001:db8::1]:21". */
bool wire_parse_endpoint(const char *text, struct endpoint *out);

/*
 * Writes the packet into @out (room for @payload and WIRE_HEADERS_MAX more) and
 * returns its length. The acknowledgement is the other side's next byte; the
 * checksums are left zero, as packets of an offloading card have them.
 */
#define WIRE_HEADERS_MAX 60
size_t wire_build(const struct flow *flow, enum side from, uint32_t seq,
		  uint8_t flags, struct span payload, uint8_t *out);

#endif
