/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: whatever arrives, in whatever order, the gate keeps its promises. Random
 * segments of a few sessions, made of pieces of real dialogues and of noise,
 * with news and time in between; after each step:
 *   - nothing opens but between the two ends of a session, for a port from 1024
 *     that is not on the deny-list;
 *   - nothing opens twice, nothing closes that is not open;
 *   - no more is open than the limit, and a grant stays while a session holds it;
 *   - a step says no more than ACTIONS_MAX things;
 * and in the end, with all sessions gone, nothing is open and every buffer is
 * back. And a password is in no action, however it was sent.
 */
#include "support.h"

#include "core/gate_state.h"

#define CLIENTS	 4 /* two ports on each of two hosts */
#define SERVERS	 2
#define OPEN_MAX 64

#define P(text) { text, sizeof(text) - 1 }

static const struct {
	const char *text;
	size_t len;
} pieces[] = {
	P("220 ready\r\n"), P("220-hello\r\n"), P("220 \r\n"),
	P("USER a\r\n"), P("331 who\r\n"), P("PASS b\r\n"), P("230 in\r\n"),
	P("PASV\r\n"), P("EPSV\r\n"), P("EPSV ALL\r\n"), P("LPSV\r\n"),
	P("NOOP\r\n"), P("200 ok\r\n"), P("500 no\r\n"),
	P("150 here it comes\r\n"), P("226 done\r\n"),
	P("227 x (192,0,2,1,195,80)\r\n"), P("227 x (192,0,2,1,0,22)\r\n"),
	P("227 x (10,0,0,9,195,81)\r\n"), P("229 x (|||50001|)\r\n"),
	P("229 x (|||3306|)\r\n"), P("229 x (|||21|)\r\n"),
	P("PORT 10,0,0,1,195,82\r\n"), P("PORT 10,0,0,2,195,82\r\n"),
	P("PORT 10,0,0,1,0,80\r\n"), P("EPRT |1|10,0,0,1|50003|\r\n"),
	P("EPRT |1|10.0.0.1|50003|\r\n"), P("EPRT |1|10.0.0.3|3306|\r\n"),
	P("AUTH TLS\r\n"), P("AUTH GSSAPI\r\n"), P("ADAT x\r\n"),
	P("234 go\r\n"), P("334 more\r\n"), P("235 done\r\n"), P("631 x\r\n"),
	P("504 no\r\n"), P("REIN\r\n"), P("QUIT\r\n"), P("221 bye\r\n"),
	P("211-x\r\n"), P("211 x\r\n"), P("GET / HTTP/1.1\r\n"), P("\r\n"),
	P("\n"), P("\xff\xf4\xff\xf2"), P("\xff\xfb"), P("CCC\r\n"),
	P("\x16\x03\x01\x00\x02xx"), P("\x17\x03\x03\x00\x05hello"),
	P("\x15\x03\x03\x00\x1a" "abcdefghijklmnopqrstuvwxyz"),
	P("\x17\x03\x03\x00\x13" "abcdefghijklmnopqrs"),
	P("\x14\x03\x03\x00\x01\x01"), P("\x17\x03\x09"), P("500 OOPS\r\n"),
};


struct world {
	struct gate *gate;
	struct policy policy;
	struct actions actions;
	uint64_t now_ns;
	struct opening open[OPEN_MAX];
	uint32_t open_count, open_limit;
	uint32_t seq[CLIENTS][SERVERS][2];
};

static struct endpoint
client_end(uint32_t i)
{
	uint8_t bytes[4] = { 10, 0, 0, (uint8_t)(i / 2 + 1) };

	return (struct endpoint){ addr_make(ADDR_V4, bytes),
				  (uint16_t)(40000 + i) };
}

static struct endpoint
server_end(uint32_t i)
{
	uint8_t bytes[4] = { 192, 0, 2, (uint8_t)(i + 1) };

	return (struct endpoint){ addr_make(ADDR_V4, bytes),
				  (uint16_t)(i == 0 ? 21 : 990) };
}

