/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps the gate and keeps what it says. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "run.h"

/* Ticks at one moment; more is a deadline that does not move. */
#define TICKS_MAX 1000

static const char *const action_names[] = {
	[ACTION_OPEN] = "open",	      [ACTION_CLOSE] = "close",
	[ACTION_REFRESH] = "refresh", [ACTION_MARK] = "mark",
 [ACTION_VERDICT] = "verdict",
	[ACTION_NOTE] = "note",
};

static void
print_said(const struct run *r, const struct said *said)
{
	const struct action *a = &said->action;
	char opening[160];

	printf("    %c %8.3fs %s", said->expected ? '+' : ' ',
	       (double)(said->at_ns - r->start_ns) / 1e9,
	       action_names[a->kind]);
	if (a->has_opening)
		printf(" %s", model_opening_text(&a->opening, opening));
	if (a->kind == ACTION_MARK)
		printf(" %s", class_name(a->class));
	else
		printf(" %s", reason_word(a->reason));
	if (a->text_len != 0) {
		fputs(" \"", stdout);
		for (unsigned i = 0; i < a->text_len; i++)
			printf(a->text[i] >= ' ' && a->text[i] < 127
				       ? "%c"
				       : "\\x%02x",
			       a->text[i]);
		putchar('"');
	}
	putchar('\n');
}

void
run_fail(struct run *r, const char *format, ...)
{
	va_list ap;

	if (r->failed)
		return;
	r->failed = true;
	printf("%s:%u (%s): ", r->path, r->line, r->kind->name);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
	for (unsigned i = 0; i < r->said_count; i++)
		print_said(r, &r->said[i]);
}

void
run_init(struct run *r, const char *path, const struct run_kind *kind,
	 uint32_t seed)
{
	r->path = path;
	r->kind = kind;
	r->random = seed;
	r->start_ns = r->now_ns = UINT64_C(1000000000000);
	r->model.flows = r->flows;
	r->model.corrupt = kind->corrupt;
}

void
run_free(struct run *r)
{
	for (unsigned i = 0; i < r->held_count; i++)
		free(r->held[i].bytes);
	free(r->memory);
	free(r);
}

uint32_t
run_random(struct run *r, uint32_t limit)
{
	r->random = r->random * 1664525 + 1013904223;
	return (r->random >> 16) % limit;
}

static void
check_block(struct run *r)
{
	char opening[160];

	if (!run_is_judged(r))
		return;
	for (unsigned i = 0; i < r->said_count; i++) {
		const struct action *a = &r->said[i].action;

		if ((a->kind == ACTION_OPEN || a->kind == ACTION_CLOSE) &&
		    !r->said[i].expected)
			run_fail(r, "nobody expected: %s %s %s",
				 action_names[a->kind],
				 model_opening_text(&a->opening, opening),
				 reason_word(a->reason));
	}
}

