/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One nftables transaction on set elements, from first message to answer.
 *
 * The messages are put together by hand: libnftnl would allocate a set and its
 * elements for each change, and a change must be in the kernel before a packet
 * may go on. What an element looks like is fixed by the kernel's interface, and
 * short. The headers of messages and batches are libnftnl's.
 *
 * The kernel works a batch off inside of send(), so its answer waits when that
 * returns. Only the last message asks for an acknowledgement; messages that
 * fail are answered unasked, before it.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <libnftnl/common.h>

#include "netfilter/fwtx.h"

/* More than any one message takes: headers, two names, two keys, a timeout. */
#define MESSAGE_BYTES 384

int
fwtx_init(struct fwtx *tx, const char *table)
{
	int on = 1, size = 2 * FWTX_BYTES;

	*tx = (struct fwtx){ 0 };
	if (strlen(table) >= sizeof(tx->table))
		return -ENAMETOOLONG;
	strcpy(tx->table, table);
	tx->buf = malloc(FWTX_BYTES);
	if (tx->buf == NULL)
		return -ENOMEM;
	tx->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (tx->nl == NULL)
		return -errno;
	if (mnl_socket_bind(tx->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	/* A batch is one datagram, so it must fit the socket's buffer. */
	if (setsockopt(mnl_socket_get_fd(tx->nl), SOL_SOCKET, SO_SNDBUFFORCE,
		       &size, sizeof(size)) < 0)
		return -errno;
	/* Errors without a copy of the message that they are about. */
	mnl_socket_setsockopt(tx->nl, NETLINK_CAP_ACK, &on, sizeof(on));
	return 0;
}

void
fwtx_fini(struct fwtx *tx)
{
	if (tx->nl != NULL)
		mnl_socket_close(tx->nl);
	free(tx->buf);
	*tx = (struct fwtx){ 0 };
}

bool
fwtx_has_room(const struct fwtx *tx, size_t count)
{
	/* Two more: the messages that begin and end the batch. */
	return count + 2 <= (FWTX_BYTES - tx->used) / MESSAGE_BYTES;
}

static const char *
name_of(const struct fwtx *tx, const char *table)
{
	return table != NULL ? table : tx->table;
}

static struct nlmsghdr *
message_begin(struct fwtx *tx, uint16_t type, uint16_t flags)
{
	if (tx->used == 0)
		tx->used = nftnl_batch_begin((char *)tx->buf, ++tx->seq)
				   ->nlmsg_len;
	tx->last = nftnl_nlmsg_build_hdr((char *)tx->buf + tx->used, type,
					 NFPROTO_INET, flags, ++tx->seq);
	return tx->last;
}

static struct nlmsghdr *
elements_begin(struct fwtx *tx, uint16_t type, uint16_t flags,
	       const char *table, const char *set)
{
	struct nlmsghdr *nlh = message_begin(tx, type, flags);

	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, name_of(tx, table));
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, set);
	return nlh;
}

static void
message_end(struct fwtx *tx)
{
	tx->used += MNL_ALIGN(tx->last->nlmsg_len);
	assert(tx->used <= FWTX_BYTES - MESSAGE_BYTES);
}

static void
put_key(struct nlmsghdr *nlh, uint16_t type, const uint8_t *key, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, type);

	mnl_attr_put(nlh, NFTA_DATA_VALUE, len, key);
	mnl_attr_nest_end(nlh, nest);
}

static void
put_element(struct fwtx *tx, uint16_t type, uint16_t flags,
	    const struct fwtx_element *e)
{
	struct nlmsghdr *nlh = elements_begin(tx, type, flags, e->table, e->set);
	struct nlattr *list, *nest;

	list = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS);
	nest = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);
	if (e->interval_end)
		mnl_attr_put_u32(nlh, NFTA_SET_ELEM_FLAGS,
				 htonl(NFT_SET_ELEM_INTERVAL_END));
	put_key(nlh, NFTA_SET_ELEM_KEY, e->key, e->len);
	if (e->has_end)
		put_key(nlh, NFTA_SET_ELEM_KEY_END, e->key_end, e->len);
	if (type == NFT_MSG_NEWSETELEM && e->timeout_s != 0)
		mnl_attr_put_u64(nlh, NFTA_SET_ELEM_TIMEOUT,
				 htobe64(1000ull * e->timeout_s));
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_nest_end(nlh, list);
	message_end(tx);
}

