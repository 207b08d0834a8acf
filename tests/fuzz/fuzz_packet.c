/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The packet walk: the payload lies inside the packet, and a refused packet
 * leaves nothing behind. */
#include "fuzz.h"

#include "core/packet.h"

/* Where the IP header says that the packet ends. */
static size_t
stated_end(const uint8_t *data, size_t size)
{
	bool v4 = data[0] >> 4 == 4;
	const uint8_t *field = v4 ? data + 2 : data + 4;
	size_t stated = (size_t)field[0] << 8 | field[1];

	return stated == 0 ? size : v4 ? stated : 40 + stated;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct segment zero;
	struct segment seg;
	struct span ip;

	if (size > GUARD_MAX)
		return 0;
	memset(&seg, 0xa5, sizeof(seg));
	ip = guard_span(data, size);
	if (packet_parse(ip, &seg) != PACKET_OK) {
		REQUIRE(memcmp(&seg, &zero, sizeof(seg)) == 0);
		return 0;
	}
	REQUIRE(seg.source.addr.family == seg.destination.addr.family);
	REQUIRE(seg.source.addr.family == data[0] >> 4);
	REQUIRE(seg.payload.len <= ip.len);
	REQUIRE(stated_end(data, size) <= size);
	if (seg.payload.len != 0) {
		REQUIRE(seg.payload.data >= ip.data + 40);
		REQUIRE(seg.payload.data + seg.payload.len ==
			ip.data + stated_end(data, size));
	}
	return 0;
}
