/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Data connections of encrypted sessions: may the SYN pass, and the packets behind
 * it?
 *
 * Every verdict is one on a packet (ACTION_VERDICT): a SYN that gets none has no
 * mark, and meets the admin's own rules; one that does gets class 11, and all
 * that follows is queued until a packet gets class 9, with which nothing is
 * queued any more, or is dropped, and the connection's class is 15: the ruleset
 * resets what comes then. So it is with a packet of class 11 that nobody knows (a
 * restart, or too many at once).
 */
#include "core/gate_state.h"

/* How long a silent connection may take to show what it is; how long one that
 * has is known still. */
#define PENDING_NS (600 * NS_PER_S)
#define JUDGED_NS  (30 * NS_PER_S)

/* --- may it begin? ----------------------------------------------------------- */

enum policy_window
gate_window_mode(const struct gate *gate, const struct addr *server,
		 const struct learned_windows *w)
{
	enum policy_window mode = policy_server(gate->policy, server)->window;

	if (mode == POLICY_WINDOW_LEARN && w != NULL &&
	    w->counts.streak >= WINDOWS_STREAK)
		return POLICY_WINDOW_STRICT;
	return mode;
}

static void
admit(struct gate *gate, const struct proof *p, enum session_class class)
{
	struct action *a = emit(gate, ACTION_VERDICT, NULL, NOTE_DEBUG,
				REASON_NONE);

	a->class = class;
	a->session = p->session;
	a->client = p->client;
	a->server = p->server;
}

static void
cut(struct gate *gate, const struct segment *seg)
{
	const struct session of = {
		.client = seg->source,
		.server = seg->destination,
		.class = CLASS_CUT,
	};

	emit(gate, ACTION_VERDICT, &of, NOTE_DEBUG, REASON_NONE);
	emit(gate, ACTION_MARK, &of, NOTE_DEBUG, REASON_NONE);
}

/* The window that lets a SYN of @seg in, or NULL. */
static struct opening_slot *
find_window(const struct gate *gate, const struct segment *seg)
{
	static const enum opening_kind kinds[] = {
		OPENING_WINDOW_PASSIVE,
		OPENING_WINDOW_ACTIVE,
		OPENING_WINDOW_FTP_DATA,
	};
	const struct addr *source = &seg->source.addr,
			  *destination = &seg->destination.addr;
	struct port_range range =
		policy_server(gate->policy, destination)->passive;
	bool in_range = range.high != 0 && range.low <= seg->destination.port &&
			seg->destination.port <= range.high;
	bool ftp_data = seg->source.port == 20 || seg->source.port == 989;
	struct opening_slot *slot;

	for (int i = 0; i < 3; i++)
		for (uint16_t lane = 0; lane < OPENING_LANES; lane++) {
			if ((kinds[i] == OPENING_WINDOW_PASSIVE && !in_range) ||
			    (kinds[i] == OPENING_WINDOW_FTP_DATA && !ftp_data))
				continue;
			slot = openings_find(&gate->openings, kinds[i], source,
					     destination, lane);
			if (slot != NULL && slot->due_ns > gate->now_ns)
				return slot;
		}
	return NULL;
}

static struct proof *
add_proof(struct gate *gate, const struct segment *seg)
{
	struct proof *p = proofs_add(&gate->proofs, &seg->source,
				     &seg->destination);

	if (p == NULL) {
		p = proofs_oldest(&gate->proofs);
		data_watch_stop(&p->watch, &gate->segments);
		proofs_remove(&gate->proofs, p);
		p = proofs_add(&gate->proofs, &seg->source, &seg->destination);
	}
	p->syn = seg->seq;
	p->due_ns = gate->now_ns + PENDING_NS;
	data_watch_start(&p->watch, gate->tls_key);
	return p;
}

static struct learned_windows *
learned_of(struct gate *gate, const struct proof *p)
{
	struct learned_server *server = servers_get(&gate->servers,
						    &p->server.addr);

	if (server == NULL)
		return NULL;
	return p->from_client ? &server->passive : &server->active;
}

static void
note(struct gate *gate, const struct proof *p, enum note_level level,
     enum reason reason)
{
	const struct session of = {
		.id = p->session,
		.client = p->client,
		.server = p->server,
		.class = CLASS_OPAQUE,
	};

	emit_note(gate, &of, level, reason, (struct span){ 0 });
}

