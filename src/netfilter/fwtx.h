/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One nftables transaction on set elements, from first message to answer. */
#ifndef NETFILTER_FWTX_H
#define NETFILTER_FWTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

/* The longest key: two IPv6 addresses and a port padded to 4 bytes. */
#define FWTX_KEY_MAX 36

/* Room for the messages of one transaction. Pages that are never written cost
 * nothing; it is this large for a policy of POLICY_SERVERS_MAX servers. */
#define FWTX_BYTES (2 * 1024 * 1024)

struct fwtx {
	struct mnl_socket *nl;
	char table[64];
	uint8_t *buf;		/* FWTX_BYTES */
	size_t used;		/* 0: no transaction begun */
	struct nlmsghdr *last;
	uint32_t seq;
	uint64_t table_handle; /* as fwtx_find() saw it last: a table that was
				  deleted and made again has another */
};

/* One element, of a set of the transaction's table, unless .table names another
 * one. Parts of a concatenation start at multiples of 4 bytes. */
struct fwtx_element {
	const char *table, *set;
	uint8_t len; /* of both keys */
	uint8_t key[FWTX_KEY_MAX];
	uint8_t key_end[FWTX_KEY_MAX];
	bool has_end;	   /* .key_end is the last of a range, inclusive */
	bool interval_end; /* the first value after an interval of a set whose
			      key is not a concatenation */
	uint32_t timeout_s; /* 0: none */
};

/* 0 or -errno. @tx is the caller's storage; fwtx_fini() also after an error. */
int fwtx_init(struct fwtx *tx, const char *table);
void fwtx_fini(struct fwtx *tx);

/* True when @count more messages fit; each function below adds one. */
bool fwtx_has_room(const struct fwtx *tx, size_t count);

/* Adding an element that is there already is no error, creating it (-EEXIST) and
 * deleting one that is not there (-ENOENT) fail the transaction. */
void fwtx_add(struct fwtx *tx, const struct fwtx_element *element);
void fwtx_create(struct fwtx *tx, const struct fwtx_element *element);
void fwtx_delete(struct fwtx *tx, const struct fwtx_element *element);
/* @table: as in an element. */
void fwtx_delete_all(struct fwtx *tx, const char *table, const char *set);
/* Takes the hooks of @table's chains away, or puts them in again. The table is
 * there. */
void fwtx_set_dormant(struct fwtx *tx, const char *table, bool dormant);

/* Commits and waits for the answer; 0 or the first error as -errno, then
 * nothing took effect. Empty afterwards. */
int fwtx_commit(struct fwtx *tx);
void fwtx_abort(struct fwtx *tx);

/* Whether @table (as in an element), or @set of it when not NULL, exists: 0,
 * -ENOENT or another -errno. Only between transactions. */
int fwtx_find(struct fwtx *tx, const char *table, const char *set);

#endif
