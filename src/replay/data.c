/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Data connections: which session is each one's, would it have passed, and what
 * does its TLS say?
 */
#include "core/gate_data.h"
#include "replay/state.h"

/* --- whose is it? ---------------------------------------------------------- */

/* Of the sessions of the pair the one that was heard last; one that has ended
 * only where there is no other. */
static struct replay_session *
find_pair(const struct replay *r, const struct addr *client,
	  const struct addr *server)
{
	struct replay_session *best = NULL, *s = NULL;

	while ((s = sessions_next_pair(&r->sessions, client, server, s)) !=
	       NULL)
		if (best == NULL || (best->ended && !s->ended) ||
		    (best->ended == s->ended && s->heard_ns > best->heard_ns))
			best = s;
	return best;
}

static struct replay_session *
find_foreign(const struct replay *r, const struct segment *seg)
{
	for (uint32_t i = 0; i < FOREIGN_MAX; i++)
		if (r->foreign[i].session != 0 &&
		    addr_equal(&r->foreign[i].client, &seg->source.addr) &&
		    endpoint_equal(&r->foreign[i].end, &seg->destination))
			return sessions_find(&r->sessions,
					     r->foreign[i].session);
	return NULL;
}

/* Everything that a data connection of the pair can resume; what is the
 * session's own comes last, so that it stays. */
static void
collect_tickets(const struct replay *r, const struct replay_session *own,
		struct tls_tickets *tickets)
{
	const struct facts *f = &own->facts;
	struct replay_session *s = NULL;

	while ((s = sessions_next_pair(&r->sessions, &f->client.addr,
				       &f->server.addr, s)) != NULL)
		if (s != own)
			gate_tickets(r->gate, &s->facts.client,
				     &s->facts.server, tickets);
	gate_tickets(r->gate, &f->client, &f->server, tickets);
}

/* --- begin ------------------------------------------------------------------ */

static struct data_seen
seen_of(const struct flow *f)
{
	return (struct data_seen){
		.source = f->source,
		.destination = f->destination,
		.fate = f->fate,
		.answered = f->answered,
	};
}

static struct flow *
add_flow(struct replay *r, const struct segment *seg)
{
	struct flow *f = flows_add(&r->flows, &seg->source, &seg->destination);

	if (f == NULL) {
		replay_finish_flow(r, flows_oldest(&r->flows));
		f = flows_add(&r->flows, &seg->source, &seg->destination);
	}
	f->syn = seg->seq;
	f->began_ns = f->heard_ns = r->now_ns;
	data_watch_start(&f->watch, gate_tls_key(r->gate));
	return f;
}

/* The gate says what becomes of the SYN: a window lets it in, or what it can have
 * been, or nothing does. */
static void
ask(struct replay *r, struct flow *f, struct span ip)
{
	enum session_class class;

	f->by = f->from_client ? OPENING_ASK_PASSIVE : OPENING_ASK_ACTIVE;
	class = replay_ask(r, ip, &f->by);
	if (class == CLASS_NONE)
		return;
	f->fate = DATA_BY_GRANT;
	f->unproven = class == CLASS_DATA_UNPROVEN;
}

/* What the ruleset does with the SYN, and the core with the news of it. */
static void
decide(struct replay *r, struct flow *f, const struct opening_view *opening)
{
	struct event event = { .kind = EVENT_DATA_BEGAN };

	f->by = opening->opening.kind;
	f->fate = opening_is_grant(f->by) ? DATA_BY_GRANT : DATA_BY_PINHOLE;
	event.data.source = f->source.addr;
	event.data.destination = f->destination.addr;
	event.data.port = f->destination.port;
	/* The mark that the ruleset would have given it. */
	event.data.class = opening_is_grant(f->by) ? CLASS_DATA_GRANT :
						     CLASS_DATA_PINHOLE;
	replay_step(r, &event);
}

static void
begin_flow(struct replay *r, struct span ip, const struct segment *seg)
{
	const struct addr *source = &seg->source.addr,
			  *destination = &seg->destination.addr;
	struct opening_view opening;
	bool open = gate_data_opening(r->gate, &seg->source, &seg->destination,
				      &opening);
	bool asks = gate_data_asks(r->gate, &seg->source, &seg->destination);
	struct replay_session *s = NULL;
	struct moment m = { .kind = MOMENT_SYN };
	bool foreign = false;
	struct flow *f;

	if (open && opening.opening.kind == OPENING_PINHOLE)
		s = sessions_find(&r->sessions, opening.session);
	/* Below, no data connection can be; so many others are. */
	if (s == NULL && seg->destination.port < POLICY_PORT_MIN)
		return;
	if (s == NULL)
		s = find_pair(r, source, destination);
	if (s == NULL)
		s = find_pair(r, destination, source);
	if (s == NULL) {
		s = find_foreign(r, seg);
		foreign = s != NULL;
	}
	if (s == NULL)
		return;
	f = add_flow(r, seg);
	f->session = s->facts.session;
	f->from_client = addr_equal(source, &s->facts.client.addr);
	f->foreign = foreign;
	f->said[0] = s->said[0];
	f->said[1] = s->said[1];
	collect_tickets(r, s, &f->tickets);
	s->data++;
	if (asks)
		ask(r, f, ip);
	else if (open)
		decide(r, f, &opening);
	r->total.data++;
	r->total.passed += f->fate != DATA_BLOCKED;
	r->total.blocked += f->fate == DATA_BLOCKED;
	m.flow = f;
	m.seen = seen_of(f);
	facts_take_syn(&s->facts, &m.seen);
	m.facts = &s->facts;
	replay_tell(r, &m);
}

