/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole core. The first byte chooses:
 *   even  events in any order (support/play.h), with the rules of
 *         support/world.h after each step; bit 1: a gate that is too small;
 *         bit 7: with what pinholed-tls brings;
 *   odd   one dialogue, twice: each turn of it as one segment, and cut and
 *         reordered as the input says. After each turn both gates must have
 *         opened and closed the same, for the same reasons, and the sessions
 *         must be in the same class. And an independent count: no more passive
 *         pinholes than the client asked for, no port that was not said.
 * The second comparison ends where the stream is lost: where it can be picked
 * up again depends on the segments by design.
 */
#include "fuzz.h"

#include "support/play.h"

#define NS_PER_MS UINT64_C(1000000)

#define CUTS_MAX 7
#define TEXT_MAX 65536
#define SAID_MAX 1024

/* What one gate said about openings, in order. */
struct said {
	unsigned count;
	struct {
		enum action_kind kind;
		enum reason reason;
		struct opening opening;
	} list[SAID_MAX];
};

/* All bytes of one side. */
struct text {
	size_t len;
	uint8_t bytes[TEXT_MAX];
};

struct run {
	struct world world;
	struct said said;    /* in this turn */
	struct text text[2]; /* by enum side */
	unsigned passive;    /* opened so far */
};

/* One turn: who speaks, what, and how it is cut. */
struct turn {
	enum side from;
	enum { ORDER_AS_IS, ORDER_REVERSED, ORDER_TWICE, ORDER_BYTES } order;
	unsigned cuts;
	size_t cut[CUTS_MAX + 2]; /* ascending; 0 and the length included */
	size_t len;
	uint8_t payload[WORLD_PAYLOAD_MAX];
};

static void
fuzz_events(const struct gate_limits *limits, bool terminated, struct span in)
{
	static struct world w;

	world_open(&w, limits);
	if (terminated)
		play_terminated(&w, in);
	else
		play(&w, in);
	world_close(&w);
}

/* --- one dialogue --------------------------------------------------------- */

static void
listen_to(struct run *r)
{
	const struct actions *actions = &r->world.actions;

	for (uint32_t i = 0; i < actions->count; i++) {
		const struct action *a = &actions->list[i];

		if (!a->has_opening || a->kind == ACTION_NOTE)
			continue;
		REQUIRE(r->said.count < SAID_MAX);
		r->said.list[r->said.count].kind = a->kind;
		r->said.list[r->said.count].reason = a->reason;
		r->said.list[r->said.count++].opening = a->opening;
	}
}

static void
send_piece(struct run *r, const struct turn *t, size_t from, size_t to)
{
	struct world *w = &r->world;
	uint32_t start = w->flows[0].next[t->from];

	if (from == to)
		return;
	world_send(w, 0, t->from, start + (uint32_t)from, TCP_ACK,
		   span_make(t->payload + from, to - from));
	listen_to(r);
}

static void
send_cut(struct run *r, const struct turn *t)
{
	unsigned pieces = t->cuts + 1;

	for (size_t i = 0; t->order == ORDER_BYTES && i < t->len; i++)
		send_piece(r, t, i, i + 1);
	for (unsigned i = 0; t->order != ORDER_BYTES && i < pieces; i++) {
		unsigned at = t->order == ORDER_REVERSED ? pieces - 1 - i : i;

		send_piece(r, t, t->cut[at], t->cut[at + 1]);
		if (t->order == ORDER_TWICE)
			send_piece(r, t, t->cut[at], t->cut[at + 1]);
	}
}

static void
take_turn(struct run *r, const struct turn *t, bool whole)
{
	struct text *text = &r->text[t->from];

	r->said.count = 0;
	if (whole)
		send_piece(r, t, 0, t->len);
	else
		send_cut(r, t);
	r->world.flows[0].next[t->from] += (uint32_t)t->len;
	REQUIRE(t->len <= TEXT_MAX - text->len);
	memcpy(text->bytes + text->len, t->payload, t->len);
	text->len += t->len;
}

static bool
is_same(const struct run *a, const struct run *b)
{
	if (a->said.count != b->said.count)
		return false;
	for (unsigned i = 0; i < a->said.count; i++) {
		const struct opening *o = &a->said.list[i].opening;
		const struct opening *p = &b->said.list[i].opening;

		if (a->said.list[i].kind != b->said.list[i].kind ||
		    a->said.list[i].reason != b->said.list[i].reason ||
		    o->kind != p->kind || o->port != p->port ||
		    !addr_equal(&o->source, &p->source) ||
		    !addr_equal(&o->destination, &p->destination))
			return false;
	}
	return true;
}

static struct session_view
view(const struct run *r)
{
	struct session_view out;
	uint32_t cursor = 0;

	REQUIRE(gate_session_next(r->world.gate, r->world.now_ns, &cursor,
				  &out));
	return out;
}

