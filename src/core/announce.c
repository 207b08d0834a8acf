/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lengths of announcements. Each includes its CRLF, a reply its code. */
#include "core/announce.h"

enum {
	CRLF = 2,
	CODE = 4, /* with its blank */
	V6_TEXT_MAX = 39,
};

struct bounds {
	unsigned low, high;
};

static unsigned
digits(unsigned n)
{
	return n < 10 ? 1 : n < 100 ? 2 : n < 1000 ? 3 : n < 10000 ? 4 : 5;
}

static bool
meets(struct tls_length length, unsigned low, unsigned high)
{
	return length.high != 0 && length.low <= high && length.high >= low;
}

/* --- addresses and ports as text -------------------------------------------- */

/* RFC 5952: without leading zeros, the longest run of zero groups as "::". */
static unsigned
v6_text(const uint8_t *b)
{
	unsigned groups[8], len = 7, run = 0, best = 0;

	for (int i = 0; i < 8; i++) {
		groups[i] = (unsigned)b[2 * i] << 8 | b[2 * i + 1];
		len += groups[i] > 0xfff ? 4 :
		       groups[i] > 0xff	 ? 3 :
		       groups[i] > 0xf	 ? 2 :
					   1;
		run = groups[i] == 0 ? run + 1 : 0;
		best = run > best ? run : best;
	}
	/* A run of n groups, "0:...:0", becomes nothing between two colons; at
	 * an end of the address one of these is a new one. */
	if (best < 2)
		return len;
	len -= 2 * best - 1;
	return len < 2 ? 2 : len;
}

static unsigned
v4_text(const uint8_t *b)
{
	return digits(b[0]) + digits(b[1]) + digits(b[2]) + digits(b[3]) + 3;
}

/* "p1,p2" of any port of @range. */
static struct bounds
port_bytes(struct port_range range)
{
	struct bounds b = { digits(range.low >> 8) + 2,
			    digits(range.high >> 8) + 4 };

	if (range.low >> 8 == range.high >> 8)
		b = (struct bounds){ digits(range.low >> 8) + 1 +
					     digits(range.low & 255),
				     digits(range.high >> 8) + 1 +
					     digits(range.high & 255) };
	return b;
}

/* --- commands ---------------------------------------------------------------- */

enum announce_command
announce_command(struct tls_length length, const struct addr *client)
{
	/* "PORT h1,h2,h3,h4,p1,p2", p1 from 4 on; "EPRT |1|h1.h2.h3.h4|port|",
	 * "EPRT |2|v6|port|" with a port from 1024 on. Addresses in IPv6 form
	 * may be written longer than they need be. */
	unsigned eprt = 5 + 3 + 1 + 1 + CRLF;
	unsigned low, high;

	if (meets(length, 4 + CRLF, 4 + CRLF))
		return ANNOUNCE_PASSIVE;
	if (meets(length, 6 + CRLF, 6 + CRLF))
		return ANNOUNCE_PASSIVE_EPSV;
	if (client->family == ADDR_V4) {
		low = 5 + v4_text(client->bytes) + 1 + 3 + CRLF;
		high = eprt + v4_text(client->bytes) + 5;
	} else {
		low = eprt + v6_text(client->bytes) + 4;
		high = eprt + V6_TEXT_MAX + 5;
	}
	return meets(length, low, high) ? ANNOUNCE_ACTIVE : ANNOUNCE_NONE;
}

bool
announce_can_be_prot(struct tls_length length)
{
	return meets(length, 6 + CRLF, 6 + CRLF);
}

/* --- replies ------------------------------------------------------------------ */

bool
announce_passive_reply(struct tls_length length, enum announce_command command,
		       const struct addr *server, struct port_range range)
{
	/* What stands around the numbers. RFC 2428 and RFC 959 examples:
	 * "Entering Extended Passive Mode (|||" "|)", "Entering Passive Mode ("
	 * ")", each with a period or not; Pure-FTPd: "Extended Passive mode OK
	 * (|||" "|)". */
	static const uint8_t texts_229[] = { 37, 38, 31 };
	static const uint8_t texts_227[] = { 24, 25 };
	struct bounds port = port_bytes(range);

	if (command == ANNOUNCE_NONE || command == ANNOUNCE_ACTIVE)
		return false;
	for (size_t i = 0; i < sizeof(texts_229); i++)
		if (meets(length, CODE + texts_229[i] + digits(range.low) + CRLF,
			  CODE + texts_229[i] + digits(range.high) + CRLF))
			return true;
	if (server->family != ADDR_V4 || command != ANNOUNCE_PASSIVE)
		return false;
	for (size_t i = 0; i < sizeof(texts_227); i++) {
		unsigned len = CODE + texts_227[i] + v4_text(server->bytes) +
			       1 + CRLF;

		if (meets(length, len + port.low, len + port.high))
			return true;
	}
	return false;
}

bool
announce_active_reply(struct tls_length length)
{
	/* "PORT command successful" with a period or not, and the longer
	 * "... Consider using PASV."; "Active data connection established.";
	 * "Okay", "Command okay." of RFC 959's examples. */
	static const uint8_t texts[] = { 23, 24, 45, 35, 4, 5, 12, 13 };

	for (size_t i = 0; i < sizeof(texts); i++)
		if (meets(length, CODE + texts[i] + CRLF,
			  CODE + texts[i] + CRLF))
			return true;
	return false;
}