/* It has shown what it has to: the lengths that announced it count. */
static void
learn(struct gate *gate, const struct proof *p)
{
	struct learned_windows *w = learned_of(gate, p);

	if (w == NULL)
		return;
	if (learned_use(w, p->reply, p->foreseen) &&
	    policy_server(gate->policy, &p->server.addr)->window ==
		    POLICY_WINDOW_LEARN)
		note(gate, p, NOTE_INFO, REASON_WINDOW_STRICT);
}

/* The connection of @seg belongs to the session between @client and @server. */
static void
let_in(struct gate *gate, const struct segment *seg, struct proof *p)
{
	struct session *s = table_find(&gate->sessions, &p->client, &p->server);

	p->from_client = addr_equal(&seg->source.addr, &p->client.addr);
	if (s != NULL) {
		p->session = s->id;
		s->data_connections++;
	}
	gate->counters.data_connections++;
	if (p->from_client)
		session_learn_port(gate, &p->server.addr,
				   seg->destination.port);
	proof_demand(gate, p);
	if (p->state == PROOF_PASSED) {
		p->due_ns = gate->now_ns + JUDGED_NS;
		learn(gate, p);
	}
}

static struct proof *
use_window(struct gate *gate, const struct segment *seg,
	   struct opening_slot *slot)
{
	struct proof *p = add_proof(gate, seg);

	p->client = slot->client;
	p->server = slot->server;
	p->foreseen = true;
	p->reply = slot->reply;
	gate->counters.windows_used++;
	emit_opening(gate, ACTION_NOTE, slot, CLASS_DATA_UNPROVEN, NOTE_INFO,
		     REASON_USED);
	slot->holders = 0;
	opening_forget(gate, slot);
	let_in(gate, seg, p);
	return p;
}

/* A port that the session's own end may be reached at. */
static bool
may_reach(const struct gate *gate, const struct segment *seg, bool passive)
{
	const struct policy_server *server =
		policy_server(gate->policy, passive ? &seg->destination.addr :
						      &seg->source.addr);
	uint16_t port = seg->destination.port;

	if (!policy_port_allowed(gate->policy, port))
		return false;
	if (passive)
		return server->passive.low <= port &&
		       port <= server->passive.high;
	return server->opaque_active == POLICY_ACTIVE_ANY ||
	       (server->opaque_active == POLICY_ACTIVE_FTP_DATA &&
		(seg->source.port == 20 || seg->source.port == 989));
}

/* No window is open for the SYN in @seg, and its pair has an encrypted session
 * (@ask). Can it be a transfer all the same? */
static struct proof *
ask(struct gate *gate, const struct segment *seg,
    const struct opening_slot *ask)
{
	bool passive = ask->opening.kind == OPENING_ASK_PASSIVE;
	const struct addr *client = &ask->client.addr,
			  *server = &ask->server.addr;
	struct pair *pair = pairs_find(&gate->pairs, client, server);
	struct pair_exchange *x = pair == NULL ? NULL :
				  passive      ? &pair->passive :
						 &pair->active;
	struct learned_server *learned = servers_get(&gate->servers, server);
	struct learned_windows *w = learned == NULL ? NULL :
				    passive	    ? &learned->passive :
						      &learned->active;
	uint64_t life = gate->policy->window_timeout_s * NS_PER_S;
	bool early, fits;
	struct session refused = {
		.id = ask->session,
		.client = ask->client,
		.server = ask->server,
		.class = CLASS_OPAQUE,
	};
	struct session *s;
	struct proof *p;

	fits = x != NULL && x->at_ns != 0 && gate->now_ns - x->at_ns < life &&
	       may_reach(gate, seg, passive);
	/* Some servers connect before they answer PORT: what is in wait for its
	 * reply is as good as a window, until the reply comes. */
	early = fits && !passive && x->reply == 0;
	if (!fits || (!early && gate_window_mode(gate, server, w) !=
					POLICY_WINDOW_LEARN)) {
		gate->counters.windows_refused++;
		session_refuse(gate, &refused, REASON_NO_WINDOW,
			       (struct span){ 0 });
		return NULL;
	}
	p = add_proof(gate, seg);
	p->client = (struct endpoint){ *client, x->client_port };
	p->server = (struct endpoint){ *server, x->server_port };
	p->foreseen = early;
	p->reply = x->reply;
	x->at_ns = 0;
	s = table_find(&gate->sessions, &p->client, &p->server);
	if (!passive && p->reply == 0 && s != NULL)
		session_active_came(s, client);
	let_in(gate, seg, p);
	if (early) {
		gate->counters.windows_opened++;
		gate->counters.windows_used++;
	} else {
		gate->counters.windows_missed++;
	}
	note(gate, p, NOTE_INFO,
	     early ? REASON_BEFORE_REPLY : REASON_LEARNED);
	return p;
}