static unsigned
count_text(const struct text *t, const char *word)
{
	size_t len = strlen(word);
	unsigned count = 0;

	for (size_t i = 0; i + len <= t->len; i++) {
		size_t n = 0;

		/* 0x20 makes a letter small. */
		while (n < len && (t->bytes[i + n] | 0x20) == word[n])
			n++;
		count += n == len;
	}
	return count;
}

/* Whether @port stands in the text in any of FTP's forms. */
static bool
is_said(const struct text *t, uint16_t port)
{
	char forms[2][16];

	snprintf(forms[0], sizeof(forms[0]), "%u,%u", port >> 8, port & 255);
	snprintf(forms[1], sizeof(forms[1]), "%u", port);
	for (int f = 0; f < 2; f++)
		if (memmem(t->bytes, t->len, forms[f], strlen(forms[f])))
			return true;
	return false;
}

/* Telnet bytes and leading zeros can stand inside a number that is read. */
static bool
is_plain(const struct text *t)
{
	return memchr(t->bytes, 0xff, t->len) == NULL &&
	       memmem(t->bytes, t->len, ",0", 2) == NULL &&
	       memmem(t->bytes, t->len, "|0", 2) == NULL;
}

static void
check_pairing(struct run *r)
{
	const struct text *client = &r->text[CLIENT];

	for (unsigned i = 0; i < r->said.count; i++) {
		const struct opening *o = &r->said.list[i].opening;
		bool passive = addr_equal(&o->source,
					  &r->world.flows[0].end[CLIENT].addr);
		const struct text *said = &r->text[passive ? SERVER : CLIENT];

		if (r->said.list[i].kind != ACTION_OPEN ||
		    !opening_has_port(o->kind))
			continue;
		r->passive += passive;
		REQUIRE(!is_plain(said) || is_said(said, o->port));
	}
	if (memchr(client->bytes, 0xff, client->len) == NULL)
		REQUIRE(r->passive <= count_text(client, "pasv") +
					      count_text(client, "cpsv") +
					      count_text(client, "epsv") +
					      count_text(client, "lpsv"));
}

static bool
draw_turn(struct span *in, struct turn *t)
{
	uint32_t head = draw(in, 256);
	uint8_t at[CUTS_MAX];

	t->from = (head & 1) != 0 ? SERVER : CLIENT;
	t->order = head >> 1 & 3;
	t->cuts = head >> 3 & 7;
	for (unsigned i = 0; i < t->cuts; i++)
		at[i] = (uint8_t)draw(in, 256);
	t->len = play_payload(in, t->payload);
	t->cut[0] = 0;
	for (unsigned i = 0; i < t->cuts; i++) {
		size_t left = t->len - t->cut[i];

		t->cut[i + 1] = t->cut[i] + at[i] % (left + 1);
	}
	t->cut[t->cuts + 1] = t->len;
	return t->len != 0;
}

static void
fuzz_dialogue(const struct gate_limits *limits, struct span in)
{
	static struct run whole, cut;
	static struct turn t;
	struct run *const runs[2] = { &whole, &cut };

	for (int i = 0; i < 2; i++) {
		struct run *r = runs[i];

		r->said.count = r->passive = 0;
		r->text[0].len = r->text[1].len = 0;
		world_open(&r->world, limits);
		world_connect(&r->world, 0, UINT32_MAX - 100, 5000);
	}
	while (in.len != 0 && draw_turn(&in, &t) &&
	       whole.text[t.from].len <= TEXT_MAX - t.len) {
		struct session_view a, b;

		take_turn(&whole, &t, true);
		take_turn(&cut, &t, false);
		check_pairing(&whole);
		check_pairing(&cut);
		a = view(&whole);
		b = view(&cut);
		if (gate_counters(whole.world.gate)->streams_lost != 0 ||
		    gate_counters(cut.world.gate)->streams_lost != 0)
			break;
		REQUIRE(is_same(&whole, &cut));
		REQUIRE(a.class == b.class);
		REQUIRE(a.logged_in == b.logged_in);
		REQUIRE(a.pinholes == b.pinholes);
	}
	REQUIRE((gate_counters(whole.world.gate)->streams_lost != 0) ==
		(gate_counters(cut.world.gate)->streams_lost != 0));
	world_close(&whole.world);
	world_close(&cut.world);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct gate_limits ample = { 16, 64, 24, 6 };
	const struct gate_limits small = { 2, 2, 1, 1 };
	const struct gate_limits one = { 1, 8, 4, 2 };
	struct span in = span_make(data, size);
	uint32_t head = draw(&in, 256);

	if ((head & 1) != 0)
		fuzz_dialogue(&one, in);
	else
		fuzz_events((head & 2) != 0 ? &small : &ample,
			    (head & 0x80) != 0, in);
	return 0;
}
