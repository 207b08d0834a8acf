/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A worker: one queue, one gate, two threads. Its state is behind one lock, taken
 * once per batch of packets by the one, for news and time by the other, and by the
 * main thread for questions.
 */
#ifndef DAEMON_WORKER_H
#define DAEMON_WORKER_H

#include <stdint.h>

#include "io/conf.h"
#include "io/control.h"
#include "pinholed/event.h"

struct worker;

/* Opens the sockets of worker @index (they need CAP_NET_ADMIN) and makes its
 * gate. @conf is borrowed for the call, @policy until worker_set_policy();
 * @feed_wake: see feed_new(). 0 or -errno, with *@what naming what failed. Owned
 * by the caller: worker_close(). */
int worker_open(const struct conf *conf, const struct policy *policy,
		uint16_t index, int feed_wake, struct worker **out,
		const char **what)
	__attribute__((warn_unused_result));

/* Starts the threads; 0 or -errno. */
int worker_start(struct worker *w) __attribute__((warn_unused_result));

/* Ends the threads and waits for them. */
void worker_stop(struct worker *w);

/* NULL is allowed. The threads must have ended. */
void worker_close(struct worker *w);

/* Gives the gate an event from the main thread and applies what follows. Its
 * time is set here. */
void worker_event(struct worker *w, struct event *event);

/* The same for EVENT_REQUEST: why not, or REASON_NONE when all of it is in the
 * kernel. *@handle becomes the opening's, or 0. */
enum reason worker_request(struct worker *w, struct event *event,
			   uint32_t *handle);

/* Running control connections, from their conntrack marks. @owned: see struct
 * event. *@terminated is set where pinholed-tls has one of them. 0 or -errno. */
int worker_find_flows(struct worker *w, bool owned, bool *terminated);

/* The time of the last turn of the loop that is further behind, for the watchdog;
 * 0: one has ended by itself, and cannot go on. */
uint64_t worker_alive_ns(const struct worker *w);

/* Whether packets that need not be held may be copied to it instead. */
bool worker_reads_copies(const struct worker *w);

/* True when a commit found the ruleset missing since the last call. */
bool worker_saw_ruleset_missing(struct worker *w);

/* As in struct control_source; @entry is the cursor within this worker. */
size_t worker_sessions(struct worker *w, uint32_t *entry,
		       struct session_view out[static CONTROL_BATCH]);
size_t worker_openings(struct worker *w, uint32_t *entry,
		       struct opening_view out[static CONTROL_BATCH]);

size_t worker_servers(struct worker *w, uint32_t *entry,
		      struct server_view out[static CONTROL_BATCH]);

/* The next of the sessions that it remembers; *@entry is 0 at first. False at the
 * end. */
struct chronicle_entry;
bool worker_remembers(struct worker *w, uint32_t *entry,
		      struct chronicle_entry *out);

/* What was learned of servers' windows: as gate_learned_next() and gate_learn().
 * worker_learn(): before worker_start(). */
bool worker_learned(struct worker *w, uint32_t *entry,
		    struct learned_view *out);
void worker_learn(struct worker *w, const struct learned_view *in);

bool worker_has_session(struct worker *w, const struct endpoint *client,
			const struct endpoint *server);

/* What it tells those who watch, to be taken by the main thread. */
struct feed;
struct feed *worker_feed(struct worker *w);

struct worker_counters {
	struct gate_counters gate;
	struct exposure exposure[OPENING_KINDS];
	uint64_t classes[CONTROL_CLASSES];
	uint64_t queue_overruns, verdict_errors;
	uint64_t packets_copied, copy_overruns;
	uint64_t transactions, transactions_failed, marks_failed;
	uint64_t news_lost;
};

/* Adds this worker's counters to *@sum. */
void worker_add_counters(struct worker *w, struct worker_counters *sum);

/* Now, in the clock of all events. */
uint64_t clock_now_ns(void);

#endif
