/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate: memory at start, and from an event to the session that it concerns. */
#include <string.h>

#include "core/gate_state.h"

static size_t
align_up(size_t bytes)
{
	return (bytes + 63) & ~(size_t)63;
}

size_t
gate_size(const struct gate_limits *limits)
{
	return align_up(sizeof(struct gate)) +
	       align_up(table_bytes(limits->sessions)) +
	       align_up(clients_bytes(limits->sessions)) +
	       align_up(openings_bytes(limits->openings)) +
	       align_up(pairs_bytes(limits->openings)) +
	       align_up(pool_bytes(limits->line_buffers,
				   ftp_line_block_size())) +
	       align_up(pool_bytes(limits->segment_buffers,
				   stream_block_size()));
}

struct gate *
gate_init(void *memory, const struct gate_limits *limits,
	  const struct policy *policy, uint16_t worker, uint64_t seed,
	  uint64_t now_ns)
{
	uint8_t *at = memory;
	struct gate *gate = memory;
	const uint64_t key[2] = { seed, ~seed };

	memset(memory, 0, gate_size(limits));
	gate->policy = policy;
	gate->now_ns = now_ns;
	memcpy(gate->tls_key, key, sizeof(key));
	gate->next_session = (uint64_t)worker << 48 | 1;
	gate->restore_at = gate->review_openings_at = limits->openings;
	gate->review_sessions_at = gate->orphans_at = limits->sessions;
	gate->servers.key[0] = key[0];
	gate->servers.key[1] = key[1];
	at += align_up(sizeof(*gate));
	table_init(&gate->sessions, at, limits->sessions, key);
	at += align_up(table_bytes(limits->sessions));
	clients_init(&gate->clients, at, limits->sessions, key);
	at += align_up(clients_bytes(limits->sessions));
	openings_init(&gate->openings, at, limits->openings, key);
	auth_memory_init(&gate->auths, key);
	at += align_up(openings_bytes(limits->openings));
	/* Each pair has a grant, which is an opening. */
	pairs_init(&gate->pairs, at, limits->openings, key);
	at += align_up(pairs_bytes(limits->openings));
	proofs_init(&gate->proofs, key);
	pool_init(&gate->lines, at, limits->line_buffers,
		  ftp_line_block_size());
	at += align_up(pool_bytes(limits->line_buffers,
				  ftp_line_block_size()));
	pool_init(&gate->segments, at, limits->segment_buffers,
		  stream_block_size());
	return gate;
}

/* Under CLASS_NONE what has ended, and what has not begun. */
static void
count_session(struct gate *gate, struct session *s, enum session_class class)
{
	gate->classes[s->counted]--;
	s->counted = (uint8_t)class;
	gate->classes[s->counted]++;
}

void
session_remove(struct gate *gate, struct session *s, enum reason reason)
{
	session_close(gate, s, reason);
	gate->counters.sessions_ended++;
	if (!s->ended)
		emit_end(gate, s, reason);
	count_session(gate, s, CLASS_NONE);
	clients_del_session(&gate->clients, &s->client.addr);
	table_remove(&gate->sessions, s);
}

/* A class that changed goes into the connection's mark, once a step. */
static void
mark_session(struct gate *gate, struct session *s)
{
	enum session_class class = s->cut ? CLASS_CUT :
					    (enum session_class)s->class;

	if (class == s->marked)
		return;
	s->marked = class;
	emit(gate, ACTION_MARK, s, NOTE_DEBUG, REASON_NONE)->class = class;
}

/*
 * Of the sessions that wait for their greeting, the one that has waited longest
 * goes when there are more than @max. Honest ones wait for moments, so a flood of
 * SYNs pushes out its own.
 */
static void
limit_half_open(struct gate *gate, uint32_t max)
{
	const struct table *t = &gate->sessions;

	if (t->half_open.count <= max)
		return;
	gate->counters.sessions_half_open++;
	session_remove(gate, table_oldest(t, &t->half_open),
		       REASON_LIMIT_HALF_OPEN);
}

void
gate_settle_session(struct gate *gate, struct session *s)
{
	table_touch(&gate->sessions, s, gate->now_ns, gate_idle_grace_s(gate));
	mark_session(gate, s);
	count_session(gate, s, s->ended ? CLASS_NONE : s->class);
	limit_half_open(gate, gate->policy->half_open_max);
}

struct session *
gate_add_session(struct gate *gate, const struct endpoint *client,
		 const struct endpoint *server, enum note_level level)
{
	const struct client *have = clients_find(&gate->clients, &client->addr);
	struct session refused = { .client = *client, .server = *server };
	enum reason reason = REASON_LIMIT_CLIENT;
	struct session *s = NULL;

	if (have == NULL ||
	    have->sessions < gate->policy->client_sessions_max) {
		if (gate->sessions.used == gate->sessions.count)
			limit_half_open(gate, 0);
		s = table_add(&gate->sessions, client, server, gate->now_ns);
		reason = REASON_LIMIT_SESSIONS;
	}
	if (s != NULL) {
		s->client_entry = clients_add_session(&gate->clients,
						      &client->addr);
		return s;
	}
	gate->counters.sessions_refused++;
	gate->refusal = reason;
	emit_note(gate, &refused, level, reason, (struct span){ 0 });
	return NULL;
}

