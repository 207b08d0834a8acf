/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replay from its first packet to its end: time, the packets' order, and what the
 * core says. */
#include "replay/replay.h"

#include <stdlib.h>

#include "replay/state.h"

/* Data connections that are watched at once. */
#define FLOWS_MAX 8192
/* And for how long, when they are silent: an hour. */
#define FLOW_IDLE_NS UINT64_C(3600000000000)

struct replay *
replay_new(const struct conf *conf, const struct replay_sink *sink)
{
	struct replay *r = calloc(1, sizeof(*r));
	void *memory;

	if (r == NULL)
		return NULL;
	r->conf = conf;
	r->sink = *sink;
	memory = aligned_alloc(64, (gate_size(&conf->limits) + 63) & ~63ul);
	r->gate = memory;
	if (memory == NULL ||
	    !sessions_init(&r->sessions, conf->limits.sessions) ||
	    !flows_init(&r->flows, FLOWS_MAX, conf->limits.segment_buffers)) {
		replay_free(r);
		return NULL;
	}
	/* The seed is no secret here: the capture is what it is. */
	gate_init(memory, &conf->limits, &conf->policy, 0, 1, 0);
	gate_trace(r->gate, true);
	return r;
}

void
replay_free(struct replay *r)
{
	if (r == NULL)
		return;
	sessions_free(&r->sessions);
	flows_free(&r->flows);
	order_free(&r->order);
	free(r->gate);
	free(r);
}

void
replay_tell(struct replay *r, struct moment *m)
{
	m->time_ns = r->now_ns - r->first_ns;
	m->frame = r->total.frames;
	if (r->sink.moment != NULL)
		r->sink.moment(r->sink.context, m);
}

void
replay_close_session(struct replay *r, struct replay_session *s)
{
	if (r->sink.over != NULL)
		r->sink.over(r->sink.context, &s->facts);
	sessions_del(&r->sessions, s);
}

/* The one that has been silent longest goes, where room is needed. */
static struct replay_session *
make_room(struct replay *r)
{
	struct replay_session *s = sessions_oldest(&r->sessions);

	if (s != NULL)
		replay_close_session(r, s);
	return s;
}

static struct replay_session *
session_of(struct replay *r, const struct action *a)
{
	struct replay_session *s = sessions_find(&r->sessions, a->session);

	if (a->reason != REASON_SESSION_NEW && a->reason != REASON_PICKED_UP)
		return s;
	do
		s = sessions_add(&r->sessions, a->session, &a->client,
				 &a->server,
				 policy_server(&r->conf->policy,
					       &a->server.addr));
	while (s == NULL && make_room(r) != NULL);
	if (s != NULL)
		s->heard_ns = r->now_ns;
	return s;
}

bool
replay_is_refusal(const struct action *a)
{
	return a->kind == ACTION_NOTE && a->level == NOTE_WARN && !a->ends &&
	       a->reason < REASON_KERNEL_REFUSED;
}

static void
count(struct replay *r, const struct action *a)
{
	r->total.sessions += a->reason == REASON_SESSION_NEW ||
			     a->reason == REASON_PICKED_UP;
	r->total.refused += replay_is_refusal(a);
	if (a->kind == ACTION_OPEN && a->opening.kind == OPENING_PINHOLE)
		r->total.pinholes++;
	else if (a->kind == ACTION_OPEN && opening_is_grant(a->opening.kind))
		r->total.grants++;
}

/* The server sent the client elsewhere: see whether it goes. */
static void
remember_foreign(struct replay *r, const struct facts *f)
{
	struct foreign *place = &r->foreign[r->next_foreign];

	if (f->foreign.addr.family == ADDR_NONE)
		return;
	r->next_foreign = (r->next_foreign + 1) % FOREIGN_MAX;
	*place = (struct foreign){ f->session, f->client.addr, f->foreign };
}

static void
end_session(struct replay *r, struct replay_session *s, const struct action *a)
{
	const struct policy *policy = &r->conf->policy;

	s->ended = true;
	r->total.range_ms +=
		a->age_ms *
		policy_range_ports(policy, s->facts.policy.passive);
	if (s->data == 0)
		replay_close_session(r, s);
}

static void
take_action(struct replay *r, const struct action *a)
{
	struct replay_session *s = session_of(r, a);
	struct moment m = { .kind = MOMENT_ACTION, .action = a };

	count(r, a);
	if (s != NULL) {
		facts_take_action(&s->facts, a);
		if (a->reason == REASON_PASV_ADDRESS)
			remember_foreign(r, &s->facts);
		m.facts = &s->facts;
	}
	replay_tell(r, &m);
	if (s != NULL && a->ends)
		end_session(r, s, a);
}

void
replay_step(struct replay *r, struct event *event)
{
	/* A step may come from within what follows from another one. */
	struct actions out;

	event->now_ns = r->now_ns;
	gate_step(r->gate, event, &out);
	for (uint32_t i = 0; i < out.count; i++)
		take_action(r, &out.list[i]);
}