static uint32_t
at_most(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void
start_gate(struct run *r)
{
	const struct conf *conf = &r->conf[r->conf_used];
	/* The defaults are for a gateway; scenarios need little. */
	uint32_t most = r->kind->room;
	struct gate_limits limits = {
		.sessions = at_most(conf->limits.sessions, most),
		.openings = at_most(conf->limits.openings, most),
		.line_buffers = at_most(conf->limits.line_buffers, most),
		.segment_buffers = at_most(conf->limits.segment_buffers, most),
	};

	r->memory = aligned_alloc(64, (gate_size(&limits) + 63) & ~63ul);
	if (r->memory == NULL)
		abort();
	r->gate = gate_init(r->memory, &limits, &conf->policy, 0,
			    0x5eed5eed5eed5eedu, r->now_ns);
	/* So that the model sees every text that there can be. */
	gate_trace(r->gate, true);
}

/* The configuration that the lines before gave: the first, or a reload. */
static void
apply_conf(struct run *r)
{
	struct conf *next = &r->conf[!r->conf_used];
	struct event event = { .kind = EVENT_POLICY, .policy = &next->policy };

	if (!r->conf_changed && r->gate != NULL)
		return;
	/* The mode is asked for where it is meant: most are older than it. */
	if (strstr(r->conf_text, "window ") == NULL)
		strncat(r->conf_text, "window off\n",
			sizeof(r->conf_text) - strlen(r->conf_text) - 1);
	if (conf_parse(r->path, span_make(r->conf_text, strlen(r->conf_text)),
		       next, stdout) != 0)
		run_fail(r, "the configuration has errors");
	next->policy.fallback.relay = r->relay;
	for (unsigned i = 0; i < next->policy.server_count; i++)
		next->policy.servers[i].relay = r->relay;
	r->conf_text[0] = '\0';
	r->conf_changed = false;
	r->conf_used = !r->conf_used;
	r->model.policy = &next->policy;
	if (r->gate == NULL)
		start_gate(r);
	else
		run_event(r, &event);
}

void
run_begin_block(struct run *r)
{
	if (r->judged) {
		check_block(r);
		r->said_count = 0;
		r->judged = false;
	}
	apply_conf(r);
}

/*
 * A server may connect before it answers PORT, so the pinhole must come out of
 * the step that completes the command: not later, and not before its line feed.
 */
static bool
is_timely(const struct run *r, const struct event *event,
	  const struct action *a)
{
	const struct span *p = &event->packet;
	uint16_t source;

	if (a->kind != ACTION_OPEN ||
	    (a->reason != REASON_PORT && a->reason != REASON_EPRT &&
	     a->reason != REASON_LPRT))
		return true;
	if (r->kind->corrupt)
		return true;
	if (event->kind == EVENT_STREAM)
		return !event->stream.from_server &&
		       memchr(event->stream.bytes.data, '\n',
			      event->stream.bytes.len) != NULL;
	if (event->kind == EVENT_REQUEST)
		return event->request.kind == REQUEST_OPEN;
	if (event->kind != EVENT_PACKET || p->len < 40)
		return false;
	source = (p->data[0] >> 4) == 4 ? p->data[20] << 8 | p->data[21]
					: p->data[40] << 8 | p->data[41];
	/* A client that is early behind CCC: its line is read when the server's
	 * close_notify has come, the last bytes of a record. */
	if (source == a->server.port && a->class == CLASS_CLEAR_CCC &&
	    p->data[p->len - 1] != '\n')
		return true;
	return source == a->client.port &&
	       (r->kind->cut == CUT_SWAPPED || r->kind->cut == CUT_RANDOM ||
		r->held_count != 0 || memchr(p->data, '\n', p->len) != NULL);
}

static void
step(struct run *r, struct event *event)
{
	static struct actions out;
	const char *broken;

	/* What an earlier step left must not be taken for this one's. */
	memset(&out, 0xa5, sizeof(out));
	event->now_ns = r->now_ns;
	if (event->kind == EVENT_PACKET) {
		gate_foresee(r->gate, &event->packet, 1);
		event->foreseen = 1;
	}
	gate_step(r->gate, event, &out);
	broken = model_apply(&r->model, &out, r->now_ns);
	if (event->kind == EVENT_STREAM || event->kind == EVENT_REQUEST)
		r->answer = out.answer.reason;
	else if (out.answer.reason != REASON_NONE || out.answer.handle != 0)
		broken = "an answer that nobody asked for";
	for (uint32_t i = 0; out.count <= ACTIONS_MAX && i < out.count; i++) {
		struct said *said = &r->said[r->said_count];

		if (!is_timely(r, event, &out.list[i]))
			broken = "PORT opened in another step than its own";
		if (r->said_count == RUN_SAID_MAX) {
			broken = "too many actions in one block";
			break;
		}
		*said = (struct said){ out.list[i], r->now_ns, false };
		if (out.list[i].kind == ACTION_OPEN)
			r->last_handle = out.list[i].opening.handle;
		if (r->verbose)
			print_said(r, said);
		r->said_count++;
	}
	if (broken != NULL)
		run_fail(r, "%s", broken);
}

static void
tick(struct run *r)
{
	for (int n = 0; gate_deadline(r->gate) <= r->now_ns; n++) {
		struct event event = { .kind = EVENT_TICK };

		if (n == TICKS_MAX) {
			run_fail(r, "a deadline that ticks do not move");
			return;
		}
		step(r, &event);
	}
}

void
run_event(struct run *r, struct event *event)
{
	const char *broken;

	if (r->failed)
		return;
	step(r, event);
	tick(r);
	broken = model_compare(&r->model, r->gate, r->now_ns);
	if (broken != NULL)
		run_fail(r, "%s", broken);
}

void
run_advance(struct run *r, uint64_t to_ns)
{
	while (!r->failed && gate_deadline(r->gate) <= to_ns) {
		if (gate_deadline(r->gate) > r->now_ns)
			r->now_ns = gate_deadline(r->gate);
		tick(r);
	}
	r->now_ns = to_ns;
}

void
run_packet(struct run *r, const uint8_t *data, size_t len)
{
	/* Of its exact size and short life, so that a reader of too much, or
	 * one that keeps it, is found by the tools for that. */
	uint8_t *packet = malloc(len != 0 ? len : 1);
	struct event event = { .kind = EVENT_PACKET };

	if (packet == NULL)
		abort();
	memcpy(packet, data, len);
	event.packet = span_make(packet, len);
	run_event(r, &event);
	free(packet);
}

static void
send_one(struct run *r, const struct flow *flow, enum side from, uint32_t seq,
	 uint8_t flags, struct span payload)
{
	static uint8_t packet[WIRE_HEADERS_MAX + BYTES_MAX];
	size_t len = wire_build(flow, from, seq, flags, payload, packet);
	size_t ports_end = packet[0] >> 4 == 4 ? 24 : 44;

	if (r->kind->corrupt && run_random(r, 16) == 0)
		packet[ports_end +
		       run_random(r, (uint32_t)(len - ports_end))] ^=
			(uint8_t)(1 + run_random(r, 255));
	run_packet(r, packet, len);
}

/* Sends the pieces between @cuts, @order first to last. The FIN is the last
 * piece's. */
static void
send_pieces(struct run *r, const struct flow *flow, enum side from,
	    uint32_t seq, uint8_t flags, struct span payload,
	    const size_t *cuts, const unsigned *order, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		size_t start = cuts[order[i]], end = cuts[order[i] + 1];

		send_one(r, flow, from, seq + (uint32_t)start,
			 end == payload.len ? flags : flags & (uint8_t)~TCP_FIN,
			 span_make(payload.data + start, end - start));
	}
}