static bool
same_opening(const struct opening *a, const struct opening *b)
{
	return a->kind == b->kind && a->port == b->port &&
	       addr_equal(&a->source, &b->source) &&
	       addr_equal(&a->destination, &b->destination);
}

static uint32_t
find_open(const struct world *w, const struct opening *o)
{
	uint32_t i = 0;

	while (i < w->open_count && !same_opening(&w->open[i], o))
		i++;
	return i;
}

static void
check_open(struct world *w, const struct action *a)
{
	const struct opening *o = &a->opening;
	bool active = addr_equal(&o->source, &a->server.addr);

	assert_true(active || addr_equal(&o->source, &a->client.addr));
	assert_true(addr_equal(&o->destination,
			       active ? &a->client.addr : &a->server.addr));
	if (o->kind == OPENING_PINHOLE) {
		assert_true(o->port >= 1024);
		assert_true(policy_port_allowed(&w->policy, o->port));
	}
	assert_int_equal(find_open(w, o), w->open_count);
	assert_true(w->open_count < w->open_limit);
	w->open[w->open_count++] = *o;
}

static void
check_gone(struct world *w, const struct action *a)
{
	uint32_t i = find_open(w, &a->opening);

	assert_true(i < w->open_count);
	w->open[i] = w->open[--w->open_count];
}

/* A grant lives as long as one session that holds it. */
static void
check_grants(const struct world *w)
{
	for (uint32_t i = 0; i < w->gate->sessions.count; i++) {
		const struct session *s = &w->gate->sessions.slots[i];

		for (int g = 0; g < 2; g++)
			assert_true(!s->in_use || s->grants[g] == 0 ||
				    openings_get(&w->gate->openings,
						 s->grants[g]) != NULL);
	}
}

static void
step(struct world *w, struct event *event)
{
	event->now_ns = w->now_ns;
	gate_step(w->gate, event, &w->actions);
	assert_true(w->actions.count <= ACTIONS_MAX);
	for (uint32_t i = 0; i < w->actions.count; i++) {
		const struct action *a = &w->actions.list[i];

		if (a->kind == ACTION_OPEN)
			check_open(w, a);
		else if (a->kind == ACTION_CLOSE ||
			 (a->reason == REASON_USED && a->has_opening) ||
			 (a->reason == REASON_KERNEL_REFUSED &&
			  a->opening.kind == OPENING_PINHOLE))
			check_gone(w, a);
		else if (a->kind == ACTION_REFRESH)
			assert_true(find_open(w, &a->opening) < w->open_count);
	}
	assert_int_equal(w->open_count, w->gate->openings.used);
	check_grants(w);
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static void
send_segment(struct world *w, uint32_t c, uint32_t s, bool from_client,
	     uint32_t seq, uint8_t flags, struct span payload)
{
	struct endpoint client = client_end(c), server = server_end(s);
	const struct endpoint *src = from_client ? &client : &server;
	const struct endpoint *dst = from_client ? &server : &client;
	uint8_t packet[2048] = { 0x45 };
	struct event event = { .kind = EVENT_PACKET };

	put16(packet + 2, (uint32_t)(40 + payload.len));
	packet[8] = 64;
	packet[9] = 6;
	memcpy(packet + 12, src->addr.bytes, 4);
	memcpy(packet + 16, dst->addr.bytes, 4);
	put16(packet + 20, src->port);
	put16(packet + 22, dst->port);
	put32(packet + 24, seq);
	put32(packet + 28, w->seq[c][s][from_client ? 1 : 0]);
	packet[32] = 0x50;
	packet[33] = flags;
	if (payload.len != 0)
		memcpy(packet + 40, payload.data, payload.len);
	event.packet = guard_span(packet, 40 + payload.len);
	step(w, &event);
}

static size_t
make_payload(uint8_t *out, size_t room)
{
	size_t len = 0;
	uint32_t count = 1 + test_random(test_random(20) == 0 ? 40 : 3);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t n = (uint32_t)(sizeof(pieces) / sizeof(pieces[0]));
		uint32_t piece = test_random(n);
		size_t size = pieces[piece].len;

		if (size > room - len)
			break;
		memcpy(out + len, pieces[piece].text, size);
		len += size;
	}
	return len;
}

