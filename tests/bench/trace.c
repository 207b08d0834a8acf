/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three kinds of session: clear and IPv4, clear and IPv6, and one in five that
 * stays encrypted and holds a grant. Each goes once through its beginning and
 * then round and round in its loop.
 */
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/bytes.h"
#include "scenario/wire.h"

/* Between two packets of all sessions together. */
#define GAP_NS 10000

#define PORT_LOW 50000

enum what {
	SYN,
	SYN_ACK,
	C, /* bytes of the client */
	S, /* bytes of the server */
	P, /* the server's, with a port to come to */
	D, /* the data connection to it */
	W, /* the data connection that comes through a window: its SYN */
};

struct step {
	enum what what;
	const char *text; /* as scenarios have it: scenario/README.md */
	struct span bytes;
};

struct script {
	unsigned loop; /* where it begins again */
	unsigned len;
	struct step steps[40];
};

#define GREETING \
	{ SYN }, { SYN_ACK }, { S, "220 ftp.example.org ready\\r\\n" }
#define LOGIN \
	{ C, "USER anonymous\\r\\n" }, { S, "331 Please give a password\\r\\n" }, \
	{ C, "PASS me@example.org\\r\\n" }, { S, "230 Logged in\\r\\n" }
#define CHATTER \
	{ C, "CWD /pub/releases/2026\\r\\n" }, \
	{ S, "250 Directory changed\\r\\n" }, \
	{ C, "TYPE I\\r\\n" }, { S, "200 Type is I\\r\\n" }, \
	{ C, "SIZE release.tar.gz\\r\\n" }, { S, "213 73400320\\r\\n" }
#define TRANSFER \
	{ C, "RETR release.tar.gz\\r\\n" }, { D }, \
	{ S, "150 Opening BINARY mode data connection\\r\\n" }, \
	{ S, "226 Transfer complete\\r\\n" }

static struct script scripts[] = {
	{ .loop = 7, .steps = {
		GREETING, LOGIN, CHATTER,
		{ C, "PASV\\r\\n" }, { P, "227 Entering Passive Mode" },
		TRANSFER, { C, "NOOP\\r\\n" }, { S, "200 Zzz\\r\\n" } } },
	{ .loop = 7, .steps = {
		GREETING, LOGIN, CHATTER,
		{ C, "EPSV\\r\\n" }, { P, "229 Entering Extended Passive" },
		TRANSFER, { C, "MLST\\r\\n" },
		{ S, "250-Begin\\r\\n type=dir; /\\r\\n250 End\\r\\n" } } },
	{ .loop = 10, .steps = {
		GREETING, { C, "AUTH TLS\\r\\n" }, { S, "234 Go on\\r\\n" },
		{ C, "<client-hello 1.3>" },
		{ S, "<server-hello 1.3><ccs><app 23><app 839><app 281><app 53>" },
		{ C, "<ccs><app 53>" }, { C, "<app 33>" }, { S, "<app 45>" },
		{ C, "<app 26>" }, { S, "<app 43>" },
		{ C, "<app 23>" }, { S, "<app 65>" },
		{ C, "<app 38>" }, { W }, { S, "<app 58>" },
		{ S, "<app 40>" } } },
};

struct trace_session {
	uint32_t next[2];
	uint16_t step;
};

static void
prepare(struct script *script)
{
	static struct bytes bytes;

	while (script->len < 40 &&
	       (script->len == 0 || script->steps[script->len].what != SYN)) {
		struct step *step = &script->steps[script->len++];
		const char *wrong;
		void *copy;

		if (step->text == NULL || step->bytes.data != NULL)
			continue;
		wrong = bytes_parse(step->text, &bytes);
		copy = malloc(bytes.len);
		if (wrong != NULL || copy == NULL) {
			fprintf(stderr, "trace: %s: %s\n", step->text,
				wrong != NULL ? wrong : "no memory");
			exit(1);
		}
		memcpy(copy, bytes.data, bytes.len);
		step->bytes = span_make(copy, bytes.len);
	}
}

void
trace_open(struct trace *t, uint32_t sessions, bool idle_only)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		prepare(&scripts[i]);
	*t = (struct trace){ .sessions = sessions,
			     .idle_only = idle_only,
			     .now_ns = 1,
			     .random = 1 };
	t->list = calloc(sessions, sizeof(*t->list));
	if (t->list == NULL) {
		fprintf(stderr, "trace: no memory\n");
		exit(1);
	}
}

void
trace_close(struct trace *t)
{
	free(t->list);
}

size_t
trace_bytes(const struct trace *t)
{
	return t->sessions * sizeof(*t->list);
}

struct gate_limits
trace_limits(const struct trace *t)
{
	return (struct gate_limits){
		.sessions = t->sessions,
		/* Grants of one session in five, and pinholes of those that are
		 * between their 227 and its connection. */
		.openings = t->idle_only ? 1 : t->sessions / 2 + 1024,
		.line_buffers = 256,
		.segment_buffers = 16,
	};
}

