/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger: one transaction per batch, split up only when it fails. */
#include "daemon/ledger.h"

#include <errno.h>

#include "io/log.h"

static bool
changes_sets(const struct action *a)
{
	return (a->kind == ACTION_OPEN || a->kind == ACTION_CLOSE ||
		a->kind == ACTION_REFRESH) &&
	       !opening_is_window(a->opening.kind);
}

static void
write_mark(struct ledger *l, const struct action *a)
{
	if (ctnl_set_class(l->ct, &a->client, &a->server, a->class) != 0)
		l->marks_failed++;
}

static int
commit(struct ledger *l)
{
	int err = fwset_commit(l->fw);

	l->transactions++;
	if (err != 0)
		l->transactions_failed++;
	l->ruleset_missing = err == -ENOENT;
	return err;
}

/* The core will say that it failed; the log must not say that it is open. */
static void
note_failure(struct ledger *l, struct action *a)
{
	if (a->kind != ACTION_OPEN)
		return;
	a->level = NOTE_DEBUG;
	l->failed[l->failed_count++] = a->opening.handle;
}

/*
 * A transaction is all or nothing: after a failure each change is tried alone, so
 * that one that the kernel refuses does not cost the others. Without the ruleset
 * none can succeed, and each try would cost milliseconds.
 */
static void
commit_one_by_one(struct ledger *l, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		struct action *a = &l->list[i];
		struct action again = *a;

		if (!changes_sets(a))
			continue;
		/* It may be what nobody thought was there. */
		if (again.kind == ACTION_OPEN)
			again.kind = ACTION_REFRESH;
		if (l->ruleset_missing || fwset_add(l->fw, &again) != 0 ||
		    commit(l) != 0)
			note_failure(l, a);
	}
}

static void
commit_range(struct ledger *l, uint32_t from, uint32_t to)
{
	bool any = false;

	for (uint32_t i = from; i < to; i++) {
		struct action *a = &l->list[i];

		if (a->kind == ACTION_MARK)
			write_mark(l, a);
		if (!changes_sets(a))
			continue;
		if (fwset_add(l->fw, a) == -ENOSPC) {
			if (commit(l) != 0)
				commit_one_by_one(l, from, i);
			from = i;
			if (fwset_add(l->fw, a) != 0)
				note_failure(l, a);
		}
		any = true;
	}
	if (any && commit(l) != 0)
		commit_one_by_one(l, from, to);
}

void
ledger_commit(struct ledger *l)
{
	l->failed_count = 0;
	if (!l->shadow)
		commit_range(l, l->committed, l->count);
	l->committed = l->count;
}

/* Commands and replies are many, and only a debug log has them. */
static bool
is_told(const struct action *a)
{
	return (a->reason != REASON_COMMAND && a->reason != REASON_REPLY &&
		a->reason != REASON_REPLY_LINE) ||
	       log_enabled(LOG_LEVEL_DEBUG);
}

void
ledger_take(struct ledger *l, const struct actions *actions, uint64_t now_ns)
{
	if (LEDGER_MAX - l->count < actions->count) {
		ledger_commit(l);
		ledger_log(l);
	}
	for (uint32_t i = 0; i < actions->count; i++)
		if (is_told(&actions->list[i]))
			l->list[l->count++] = actions->list[i];
	l->now_ns = now_ns;
}

void
ledger_log(struct ledger *l)
{
	for (uint32_t i = 0; i < l->committed; i++) {
		log_action(&l->list[i]);
		feed_put(l->feed, &l->list[i], l->now_ns);
	}
	feed_flush(l->feed);
	l->count = l->committed = 0;
}
