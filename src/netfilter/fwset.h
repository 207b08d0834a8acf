/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nftables sets that hold what is open: the only code that changes the
 * firewall. Changes are gathered and committed as one transaction whose
 * acknowledgement has come when fwset_commit() returns.
 */
#ifndef NETFILTER_FWSET_H
#define NETFILTER_FWSET_H

#include "pinholed/action.h"
#include "pinholed/policy.h"

struct fwset;

/*
 * Opens a netlink socket for table @table of family inet, and for table @table_tls,
 * which has what is for pinholed-tls. *@out is owned by the
 * caller: fwset_close(). Returns 0 or -errno.
 */
int fwset_open(const char *table, struct fwset **out)
	__attribute__((warn_unused_result));
void fwset_close(struct fwset *fw); /* NULL is allowed */

/* Whether the ruleset is loaded: 0, -ENOENT when a table or one of its sets is not
 * there, or another -errno. With -ENOENT *@missing says which, "set pin6 in table
 * inet pinholed", until the next call. */
int fwset_check(struct fwset *fw, const char **missing);

/* A number for the tables as fwset_check() saw them last: the kernel gives every
 * table a new handle, so another number means that one was deleted and loaded
 * again, and its sets are empty. */
uint64_t fwset_table_handle(const struct fwset *fw);

/*
 * Adds one change to the transaction, of anything but a window. ACTION_OPEN,
 * ACTION_REFRESH: the opening is there with its full timeout, whether it was or not,
 * but for a pinhole that is opened where there is one: then the commit fails with
 * -EEXIST. ACTION_CLOSE: it is gone, whether it was there or not. Returns 0, or
 * -ENOSPC when the transaction is full (commit it first).
 */
int fwset_add(struct fwset *fw, const struct action *action)
	__attribute__((warn_unused_result));

/*
 * Commits what was added and waits for the kernel's answer. An empty
 * transaction is 0 at once. On -errno nothing of it took effect: the caller may
 * add and commit the changes one by one to find the bad one. The transaction is
 * empty afterwards in either case.
 */
int fwset_commit(struct fwset *fw) __attribute__((warn_unused_result));

/*
 * Makes the sets that come from the configuration equal to @policy: control
 * ports, the passive ranges of all servers whose opaque sessions get a grant
 * (fallback included), and the servers that are terminated, flattened so that
 * the most specific `server` wins, as in policy_server(). With the first one that
 * is terminated the table for pinholed-tls wakes. @copies: somebody reads copies, so
 * not all packets of control connections need be held. One transaction; 0 or
 * -errno.
 */
int fwset_sync_policy(struct fwset *fw, const struct policy *policy, bool copies)
	__attribute__((warn_unused_result));

/* Puts the table for pinholed-tls to sleep: no packet passes its chain until
 * fwset_sync_policy() wakes it, or the ruleset is loaded again. 0 or -errno. */
int fwset_sleep_tls(struct fwset *fw) __attribute__((warn_unused_result));

/* First packets between two ends that have a grant, to a port that was not open. */
struct fwset_missed {
	struct addr source, destination;
	uint16_t port;
	uint32_t ago_ms; /* the first of them */
};

/* The ruleset forgets them after this time. */
#define FWSET_MISSED_MS 600000

/* Calls @each for what the ruleset has noted in its "missed" sets. Waits for the
 * kernel's answer. 0 or -errno; -ENOENT where the ruleset has no such sets. */
int fwset_missed(struct fwset *fw,
		 void (*each)(const struct fwset_missed *, void *), void *arg);

/* Removes every pinhole and grant, whoever added it (a start after a crash:
 * what is still true will be opened again). One transaction; 0 or -errno. */
int fwset_flush(struct fwset *fw) __attribute__((warn_unused_result));

#endif