void
trace_policy(struct policy *policy)
{
	*policy = (struct policy){
		.explicit_ports = { 21 },
		.explicit_count = 1,
		.implicit_ports = { 990 },
		.implicit_count = 1,
		.pinhole_timeout_s = 60,
		.window_timeout_s = 600, /* a million sessions are slow */
		.grant_timeout_s = 86400,
		.idle_timeout_s = 86400,
		.half_open_max = UINT32_MAX,
		.client_sessions_max = UINT32_MAX,
		.client_pinholes_max = UINT32_MAX,
		.session_pinholes_max = POLICY_SESSION_PINHOLES_MAX,
		.session_commands_max = POLICY_SESSION_COMMANDS_MAX,
		.fallback = { .opaque = POLICY_OPAQUE_GRANT,
			      .window = POLICY_WINDOW_LEARN,
			      .passive = { PORT_LOW, PORT_LOW + 9999 } },
	};
}

uint32_t
trace_random(struct trace *t, uint32_t below)
{
	/* xorshift64 */
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (uint32_t)((t->random >> 32) * below >> 32);
}

static const struct script *
script_of(const struct trace *t, uint32_t index)
{
	uint32_t n = index % 5;

	return &scripts[n == 4 && !t->idle_only ? 2 : n % 2];
}

unsigned
trace_setup_len(const struct trace *t, uint32_t index)
{
	return script_of(t, index)->loop;
}

/* Every session has a client address of its own. */
static void
make_flow(const struct trace *t, uint32_t index, struct flow *flow)
{
	uint32_t host = index + 1;
	bool v6 = script_of(t, index) == &scripts[1];
	const uint8_t client[16] = { v6 ? 0x20 : 10, v6 ? 0x01 : host >> 16,
				     v6 ? 0x0d : host >> 8, v6 ? 0xb8 : host,
				     [12] = v6 ? host >> 24 : 0,
				     [13] = v6 ? host >> 16 : 0,
				     [14] = v6 ? host >> 8 : 0,
				     [15] = v6 ? host : 0 };
	const uint8_t server[16] = { v6 ? 0x20 : 192, v6 ? 0x01 : 0,
				     v6 ? 0x0d : 2, v6 ? 0xb8 : 1 + index % 8,
				     [15] = v6 ? 1 + index % 8 : 0 };
	enum addr_family family = v6 ? ADDR_V6 : ADDR_V4;

	*flow = (struct flow){
		.end = { [CLIENT] = { addr_make(family, client),
				      (uint16_t)(1024 + index % 60000) },
			 [SERVER] = { addr_make(family, server), 21 } },
	};
	memcpy(flow->next, t->list[index].next, sizeof(flow->next));
}

/* The data port of a session; two of one pair never meet. */
static uint16_t
port_of(uint32_t index)
{
	return (uint16_t)(PORT_LOW + index % 10000);
}

static struct span
passive_reply(const struct step *step, uint32_t index, const struct flow *flow,
	      char text[static 128])
{
	const uint8_t *a = flow->end[SERVER].addr.bytes;
	unsigned port = port_of(index);
	int len;

	if (step->bytes.data[2] == '7')
		len = snprintf(text, 128, "%.*s (%u,%u,%u,%u,%u,%u)\r\n",
			       (int)step->bytes.len, step->bytes.data, a[0],
			       a[1], a[2], a[3], port >> 8, port & 255);
	else
		len = snprintf(text, 128, "%.*s (|||%u|)\r\n",
			       (int)step->bytes.len, step->bytes.data, port);
	return span_make(text, (size_t)len);
}

/* The SYN of a data connection, as a flow of its own. */
static struct span
data_syn(const struct flow *control, uint32_t index, uint8_t *packet)
{
	struct flow flow = *control;

	flow.end[SERVER].port = port_of(index);
	return span_make(packet, wire_build(&flow, CLIENT, index, TCP_SYN,
					    span_make(NULL, 0), packet));
}

bool
trace_next(struct trace *t, uint32_t index, uint8_t packet[static TRACE_BYTES],
	   struct event *out)
{
	struct trace_session *s = &t->list[index];
	const struct script *script = script_of(t, index);
	const struct step *step = &script->steps[s->step];
	enum side from = step->what == SYN || step->what == C ? CLIENT : SERVER;
	uint8_t flags = TCP_ACK | TCP_PSH;
	struct span payload = step->bytes;
	struct flow flow;
	char text[128];

	make_flow(t, index, &flow);
	if (++s->step == script->len)
		s->step = (uint16_t)script->loop;
	t->now_ns += GAP_NS;
	*out = (struct event){ .now_ns = t->now_ns };
	if (step->what == D) {
		out->kind = EVENT_DATA_BEGAN;
		out->data.source = flow.end[CLIENT].addr;
		out->data.destination = flow.end[SERVER].addr;
		out->data.port = port_of(index);
		out->data.class = CLASS_DATA_PINHOLE;
		return false;
	}
	out->kind = EVENT_PACKET;
	if (step->what == W) {
		out->packet = data_syn(&flow, index, packet);
		return false;
	}
	if (step->what == SYN || step->what == SYN_ACK) {
		flags = step->what == SYN ? TCP_SYN : TCP_SYN | TCP_ACK;
		s->next[from] = index * 7919 + 1;
	}
	if (step->what == P)
		payload = passive_reply(step, index, &flow, text);
	out->packet = span_make(packet,
				wire_build(&flow, from, s->next[from], flags,
					   payload, packet));
	s->next[from] += (uint32_t)payload.len +
			 ((flags & TCP_SYN) != 0 ? 1 : 0);
	return true;
}
