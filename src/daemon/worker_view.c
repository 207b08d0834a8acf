/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others may know of a worker. Each answer is a batch under the lock: a
 * walk that somebody else makes slowly keeps no packet waiting. */
#include "daemon/worker_state.h"

uint64_t
worker_alive_ns(const struct worker *w)
{
	uint64_t reader = atomic_load(&w->reader_alive_ns);
	uint64_t keeper = atomic_load(&w->keeper_alive_ns);

	return reader < keeper ? reader : keeper;
}

bool
worker_saw_ruleset_missing(struct worker *w)
{
	return atomic_exchange(&w->ruleset_missing, false);
}

bool
worker_reads_copies(const struct worker *w)
{
	return w->traffic.copies != NULL;
}

size_t
worker_sessions(struct worker *w, uint32_t *entry,
		struct session_view out[static CONTROL_BATCH])
{
	uint64_t now = clock_now_ns();
	size_t n = 0;

	pthread_mutex_lock(&w->lock);
	while (n < CONTROL_BATCH &&
	       gate_session_next(w->gate, now, entry, &out[n]))
		n++;
	pthread_mutex_unlock(&w->lock);
	return n;
}

size_t
worker_openings(struct worker *w, uint32_t *entry,
		struct opening_view out[static CONTROL_BATCH])
{
	uint64_t now = clock_now_ns();
	size_t n = 0;

	pthread_mutex_lock(&w->lock);
	while (n < CONTROL_BATCH &&
	       gate_opening_next(w->gate, now, entry, &out[n]))
		n++;
	pthread_mutex_unlock(&w->lock);
	return n;
}

size_t
worker_servers(struct worker *w, uint32_t *entry,
	       struct server_view out[static CONTROL_BATCH])
{
	size_t n = 0;

	pthread_mutex_lock(&w->lock);
	while (n < CONTROL_BATCH && gate_server_next(w->gate, entry, &out[n]))
		n++;
	pthread_mutex_unlock(&w->lock);
	return n;
}

bool
worker_remembers(struct worker *w, uint32_t *entry, struct chronicle_entry *out)
{
	bool more;

	pthread_mutex_lock(&w->lock);
	more = chronicle_next(w->chronicle, entry, out);
	pthread_mutex_unlock(&w->lock);
	return more;
}

bool
worker_learned(struct worker *w, uint32_t *entry, struct learned_view *out)
{
	bool more;

	pthread_mutex_lock(&w->lock);
	more = gate_learned_next(w->gate, entry, out);
	pthread_mutex_unlock(&w->lock);
	return more;
}

void
worker_learn(struct worker *w, const struct learned_view *in)
{
	gate_learn(w->gate, in);
}

bool
worker_has_session(struct worker *w, const struct endpoint *client,
		   const struct endpoint *server)
{
	bool has;

	pthread_mutex_lock(&w->lock);
	has = gate_has_session(w->gate, client, server);
	pthread_mutex_unlock(&w->lock);
	return has;
}

struct feed *
worker_feed(struct worker *w)
{
	return w->feed;
}

void
worker_add_counters(struct worker *w, struct worker_counters *sum)
{
	const struct nflog_counters *copies;
	const struct pktq_counters *queue;
	const struct gate_counters *gate;

	pthread_mutex_lock(&w->lock);
	gate = gate_counters(w->gate);
#define X(name, help) sum->gate.name += gate->name;
	GATE_COUNTERS(X)
#undef X
	gate_classes(w->gate, sum->classes);
	gate_exposure(w->gate, clock_now_ns(), sum->exposure);
	queue = pktq_counters(w->traffic.queue);
	sum->queue_overruns += queue->overruns;
	if (w->traffic.copies != NULL) {
		copies = nflog_counters(w->traffic.copies);
		sum->packets_copied += copies->packets;
		sum->copy_overruns += copies->overruns + w->traffic.overtaken;
	}
	sum->verdict_errors += queue->verdict_errors;
	sum->transactions += w->ledger.transactions;
	sum->transactions_failed += w->ledger.transactions_failed;
	sum->marks_failed += w->ledger.marks_failed;
	sum->news_lost += w->news_lost;
	pthread_mutex_unlock(&w->lock);
}
