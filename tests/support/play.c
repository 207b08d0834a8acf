/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns choices into packets and news. */
#include "draw.h"
#include "pieces.h"
#include "play.h"

#define NS_PER_MS UINT64_C(1000000)

/* A byte of the input is a piece, raw bytes, or the payload's end. */
#define RAW_FROM 0xa0
#define RAW_END 0xb0

size_t
play_payload(struct span *in, uint8_t *out)
{
	size_t len = 0;

	while (in->len != 0) {
		uint32_t choice = draw(in, 256);
		struct span bytes;

		if (choice >= RAW_END)
			break;
		bytes = choice < RAW_FROM
				? pieces_at(choice % pieces_count())
				: draw_bytes(in, choice - RAW_FROM + 1);
		if (bytes.len > WORLD_PAYLOAD_MAX - len)
			break;
		if (bytes.len != 0)
			memcpy(out + len, bytes.data, bytes.len);
		len += bytes.len;
	}
	return len;
}

static void
log_in(struct world *w, uint32_t index)
{
	world_say(w, index, SERVER, span_make("220 x\r\n", 7));
	world_say(w, index, CLIENT, span_make("USER a\r\n", 8));
	world_say(w, index, SERVER, span_make("230 x\r\n", 7));
}

static void
play_packet(struct world *w, struct span *in)
{
	uint32_t index = draw(in, WORLD_FLOWS);
	enum side from = draw(in, 2) == 0 ? CLIENT : SERVER;
	struct flow *flow = &w->flows[index];
	uint8_t payload[WORLD_PAYLOAD_MAX], flags = TCP_ACK;
	uint32_t kind = draw(in, 40), seq;
	size_t len;

	if (kind <= 1) {
		world_connect(w, index, draw(in, UINT32_MAX),
			      draw(in, UINT32_MAX));
		if (kind == 1)
			log_in(w, index);
		return;
	}
	if (kind == 2) {
		world_send(w, index, from, draw(in, UINT32_MAX), TCP_SYN,
			   (struct span){ 0 });
		return;
	}
	if (kind == 3)
		flags |= TCP_RST;
	if (kind == 4)
		flags |= TCP_FIN;
	if (kind == 5) /* a gap, or a copy of old bytes */
		flow->next[from] += draw(in, 400) - 200;
	if (kind == 6) /* nobody knows what the peer has read */
		flags = 0;
	len = play_payload(in, payload);
	if (len > 3 && kind < 12)
		len = 1 + draw(in, (uint32_t)len);
	seq = flow->next[from];
	flow->next[from] += (uint32_t)len + (kind == 4);
	world_send(w, index, from, seq, flags, span_make(payload, len));
	if (kind == 7) /* later segments fill the gap */
		flow->next[from] = seq - draw(in, 200);
}

static void
play_policy(struct world *w, struct span *in)
{
	struct event event = { .kind = EVENT_POLICY, .policy = &w->policy };

	w->policy.fallback.opaque_active = (uint8_t)draw(in, 3);
	w->policy.fallback.opaque = (uint8_t)draw(in, 2);
	w->policy.fallback.clear_active = draw(in, 4) != 0;
	w->policy.deny_count = (uint16_t)(1 + draw(in, 2));
	w->policy.deny[1] = (struct port_range){ 50002, 50004 };
	w->policy.idle_timeout_s = draw(in, 2) == 0 ? 3600 : 20;
	w->policy.half_open_max = 1 + draw(in, WORLD_FLOWS);
	w->policy.client_sessions_max = 1 + draw(in, WORLD_FLOWS);
	w->policy.client_pinholes_max = 1 + draw(in, WORLD_FLOWS);
	w->policy.fallback.window = (uint8_t)draw(in, 3);
	w->policy.fallback.proof = (uint8_t)draw(in, 4);
	world_step(w, &event);
}