void
fwtx_add(struct fwtx *tx, const struct fwtx_element *element)
{
	put_element(tx, NFT_MSG_NEWSETELEM, NLM_F_CREATE, element);
}

void
fwtx_create(struct fwtx *tx, const struct fwtx_element *element)
{
	put_element(tx, NFT_MSG_NEWSETELEM, NLM_F_CREATE | NLM_F_EXCL, element);
}

void
fwtx_delete(struct fwtx *tx, const struct fwtx_element *element)
{
	put_element(tx, NFT_MSG_DELSETELEM, 0, element);
}

void
fwtx_delete_all(struct fwtx *tx, const char *table, const char *set)
{
	elements_begin(tx, NFT_MSG_DELSETELEM, 0, table, set);
	message_end(tx);
}

void
fwtx_set_dormant(struct fwtx *tx, const char *table, bool dormant)
{
	struct nlmsghdr *nlh = message_begin(tx, NFT_MSG_NEWTABLE, 0);

	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, name_of(tx, table));
	mnl_attr_put_u32(nlh, NFTA_TABLE_FLAGS,
			 htonl(dormant ? NFT_TABLE_F_DORMANT : 0));
	message_end(tx);
}

/* The kernel's description of our table, an answer to fwtx_find(). */
static void
take_table(struct fwtx *tx, const struct nlmsghdr *nlh)
{
	const uint16_t type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE;
	const struct nlattr *attr;

	if (nlh->nlmsg_type != type)
		return;
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(attr) == NFTA_TABLE_HANDLE &&
		    mnl_attr_get_payload_len(attr) == sizeof(uint64_t))
			tx->table_handle = be64toh(mnl_attr_get_u64(attr));
	}
}

/* Sends @len bytes of tx->buf and reads answers until the one to the message
 * numbered @last. */
static int
transact(struct fwtx *tx, size_t len, uint32_t last)
{
	char answer[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	int fd = mnl_socket_get_fd(tx->nl), result = 0;

	if (mnl_socket_sendto(tx->nl, tx->buf, len) < 0)
		return -errno;
	for (;;) {
		ssize_t got = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
		const struct nlmsghdr *nlh = (void *)answer;
		const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
		int left = (int)got;

		if (got < 0 && errno == EINTR)
			continue;
		/* A batch refused as a whole has one answer, to its first
		 * message; more answers than fit mean many errors. */
		if (got < 0)
			return result != 0 ? result :
			       errno == EAGAIN ? -EPROTO : -errno;
		if (mnl_nlmsg_ok(nlh, left))
			take_table(tx, nlh);
		if (!mnl_nlmsg_ok(nlh, left) ||
		    nlh->nlmsg_type != NLMSG_ERROR ||
		    mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
			continue;
		if (result == 0)
			result = err->error;
		if (nlh->nlmsg_seq == last)
			return result;
	}
}

int
fwtx_commit(struct fwtx *tx)
{
	uint32_t last = tx->seq;
	struct nlmsghdr *end;
	int err;

	if (tx->used == 0)
		return 0;
	tx->last->nlmsg_flags |= NLM_F_ACK;
	end = nftnl_batch_end((char *)tx->buf + tx->used, ++tx->seq);
	err = transact(tx, tx->used + end->nlmsg_len, last);
	/* A packet may use an element up between its add, which then changed
	 * nothing, and its delete. It cannot do so twice. */
	if (err == -ENOENT)
		err = transact(tx, tx->used + end->nlmsg_len, last);
	fwtx_abort(tx);
	return err;
}

void
fwtx_abort(struct fwtx *tx)
{
	tx->used = 0;
}

int
fwtx_find(struct fwtx *tx, const char *table, const char *set)
{
	uint16_t type = set != NULL ? NFT_MSG_GETSET : NFT_MSG_GETTABLE;
	struct nlmsghdr *nlh;

	assert(tx->used == 0);
	nlh = nftnl_nlmsg_build_hdr((char *)tx->buf, type, NFPROTO_INET,
				    NLM_F_ACK, ++tx->seq);
	mnl_attr_put_strz(nlh, set != NULL ? NFTA_SET_TABLE : NFTA_TABLE_NAME,
			  name_of(tx, table));
	if (set != NULL)
		mnl_attr_put_strz(nlh, NFTA_SET_NAME, set);
	return transact(tx, nlh->nlmsg_len, tx->seq);
}
