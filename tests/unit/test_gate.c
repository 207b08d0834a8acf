/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goal: whatever arrives, in whatever order, the gate keeps its promises. Random
 * segments of a few sessions, made of pieces of real dialogues and of noise,
 * with news and time in between; support/world.h has the promises. And a
 * password is in no action, however it was sent.
 */
#include "support.h"

#include "scenario/bytes.h"
#include "support/play.h"

/* About 15 bytes make a step. */
#define LIFE_BYTES 100000

static void
random_life(const struct gate_limits *limits,
	    void (*live)(struct world *, struct span))
{
	static struct world w;
	static uint8_t choices[LIFE_BYTES];

	for (size_t i = 0; i < sizeof(choices); i++)
		choices[i] = (uint8_t)test_random(256);
	world_open(&w, limits);
	live(&w, span_make(choices, sizeof(choices)));
	world_close(&w);
}

static void
test_promises(void **state)
{
	const struct gate_limits limits = { 64, 32, 64, 64 };

	(void)state;
	for (int i = 0; i < 40; i++)
		random_life(&limits, play);
}

/* About 10 bytes make a step. */
static void
test_promises_when_terminated(void **state)
{
	const struct gate_limits limits = { 64, 32, 64, 64 };
	const struct gate_limits small = { 2, 2, 1, 1 };

	(void)state;
	for (int i = 0; i < 20; i++)
		random_life(i < 14 ? &limits : &small, play_terminated);
}

static void
test_promises_when_full(void **state)
{
	const struct gate_limits limits = { 2, 2, 1, 1 };

	(void)state;
	for (int i = 0; i < 20; i++)
		random_life(&limits, play);
}

/* Steps @event and all ticks that are due; how many actions were @kind. */
static uint32_t
count_steps(struct world *w, struct event event, enum action_kind kind)
{
	uint32_t count = 0;

	do {
		event.now_ns = w->now_ns;
		gate_step(w->gate, &event, &w->actions);
		assert_true(w->actions.count <= ACTIONS_MAX);
		for (uint32_t i = 0; i < w->actions.count; i++)
			count += w->actions.list[i].kind == kind;
		event.kind = EVENT_TICK;
	} while (gate_deadline(w->gate) <= w->now_ns);
	return count;
}

/* More falls due at once than one step can say: nothing of it is forgotten. */
static void
test_crowd(void **state)
{
	const struct gate_limits limits = { 5000, 10000, 1, 1 };
	const uint32_t crowd = 3000, grants = 2 * crowd;
	struct event event = { .kind = EVENT_FLOW_FOUND };
	static struct world w;
	uint32_t opened = 0, cursor = 0;
	struct session_view view;

	(void)state;
	world_open(&w, &limits);
	event.flow.class = CLASS_OPAQUE;
	event.flow.owned = true;
	for (uint32_t i = 0; i < crowd; i++) {
		event.flow.client = w.flows[0].end[CLIENT];
		event.flow.server = w.flows[0].end[SERVER];
		event.flow.client.addr.bytes[2] = (uint8_t)(i >> 8);
		event.flow.client.addr.bytes[3] = (uint8_t)i;
		opened += count_steps(&w, event, ACTION_OPEN);
	}
	assert_int_equal(opened, grants);
	event = (struct event){ .kind = EVENT_RESTORE };
	assert_int_equal(count_steps(&w, event, ACTION_REFRESH), grants);
	w.now_ns += UINT64_C(10) * 1000000000;
	event.kind = EVENT_TICK;
	assert_int_equal(count_steps(&w, event, ACTION_REFRESH), grants);
	event = (struct event){ .kind = EVENT_POLICY, .policy = &w.policy };
	w.policy.fallback.opaque = POLICY_OPAQUE_REFUSE;
	assert_int_equal(count_steps(&w, event, ACTION_CLOSE), grants);
	w.policy.fallback.opaque = POLICY_OPAQUE_GRANT;
	assert_int_equal(count_steps(&w, event, ACTION_OPEN), grants);
	w.now_ns += UINT64_C(4000) * 1000000000;
	event.kind = EVENT_TICK;
	assert_int_equal(count_steps(&w, event, ACTION_CLOSE), grants);
	assert_false(gate_session_next(w.gate, w.now_ns, &cursor, &view));
	free(w.gate);
}