static void
send_random(struct run *r, const struct flow *flow, enum side from,
	    uint32_t seq, uint8_t flags, struct span payload)
{
	uint32_t most =
		payload.len < RUN_PIECES ? (uint32_t)payload.len : RUN_PIECES;
	unsigned count = 1 + run_random(r, most), order[RUN_PIECES];
	size_t cuts[RUN_PIECES + 1] = { 0 };

	for (unsigned i = 0; i < count; i++) {
		unsigned j = run_random(r, i + 1);
		size_t left = payload.len - cuts[i] - (count - 1 - i);

		cuts[i + 1] =
			i + 1 == count
				? payload.len
				: cuts[i] + 1 + run_random(r, (uint32_t)left);
		order[i] = order[j];
		order[j] = i;
	}
	send_pieces(r, flow, from, seq, flags, payload, cuts, order, count);
	if (run_random(r, 4) == 0)
		send_pieces(r, flow, from, seq, flags, payload, cuts, order, 1);
}

void
run_segment(struct run *r, const struct flow *flow, enum side from,
	    uint32_t seq, uint8_t flags, struct span payload)
{
	const size_t halves[] = { 0, payload.len / 2, payload.len };
	enum run_cut cut = r->kind->cut;

	if ((flags & TCP_RST) != 0 ||
	    (cut != CUT_TWICE && (payload.len < 2 || (flags & TCP_SYN) != 0)))
		cut = CUT_NONE;
	/* Without its SYN a stream has no place yet that pieces could fill. */
	if ((cut == CUT_SWAPPED || cut == CUT_RANDOM) && !flow->syn_shown[from])
		cut = CUT_NONE;
	switch (cut) {
	case CUT_TWICE:
		send_one(r, flow, from, seq, flags, payload);
		send_one(r, flow, from, seq, flags, payload);
		break;
	case CUT_NONE:
		send_one(r, flow, from, seq, flags, payload);
		break;
	case CUT_BYTES:
		for (size_t i = 0; i < payload.len; i++)
			send_one(r, flow, from, seq + (uint32_t)i,
				 i + 1 == payload.len
					 ? flags
					 : flags & (uint8_t)~TCP_FIN,
				 span_make(payload.data + i, 1));
		break;
	case CUT_SWAPPED:
		send_pieces(r, flow, from, seq, flags, payload, halves,
			    (const unsigned[]){ 1, 0 }, 2);
		break;
	case CUT_RANDOM:
		send_random(r, flow, from, seq, flags, payload);
		break;
	}
}

