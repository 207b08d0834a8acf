/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The worker's two loops: the reader's over packets, which are in somebody's way,
 * and the keeper's over news from connection tracking and time, which are not.
 * Each turn of either is under the lock.
 *
 * The order in a batch is what makes a pinhole exist before the packet that
 * announces it is let through: every packet is stepped, what follows is committed
 * to the kernel in one transaction, and only then is the batch accepted. Logging
 * comes last, outside of the packets' way.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "daemon/worker_state.h"
#include "netfilter/ctnl.h"

/* The keeper's loop turns at least this often, for the watchdog and for what the
 * reader has made due; the reader's does with TRAFFIC_WAIT_MS. */
#define TURN_MS 1000
/* Pieces of news, and ticks, that one turn handles before it gives way. */
#define NEWS_MAX 256
/* News that comes so soon behind other news waits: nobody needs it sooner but those
 * who ask for it themselves, the reader (gate_foresee()) and worker_event(), and each
 * turn of the keeper takes a processor from those whose packets wait. */
#define NEWS_PAUSE_MS 10

uint64_t
clock_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
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

/* What the newest step said of its packet; CLASS_NONE: nothing. */
static enum session_class
verdict_of(const struct actions *actions)
{
	enum session_class class = CLASS_NONE;

	for (uint32_t i = 0; i < actions->count; i++)
		if (actions->list[i].kind == ACTION_VERDICT)
			class = actions->list[i].class;
	return class;
}

/* Of packet @index of the queue's newest. Errors are counted. */
static void
give_verdict(struct worker *w, int index, enum session_class class)
{
	struct pktq *queue = w->traffic.queue;

	if (class == CLASS_CUT)
		pktq_drop(queue, index);
	else if (class != CLASS_NONE)
		pktq_accept_marked(queue, index,
				   class == CLASS_DATA_GRANT ? VERDICT_PROVEN :
							       VERDICT_UNPROVEN,
				   VERDICT_MASK);
}

static void
answer_held(struct worker *w, const struct traffic_batch *batch)
{
	for (int i = batch->copies; i < batch->count && !w->ledger.shadow; i++)
		give_verdict(w, i - batch->copies, w->verdicts[i]);
	/* Else what was read of the queue may still wait behind copies. */
	if (batch->count > batch->copies)
		pktq_accept_batch(w->traffic.queue);
}

_Static_assert(TRAFFIC_BATCH <= FORESEE_MAX, "a batch is foreseen as a whole");

static int
take_batch(struct worker *w, const struct traffic_batch *batch, bool news,
	   uint64_t now)
{
	/* The keeper may not have come to it yet. */
	int err = news ? take_news(w, now) : 0;

	for (int i = 0; i < batch->count; i++) {
		step(w, &(struct event){ .kind = EVENT_PACKET,
					 .now_ns = now,
					 .packet = batch->packets[i],
					 .foreseen = (uint32_t)i + 1 });
		w->verdicts[i] = verdict_of(&w->actions);
	}
	settle(w, now);
	answer_held(w, batch);
	return err;
}

/* What traffic_wait() has found. */
static int
take_packets(struct worker *w, uint64_t now)
{
	struct traffic *t = &w->traffic;
	struct traffic_batch batch;
	bool news = gate_foresee(w->gate, t->held, (size_t)t->held_count);
	/* In shadow mode nothing is marked. */
	bool copies = w->ledger.shadow || gate_may_follow_copies(w->gate);
	int err = traffic_take(t, copies, &batch);

	if (batch.copies != 0)
		news = gate_foresee(w->gate, batch.packets,
				    (size_t)batch.count);
	return err != 0 || batch.count == 0 ? err :
					      take_batch(w, &batch, news, now);
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
	struct worker *w = arg;
	uint64_t now;
	int err = 0;

	while (err == 0 && !atomic_load(&w->stop)) {
		err = traffic_wait(&w->traffic);
		pthread_mutex_lock(&w->lock);
		/* Behind the lock: the others may have stepped the gate just
		 * now, and the gate's time never goes back. */
		now = clock_now_ns();
		atomic_store(&w->reader_alive_ns, now);
		if (err == 0) {
			err = take_packets(w, now);
			ledger_log(&w->ledger);
		}
		pthread_mutex_unlock(&w->lock);
	}
	if (err != 0)
		give_up(w, &w->reader_alive_ns, err);
	return NULL;
}