/* One whole line of a dialogue that loses no byte. */
static void
say(struct world *w, enum side from, const char *text)
{
	world_say(w, 0, from, span_make(text, strlen(text)));
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
		world_open(&w, &limits);
		world_connect(&w, 0, 0, 0);
		say(&w, SERVER, "220 ready\r\n");
		say(&w, CLIENT, "USER a\r\n");
		say(&w, SERVER, "331 who\r\n");
		say(&w, CLIENT, forms[i]);
		say(&w, SERVER, "234 go\r\n");
		say(&w, CLIENT, "\x16\x03\x01\x01");
		say(&w, CLIENT, forms[i]);
		say(&w, SERVER, "227 (192,0,2,1,1,1)\r\n");
		say(&w, CLIENT, forms[i]);
		world_close(&w);
	}
}

/* What was read ahead is what is stepped, in whatever order, and nothing else is
 * taken for it. */
static void
test_foreseen(void **state)
{
	const struct gate_limits limits = { 4, 4, 4, 4 };
	static const struct {
		enum side from;
		uint32_t seq;
		uint8_t flags;
		const char *text;
	} sent[] = {
		{ SERVER, 2, TCP_ACK, "220 ready\r\n" },
		{ CLIENT, 1, TCP_SYN, "" },
		{ SERVER, 1, TCP_SYN | TCP_ACK, "" },
		{ CLIENT, 2, TCP_ACK, "USER a\r\n" },
		{ SERVER, 13, TCP_ACK, "229 Go (|||50001|)\r\n" },
		{ CLIENT, 10, TCP_ACK | TCP_FIN, "" },
		{ SERVER, 33, TCP_ACK | TCP_RST, "" },
		{ SERVER, 33, TCP_ACK, "\x17\x03\x03" },
	};
	static const uint32_t order[] = { 1, 2, 0 };
	static uint8_t bytes[8][100];
	static struct world w;
	struct span packets[8];
	struct event event = { .kind = EVENT_PACKET };
	struct session_view view;
	uint32_t cursor = 0;
	struct flow flow;

	(void)state;
	world_open(&w, &limits);
	flow = w.flows[0];
	flow.next[CLIENT] = flow.next[SERVER] = 2;
	for (int i = 0; i < 8; i++)
		packets[i] = span_make(
			bytes[i],
			wire_build(&flow, sent[i].from, sent[i].seq,
				   sent[i].flags,
				   span_make(sent[i].text, strlen(sent[i].text)),
				   bytes[i]));
	assert_true(gate_foresee(w.gate, packets, 3));
	for (int i = 0; i < 3; i++) {
		event.packet = packets[order[i]];
		event.foreseen = order[i] + 1;
		assert_int_equal(count_steps(&w, event, ACTION_CLOSE), 0);
	}
	assert_true(gate_session_next(w.gate, w.now_ns, &cursor, &view));
	assert_int_equal(view.class, CLASS_CLEAR);
	/* Only a beginning wants the news first, as long as nothing is open. */
	assert_true(gate_foresee(w.gate, &packets[1], 1));
	for (int i = 2; i < 7; i++)
		assert_false(gate_foresee(w.gate, &packets[i], 1));
	event.packet = packets[3];
	event.foreseen = 1;
	count_steps(&w, event, ACTION_CLOSE);
	assert_int_equal(gate_counters(w.gate)->commands, 1);
	assert_int_equal(gate_counters(w.gate)->packets_bad, 0);
	/* Then each line and each end, but no record. */
	w.flows[0].next[CLIENT] = 10;
	w.flows[0].next[SERVER] = 13;
	say(&w, SERVER, "230 in\r\n");
	say(&w, CLIENT, "EPSV\r\n");
	say(&w, SERVER, "229 (|||50001|)\r\n");
	assert_int_equal(gate_counters(w.gate)->pinholes_opened, 1);
	assert_false(gate_foresee(w.gate, &packets[2], 1));
	for (int i = 3; i < 7; i++)
		assert_true(gate_foresee(w.gate, &packets[i], 1));
	assert_false(gate_foresee(w.gate, &packets[7], 1));
	world_close(&w);
}