void
gate_mark_refused(struct gate *gate, const struct endpoint *client,
		  const struct endpoint *server)
{
	struct session refused = { .client = *client,
				   .server = *server,
				   .class = CLASS_NOT_FTP };

	emit(gate, ACTION_MARK, &refused, NOTE_DEBUG, REASON_NOT_FTP);
}

/* --- packets -------------------------------------------------------------- */

/* A session for the first segment that we see of a connection, or NULL. */
static struct session *
begin_session(struct gate *gate, enum side from, const struct segment *seg)
{
	const uint8_t syn_ack = TCP_SYN | TCP_ACK;
	const struct endpoint *client = segment_client(from, seg),
			      *server = segment_server(from, seg);
	bool syn = from == SIDE_CLIENT && (seg->flags & syn_ack) == TCP_SYN;
	struct session *s;

	if (!syn && (seg->payload.len == 0 ||
		     (seg->flags & (TCP_RST | TCP_FIN)) != 0))
		return NULL;
	/* Each packet of a connection that was refused at its SYN is refused
	 * again: that is not worth a warning. */
	s = gate_add_session(gate, client, server,
			     syn ? NOTE_WARN : NOTE_DEBUG);
	if (s != NULL && syn)
		session_start(gate, s, seg->seq);
	else if (s != NULL)
		session_pick_up(gate, s, CLASS_NONE);
	else if (!syn)
		gate_mark_refused(gate, client, server);
	return s;
}

static void
on_packet(struct gate *gate, const struct event *event)
{
	struct foreseen now;
	const struct foreseen *f = gate_look_at(gate, event, &now);
	const struct segment *seg = &f->seg;
	struct session *s;
	enum side from;

	gate->counters.packets++;
	if (f->bad) {
		gate->counters.packets_bad++;
		emit_note(gate, NULL, NOTE_DEBUG, REASON_PACKET_BAD,
			  (struct span){ 0 });
		return;
	}
	from = f->from;
	s = table_find_in(&gate->sessions, f->bucket, segment_client(from, seg),
			  segment_server(from, seg));
	if (s == NULL) {
		/* Or do both ends use control ports? */
		s = table_find(&gate->sessions, segment_server(from, seg),
			       segment_client(from, seg));
		if (s != NULL)
			from = side_other(from);
	}
	if (s == NULL && !policy_is_control(gate->policy, seg->source.port) &&
	    !policy_is_control(gate->policy, seg->destination.port)) {
		gate_data_packet(gate, seg);
		return;
	}
	if (s == NULL)
		s = begin_session(gate, from, seg);
	if (s == NULL || s->origin != ORIGIN_PACKETS)
		return;
	/* One that is cut is known until conntrack forgets it: what was dropped
	 * comes again. */
	if (session_segment(gate, s, from, seg) && !s->cut) {
		session_remove(gate, s, REASON_CONTROL_ENDED);
		return;
	}
	if (s->cut && (seg->flags & (TCP_SYN | TCP_RST)) == 0)
		emit(gate, ACTION_VERDICT, s, NOTE_DEBUG, REASON_CUT)->class =
			CLASS_CUT;
	gate_settle_session(gate, s);
}

void
gate_trace(struct gate *gate, bool on)
{
	gate->trace = on;
}

void
gate_step(struct gate *gate, const struct event *event, struct actions *out)
{
	out->count = 0;
	memset(&out->answer, 0, sizeof(out->answer));
	gate->out = out;
	gate->now_ns = event->now_ns;
	switch (event->kind) {
	case EVENT_PACKET:
		on_packet(gate, event);
		break;
	case EVENT_TICK:
		gate_tick(gate);
		break;
	case EVENT_FLOW_FOUND:
		gate_flow_found(gate, event);
		break;
	case EVENT_FLOW_ENDED:
		gate_flow_ended(gate, event);
		break;
	case EVENT_DATA_BEGAN:
		gate_data_began(gate, event);
		break;
	case EVENT_OPEN_FAILED:
		gate_open_failed(gate, event->handle);
		break;
	case EVENT_POLICY:
		gate->policy = event->policy;
		gate->ahead_count = 0; /* ports have another meaning */
		gate->review_openings_at = gate->review_sessions_at = 0;
		break;
	case EVENT_RESTORE:
		gate->restore_at = 0;
		break;
	case EVENT_STREAM:
		gate_stream(gate, event);
		break;
	case EVENT_REQUEST:
		gate_request(gate, event);
		break;
	}
	gate->out = NULL;
}
