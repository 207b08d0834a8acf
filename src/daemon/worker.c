/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The worker's two loops: the reader's over packets, which are in somebody's way,
 * and the keeper's over news from connection tracking and time, which are not. So
 * the reader waits for packets and receives them with one system call. Each turn
 * of either is under the lock.
 *
 * The order in a batch is what makes a pinhole exist before the packet that
 * announces it is let through: every packet is stepped, what follows is committed
 * to the kernel in one transaction, and only then is the batch accepted. Logging
 * comes last, outside of the packets' way.
 */
#include "daemon/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "netfilter/ctnl.h"
#include "netfilter/fwset.h"
#include "netfilter/pktq.h"
#include "daemon/chronicle.h"
#include "daemon/feed.h"
#include "daemon/ledger.h"

/* The keeper's loop turns at least this often, for the watchdog and for what the
 * reader has made due; the reader's does with PKTQ_WAIT_MS. */
#define TURN_MS 1000
/* Pieces of news, and ticks, that one turn handles before it gives way. */
#define NEWS_MAX 256
/* News that comes so soon behind other news waits: nobody needs it sooner but the
 * reader, who asks for it himself (gate_foresee()), and each turn of the keeper takes
 * a processor from those whose packets wait. */
#define NEWS_PAUSE_MS 10

struct worker {
	pthread_t reader, keeper;
	pthread_mutex_t lock; /* over all below but the atomics */
	struct gate *gate;
	void *memory;
	size_t memory_size;
	struct pktq *queue;
	struct ctnl *ct;
	struct fwset *fw;
	int wake; /* eventfd: the deadline may have changed, or stop */
	struct feed *feed;
	struct chronicle *chronicle;
	const struct policy *policy; /* in force */
	struct ledger ledger;
	struct actions actions;
	enum session_class admitted[PKTQ_BATCH]; /* of this batch */
	uint64_t news_lost;
	uint16_t index;
	_Atomic bool stop, ruleset_missing;
	_Atomic uint64_t reader_alive_ns, keeper_alive_ns;
};

uint64_t
clock_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static int
open_gate(struct worker *w, const struct conf *conf,
	  const struct policy *policy)
{
	uint64_t seed;

	w->memory_size = gate_size(&conf->limits);
	w->memory = mmap(NULL, w->memory_size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w->memory == MAP_FAILED) {
		w->memory = NULL;
		return -errno;
	}
	/* Large pages, where there are any: sessions are met in no order.
	 * Populated now (gate_init() writes it all): memory must not grow, or
	 * fail, under load. */
	madvise(w->memory, w->memory_size, MADV_HUGEPAGE);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	w->gate = gate_init(w->memory, &conf->limits, policy, w->index, seed,
			    clock_now_ns());
	/* For the chronicle, which keeps little of it. */
	gate_trace(w->gate, true);
	w->policy = policy;
	return 0;
}

int
worker_open(const struct conf *conf, const struct policy *policy,
	    uint16_t index, int feed_wake, struct worker **out,
	    const char **what)
{
	struct worker *w = calloc(1, sizeof(*w));
	uint16_t number = (uint16_t)(conf->queue_first + index);
	int err;

	*out = NULL;
	*what = "memory";
	if (w == NULL)
		return -ENOMEM;
	w->index = index;
	w->wake = -1;
	pthread_mutex_init(&w->lock, NULL);
	err = open_gate(w, conf, policy);
	if (err == 0) {
		w->feed = feed_new(feed_wake);
		w->chronicle = chronicle_new();
		if (w->feed == NULL || w->chronicle == NULL)
			err = -ENOMEM;
	}
	if (err == 0) {
		*what = "queue";
		err = pktq_open(number, conf->queue_length, &w->queue);
	}
	if (err == 0) {
		*what = "connection tracking";
		err = ctnl_open(&w->ct);
	}
	if (err == 0) {
		*what = "nftables";
		err = fwset_open(conf->table, &w->fw);
	}
	if (err == 0) {
		*what = "eventfd";
		w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		err = w->wake < 0 ? -errno : 0;
	}
	if (err != 0) {
		worker_close(w);
		return err;
	}
	w->ledger.fw = w->fw;
	w->ledger.ct = w->ct;
	w->ledger.feed = w->feed;
	w->ledger.shadow = policy->shadow;
	*out = w;
	return 0;
}

