/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Openings as elements of nft/pinholed.nft's sets.
 *
 * A transaction that fails costs some 10 ms, so none may fail for what is no
 * error and happens every day: an element to delete that a connection has used up
 * or that expired. Hence two idioms, both of which never fail and never show a
 * state in between, because a transaction becomes visible at once:
 *
 *	add, delete		gone, whether it was there or not
 *	add, delete, add	there with its full timeout: adding an element
 *				that exists renews no timeout before Linux 6.12
 *
 * A pinhole that is opened is not there, as far as anybody knows: "create" costs
 * the kernel a third, and nothing to clean up behind it. Should it be there after
 * all, that fails, and ACTION_REFRESH puts it there in its place. (Windows of one
 * pair share an element.)
 *
 * (`destroy`, which is the former in one, came with Linux 6.3.)
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "netfilter/fwset.h"
#include "netfilter/fwset_internal.h"

/* Windows have none. */
static const char *const opening_sets[OPENING_KINDS][2] = {
	[OPENING_PINHOLE] = { "pin4", "pin6" },
	[OPENING_RELAY] = { "relay4", "relay6" },
	[OPENING_GRANT_PASSIVE] = { "grant4", "grant6" },
	[OPENING_GRANT_ACTIVE] = { "active4", "active6" },
	[OPENING_GRANT_FTP_DATA] = { "active_ftp4", "active_ftp6" },
	[OPENING_ASK_PASSIVE] = { "ask_passive4", "ask_passive6" },
	[OPENING_ASK_ACTIVE] = { "ask_active4", "ask_active6" },
};

int
fwset_open(const char *table, struct fwset **out)
{
	struct fwset *fw = malloc(sizeof(*fw));
	int err;

	if (fw == NULL)
		return -ENOMEM;
	err = fwtx_init(&fw->tx, table);
	if (err == 0 && snprintf(fw->tls_table, sizeof(fw->tls_table),
				 "%s_tls", table) >= (int)sizeof(fw->tls_table))
		err = -ENAMETOOLONG;
	if (err != 0) {
		fwset_close(fw);
		return err;
	}
	*out = fw;
	return 0;
}

void
fwset_close(struct fwset *fw)
{
	if (fw == NULL)
		return;
	fwtx_fini(&fw->tx);
	free(fw);
}

/* The table that has the sets of openings of @kind, as in an element. */
static const char *
table_of(const struct fwset *fw, size_t kind)
{
	return kind == OPENING_RELAY ? fw->tls_table : NULL;
}

static int
find(struct fwset *fw, const char *table, const char *set, const char **missing)
{
	int err = fwtx_find(&fw->tx, table, set);

	if (err != -ENOENT)
		return err;
	snprintf(fw->missing, sizeof(fw->missing), "%s%s%stable inet %s",
		 set != NULL ? "set " : "", set != NULL ? set : "",
		 set != NULL ? " in " : "",
		 table != NULL ? table : fw->tx.table);
	*missing = fw->missing;
	return err;
}

int
fwset_check(struct fwset *fw, const char **missing)
{
	int err = find(fw, NULL, NULL, missing);

	fw->handle = fw->tx.table_handle;
	if (err == 0)
		err = find(fw, fw->tls_table, NULL, missing);
	fw->handle = fw->handle << 32 | (uint32_t)fw->tx.table_handle;
	for (size_t i = 0; err == 0 && i < 2 * OPENING_KINDS; i++)
		if (opening_sets[i / 2][i % 2] != NULL)
			err = find(fw, table_of(fw, i / 2),
				   opening_sets[i / 2][i % 2], missing);
	for (size_t i = 0; err == 0 && i < FWSET_POLICY_SETS; i++)
		err = find(fw, NULL, fwset_policy_sets[i], missing);
	for (size_t i = 0; err == 0 && i < FWSET_TLS_SETS; i++)
		err = find(fw, fw->tls_table, fwset_tls_sets[i], missing);
	return err;
}

uint64_t
fwset_table_handle(const struct fwset *fw)
{
	return fw->handle;
}

static struct fwtx_element
element_of(const struct fwset *fw, const struct opening *o)
{
	size_t len = addr_len(o->source.family);
	struct fwtx_element e = {
		.table = table_of(fw, o->kind),
		.set = opening_sets[o->kind][o->source.family == ADDR_V6],
		.timeout_s = o->timeout_s,
	};

	assert(len != 0 && o->source.family == o->destination.family &&
	       e.set != NULL);
	memcpy(e.key, o->source.bytes, len);
	memcpy(e.key + len, o->destination.bytes, len);
	e.len = (uint8_t)(2 * len);
	if (opening_has_port(o->kind)) {
		e.key[e.len] = (uint8_t)(o->port >> 8);
		e.key[e.len + 1] = (uint8_t)o->port;
		e.len = (uint8_t)(e.len + 4);
	}
	return e;
}

int
fwset_add(struct fwset *fw, const struct action *action)
{
	struct fwtx_element e;

	if (!fwtx_has_room(&fw->tx, 3))
		return -ENOSPC;
	e = element_of(fw, &action->opening);
	/* nft add element inet pinholed pin4 { S . D . P timeout T }
	 * nft delete element inet pinholed pin4 { S . D . P }, and for
	 * all but ACTION_CLOSE again the first; to open a pinhole
	 * nft create element inet pinholed pin4 { S . D . P timeout T } */
	if (action->kind == ACTION_OPEN &&
	    opening_has_port(action->opening.kind)) {
		fwtx_create(&fw->tx, &e);
		return 0;
	}
	fwtx_add(&fw->tx, &e);
	fwtx_delete(&fw->tx, &e);
	if (action->kind != ACTION_CLOSE)
		fwtx_add(&fw->tx, &e);
	return 0;
}

int
fwset_commit(struct fwset *fw)
{
	return fwtx_commit(&fw->tx);
}

int
fwset_flush(struct fwset *fw)
{
	/* nft flush set inet pinholed pin4, and so on */
	for (size_t i = 0; i < 2 * OPENING_KINDS; i++)
		if (opening_sets[i / 2][i % 2] != NULL)
			fwtx_delete_all(&fw->tx, table_of(fw, i / 2),
					opening_sets[i / 2][i % 2]);
	return fwtx_commit(&fw->tx);
}