static void
play_news(struct world *w, struct span *in)
{
	const struct flow *flow = &w->flows[draw(in, WORLD_FLOWS)];
	const struct model *m = &w->model;
	struct event event = { .kind = EVENT_TICK };
	uint32_t kind = draw(in, 7);

	if (kind == 0) {
		event.kind = EVENT_FLOW_FOUND;
		event.flow.class = (enum session_class)(draw(in, 10));
		event.flow.owned = draw(in, 2) == 0;
		event.flow.client = flow->end[CLIENT];
		event.flow.server = flow->end[SERVER];
	} else if (kind == 1) {
		event.kind = EVENT_FLOW_ENDED;
		event.flow.client = flow->end[CLIENT];
		event.flow.server = flow->end[SERVER];
	} else if (kind == 2 && m->count != 0) {
		const struct opening *o = &m->open[draw(in, m->count)].opening;

		event.kind = EVENT_DATA_BEGAN;
		event.data.source = o->source;
		event.data.destination = o->destination;
		event.data.port = o->port != 0 ? o->port : 50000;
		event.data.class = model_admit(m, &o->source, &o->destination,
					       event.data.port);
	} else if (kind == 3 && m->count != 0) {
		event.kind = EVENT_OPEN_FAILED;
		event.handle = m->open[draw(in, m->count)].opening.handle;
	} else if (kind == 4) {
		play_policy(w, in);
	} else if (kind == 5) {
		event.kind = EVENT_RESTORE;
	} else if (kind == 6) {
		w->now_ns += draw(in, 120000) * NS_PER_MS;
	}
	world_step(w, &event);
	world_settle(w);
}

static void
play_stream(struct world *w, struct span *in)
{
	uint32_t index = draw(in, WORLD_FLOWS);
	uint8_t payload[WORLD_PAYLOAD_MAX];

	if (draw(in, 12) == 0) {
		world_stream(w, index, SERVER, span_make("220 x\r\n", 7));
		world_stream(w, index, CLIENT, span_make("USER a\r\n", 8));
		world_stream(w, index, SERVER, span_make("230 x\r\n", 7));
		return;
	}
	world_stream(w, index, draw(in, 2) == 0 ? CLIENT : SERVER,
		     span_make(payload, play_payload(in, payload)));
}

static void
play_request(struct world *w, struct span *in)
{
	static const enum reason reasons[] = {
		REASON_PASV, REASON_EPSV, REASON_LPSV, REASON_PORT,
		REASON_EPRT, REASON_LPRT, REASON_NONE, REASON_USED,
	};
	struct event event = { .kind = EVENT_REQUEST };
	uint32_t index = draw(in, WORLD_FLOWS);
	const struct model *m = &w->model;

	/* Mostly what succeeds. */
	event.request.kind = (enum request_kind)draw(in, 6);
	event.request.peer = 1 + (draw(in, 8) == 0 ? draw(in, WORLD_PEERS) : 0);
	event.request.active = draw(in, 2) == 0;
	event.request.relay = draw(in, 2) == 0;
	event.request.reason = event.request.active ? REASON_PORT : REASON_EPSV;
	event.request.port = (uint16_t)(50000 + draw(in, 8));
	if (draw(in, 8) == 0) {
		event.request.reason = reasons[draw(in, 8)];
		event.request.port = (uint16_t)draw(in, 0x10000);
	}
	event.request.handle =
		m->count != 0 ? m->open[draw(in, m->count)].opening.handle :
				draw(in, UINT32_MAX);
	event.request.tls[0] = pieces_at(draw(in, 8));
	if (event.request.kind == REQUEST_LOST && draw(in, 4) != 0)
		event.request.kind = REQUEST_OPEN;
	world_request(w, index, &event);
}

void
play_terminated(struct world *w, struct span in)
{
	while (in.len != 0) {
		uint32_t kind = draw(&in, 16);

		w->now_ns += draw(&in, 200) * NS_PER_MS;
		if (kind == 0)
			play_news(w, &in);
		else if (kind == 1)
			play_packet(w, &in);
		else if (kind == 2)
			w->policy.fallback.terminate = draw(&in, 4) != 0;
		else if (kind == 3)
			w->policy.fallback.relay = draw(&in, 4) != 0;
		else if (kind < 10)
			play_stream(w, &in);
		else
			play_request(w, &in);
	}
}