/* --- end -------------------------------------------------------------------- */

static bool
knows_any(const struct tls_tickets *t)
{
	return t->known[0] != 0;
}

static enum data_tls
verdict(const struct flow *f, const struct tls_resume *resume)
{
	if (f->watch.clear)
		return DATA_TLS_NONE;
	/* At most an alert of a server that has waited in vain. */
	if (!f->watch.side[0].any && !f->watch.lost)
		return DATA_TLS_SILENT;
	switch ((enum tls_handshake)resume->handshake) {
	case TLS_HANDSHAKE_UNKNOWN:
		break;
	case TLS_HANDSHAKE_FULL:
		return resume->offer == TLS_OFFER_NONE ? DATA_TLS_FULL :
							 DATA_TLS_REFUSED;
	case TLS_HANDSHAKE_RESUMED:
		/* Where the control connection's own handshake was not seen
		 * nothing speaks against it. */
		return resume->is_known || !knows_any(&f->tickets) ?
			       DATA_TLS_RESUMED :
			       DATA_TLS_OTHER;
	}
	return DATA_TLS_UNKNOWN;
}

void
replay_finish_flow(struct replay *r, struct flow *f)
{
	struct replay_session *s = sessions_find(&r->sessions, f->session);
	struct moment m = { .kind = MOMENT_DATA, .flow = f };

	m.resume = data_watch_judge(&f->watch, &f->tickets);
	m.seen = seen_of(f);
	m.seen.tls = verdict(f, &m.resume);
	m.seen.moved = f->watch.moved || f->watch.lost;
	m.seen.established = data_watch_established(&f->watch);
	if (s != NULL) {
		m.unprotected = f->answered && f->hello == FLOW_HELLO_NONE &&
				facts_is_protected(&s->facts);
		facts_take_data(&s->facts, &m.seen);
		s->data_over_ns = r->now_ns;
		s->data--;
		m.facts = &s->facts;
	}
	replay_tell(r, &m);
	flows_del(&r->flows, f);
	if (s != NULL && s->ended && s->data == 0)
		replay_close_session(r, s);
}

/* --- between ---------------------------------------------------------------- */

static void
note_hello(const struct replay *r, struct flow *f)
{
	const struct replay_session *s = sessions_find(&r->sessions,
						       f->session);

	if (!f->watch.hello || f->hello != FLOW_HELLO_NONE || s == NULL)
		return;
	if (s->said[1] != f->said[1])
		f->hello = FLOW_HELLO_AFTER_REPLY;
	else if (s->said[0] != f->said[0])
		f->hello = FLOW_HELLO_BEFORE_REPLY;
	else
		f->hello = FLOW_HELLO_BEFORE_COMMAND;
}

/* Each byte once, also where it was sent, or captured, twice. */
static void
count_bytes(struct flow *f, int side, const struct segment *seg)
{
	uint32_t end = seg->seq + (uint32_t)seg->payload.len;

	if ((seg->flags & TCP_SYN) != 0)
		end++;
	if (!f->placed[side]) {
		f->placed[side] = true;
		f->next_seq[side] = end - (uint32_t)seg->payload.len;
	}
	/* Behind a FIN sequence numbers go on without a byte. */
	if (seg->payload.len == 0 || !seq_before(f->next_seq[side], end))
		return;
	f->bytes[side] += end - f->next_seq[side];
	f->next_seq[side] = end;
}

static void
take_segment(struct replay *r, struct flow *f, bool from_source,
	     struct span ip, const struct segment *seg, bool first)
{
	enum opening_kind by;
	enum session_class class;
	bool client = from_source == f->from_client;
	uint8_t fin = from_source ? 1 : 2;

	f->heard_ns = r->now_ns;
	flows_touch(&r->flows, f);
	f->answered |= !from_source && (seg->flags & TCP_RST) == 0;
	count_bytes(f, client ? 0 : 1, seg);
	data_watch_segment(&f->watch, &r->flows.segments, client, seg);
	note_hello(r, f);
	if (f->unproven && !first) {
		class = replay_ask(r, ip, &by);
		f->unproven = class == CLASS_NONE;
		f->cut |= class == CLASS_CUT;
	}
	if ((seg->flags & TCP_FIN) != 0)
		f->fins |= fin;
	f->reset |= (seg->flags & TCP_RST) != 0;
	if (f->fins == 3 || f->reset)
		replay_finish_flow(r, f);
}

void
replay_data_packet(struct replay *r, struct span ip,
		   const struct segment *seg)
{
	bool syn = (seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	struct flow *f = flows_find(&r->flows, &seg->source, &seg->destination);
	bool from_source = f != NULL, first = false;

	if (f == NULL)
		f = flows_find(&r->flows, &seg->destination, &seg->source);
	if (f != NULL && syn && from_source && seg->seq != f->syn) {
		replay_finish_flow(r, f); /* the same ports again */
		f = NULL;
	}
	if (f == NULL && syn) {
		begin_flow(r, ip, seg);
		first = true;
		f = flows_find(&r->flows, &seg->source, &seg->destination);
		from_source = true;
	}
	if (f != NULL)
		take_segment(r, f, from_source, ip, seg, first);
}