static void
random_packet(struct world *w)
{
	uint32_t c = test_random(CLIENTS), s = test_random(SERVERS);
	bool from_client = test_random(2) == 0;
	uint32_t *next = &w->seq[c][s][from_client ? 0 : 1];
	uint8_t payload[1500], flags = TCP_ACK;
	size_t len = make_payload(payload, sizeof(payload));
	uint32_t kind = test_random(40);

	if (kind == 0) {
		*next = test_random(UINT32_MAX);
		flags = from_client ? TCP_SYN : TCP_SYN | TCP_ACK;
		send_segment(w, c, s, from_client, *next, flags,
			     (struct span){ 0 });
		(*next)++;
		return;
	}
	if (kind == 1)
		flags |= TCP_RST;
	if (kind == 2)
		flags |= TCP_FIN;
	if (kind == 3) /* a gap, or a copy of old bytes */
		*next += test_random(400) - 200;
	if (len > 3 && kind < 12)
		len = 1 + test_random((uint32_t)len);
	send_segment(w, c, s, from_client, *next, flags,
		     span_make(payload, len));
	*next += (uint32_t)len + (kind == 2);
}

static void
random_news(struct world *w)
{
	struct event event = { .kind = EVENT_TICK };
	uint32_t kind = test_random(6);

	if (kind == 0) {
		event.kind = EVENT_FLOW_FOUND;
		event.flow.client = client_end(test_random(CLIENTS));
		event.flow.server = server_end(test_random(SERVERS));
		event.flow.class = (enum session_class)(1 + test_random(7));
		event.flow.owned = test_random(2) == 0;
	} else if (kind == 1) {
		event.kind = EVENT_FLOW_ENDED;
		event.flow.client = client_end(test_random(CLIENTS));
		event.flow.server = server_end(test_random(SERVERS));
	} else if (kind == 2 && w->open_count != 0) {
		const struct opening *o =
			&w->open[test_random(w->open_count)];

		event.kind = EVENT_DATA_BEGAN;
		event.data.source = o->source;
		event.data.destination = o->destination;
		event.data.port = o->port != 0 ? o->port : 50000;
	} else if (kind == 3 && w->open_count != 0) {
		event.kind = EVENT_OPEN_FAILED;
		event.handle = w->open[test_random(w->open_count)].handle;
	} else if (kind == 4) {
		event.kind = EVENT_POLICY;
		w->policy.fallback.opaque_active = (uint8_t)test_random(3);
		w->policy.fallback.opaque = (uint8_t)test_random(2);
		event.policy = &w->policy;
	} else if (kind == 5 && test_random(4) == 0) {
		event.kind = EVENT_RESTORE;
	}
	step(w, &event);
	event.kind = EVENT_TICK;
	for (int i = 0; i < 100 && gate_deadline(w->gate) <= w->now_ns; i++)
		step(w, &event);
}

static void
open_world(struct world *w, const struct gate_limits *limits)
{
	memset(w, 0, sizeof(*w));
	w->open_limit = limits->openings;
	w->policy.explicit_ports[w->policy.explicit_count++] = 21;
	w->policy.implicit_ports[w->policy.implicit_count++] = 990;
	w->policy.deny[w->policy.deny_count++] =
		(struct port_range){ 3306, 3306 };
	w->policy.pinhole_timeout_s = 30;
	w->policy.grant_timeout_s = 30;
	w->policy.idle_timeout_s = 3600;
	w->policy.fallback = (struct policy_server){
		.opaque = POLICY_OPAQUE_GRANT,
		.opaque_active = POLICY_ACTIVE_ANY,
		.clear_active = true,
		.passive = { 50000, 50100 },
	};
	w->gate = gate_init(malloc(gate_size(limits)), limits, &w->policy, 3, 7,
			    0);
}