/* Whether copies can stand before one of two packets of flow @index: the next one
 * of @from, that is @text (tests/scenario/README.md) and has @flags, too; and a
 * record of the server of flow 0. */
static bool
may_follow(struct world *w, uint32_t index, enum side from, uint8_t flags,
	   const char *text)
{
	static uint8_t bytes[2][BYTES_MAX + WIRE_HEADERS_MAX];
	static struct bytes payload;
	const struct flow *flow = &w->flows[index];
	struct span packets[2] = { span_make(bytes[0], 0),
				   span_make(bytes[1], 0) };

	assert_null(bytes_parse("<app 40>", &payload));
	packets[0].len = wire_build(
		&w->flows[0], SERVER, w->flows[0].next[SERVER], TCP_ACK,
		span_make(payload.data, payload.len), bytes[0]);
	assert_null(bytes_parse(text, &payload));
	packets[1].len = wire_build(flow, from, flow->next[from],
				    TCP_ACK | flags,
				    span_make(payload.data, payload.len),
				    bytes[1]);
	gate_foresee(w->gate, packets, 2);
	return gate_may_follow_copies(w->gate);
}

/* Brings flow 0 to where both ends say records. */
static void
encrypt(struct world *w)
{
	static struct bytes hello;

	world_connect(w, 0, 0, 0);
	say(w, SERVER, "220 ready\r\n");
	say(w, CLIENT, "AUTH TLS\r\n");
	say(w, SERVER, "234 go\r\n");
	assert_true(may_follow(w, 0, CLIENT, 0, "<client-hello 1.3>"));
	assert_null(bytes_parse("<client-hello 1.3>", &hello));
	world_say(w, 0, CLIENT, span_make(hello.data, hello.len));
	assert_null(bytes_parse("<server-hello 1.3>", &hello));
	world_say(w, 0, SERVER, span_make(hello.data, hello.len));
}

/* Goal: no packet is taken for one of an encrypted session, which has no copies,
 * before that session's mark says so, or behind its end. */
static void
test_follows_copies(void **state)
{
	static const uint8_t ends[] = { TCP_SYN, TCP_FIN | TCP_ACK, TCP_RST };
	const struct gate_limits limits = { 4, 4, 4, 4 };
	static struct world w;

	(void)state;
	world_open(&w, &limits);
	assert_false(gate_may_follow_copies(w.gate));
	assert_true(may_follow(&w, 0, CLIENT, 0, "<app 40>"));
	world_connect(&w, 0, 0, 0);
	assert_true(may_follow(&w, 0, CLIENT, 0, "<app 40>"));
	say(&w, SERVER, "220 ready\r\n");
	assert_true(may_follow(&w, 0, CLIENT, 0, "<app 40>"));
	world_close(&w);
	for (size_t i = 0; i < sizeof(ends); i++) {
		uint32_t seq;

		world_open(&w, &limits);
		encrypt(&w);
		assert_false(may_follow(&w, 0, CLIENT, 0, "<app 40>"));
		assert_false(may_follow(&w, 0, SERVER, TCP_FIN, "<app 40>"));
		/* Not records, and another connection's. */
		assert_true(may_follow(&w, 0, CLIENT, 0, "AUTH TLS\\r\\n"));
		assert_true(may_follow(&w, 0, CLIENT, TCP_FIN, ""));
		assert_true(may_follow(&w, 0, CLIENT, TCP_SYN, ""));
		assert_true(may_follow(&w, 1, CLIENT, 0, "<app 40>"));
		/* The same ends again, perhaps. */
		seq = w.flows[0].next[CLIENT] + (ends[i] == TCP_SYN ? 5000 : 0);
		world_send(&w, 0, CLIENT, seq, ends[i], span_make(NULL, 0));
		assert_true(may_follow(&w, 0, CLIENT, 0, "<app 40>"));
		world_close(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_promises),
		cmocka_unit_test(test_promises_when_terminated),
		cmocka_unit_test(test_promises_when_full),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_no_password_comes_out),
		cmocka_unit_test(test_foreseen),
		cmocka_unit_test(test_follows_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
