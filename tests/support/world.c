/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps a gate and checks what must always hold. */
#include <stdio.h>
#include <stdlib.h>

#include "guard.h"
#include "inside.h"
#include "world.h"

/* Pinholes of one session that may be open at once. */
#define PINHOLES_MAX 4

/* Silence that ends every session, and how many ticks may work on it. */
#define LONG_NS (UINT64_C(4000) * 1000000000)
#define TICKS_MAX 1000

static void
require(const char *broken)
{
	if (broken == NULL)
		return;
	fprintf(stderr, "broken: %s\n", broken);
	abort();
}

/* --- rules ---------------------------------------------------------------- */

static bool
is_passive(enum reason reason)
{
	return reason == REASON_PASV || reason == REASON_EPSV ||
	       reason == REASON_LPSV;
}

static bool
is_active(enum reason reason)
{
	return reason == REASON_PORT || reason == REASON_EPRT ||
	       reason == REASON_LPRT;
}

/* What is asked for is what opens. */
static const char *
check_requested(const struct world *w, const struct event *event,
		const struct action *a)
{
	const struct opening *o = &a->opening;

	if (a->class != CLASS_TERMINATED ||
	    event->request.kind != REQUEST_OPEN)
		return "a request opened something else";
	if (!w->policy.fallback.terminate)
		return "a request that the policy does not allow";
	if (o->port != event->request.port ||
	    o->kind != (event->request.relay ? OPENING_RELAY : OPENING_PINHOLE))
		return "another opening than was asked for";
	if (!addr_equal(&o->source, event->request.active ?
					    &event->request.server.addr :
					    &event->request.client.addr))
		return "an opening from the wrong end";
	if (w->actions.answer.handle != o->handle ||
	    w->actions.answer.reason != REASON_NONE)
		return "an opening that the answer does not name";
	return NULL;
}

/* @flow and @from: whose packet it is; NULL: the step has none. */
static const char *
check_pinhole(const struct world *w, const struct event *event,
	      const struct action *a, const struct flow *flow, enum side from)
{
	bool to_server = addr_equal(&a->opening.source, &a->client.addr);
	bool stream = event->kind == EVENT_STREAM;

	if (a->opening.kind == OPENING_RELAY && event->kind == EVENT_PACKET)
		return "a relay for what nobody terminates";
	if (a->opening.kind == OPENING_RELAY && stream &&
	    (!w->policy.fallback.relay || a->class == CLASS_CLEAR))
		return "a relay that the policy does not allow";
	if (a->class != CLASS_CLEAR && a->class != CLASS_CLEAR_CCC &&
	    (a->class != CLASS_TERMINATED || event->kind == EVENT_PACKET))
		return "a pinhole in a session that cannot be read";
	if (flow == NULL || !endpoint_equal(&flow->end[CLIENT], &a->client) ||
	    !endpoint_equal(&flow->end[SERVER], &a->server))
		return "a pinhole without a packet of its session";
	if (is_passive(a->reason))
		return from == SERVER && to_server
			       ? NULL
			       : "a passive pinhole that the server did not "
				 "announce";
	if (is_active(a->reason))
		return (from == CLIENT || a->class == CLASS_CLEAR_CCC) &&
				       !to_server
			       ? NULL
			       : "an active pinhole that the client did not "
				 "announce";
	return "a pinhole for no announcement";
}

static const char *
check_window(const struct world *w, const struct event *event,
	     const struct action *a, const struct flow *flow, enum side from)
{
	if (event->kind != EVENT_PACKET || flow == NULL || from != SERVER ||
	    !endpoint_equal(&flow->end[CLIENT], &a->client) ||
	    !endpoint_equal(&flow->end[SERVER], &a->server))
		return "a window without a packet of its session's server";
	if (a->class != CLASS_OPAQUE || a->reason != REASON_WINDOW)
		return "a window in a session that is not encrypted";
	if (w->policy.fallback.window == POLICY_WINDOW_OFF ||
	    w->policy.fallback.opaque != POLICY_OPAQUE_GRANT)
		return "a window that the policy does not allow";
	if (a->opening.kind != OPENING_WINDOW_PASSIVE &&
	    w->policy.fallback.opaque_active == POLICY_ACTIVE_REFUSE)
		return "an active window that the policy does not allow";
	return NULL;
}