enum session_class
replay_ask(struct replay *r, struct span ip, enum opening_kind *by)
{
	struct event event = { .kind = EVENT_PACKET, .packet = ip };
	enum session_class class = CLASS_NONE;
	struct actions out;

	event.now_ns = r->now_ns;
	gate_step(r->gate, &event, &out);
	for (uint32_t i = 0; i < out.count; i++) {
		const struct action *a = &out.list[i];

		if (a->kind == ACTION_VERDICT)
			class = a->class;
		if (a->has_opening && a->reason == REASON_USED)
			*by = a->opening.kind;
		take_action(r, a);
	}
	return class;
}

static void
tick_until(struct replay *r, uint64_t now_ns)
{
	uint64_t due;

	while ((due = gate_deadline(r->gate)) <= now_ns) {
		struct event event = { .kind = EVENT_TICK };

		if (due > r->now_ns)
			r->now_ns = due;
		replay_step(r, &event);
	}
	r->now_ns = now_ns;
}

/* Data connections whose end is not in the capture. */
static void
sweep(struct replay *r)
{
	struct flow *f;

	while ((f = flows_oldest(&r->flows)) != NULL &&
	       r->now_ns - f->heard_ns >= FLOW_IDLE_NS)
		replay_finish_flow(r, f);
}

static void
feed(struct replay *r, struct span ip, const struct segment *seg)
{
	if (replay_is_control(r, seg))
		replay_control_packet(r, ip, seg);
	else
		replay_data_packet(r, ip, seg);
}

/* Feeds what waits: all up to the first that is still early, unless it has waited
 * for too long or @all is to go. */
static void
drain(struct replay *r, bool all)
{
	const struct held_packet *first;

	while ((first = order_first(&r->order)) != NULL) {
		struct span ip = span_make(first->bytes, first->len);
		struct held_packet taken;
		struct segment seg;

		packet_parse(ip, &seg);
		if (!all && replay_is_early(r, &seg) &&
		    r->now_ns - first->time_ns < ORDER_WAIT_NS)
			return;
		taken = order_pop(&r->order);
		feed(r, ip, &seg);
		free(taken.bytes);
	}
}

/* True when the packet was put aside: it is early, or others wait. What one of
 * those waits for must not. */
static bool
put_aside(struct replay *r, struct span ip, const struct segment *seg)
{
	bool early = replay_is_early(r, seg);
	struct replay_session *s = replay_is_control(r, seg) ?
					   replay_find_session(r, seg) :
					   NULL;

	if (!early && (order_first(&r->order) == NULL ||
		       (s != NULL && s->held_back)))
		return false;
	if (!order_push(&r->order, ip, r->now_ns)) {
		drain(r, true);
		return false;
	}
	if (early)
		s->held_back = true;
	return true;
}

void
replay_packet(struct replay *r, struct span ip, bool cut, uint64_t time_ns)
{
	enum packet_status status = PACKET_NOT_IP;
	struct segment seg;

	if (!r->began) {
		r->began = true;
		r->first_ns = r->now_ns = time_ns;
	}
	r->total.frames++;
	if (time_ns > r->now_ns)
		tick_until(r, time_ns);
	sweep(r);
	if (ip.len != 0)
		status = packet_parse(ip, &seg);
	r->total.not_ip += status == PACKET_NOT_IP;
	r->total.fragments += status == PACKET_FRAGMENT;
	r->total.cut += status == PACKET_TRUNCATED && cut;
	if (status == PACKET_OK && !put_aside(r, ip, &seg))
		feed(r, ip, &seg);
	drain(r, false);
}

/* Sessions that go on behind the end of the capture. */
static void
end_running(struct replay *r)
{
	struct session_view view;
	uint32_t cursor = 0;

	while (gate_session_next(r->gate, r->now_ns, &cursor, &view)) {
		struct replay_session *s = sessions_find(&r->sessions, view.id);
		struct action last = {
			.kind = ACTION_NOTE,
			.level = NOTE_DEBUG,
			.reason = REASON_NONE,
			.class = view.class,
			.session = view.id,
			.client = view.client,
			.server = view.server,
			.ends = true,
			.age_ms = view.age_ms,
			.exposed_ms = view.exposed_ms,
		};

		if (s != NULL && !s->ended)
			take_action(r, &last);
	}
}

static void
count_windows(struct replay *r)
{
	const struct gate_counters *c = gate_counters(r->gate);

	r->total.commands = c->records_commands;
	r->total.windows = c->windows_opened;
	r->total.windows_used = c->windows_used;
	/* Those that are still open are neither. */
	r->total.windows_unused = c->windows_unused;
	r->total.windows_missed = c->windows_missed;
	r->total.windows_refused = c->windows_refused;
	r->total.unproven = c->proofs_failed;
}

void
replay_end(struct replay *r)
{
	struct exposure sum[OPENING_KINDS] = { 0 };
	struct moment m = { .kind = MOMENT_TOTAL, .total = &r->total };
	struct replay_session *s;
	struct flow *f;

	drain(r, true);
	while ((f = flows_oldest(&r->flows)) != NULL)
		replay_finish_flow(r, f);
	end_running(r);
	while ((s = sessions_oldest(&r->sessions)) != NULL)
		replay_close_session(r, s);
	count_windows(r);
	gate_exposure(r->gate, r->now_ns, sum);
	for (int i = 0; i < OPENING_KINDS; i++)
		r->total.exposed_ms += sum[i].pair_ms;
	replay_tell(r, &m);
}