static int
keep_turn(struct worker *w, const struct pollfd fds[static 2])
{
	eventfd_t drain;
	uint64_t now;
	int err;

	if ((fds[1].revents & POLLIN) != 0)
		eventfd_read(w->wake, &drain);
	pthread_mutex_lock(&w->lock);
	now = clock_now_ns(); /* as above */
	atomic_store(&w->keeper_alive_ns, now);
	/* Also what the pause left waiting: it happened before now. */
	err = take_news(w, now);
	take_time(w, now);
	settle(w, now);
	ledger_log(&w->ledger);
	pthread_mutex_unlock(&w->lock);
	return err;
}

/* Until there is something for the keeper to do, or poll()'s error. Behind news,
 * for which @rest is set, only the wake-up is listened to for a while. */
static int
wait_for_turn(struct worker *w, struct pollfd fds[static 2], bool rest)
{
	int left, ready = 0;

	fds[0].revents = 0;
	if (rest) {
		left = time_left_ms(w);
		ready = poll(fds + 1, 1,
			     left < NEWS_PAUSE_MS ? left : NEWS_PAUSE_MS);
	}
	return ready != 0 ? ready : poll(fds, 2, time_left_ms(w));
}

static void *
keep(void *arg)
{
	struct worker *w = arg;
	struct pollfd fds[2] = {
		{ .fd = ctnl_fd(w->ct), .events = POLLIN },
		{ .fd = w->wake, .events = POLLIN },
	};
	int err = 0;

	while (err == 0 && !atomic_load(&w->stop)) {
		if (wait_for_turn(w, fds, fds[0].revents != 0) < 0 &&
		    errno != EINTR)
			err = -errno;
		else
			err = keep_turn(w, fds);
	}
	if (err != 0)
		give_up(w, &w->keeper_alive_ns, err);
	return NULL;
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
		eventfd_write(w->wake, 1);
		pthread_join(w->keeper, NULL);
	}
	return err;
}

void
worker_stop(struct worker *w)
{
	atomic_store(&w->stop, true);
	eventfd_write(w->wake, 1);
	traffic_wake(&w->traffic);
	pthread_join(w->keeper, NULL);
	pthread_join(w->reader, NULL);
}

void
worker_event(struct worker *w, struct event *event)
{
	pthread_mutex_lock(&w->lock);
	event->now_ns = clock_now_ns();
	/* As before packets. An error is the keeper's, who meets it too. */
	take_news(w, event->now_ns);
	step(w, event);
	settle(w, event->now_ns);
	ledger_log(&w->ledger);
	pthread_mutex_unlock(&w->lock);
	eventfd_write(w->wake, 1);
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
	eventfd_write(w->wake, 1);
	return reason;
}

struct found {
	struct worker *w;
	bool owned, terminated;
};

static void
found_flow(const struct event *event, void *arg)
{
	struct found *found = arg;
	struct event e = *event;

	e.now_ns = clock_now_ns();
	e.flow.owned = found->owned;
	found->terminated |= e.flow.class == CLASS_TERMINATED;
	step(found->w, &e);
}

int
worker_find_flows(struct worker *w, bool owned, bool *terminated)
{
	struct found found = { .w = w, .owned = owned };
	int err;

	pthread_mutex_lock(&w->lock);
	err = ctnl_dump(w->ct, found_flow, &found);
	*terminated |= found.terminated;
	settle(w, clock_now_ns());
	ledger_log(&w->ledger);
	pthread_mutex_unlock(&w->lock);
	return err;
}
