/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control packets: whose they are, and whether it is their turn. */
#include "replay/state.h"

static bool
is_port(const struct replay *r, uint16_t port)
{
	return policy_is_control(&r->conf->policy, port);
}

bool
replay_is_control(const struct replay *r, const struct segment *seg)
{
	return is_port(r, seg->destination.port) ||
	       is_port(r, seg->source.port);
}

/* The ruleset leaves these in the kernel. */
static bool
is_pure_ack(const struct segment *seg)
{
	return seg->payload.len == 0 &&
	       (seg->flags & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK;
}

static void
hear(struct replay *r, struct replay_session *s, bool client,
     const struct segment *seg)
{
	bool payload = seg->payload.len != 0;
	int side = client ? 0 : 1;
	uint32_t end = seg->seq + (uint32_t)seg->payload.len +
		       ((seg->flags & TCP_SYN) != 0) +
		       ((seg->flags & TCP_FIN) != 0);

	facts_hear(&s->facts, client, payload);
	s->said[side] += payload;
	if (!s->placed[side] || seq_before(s->end[side], end)) {
		s->placed[side] = true;
		s->end[side] = end;
	}
	if (client && (payload || (seg->flags & TCP_FIN) != 0))
		s->command_ns = r->now_ns;
	/* Behind a data connection, and without having been asked. */
	if (!client && (seg->flags & (TCP_FIN | TCP_RST)) != 0 &&
	    s->data_over_ns > s->command_ns)
		s->facts.server_left = true;
	s->heard_ns = r->now_ns;
	sessions_touch(&r->sessions, s);
}

struct replay_session *
replay_find_session(const struct replay *r, const struct segment *seg)
{
	if (is_port(r, seg->destination.port))
		return sessions_find_ends(&r->sessions, &seg->source,
					  &seg->destination);
	return sessions_find_ends(&r->sessions, &seg->destination,
				  &seg->source);
}

void
replay_control_packet(struct replay *r, struct span ip,
		      const struct segment *seg)
{
	struct event event = { .kind = EVENT_PACKET, .packet = ip };
	bool client = is_port(r, seg->destination.port);
	struct replay_session *s = replay_find_session(r, seg);

	/* Heard before the step, which may be the session's last. */
	if (s != NULL)
		hear(r, s, client, seg);
	if (is_pure_ack(seg))
		return;
	replay_step(r, &event);
	if (s == NULL && (s = replay_find_session(r, seg)) != NULL)
		hear(r, s, client, seg);
}

bool
replay_is_early(const struct replay *r, const struct segment *seg)
{
	const struct replay_session *s = replay_find_session(r, seg);
	int peer = is_port(r, seg->destination.port) ? 1 : 0;

	return s != NULL && (seg->flags & TCP_ACK) != 0 &&
	       (seg->flags & TCP_RST) == 0 && !is_pure_ack(seg) &&
	       s->placed[peer] && seq_before(s->end[peer], seg->ack);
}
