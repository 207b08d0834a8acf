/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two sockets, one order.
 *
 * The ruleset makes the kernel deliver all copies that wait before it queues a
 * packet. So the queue is read first, and then, behind it, the copies: among them
 * is all that was said before what the queue held. What is said in answer to a
 * held packet cannot be there, as that packet has not gone on.
 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "netfilter/traffic.h"

/* How often one looks whether the queue has something before one sleeps, and lets
 * others run in between: some 30 us, in which the answer of a peer nearby can come.
 * To be woken costs more, both the reader and who sends, and makes batches small. */
#define LOOKS 32

int
traffic_open(struct traffic *t, uint16_t queue, uint32_t max_length)
{
	memset(t, 0, sizeof(*t));
	t->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->wake < 0)
		return -errno;
	return pktq_open(queue, max_length, &t->queue);
}

int
traffic_open_copies(struct traffic *t, uint16_t group)
{
	return nflog_open(group, &t->copies);
}

void
traffic_close(struct traffic *t)
{
	nflog_close(t->copies);
	pktq_close(t->queue);
	if (t->wake > 0)
		close(t->wake);
}

void
traffic_wake(struct traffic *t)
{
	eventfd_write(t->wake, 1);
}

static int
read_queue(struct traffic *t)
{
	int got = pktq_receive(t->queue, t->held);

	t->held_count = got > 0 ? got : 0;
	return got < 0 ? got : 0;
}

/* The queue's packets, unless some wait already; looks @looks times. */
static int
look_at_queue(struct traffic *t, int looks)
{
	int err = 0;

	for (int i = 0; i < looks && t->held_count == 0 && err == 0; i++) {
		if (i != 0)
			sched_yield();
		err = read_queue(t);
	}
	return err;
}

static int
sleep_until_ready(const struct traffic *t)
{
	struct pollfd fds[3] = {
		{ .fd = pktq_fd(t->queue), .events = POLLIN },
		{ .fd = t->wake, .events = POLLIN },
		{ .fd = t->copies != NULL ? nflog_fd(t->copies) : -1,
		  .events = POLLIN },
	};

	return poll(fds, 3, TRAFFIC_WAIT_MS) < 0 && errno != EINTR ? -errno : 0;
}

int
traffic_wait(struct traffic *t)
{
	int err = 0;

	if (t->idle)
		err = sleep_until_ready(t);
	return err != 0 ? err : look_at_queue(t, t->busy ? LOOKS : 1);
}

/* The copies and, behind them, what the queue had: as soon as there are no more
 * copies, or it has waited long enough, and there is room. */
static int
fill(struct traffic *t, bool copies, struct traffic_batch *batch)
{
	bool due = t->waited == TRAFFIC_PATIENCE, drained = true;
	int got = 0;

	if (copies)
		got = nflog_receive(t->copies, batch->packets,
				    TRAFFIC_BATCH - (due ? t->held_count : 0),
				    &drained);
	if (got < 0)
		return got;
	batch->copies = batch->count = got;
	if (t->held_count == 0)
		return 0;
	if ((!drained && !due) || got + t->held_count > TRAFFIC_BATCH) {
		t->waited++;
		return 0;
	}
	t->overtaken += !drained;
	memcpy(batch->packets + got, t->held,
	       (size_t)t->held_count * sizeof(t->held[0]));
	batch->count += t->held_count;
	t->held_count = t->waited = 0;
	return 0;
}

int
traffic_take(struct traffic *t, bool copies, struct traffic_batch *batch)
{
	int err;

	copies |= t->held_count == 0 || t->unlooked == TRAFFIC_UNLOOKED;
	t->unlooked = copies ? 0 : t->unlooked + 1;
	batch->copies = batch->count = 0;
	err = fill(t, copies && t->copies != NULL, batch);
	t->busy = batch->count > batch->copies;
	t->idle = batch->count == 0 && t->held_count == 0;
	return err;
}
