/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the ruleset's "missed" sets. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <libnftnl/common.h>

#include "netfilter/fwset.h"
#include "netfilter/fwset_internal.h"

struct missed {
	void (*each)(const struct fwset_missed *, void *);
	void *arg;
	enum addr_family family;
};

/* The value of an element's key: two addresses and a port, padded to 4 bytes.
 * False where it is none. */
static bool
read_key(const struct nlattr *key, enum addr_family family,
	 struct fwset_missed *out)
{
	size_t len = addr_len(family);
	const struct nlattr *value;

	mnl_attr_for_each_nested(value, key) {
		const uint8_t *bytes = mnl_attr_get_payload(value);

		if (mnl_attr_get_type(value) != NFTA_DATA_VALUE ||
		    mnl_attr_get_payload_len(value) < 2 * len + 2)
			continue;
		out->source = addr_make(family, bytes);
		out->destination = addr_make(family, bytes + len);
		out->port = (uint16_t)(bytes[2 * len] << 8 | bytes[2 * len + 1]);
		return true;
	}
	return false;
}

static void
take_element(const struct missed *m, const struct nlattr *element)
{
	struct fwset_missed out = { 0 };
	const struct nlattr *attr;
	bool has_key = false;

	mnl_attr_for_each_nested(attr, element) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type == NFTA_SET_ELEM_KEY) {
			has_key = read_key(attr, m->family, &out);
		} else if (type == NFTA_SET_ELEM_EXPIRATION &&
			   mnl_attr_get_payload_len(attr) == 8) {
			uint64_t left = be64toh(mnl_attr_get_u64(attr));

			if (left < FWSET_MISSED_MS)
				out.ago_ms = FWSET_MISSED_MS - (uint32_t)left;
		}
	}
	if (has_key)
		m->each(&out, m->arg);
}

static int
take_message(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *list, *element;

	mnl_attr_for_each(list, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(element, list)
			take_element(arg, element);
	}
	return MNL_CB_OK;
}

static int
dump(struct fwtx *tx, const char *set, struct missed *m)
{
	char buf[16384] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;
	int more = MNL_CB_OK;

	nlh = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETSETELEM, NFPROTO_INET,
				    NLM_F_DUMP, ++tx->seq);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, tx->table);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, set);
	if (mnl_socket_sendto(tx->nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (more == MNL_CB_OK) {
		ssize_t len = mnl_socket_recvfrom(tx->nl, buf, sizeof(buf));

		if (len < 0 && errno != EINTR)
			return -errno;
		if (len >= 0)
			more = mnl_cb_run(buf, (size_t)len, tx->seq,
					  mnl_socket_get_portid(tx->nl),
					  take_message, m);
	}
	return more < 0 ? -errno : 0;
}

int
fwset_missed(struct fwset *fw,
	     void (*each)(const struct fwset_missed *, void *), void *arg)
{
	struct missed m = { .each = each, .arg = arg, .family = ADDR_V4 };
	int err = dump(&fw->tx, "missed4", &m);

	if (err != 0)
		return err;
	m.family = ADDR_V6;
	return dump(&fw->tx, "missed6", &m);
}
