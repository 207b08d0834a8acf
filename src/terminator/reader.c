/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events to the gate, actions to the sessions that they concern. */
#include "terminator/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "io/log.h"

/* Tells our sessions from pinholed's own in the log. */
#define WORKER 10000
#define TICKS_MAX 64

static void
apply(struct program *p, const struct action *a)
{
	struct control *c = table_control(p->table, &a->client, &a->server);

	if (c != NULL && a->session != 0)
		c->id = a->session;
	switch (a->kind) {
	case ACTION_OPEN:
		/* In the log when pinholed has made it true. */
		if (c != NULL)
			control_opened(c, a);
		return;
	case ACTION_CLOSE:
		log_action(a);
		if (c != NULL)
			control_closed(c, &a->opening);
		return;
	case ACTION_MARK:
		log_action(a);
		if (c != NULL)
			control_class(c, a->class);
		return;
	case ACTION_NOTE:
		log_action(a);
		if (c != NULL && !a->has_opening &&
		    (a->reason == REASON_IDLE ||
		     a->reason == REASON_LIMIT_HALF_OPEN))
			control_end(c, true);
		return;
	case ACTION_VERDICT: /* data connections do not come by here */
	case ACTION_REFRESH:
		return;
	}
}

static enum reason
step(struct program *p, struct event *event)
{
	struct actions actions;

	event->now_ns = program_now_ns();
	gate_step(p->gate, event, &actions);
	for (uint32_t i = 0; i < actions.count; i++)
		apply(p, &actions.list[i]);
	return actions.answer.reason;
}

int
reader_open(struct program *p)
{
	struct gate_limits limits = {
		.sessions = p->conf->max_sessions,
		.openings = p->conf->max_sessions * 2,
		.line_buffers = p->conf->max_sessions * 2,
		.segment_buffers = 1,
	};
	size_t size = gate_size(&limits);
	uint64_t seed;

	p->gate_memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p->gate_memory == MAP_FAILED) {
		p->gate_memory = NULL;
		return -errno;
	}
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	p->gate = gate_init(p->gate_memory, &limits, &p->pinholed->policy,
			    WORKER, seed, program_now_ns());
	return 0;
}

void
reader_close(struct program *p)
{
	/* The process ends with it. */
	p->gate = NULL;
}

static struct event
stream_event(const struct control *c, enum control_from from,
	     struct span bytes)
{
	return (struct event){ .kind = EVENT_STREAM,
			       .stream = { .client = c->client_end,
					   .server = c->server_end,
					   .from_server = from == FROM_SERVER,
					   .bytes = bytes } };
}

bool
reader_begin(struct control *c)
{
	struct event event = stream_event(c, FROM_SERVER, (struct span){ 0 });

	return step(c->p, &event) == REASON_NONE;
}

void
reader_end(struct control *c)
{
	struct event event = { .kind = EVENT_FLOW_ENDED,
			       .flow = { .client = c->client_end,
					 .server = c->server_end } };

	step(c->p, &event);
}

void
reader_line(struct control *c, enum control_from from, struct span bytes)
{
	struct event event = stream_event(c, from, bytes);

	c->reading = from;
	step(c->p, &event);
}

void
reader_used(struct program *p, const struct opening *opening)
{
	struct event event = { .kind = EVENT_DATA_BEGAN,
			       .data = { .source = opening->source,
					 .destination = opening->destination,
					 .port = opening->port,
					 .class = CLASS_DATA_RELAY } };

	step(p, &event);
}

void
reader_open_failed(struct program *p, uint32_t handle)
{
	struct event event = { .kind = EVENT_OPEN_FAILED, .handle = handle };

	step(p, &event);
}

void
reader_policy(struct program *p)
{
	struct event event = { .kind = EVENT_POLICY,
			       .policy = &p->pinholed->policy };

	step(p, &event);
}

void
reader_tick(struct program *p)
{
	uint64_t now = program_now_ns();

	for (int i = 0; i < TICKS_MAX && gate_deadline(p->gate) <= now; i++) {
		struct event event = { .kind = EVENT_TICK };

		step(p, &event);
	}
}