/* Whole sessions: AUTH, a handshake, a command that can be PASV and its reply. */
static void
play_encrypted(struct world *w, struct span *in)
{
	static const char *const said[][2] = {
		{ "220 x\r\n", NULL },
		{ NULL, "AUTH TLS\r\n" },
		{ "234 x\r\n", NULL },
	};
	uint32_t index = draw(in, WORLD_FLOWS);
	struct flow *flow = &w->flows[index];
	uint8_t payload[WORLD_PAYLOAD_MAX];

	world_connect(w, index, draw(in, UINT32_MAX), draw(in, UINT32_MAX));
	if (flow->end[SERVER].port == 21)
		for (int i = 0; i < 3; i++)
			for (int side = 0; side < 2; side++)
				if (said[i][1 - side] != NULL)
					world_say(w, index,
						  side == 0 ? CLIENT : SERVER,
						  span_make(said[i][1 - side],
							    strlen(said[i]
								   [1 - side])));
	world_say(w, index, CLIENT, pieces_named("<client-hello 1.3>"));
	world_say(w, index, SERVER, pieces_named("<server-hello 1.3>"));
	world_say(w, index, SERVER, span_make(payload, play_payload(in, payload)));
}

/* A command and a reply of lengths that matter. */
static void
play_exchange(struct world *w, struct span *in)
{
	static const char *const commands[] = {
		"<app 23>", "<app 25>", "<app 40>", "<app 55>", "<app 33>",
	};
	static const char *const replies[] = {
		"<app 64>", "<app 62>", "<app 65>", "<app 46>", "<app 80>",
	};
	uint32_t index = draw(in, WORLD_FLOWS);

	world_say(w, index, CLIENT, pieces_named(commands[draw(in, 5)]));
	world_say(w, index, SERVER, pieces_named(replies[draw(in, 5)]));
}

static void
play_data(struct world *w, struct span *in)
{
	uint32_t index = draw(in, WORLD_DATA), kind = draw(in, 8);
	enum side from = draw(in, 2) == 0 ? CLIENT : SERVER;
	uint8_t payload[WORLD_PAYLOAD_MAX], flags = TCP_ACK;
	static uint32_t seq;

	if (kind < 3) {
		uint32_t of = draw(in, WORLD_FLOWS);
		bool active = draw(in, 4) == 0;
		/* Ports of its own, so that no other has the same ends. */
		uint16_t source = index == 0 ? 20 : (uint16_t)(41000 + index);

		world_data_syn(w, index, of, active, source,
			       draw(in, 8) == 0 ?
				       (uint16_t)draw(in, 0x10000) :
				       (uint16_t)(49998 + draw(in, 8)),
			       ++seq * 65536);
		return;
	}
	if (w->data[index].end[CLIENT].addr.family == ADDR_NONE)
		return;
	if (kind == 3)
		flags |= TCP_SYN;
	if (kind == 4)
		flags |= draw(in, 2) == 0 ? TCP_FIN : TCP_RST;
	world_data_send(w, index, kind == 3 ? SERVER : from, flags,
			span_make(payload,
				  kind == 3 ? 0 : play_payload(in, payload)));
}

void
play(struct world *w, struct span in)
{
	while (in.len != 0) {
		w->now_ns += draw(&in, 200) * NS_PER_MS;
		switch (draw(&in, 20)) {
		case 0:
			play_news(w, &in);
			break;
		case 1:
			play_encrypted(w, &in);
			break;
		case 2:
		case 3:
			play_exchange(w, &in);
			break;
		case 4:
		case 5:
		case 6:
			play_data(w, &in);
			break;
		default:
			play_packet(w, &in);
		}
	}
}
