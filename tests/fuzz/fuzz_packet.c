/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The packet walk: the payload lies inside the packet, and a refused packet
 * leaves nothing behind. */
#include "fuzz.h"

#include "core/packet.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct segment zero;
	struct segment seg;

	if (size > GUARD_MAX)
		return 0;
	memset(&seg, 0xa5, sizeof(seg));
	struct span ip = guard_span(data, size);
	if (packet_parse(ip, &seg) != PACKET_OK) {
		REQUIRE(memcmp(&seg, &zero, sizeof(seg)) == 0);
		return 0;
	}
	REQUIRE(seg.source.addr.family == seg.destination.addr.family);
	REQUIRE(seg.source.addr.family == data[0] >> 4);
	REQUIRE(seg.payload.len <= ip.len);
	if (seg.payload.len != 0) {
		REQUIRE(seg.payload.data >= ip.data + 40);
		REQUIRE(seg.payload.data + seg.payload.len <= ip.data + ip.len);
	}
	return 0;
}
