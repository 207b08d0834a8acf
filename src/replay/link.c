/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Link layers. Each function takes its header off and says what is behind. */
#include "replay/link.h"

#include <pcap/pcap.h>

/* IEEE 802, RFC 2516, RFC 3032 */
enum {
	ETHER_IPV4 = 0x0800,
	ETHER_VLAN = 0x8100,
	ETHER_IPV6 = 0x86dd,
	ETHER_MPLS = 0x8847,
	ETHER_MPLS_MULTI = 0x8848,
	ETHER_PPPOE = 0x8864,
	ETHER_QINQ = 0x88a8,
	ETHER_QINQ_OLD = 0x9100,
	ETHER_LENGTH_MAX = 1500, /* below, it is an 802.3 length */
	TAGS_MAX = 8,
};

/* RFC 1661, assigned numbers */
enum { PPP_IPV4 = 0x0021, PPP_IPV6 = 0x0057 };

static const struct span nothing;

/* Sets *@out to the big-endian number at @at; false beyond the end. */
static bool
number_at(struct span s, size_t at, unsigned len, uint32_t *out)
{
	if (at > s.len || len > s.len - at)
		return false;
	*out = 0;
	for (unsigned i = 0; i < len; i++)
		*out = *out << 8 | s.data[at + i];
	return true;
}

static struct span
behind(struct span s, size_t count)
{
	if (s.len < count)
		return nothing;
	span_skip(&s, count);
	return s;
}

/* By its first four bits; what is neither version is not handed on. */
static struct span
any_ip(struct span s)
{
	unsigned version = s.len != 0 ? s.data[0] >> 4 : 0;

	return version == 4 || version == 6 ? s : nothing;
}

/* RFC 1661 section 2, RFC 1662: address and control can be there or not, and
 * the protocol can be one byte. */
static struct span
from_ppp(struct span s)
{
	uint32_t protocol;

	if (number_at(s, 0, 2, &protocol) && protocol == 0xff03)
		span_skip(&s, 2);
	if (s.len != 0 && (s.data[0] & 1) != 0)
		protocol = s.data[0], span_skip(&s, 1);
	else if (number_at(s, 0, 2, &protocol))
		span_skip(&s, 2);
	else
		return nothing;
	return protocol == PPP_IPV4 || protocol == PPP_IPV6 ? any_ip(s)
							    : nothing;
}

/* RFC 3032: labels up to the one at the bottom of the stack. */
static struct span
from_mpls(struct span s)
{
	uint32_t label;

	for (int i = 0; i < TAGS_MAX && number_at(s, 0, 4, &label); i++) {
		span_skip(&s, 4);
		if ((label & 0x100) != 0)
			return any_ip(s);
	}
	return nothing;
}

/* What an Ethernet type announces, tags taken off. */
static struct span
from_type(uint32_t type, struct span s)
{
	for (int i = 0; i < TAGS_MAX; i++) {
		switch (type) {
		case ETHER_IPV4:
		case ETHER_IPV6:
			return any_ip(s);
		case ETHER_MPLS:
		case ETHER_MPLS_MULTI:
			return from_mpls(s);
		case ETHER_PPPOE:
			return from_ppp(behind(s, 6));
		case ETHER_VLAN:
		case ETHER_QINQ:
		case ETHER_QINQ_OLD:
			if (!number_at(s, 2, 2, &type))
				return nothing;
			span_skip(&s, 4);
			break;
		default:
			return nothing;
		}
	}
	return nothing;
}

/* RFC 1042: LLC and SNAP in front of an Ethernet type. */
static struct span
from_llc(struct span s)
{
	uint32_t snap, type;

	if (!number_at(s, 0, 4, &snap) || snap != 0xaaaa0300 ||
	    !number_at(s, 6, 2, &type))
		return nothing;
	return from_type(type, behind(s, 8));
}

static struct span
from_ethernet(struct span s)
{
	uint32_t type;

	if (!number_at(s, 12, 2, &type))
		return nothing;
	span_skip(&s, 14);
	return type <= ETHER_LENGTH_MAX ? from_llc(s) : from_type(type, s);
}