static void
take_syn(struct gate *gate, const struct segment *seg)
{
	struct proof *p = proofs_find(&gate->proofs, &seg->source,
				      &seg->destination);
	const struct addr *source = &seg->source.addr,
			  *destination = &seg->destination.addr;
	struct opening_slot *slot;

	if (p != NULL && p->syn != seg->seq) {
		/* The same ports again. */
		data_watch_stop(&p->watch, &gate->segments);
		proofs_remove(&gate->proofs, p);
		p = NULL;
	}
	if (p == NULL) {
		slot = find_window(gate, seg);
		if (slot != NULL && policy_port_allowed(gate->policy,
							seg->destination.port))
			p = use_window(gate, seg, slot);
	}
	if (p == NULL) {
		slot = openings_find(&gate->openings, OPENING_ASK_PASSIVE,
				     source, destination, 0);
		if (slot == NULL)
			slot = openings_find(&gate->openings,
					     OPENING_ASK_ACTIVE, source,
					     destination, 0);
		if (slot != NULL)
			p = ask(gate, seg, slot);
		else
			gate->counters.packets_other++;
	}
	if (p == NULL || p->state == PROOF_FAILED)
		return;
	admit(gate, p,
	      p->state == PROOF_PASSED ? CLASS_DATA_GRANT :
					 CLASS_DATA_UNPROVEN);
	data_watch_segment(&p->watch, &gate->segments, p->from_client, seg);
}

/* --- what has it shown? -------------------------------------------------------- */

static void
take_verdict(struct gate *gate, struct proof *p, struct pair *pair,
	     enum proof_state state)
{
	p->state = (uint8_t)state;
	p->due_ns = gate->now_ns + JUDGED_NS;
	if (state == PROOF_PASSED) {
		gate->counters.proofs_passed++;
		learn(gate, p);
		proof_remember(gate, p, pair);
		note(gate, p, NOTE_DEBUG, REASON_PROVEN);
	} else {
		gate->counters.proofs_failed++;
		note(gate, p, NOTE_WARN, REASON_UNPROVEN);
	}
	data_watch_stop(&p->watch, &gate->segments);
}

static void
take_packet(struct gate *gate, struct proof *p, bool from_source,
	    const struct segment *seg)
{
	static const struct tls_tickets none;
	struct pair *pair = pairs_find(&gate->pairs, &p->client.addr,
				       &p->server.addr);
	const struct session *s = proof_session(gate, p);
	enum proof_state state;

	proofs_touch(&gate->proofs, p);
	if (p->state == PROOF_PENDING) {
		p->due_ns = gate->now_ns + PENDING_NS;
		if (s != NULL && pair != NULL)
			tls_resume_learn(&pair->tickets,
					 &s->tls[SIDE_CLIENT],
					 &s->tls[SIDE_SERVER]);
		data_watch_segment(&p->watch, &gate->segments,
				   from_source == p->from_client, seg);
		state = proof_judge(gate, p, pair != NULL ? &pair->tickets : &none);
		if (state != PROOF_PENDING)
			take_verdict(gate, p, pair, state);
	}
	if (p->state == PROOF_PASSED)
		admit(gate, p, CLASS_DATA_GRANT);
	else if (p->state == PROOF_FAILED)
		cut(gate, seg);
}

void
gate_data_packet(struct gate *gate, const struct segment *seg)
{
	const uint8_t syn_ack = TCP_SYN | TCP_ACK;
	struct proof *p;

	gate->counters.proof_packets++;
	if ((seg->flags & syn_ack) == TCP_SYN) {
		take_syn(gate, seg);
		return;
	}
	p = proofs_find(&gate->proofs, &seg->source, &seg->destination);
	if (p != NULL) {
		take_packet(gate, p, true, seg);
		return;
	}
	p = proofs_find(&gate->proofs, &seg->destination, &seg->source);
	if (p != NULL)
		take_packet(gate, p, false, seg);
	else if ((seg->flags & TCP_RST) == 0)
		cut(gate, seg);
}

void
gate_forget_proofs(struct gate *gate)
{
	struct proof *p;

	while ((p = proofs_oldest(&gate->proofs)) != NULL &&
	       p->due_ns <= gate->now_ns) {
		data_watch_stop(&p->watch, &gate->segments);
		proofs_remove(&gate->proofs, p);
	}
}

uint64_t
gate_proof_due(const struct gate *gate)
{
	const struct proofs *p = &gate->proofs;

	return p->oldest != 0 ? p->slots[p->oldest - 1].due_ns : UINT64_MAX;
}