static const char *
check_openings(const struct world *w, const struct event *event,
	       const struct flow *flow, enum side from)
{
	const char *broken = NULL;

	for (uint32_t i = 0; i < w->actions.count && broken == NULL; i++) {
		const struct action *a = &w->actions.list[i];

		if (a->kind != ACTION_OPEN)
			continue;
		if (opening_is_window(a->opening.kind))
			broken = check_window(w, event, a, flow, from);
		else if (!opening_is_grant(a->opening.kind))
			broken = check_pinhole(w, event, a, flow, from);
		if (broken == NULL && event->kind == EVENT_REQUEST)
			broken = check_requested(w, event, a);
		if (!opening_is_grant(a->opening.kind))
			continue;
		if (event->kind == EVENT_REQUEST || event->kind == EVENT_STREAM)
			broken = "a grant for pinholed-tls";
		else if (a->class != CLASS_OPAQUE || a->reason != REASON_OPAQUE)
			broken = "a grant for a session that is not encrypted";
	}
	return broken;
}

static const char *
check_client_pinholes(const struct world *w, const struct addr *client)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < w->model.count; i++) {
		const struct opening *o = &w->model.open[i].opening;

		count += !opening_is_grant(o->kind) &&
			 (addr_equal(&o->source, client) ||
			  addr_equal(&o->destination, client));
	}
	return count > w->policy.client_pinholes_max
		       ? "too many pinholes of one client"
		       : NULL;
}

/* AUTH may be refused: what is open stays until TLS has begun. */
static bool may_have_pinholes(enum session_class class)
{
	return class == CLASS_CLEAR || class == CLASS_CLEAR_CCC ||
	       class == CLASS_TLS_WANTED || class == CLASS_TERMINATED;
}

/* A new policy may allow less than there is; then nothing may be added. */
static const char *
check_limits(const struct world *w, const struct inside_count *before,
	     const struct inside_count *after)
{
	struct session_view view;
	uint32_t cursor = 0;

	while (gate_session_next(w->gate, w->now_ns, &cursor, &view)) {
		if (view.pinholes > PINHOLES_MAX)
			return "too many pinholes of one session";
		if (view.pinholes != 0 && !may_have_pinholes(view.class))
			return "a pinhole of a session that cannot be read";
	}
	if (w->model.count > w->limits.openings)
		return "more open than the limit";
	if (after->sessions > w->limits.sessions)
		return "too many sessions";
	if (after->half_open > before->half_open &&
	    after->half_open > w->policy.half_open_max)
		return "too many sessions without a greeting";
	if (after->client > before->client &&
	    after->client > w->policy.client_sessions_max)
		return "too many sessions of one client";
	return NULL;
}

static bool
opened_pinhole(const struct actions *actions)
{
	for (uint32_t i = 0; i < actions->count; i++)
		if (actions->list[i].kind == ACTION_OPEN &&
		    !opening_is_grant(actions->list[i].opening.kind))
			return true;
	return false;
}

static void
step(struct world *w, struct event *event, const struct flow *flow,
     enum side from)
{
	const struct addr *client =
		flow != NULL ? &flow->end[CLIENT].addr : NULL;
	struct inside_count before = inside_count(w->gate, client), after;

	event->now_ns = w->now_ns;
	gate_step(w->gate, event, &w->actions);
	after = inside_count(w->gate, client);
	require(model_apply(&w->model, &w->actions, w->now_ns));
	require(check_openings(w, event, flow, from));
	require(check_limits(w, &before, &after));
	if (opened_pinhole(&w->actions))
		require(check_client_pinholes(w, client));
	require(inside_check(w->gate));
	if (w->model.count != after.openings)
		require("the gate and its actions disagree about what is open");
}

void
world_step(struct world *w, struct event *event)
{
	step(w, event, NULL, CLIENT);
}

void
world_settle(struct world *w)
{
	struct event tick = { .kind = EVENT_TICK };

	for (int i = 0; gate_deadline(w->gate) <= w->now_ns; i++) {
		if (i == TICKS_MAX)
			require("ticks without an end");
		world_step(w, &tick);
	}
	require(model_compare(&w->model, w->gate, w->now_ns));
	for (unsigned i = 0; i < w->model.count; i++) {
		const struct opening *o = &w->model.open[i].opening;

		if (opening_has_port(o->kind) &&
		    !policy_port_allowed(&w->policy, o->port))
			require("a pinhole that the new policy forbids");
	}
}

/* --- packets -------------------------------------------------------------- */