static void
close_world(struct world *w)
{
	struct event event = { .kind = EVENT_TICK };

	w->now_ns += 4000 * NS_PER_S;
	for (int i = 0; i < 1000 && gate_deadline(w->gate) <= w->now_ns; i++)
		step(w, &event);
	assert_int_equal(w->gate->sessions.used, 0);
	assert_int_equal(w->open_count, 0);
	assert_int_equal(w->gate->lines.used, 0);
	assert_int_equal(w->gate->segments.used, 0);
	free(w->gate);
}

static void
random_life(const struct gate_limits *limits, uint32_t steps)
{
	static struct world w;

	open_world(&w, limits);
	for (uint32_t i = 0; i < steps; i++) {
		w.now_ns += test_random(200) * NS_PER_MS;
		if (test_random(20) == 0)
			random_news(&w);
		else
			random_packet(&w);
	}
	close_world(&w);
}

static void
test_promises(void **state)
{
	const struct gate_limits limits = { 64, 32, 64, 64 };

	(void)state;
	for (int i = 0; i < 40; i++)
		random_life(&limits, 5000);
}

static void
test_promises_when_full(void **state)
{
	const struct gate_limits limits = { 2, 2, 1, 1 };

	(void)state;
	for (int i = 0; i < 20; i++)
		random_life(&limits, 5000);
}

/* One whole line of a dialogue that loses no byte. */
static void
say(struct world *w, bool from_client, const char *text)
{
	uint32_t *next = &w->seq[0][0][from_client ? 0 : 1];
	struct span bytes = span_make(text, strlen(text));

	send_segment(w, 0, 0, from_client, *next, TCP_ACK, bytes);
	*next += (uint32_t)bytes.len;
	for (uint32_t i = 0; i < w->actions.count; i++) {
		const struct action *a = &w->actions.list[i];

		assert_null(memmem(a->text, a->text_len, "s3cret", 6));
	}
}

static void
test_no_password_comes_out(void **state)
{
	static const char *const forms[] = {
		"PASS s3cret\r\n", "pass s3cret\r\n", " PASS s3cret\r\n",
		"PASS\ts3cret\r\n", "PASS s3cret\n", "ACCT s3cret\r\n",
		"\xff\xf1PASS s3cret\r\n", "PA\xff\xf1SS s3cret\r\n",
		"PASSWORD s3cret\r\n", "PASS s3cret\r\nPASS s3cret\r\n",
		"ADAT s3cret\r\n", "s3cret\r\n", "AUTH TLS\r\nPASS s3cret\r\n",
	};
	const struct gate_limits limits = { 64, 32, 64, 64 };
	static struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		open_world(&w, &limits);
		send_segment(&w, 0, 0, true, 0, TCP_SYN, (struct span){ 0 });
		send_segment(&w, 0, 0, false, 0, TCP_SYN | TCP_ACK,
			     (struct span){ 0 });
		w.seq[0][0][0] = w.seq[0][0][1] = 1;
		say(&w, false, "220 ready\r\n");
		say(&w, true, "USER a\r\n");
		say(&w, false, "331 who\r\n");
		say(&w, true, forms[i]);
		say(&w, false, "234 go\r\n");
		say(&w, true, "\x16\x03\x01\x01");
		say(&w, true, forms[i]);
		say(&w, false, "227 (192,0,2,1,1,1)\r\n");
		say(&w, true, forms[i]);
		close_world(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_promises),
		cmocka_unit_test(test_promises_when_full),
		cmocka_unit_test(test_no_password_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
