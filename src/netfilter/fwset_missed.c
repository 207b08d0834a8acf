/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the ruleset's "missed" sets. */
#include <errno.h>
#include <string.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <libnftnl/common.h>

#include "netfilter/fwset.h"
#include "netfilter/fwset_internal.h"

struct missed {
	void (*each)(const struct addr *, const struct addr *, uint16_t,
		     void *);
	void *arg;
	enum addr_family family;
};

/* The value of an element's key: two addresses and a port, padded to 4 bytes. */
static void
take_key(const struct missed *m, const struct nlattr *value)
{
	const uint8_t *bytes = mnl_attr_get_payload(value);
	size_t len = addr_len(m->family);
	struct addr source, destination;

	if (mnl_attr_get_payload_len(value) < 2 * len + 2)
		return;
	source = addr_make(m->family, bytes);
	destination = addr_make(m->family, bytes + len);
	m->each(&source, &destination,
		(uint16_t)(bytes[2 * len] << 8 | bytes[2 * len + 1]), m->arg);
}

static int
take_message(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *list, *element, *key, *value;

	mnl_attr_for_each(list, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(element, list)
			mnl_attr_for_each_nested(key, element) {
			if (mnl_attr_get_type(key) != NFTA_SET_ELEM_KEY)
				continue;
			mnl_attr_for_each_nested(value, key)
				if (mnl_attr_get_type(value) == NFTA_DATA_VALUE)
					take_key(arg, value);
		}
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
	     void (*each)(const struct addr *, const struct addr *, uint16_t,
			  void *),
	     void *arg)
{
	struct missed m = { .each = each, .arg = arg, .family = ADDR_V4 };
	int err = dump(&fw->tx, "missed4", &m);

	if (err != 0)
		return err;
	m.family = ADDR_V6;
	return dump(&fw->tx, "missed6", &m);
}