void
world_send(struct world *w, uint32_t index, enum side from, uint32_t seq,
	   uint8_t flags, struct span payload)
{
	const struct flow *flow = &w->flows[index];
	uint8_t packet[WORLD_PAYLOAD_MAX + WIRE_HEADERS_MAX];
	struct event event = { .kind = EVENT_PACKET };
	size_t len = wire_build(flow, from, seq, flags, payload, packet);

	event.packet = guard_span(packet, len);
	step(w, &event, flow, from);
}

/* --- data connections ------------------------------------------------------ */

static bool
is_open(const struct world *w, enum opening_kind kind, const struct flow *data)
{
	for (unsigned i = 0; i < w->model.count; i++) {
		const struct opening *o = &w->model.open[i].opening;

		if (o->kind == kind &&
		    addr_equal(&o->source, &data->end[CLIENT].addr) &&
		    addr_equal(&o->destination, &data->end[SERVER].addr))
			return true;
	}
	return false;
}

/* What may let @data's SYN in, before it is stepped. */
static const char *
check_syn(const struct world *w, const struct flow *data)
{
	const struct policy_server *s = &w->policy.fallback;
	uint16_t port = data->end[SERVER].port;
	bool passive_window = is_open(w, OPENING_WINDOW_PASSIVE, data);
	bool passive = (passive_window ||
			(is_open(w, OPENING_ASK_PASSIVE, data) &&
			 s->window != POLICY_WINDOW_STRICT)) &&
		       port >= s->passive.low && port <= s->passive.high;
	bool active = is_open(w, OPENING_ASK_ACTIVE, data) ||
		      is_open(w, OPENING_WINDOW_ACTIVE, data) ||
		      is_open(w, OPENING_WINDOW_FTP_DATA, data);

	if (port < 1024 || !policy_port_allowed(&w->policy, port))
		return "a data connection to a forbidden port";
	return passive || active ? NULL
				 : "a data connection that nothing let in";
}

static enum session_class
admitted(const struct world *w)
{
	enum session_class class = CLASS_NONE;
	unsigned count = 0;

	for (uint32_t i = 0; i < w->actions.count; i++) {
		if (w->actions.list[i].kind != ACTION_VERDICT)
			continue;
		class = w->actions.list[i].class;
		if (++count > 1)
			require("two verdicts on one packet");
		if (class != CLASS_DATA_UNPROVEN && class != CLASS_DATA_GRANT &&
		    class != CLASS_CUT)
			require("a verdict that is none");
	}
	return class;
}