void
worker_close(struct worker *w)
{
	if (w == NULL)
		return;
	if (w->wake >= 0)
		close(w->wake);
	fwset_close(w->fw);
	ctnl_close(w->ct);
	pktq_close(w->queue);
	feed_free(w->feed);
	chronicle_free(w->chronicle);
	if (w->memory != NULL)
		munmap(w->memory, w->memory_size);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void
step(struct worker *w, const struct event *event)
{
	if (event->kind == EVENT_POLICY)
		w->policy = event->policy;
	gate_step(w->gate, event, &w->actions);
	for (uint32_t i = 0; i < w->actions.count; i++)
		chronicle_take(w->chronicle, w->policy, &w->actions.list[i],
			       event->now_ns);
	ledger_take(&w->ledger, &w->actions, event->now_ns);
}

/* Tells the gate what the kernel did not take of the last commit. */
static void
settle_failed(struct worker *w, uint64_t now)
{
	uint32_t failed[LEDGER_MAX], count;

	if (w->ledger.ruleset_missing)
		atomic_store(&w->ruleset_missing, true);
	count = w->ledger.failed_count;
	memcpy(failed, w->ledger.failed, count * sizeof(failed[0]));
	for (uint32_t i = 0; i < count; i++)
		step(w, &(struct event){ .kind = EVENT_OPEN_FAILED,
					 .now_ns = now,
					 .handle = failed[i] });
	if (count != 0)
		ledger_commit(&w->ledger);
}

static void
settle(struct worker *w, uint64_t now)
{
	ledger_commit(&w->ledger);
	settle_failed(w, now);
}

static void
take_time(struct worker *w, uint64_t now)
{
	struct event tick = { .kind = EVENT_TICK, .now_ns = now };

	for (int i = 0; i < NEWS_MAX && gate_deadline(w->gate) <= now; i++)
		step(w, &tick);
}

static int
take_news(struct worker *w, uint64_t now)
{
	struct event event;
	int err = 1;

	for (int i = 0; i < NEWS_MAX && err > 0; i++) {
		err = ctnl_receive(w->ct, &event);
		if (err > 0) {
			event.now_ns = now;
			step(w, &event);
		}
	}
	if (err == -ENOBUFS) {
		w->news_lost++;
		log_warn("worker %u: connection tracking news was lost; "
			 "sessions that ended meanwhile go by their timeouts",
			 w->index);
		err = 0;
	}
	return err < 0 ? err : 0;
}

/* The class that the newest step's packet gives its connection, or CLASS_NONE. */
static enum session_class
admitted_as(const struct actions *actions)
{
	enum session_class class = CLASS_NONE;

	for (uint32_t i = 0; i < actions->count; i++)
		if (actions->list[i].kind == ACTION_ADMIT)
			class = actions->list[i].class;
	return class;
}

static void
accept_packets(struct worker *w, int count)
{
	for (int i = 0; i < count; i++) {
		enum session_class class = w->admitted[i];
		uint32_t value = class == CLASS_CUT	   ? VERDICT_CUT :
				 class == CLASS_DATA_GRANT ? VERDICT_PROVEN :
							     VERDICT_UNPROVEN;

		/* errors are counted */
		if (class != CLASS_NONE && !w->ledger.shadow)
			pktq_accept_marked(w->queue, i, value, VERDICT_MASK);
	}
	pktq_accept_batch(w->queue);
}

_Static_assert(PKTQ_BATCH <= FORESEE_MAX, "a batch is foreseen as a whole");

static int
take_packets(struct worker *w, const struct span *packets, int count,
	     uint64_t now)
{
	int err = 0;

	/* The keeper may not have come to it yet. */
	if (gate_foresee(w->gate, packets, (size_t)count))
		err = take_news(w, now);
	for (int i = 0; i < count; i++) {
		step(w, &(struct event){ .kind = EVENT_PACKET,
					 .now_ns = now,
					 .packet = packets[i],
					 .foreseen = (uint32_t)i + 1 });
		w->admitted[i] = admitted_as(&w->actions);
	}
	settle(w, now);
	accept_packets(w, count);
	return err;
}

/* Milliseconds until the gate is due, at most TURN_MS. */
static int
time_left_ms(struct worker *w)
{
	uint64_t due, now = clock_now_ns();

	pthread_mutex_lock(&w->lock);
	due = gate_deadline(w->gate);
	pthread_mutex_unlock(&w->lock);
	if (due <= now)
		return 0;
	due = (due - now) / 1000000u + 1;
	return due < TURN_MS ? (int)due : TURN_MS;
}

/* A loop has come to its end by itself. */
static void
give_up(struct worker *w, _Atomic uint64_t *alive_ns, int err)
{
	log_err("worker %u: %s; control traffic passes unread", w->index,
		strerror(-err));
	atomic_store(alive_ns, 0);
}

static void *
read_packets(void *arg)
{
	struct span packets[PKTQ_BATCH];
	struct worker *w = arg;
	uint64_t now;
	int count = 0, err = 0;

	while (count >= 0 && err == 0 && !atomic_load(&w->stop)) {
		count = pktq_receive(w->queue, true, packets);
		pthread_mutex_lock(&w->lock);
		/* Behind the lock: the others may have stepped the gate just
		 * now, and the gate's time never goes back. */
		now = clock_now_ns();
		atomic_store(&w->reader_alive_ns, now);
		if (count > 0) {
			err = take_packets(w, packets, count, now);
			ledger_log(&w->ledger);
		}
		pthread_mutex_unlock(&w->lock);
	}
	if (count < 0 || err != 0)
		give_up(w, &w->reader_alive_ns, count < 0 ? count : err);
	return NULL;
}

static int
keep_turn(struct worker *w, const struct pollfd fds[static 2])
{
	uint64_t now, drain;
	int err = 0;

	if ((fds[1].revents & POLLIN) != 0 &&
	    read(w->wake, &drain, sizeof(drain)) < 0)
		drain = 0; /* somebody else's wake-up: nothing to do */
	pthread_mutex_lock(&w->lock);
	now = clock_now_ns(); /* as above */
	atomic_store(&w->keeper_alive_ns, now);
	if (fds[0].revents != 0)
		err = take_news(w, now);
	take_time(w, now);
	settle(w, now);
	ledger_log(&w->ledger);
	pthread_mutex_unlock(&w->lock);
	return err;
}

static void *
keep(void *arg)
{
	struct worker *w = arg;
	struct pollfd fds[2] = {
		{ .fd = ctnl_fd(w->ct), .events = POLLIN },
		{ .fd = w->wake, .events = POLLIN },
	};
	bool paused = false;
	int err = 0;

	while (err == 0 && !atomic_load(&w->stop)) {
		int left = time_left_ms(w);

		/* A pause hears of no news, only of the wake-up. */
		if (paused && left > NEWS_PAUSE_MS)
			left = NEWS_PAUSE_MS;
		fds[0].revents = 0;
		if (poll(fds + paused, 2 - paused, left) < 0 && errno != EINTR)
			err = -errno;
		else
			err = keep_turn(w, fds);
		paused = !paused && fds[0].revents != 0;
	}
	if (err != 0)
		give_up(w, &w->keeper_alive_ns, err);
	return NULL;
}

static void
wake(struct worker *w)
{
	uint64_t one = 1;

	/* Full means that it is awake already. */
	if (write(w->wake, &one, sizeof(one)) < 0)
		return;
}

int
worker_start(struct worker *w)
{
	int err;

	atomic_store(&w->reader_alive_ns, clock_now_ns());
	atomic_store(&w->keeper_alive_ns, clock_now_ns());
	err = -pthread_create(&w->keeper, NULL, keep, w);
	if (err != 0)
		return err;
	err = -pthread_create(&w->reader, NULL, read_packets, w);
	if (err != 0) {
		atomic_store(&w->stop, true);
		wake(w);
		pthread_join(w->keeper, NULL);
	}
	return err;
}

void
worker_stop(struct worker *w)
{
	atomic_store(&w->stop, true);
	wake(w);
	pktq_wake(w->queue);
	pthread_join(w->keeper, NULL);
	pthread_join(w->reader, NULL);
}

void
worker_event(struct worker *w, struct event *event)
{
	pthread_mutex_lock(&w->lock);
	event->now_ns = clock_now_ns();
	step(w, event);
	settle(w, event->now_ns);
	ledger_log(&w->ledger);
	pthread_mutex_unlock(&w->lock);
	wake(w);
}

static bool
has_failed(const struct ledger *ledger, uint32_t handle)
{
	for (uint32_t i = 0; i < ledger->failed_count; i++)
		if (ledger->failed[i] == handle)
			return true;
	return false;
}

enum reason
worker_request(struct worker *w, struct event *event, uint32_t *handle)
{
	enum reason reason;

	pthread_mutex_lock(&w->lock);
	event->now_ns = clock_now_ns();
	step(w, event);
	reason = w->actions.answer.reason;
	*handle = w->actions.answer.handle;
	ledger_commit(&w->ledger);
	if (*handle != 0 && has_failed(&w->ledger, *handle)) {
		reason = REASON_KERNEL_REFUSED;
		*handle = 0;
	}
	settle_failed(w, event->now_ns);
	ledger_log(&w->ledger);
	pthread_mutex_unlock(&w->lock);
	/* Its deadline may be nearer than the worker thinks. */
	wake(w);
	return reason;
}

struct found {
	struct worker *w;
	bool owned;
};

static void
found_flow(const struct event *event, void *arg)
{
	struct found *found = arg;
	struct event e = *event;

	e.now_ns = clock_now_ns();
	e.flow.owned = found->owned;
	step(found->w, &e);
}

int
worker_find_flows(struct worker *w, bool owned)
{
	struct found found = { .w = w, .owned = owned };
	int err;

	pthread_mutex_lock(&w->lock);
	err = ctnl_dump(w->ct, found_flow, &found);
	settle(w, clock_now_ns());
	ledger_log(&w->ledger);
	pthread_mutex_unlock(&w->lock);
	return err;
}

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
worker_remembers(struct worker *w, uint32_t *entry,
		 struct chronicle_entry *out)
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
	const struct pktq_counters *queue;
	const struct gate_counters *gate;

	pthread_mutex_lock(&w->lock);
	gate = gate_counters(w->gate);
#define X(name, help) sum->gate.name += gate->name;
	GATE_COUNTERS(X)
#undef X
	gate_classes(w->gate, sum->classes);
	gate_exposure(w->gate, clock_now_ns(), sum->exposure);
	queue = pktq_counters(w->queue);
	sum->queue_overruns += queue->overruns;
	sum->verdict_errors += queue->verdict_errors;
	sum->transactions += w->ledger.transactions;
	sum->transactions_failed += w->ledger.transactions_failed;
	sum->marks_failed += w->ledger.marks_failed;
	sum->news_lost += w->news_lost;
	pthread_mutex_unlock(&w->lock);
}