/* IEEE 802.11: data frames that are not encrypted. */
static struct span
from_wifi(struct span s)
{
	size_t header = 24;
	uint32_t control;

	if (!number_at(s, 0, 2, &control) || (control & 0x0c00) != 0x0800 ||
	    (control & 0x4000) != 0 || (control & 0x0040) != 0)
		return nothing; /* no data, without data, or protected */
	if ((control & 0x0003) == 0x0003)
		header += 6;
	/* QoS, and with it the order bit */
	if ((control & 0x8000) != 0)
		header += (control & 0x0080) != 0 ? 6 : 2;
	return from_llc(behind(s, header));
}

static struct span
from_radiotap(struct span s)
{
	if (s.len < 4)
		return nothing;
	return from_wifi(behind(s, (size_t)s.data[3] << 8 | s.data[2]));
}

/* Linux' NFLOG: a head of 4 bytes, then attributes in the byte order of the
 * machine that captured; the packet is number 9. */
static struct span
from_nflog(struct span s)
{
	s = behind(s, 4);
	while (s.len >= 4) {
		size_t len = (size_t)s.data[1] << 8 | s.data[0];
		unsigned type = s.data[2];

		if (len < 4 || (len > s.len && s.data[0] == 0)) {
			len = (size_t)s.data[0] << 8 | s.data[1];
			type = s.data[3];
		}
		if (len < 4 || len > s.len)
			return nothing;
		if (type == 9)
			return any_ip(span_make(s.data + 4, len - 4));
		span_skip(&s, (len + 3) & ~(size_t)3);
	}
	return nothing;
}

static struct span
from_cooked(struct span s, size_t type_at, size_t header)
{
	uint32_t type;

	if (!number_at(s, type_at, 2, &type))
		return nothing;
	return from_type(type, behind(s, header));
}

static struct span
from_hdlc(struct span s)
{
	return from_cooked(s, 2, 4);
}

static struct span
from_sll(struct span s)
{
	return from_cooked(s, 14, 16);
}

static struct span
from_sll2(struct span s)
{
	return from_cooked(s, 0, 20);
}

/* A family in the captured machine's byte order, or in the network's: the
 * packet's own version says as much. */
static struct span
from_null(struct span s)
{
	return any_ip(behind(s, 4));
}

static struct span
from_pppoe(struct span s)
{
	return from_ppp(behind(s, 6));
}

static struct span
from_enc(struct span s)
{
	return any_ip(behind(s, 12));
}

/* The header says its length, padded to a word. */
static struct span
from_pflog(struct span s)
{
	if (s.len == 0)
		return nothing;
	return any_ip(behind(s, ((size_t)s.data[0] + 3) & ~(size_t)3));
}

static const struct {
	int type;
	struct span (*read)(struct span frame);
} links[] = {
	{ DLT_EN10MB, from_ethernet },
	{ DLT_LINUX_SLL, from_sll },
	{ DLT_LINUX_SLL2, from_sll2 },
	{ DLT_RAW, any_ip },
	{ 12, any_ip }, /* raw IP again, as other systems number it, */
	{ 14, any_ip },
	{ 101, any_ip }, /* and as it stands in files */
	{ DLT_IPV4, any_ip },
	{ DLT_IPV6, any_ip },
	{ DLT_NULL, from_null },
	{ DLT_LOOP, from_null },
	{ DLT_PPP, from_ppp },
	{ DLT_PPP_SERIAL, from_ppp },
	{ DLT_PPP_ETHER, from_pppoe },
	{ DLT_C_HDLC, from_hdlc },
	{ DLT_IEEE802_11, from_wifi },
	{ DLT_IEEE802_11_RADIO, from_radiotap },
	{ DLT_NFLOG, from_nflog },
	{ DLT_ENC, from_enc },
	{ DLT_PFLOG, from_pflog },
};

bool
link_is_known(int type)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].type == type)
			return true;
	return false;
}

struct span
link_ip(int type, struct span frame)
{
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (links[i].type == type)
			return links[i].read(frame);
	return nothing;
}