void
run_stream(struct run *r, const struct flow *flow, enum side from,
	   struct span payload)
{
	do {
		size_t len = r->kind->cut == CUT_BYTES	? 1 :
			     r->kind->cut == CUT_RANDOM ? 1 + run_random(r, 20) :
							  payload.len;
		struct span part = span_head(payload, len);
		/* As in run_packet(): of its exact size and short life. */
		uint8_t *bytes = malloc(part.len != 0 ? part.len : 1);
		struct event event = { .kind = EVENT_STREAM };

		if (bytes == NULL)
			abort();
		if (part.len != 0)
			memcpy(bytes, part.data, part.len);
		event.stream.client = flow->end[CLIENT];
		event.stream.server = flow->end[SERVER];
		event.stream.from_server = from == SERVER;
		event.stream.bytes = span_make(bytes, part.len);
		run_event(r, &event);
		free(bytes);
		span_skip(&payload, part.len);
	} while (payload.len != 0);
}

struct flow *
run_add_flow(struct run *r, const char *name, const struct endpoint *client,
	     const struct endpoint *server)
{
	struct flow *f = &r->flows[r->flow_count];

	if (r->flow_count == MODEL_FLOWS)
		return NULL;
	r->flow = r->flow_count++;
	r->model.flow_count = r->flow_count;
	*f = (struct flow){
		.end = { *client, *server },
		.next = { 1000000 * (r->flow + 1), 2000000 * (r->flow + 1) },
	};
	snprintf(f->name, sizeof(f->name), "%s", name);
	return f;
}

struct flow *
run_flow(struct run *r)
{
	struct endpoint client, server;

	if (r->flow_count == 0) {
		wire_parse_endpoint("10.0.0.2:40000", &client);
		wire_parse_endpoint("192.0.2.1:21", &server);
		run_add_flow(r, "main", &client, &server);
	}
	return &r->flows[r->flow];
}

void
run_finish(struct run *r)
{
	struct session_view session;
	uint32_t cursor = 0;
	bool judged = r->judged;

	if (!judged)
		run_fail(r, "the scenario ends without an expectation");
	check_block(r);
	for (unsigned i = 0; i < r->flow_count; i++) {
		struct event event = { .kind = EVENT_FLOW_ENDED };

		event.flow.client = r->flows[i].end[CLIENT];
		event.flow.server = r->flows[i].end[SERVER];
		run_event(r, &event);
	}
	for (uint32_t peer = 1; peer <= RUN_PEERS_MAX; peer++) {
		struct event event = { .kind = EVENT_REQUEST };

		event.request.kind = REQUEST_LOST;
		event.request.peer = peer;
		run_event(r, &event);
	}
	if (r->model.count != 0)
		run_fail(r,
			 "all connections have ended and %u openings are "
			 "left",
			 r->model.count);
	if (!r->failed &&
	    gate_session_next(r->gate, r->now_ns, &cursor, &session))
		run_fail(r, "all connections have ended and a session is left");
}
