/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DAEMON_RULESET_H
#define DAEMON_RULESET_H

struct state;
struct policy;

/* At start: whether it is loaded. 0 or -errno; -ENOENT has been logged. */
int ruleset_check(struct state *st);

/* Writes into it what @policy says. 0 or -errno, then nothing has changed. */
int ruleset_sync(struct state *st, const struct policy *policy);

/* Puts what is for pinholed-tls to sleep where it has no connections and is to have
 * none. Once it is awake it stays so: what it has goes on when no more is to come.
 * 0 or -errno. */
int ruleset_settle(struct state *st);

/* Now and then: whether it has gone, or come again. */
void ruleset_watch(struct state *st);

#endif