void
world_data_send(struct world *w, uint32_t index, enum side from,
		uint8_t flags, struct span payload)
{
	struct flow *data = &w->data[index];
	uint8_t packet[WORLD_PAYLOAD_MAX + WIRE_HEADERS_MAX];
	struct event event = { .kind = EVENT_PACKET };
	bool syn = (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	const char *wrong = check_syn(w, data);
	size_t len = wire_build(data, from, data->next[from], flags, payload,
				packet);
	enum session_class class;

	event.packet = guard_span(packet, len);
	step(w, &event, NULL, CLIENT);
	data->next[from] += (uint32_t)payload.len + syn;
	class = admitted(w);
	if (syn && class != CLASS_NONE) {
		require(wrong);
		data->syn_shown[CLIENT] = true;
	}
	if (!syn && class != CLASS_NONE && class != CLASS_CUT &&
	    !data->syn_shown[CLIENT])
		require("a packet of a connection that was not let in");
}

void
world_data_syn(struct world *w, uint32_t index, uint32_t of, bool active,
	       uint16_t source_port, uint16_t port, uint32_t seq)
{
	struct flow *data = &w->data[index];
	const struct flow *flow = &w->flows[of];

	*data = (struct flow){
		.end = { flow->end[active ? SERVER : CLIENT],
			 flow->end[active ? CLIENT : SERVER] },
		.next = { seq, seq + 1000000 },
	};
	data->end[CLIENT].port = source_port;
	data->end[SERVER].port = port;
	world_data_send(w, index, CLIENT, TCP_SYN, (struct span){ 0 });
}

void
world_say(struct world *w, uint32_t index, enum side from, struct span payload)
{
	struct flow *flow = &w->flows[index];
	uint32_t seq = flow->next[from];

	flow->next[from] += (uint32_t)payload.len;
	world_send(w, index, from, seq, TCP_ACK, payload);
}

void
world_connect(struct world *w, uint32_t index, uint32_t client_seq,
	      uint32_t server_seq)
{
	struct flow *flow = &w->flows[index];
	const struct span nothing = { 0 };

	flow->next[CLIENT] = client_seq + 1;
	world_send(w, index, CLIENT, client_seq, TCP_SYN, nothing);
	flow->next[SERVER] = server_seq + 1;
	world_send(w, index, SERVER, server_seq, TCP_SYN | TCP_ACK, nothing);
}

void
world_stream(struct world *w, uint32_t index, enum side from,
	     struct span bytes)
{
	const struct flow *flow = &w->flows[index];
	uint8_t copy[WORLD_PAYLOAD_MAX];
	struct event event = { .kind = EVENT_STREAM };

	if (bytes.len != 0)
		memcpy(copy, bytes.data, bytes.len);
	event.stream.client = flow->end[CLIENT];
	event.stream.server = flow->end[SERVER];
	event.stream.from_server = from == SERVER;
	event.stream.bytes = guard_span(copy, bytes.len);
	step(w, &event, flow, from);
}

void
world_request(struct world *w, uint32_t index, struct event *event)
{
	const struct flow *flow = &w->flows[index];

	event->kind = EVENT_REQUEST;
	event->request.client = flow->end[CLIENT];
	event->request.server = flow->end[SERVER];
	step(w, event, flow, event->request.active ? CLIENT : SERVER);
}

/* --- a life --------------------------------------------------------------- */

static void
make_flows(struct world *w)
{
	static const char *const clients[2][2] = {
		{ "10.0.0.1", "10.0.0.2" },
		{ "2001:db8::1", "2001:db8::2" },
	};
	static const char *const servers[2][2] = {
		{ "192.0.2.1", "192.0.2.2" },
		{ "2001:db8:1::1", "2001:db8:1::2" },
	};

	for (uint32_t i = 0; i < WORLD_FLOWS; i++) {
		struct flow *flow = &w->flows[i];
		uint32_t family = i / 8, server = i / 4 % 2, client = i / 2 % 2;

		flow->end[CLIENT].port = (uint16_t)(40000 + i);
		flow->end[SERVER].port = server == 0 ? 21 : 990;
		wire_parse_addr(clients[family][client],
				&flow->end[CLIENT].addr);
		wire_parse_addr(servers[family][server],
				&flow->end[SERVER].addr);
	}
}

void
world_open(struct world *w, const struct gate_limits *limits)
{
	memset(w, 0, sizeof(*w));
	make_flows(w);
	w->limits = *limits;
	w->model = (struct model){
		.policy = &w->policy,
		.flows = w->flows,
		.flow_count = WORLD_FLOWS,
		.corrupt = true, /* any bytes, so any can look like one */
	};
	w->policy.explicit_ports[w->policy.explicit_count++] = 21;
	w->policy.implicit_ports[w->policy.implicit_count++] = 990;
	w->policy.deny[w->policy.deny_count++] =
		(struct port_range){ 3306, 3306 };
	w->policy.pinhole_timeout_s = 30;
	w->policy.window_timeout_s = 10;
	w->policy.grant_timeout_s = 30;
	w->policy.idle_timeout_s = 3600;
	w->policy.half_open_max = 5;
	w->policy.client_sessions_max = 3;
	w->policy.session_pinholes_max = POLICY_SESSION_PINHOLES_MAX;
	w->policy.session_commands_max = POLICY_SESSION_COMMANDS_MAX;
	w->policy.client_pinholes_max = 5;
	w->policy.fallback = (struct policy_server){
		.opaque = POLICY_OPAQUE_GRANT,
		.opaque_active = POLICY_ACTIVE_ANY,
		.window = POLICY_WINDOW_LEARN,
		.clear_active = true,
		.terminate = true,
		.relay = true,
		.passive = { 50000, 50100 },
	};
	w->gate = gate_init(malloc(gate_size(limits)), limits, &w->policy, 3, 7,
			    0);
}

void
world_close(struct world *w)
{
	/* What pinholed-tls has begun lives as long as it does. */
	for (uint32_t peer = 1; peer <= WORLD_PEERS; peer++) {
		struct event event = { .kind = EVENT_REQUEST };

		event.request.kind = REQUEST_LOST;
		event.request.peer = peer;
		world_request(w, 0, &event);
	}
	w->now_ns += LONG_NS;
	world_settle(w);
	if (w->model.count != 0)
		require("something stays open when all sessions have gone");
	require(inside_check_empty(w->gate));
	free(w->gate);
}
