/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ruleset under us: whether it is there, and says what the configuration says. */
#include "daemon/ruleset.h"

#include <errno.h>
#include <string.h>

#include "daemon/peers.h"
#include "daemon/state.h"
#include "io/log.h"
#include "netfilter/fwset.h"

int
ruleset_check(struct state *st)
{
	const char *missing = NULL;
	int err = fwset_check(st->fw, &missing);

	if (err == -ENOENT)
		log_err("cannot start: no %s: the ruleset is not loaded, or "
			"is that of another version; load ours first: nft -f "
			"/etc/pinholed/pinholed.nft",
			missing);
	st->table_handle = fwset_table_handle(st->fw);
	return err;
}

int
ruleset_sync(struct state *st, const struct policy *policy)
{
	int err = fwset_sync_policy(st->fw, policy,
				    worker_reads_copies(st->workers[0]));

	if (err == 0)
		st->tls |= policy_terminates(policy);
	return err;
}

int
ruleset_settle(struct state *st)
{
	return st->tls ? 0 : fwset_sleep_tls(st->fw);
}

/*
 * The ruleset can be flushed and loaded again under us, by a restart of
 * nftables.service for one. Its table's handle tells: what was in its sets is
 * said again. Where it is gone for good nothing opens, and the log says so once.
 */
void
ruleset_watch(struct state *st)
{
	struct event restore = { .kind = EVENT_RESTORE };
	const char *missing = NULL;
	int err = fwset_check(st->fw, &missing);
	bool was = st->ruleset_loaded;
	uint64_t handle = fwset_table_handle(st->fw);
	bool again = was && handle != st->table_handle;

	for (uint16_t i = 0; i < st->worker_count; i++)
		again |= worker_saw_ruleset_missing(st->workers[i]);
	st->ruleset_loaded = err == 0;
	if (err != 0 && was)
		log_err("the ruleset has gone (no %s): "
			"nothing opens until it is loaded again",
			missing != NULL ? missing : "answer");
	if (err != 0 || (was && !again))
		return;
	st->table_handle = handle;
	err = ruleset_sync(st, &st->conf->policy);
	if (err == 0)
		err = ruleset_settle(st);
	if (err != 0) {
		log_err("ports and ranges cannot be written: %s",
			strerror(-err));
		st->ruleset_loaded = false;
		return;
	}
	log_warn("the ruleset was loaded again: restoring what is open");
	for (uint16_t i = 0; i < st->worker_count; i++)
		worker_event(st->workers[i], &restore);
}
