/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a packet to where its session must be, a batch of them ahead. */
#include "core/gate_state.h"

/* Who sent @seg, by its ports alone. */
static enum side
likely_side(const struct policy *policy, const struct segment *seg)
{
	return policy_is_control(policy, seg->source.port) &&
			       !policy_is_control(policy, seg->destination.port) ?
		       SIDE_SERVER :
		       SIDE_CLIENT;
}

/* Reads the headers of @packet. */
static void
look_at(const struct gate *gate, struct span packet, struct foreseen *out)
{
	struct span p;
	enum side from;

	out->packet = packet;
	out->bad = packet_parse(packet, &out->seg) != PACKET_OK;
	if (out->bad)
		return;
	from = likely_side(gate->policy, &out->seg);
	out->from = (uint8_t)from;
	out->bucket = table_bucket(&gate->sessions, segment_client(from, &out->seg),
				   segment_server(from, &out->seg));
	p = out->seg.payload;
	out->tls = p.len != 0 && p.data[0] < ' ';
	out->opens = from == SIDE_SERVER &&
		     (out->tls || (p.len > 2 && p.data[0] == '2' &&
				   p.data[1] == '2' && p.data[2] > '6'));
}

/* Fewer sessions are in the processor's cache anyway. */
#define FORESEE_SESSIONS 2048

/*
 * Sends for what the steps of the packets ahead will touch, each time all of them
 * as far as is known: the bucket; the first session of its chain; where that is
 * another one, the next; and what the session leads to where something opens.
 * Loops with little in them, because a processor looks only so far ahead itself.
 */
static void
send_for_sessions(const struct gate *gate)
{
	const struct session *list[FORESEE_MAX], *s;
	const struct foreseen *ahead[FORESEE_MAX], *opens[FORESEE_MAX], *f;
	const struct table *t = &gate->sessions;
	uint32_t count = 0, opens_count = 0;

	for (uint32_t i = 0; i < gate->ahead_count; i++) {
		f = &gate->ahead[i];
		if (!f->bad)
			ahead[count++] = f;
		if (!f->bad && f->opens)
			opens[opens_count++] = f;
	}
	for (uint32_t i = 0; i < count; i++)
		__builtin_prefetch(ahead[i]->bucket);
	for (uint32_t i = 0; i < opens_count; i++) {
		f = opens[i];
		openings_foresee(&gate->openings,
				 &segment_client(f->from, &f->seg)->addr,
				 &segment_server(f->from, &f->seg)->addr);
	}
	for (uint32_t i = 0; i < count; i++)
		list[i] = table_foresee(t, *ahead[i]->bucket, ahead[i]->tls,
					ahead[i]->opens);
	for (uint32_t i = 0; i < count; i++) {
		f = ahead[i];
		s = list[i];
		if (s != NULL && s->hash_next != 0 &&
		    !endpoint_equal(&s->client, segment_client(f->from, &f->seg)))
			list[i] = table_foresee(t, s->hash_next, f->tls,
						f->opens);
	}
	for (uint32_t i = 0; i < count; i++) {
		s = list[i];
		if (s == NULL || !ahead[i]->opens)
			continue;
		clients_foresee(&gate->clients, s->client_entry);
		if (s->exchange.paired)
			pairs_foresee(&gate->pairs, s->pair);
	}
}

/* Whether the step of @f needs the news of connections first: see gate_foresee(). */
static bool
needs_news(const struct gate *gate, const struct foreseen *f)
{
	const struct segment *seg = &f->seg;

	if (f->bad)
		return false;
	if ((seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		return true;
	return gate->openings.used != 0 &&
	       ((seg->payload.len != 0 && !f->tls) ||
		(seg->flags & (TCP_FIN | TCP_RST)) != 0);
}

bool
gate_foresee(struct gate *gate, const struct span *packets, size_t count)
{
	bool news = false;

	if (count > FORESEE_MAX)
		count = FORESEE_MAX;
	gate->ahead_count = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		look_at(gate, packets[i], &gate->ahead[i]);
		news |= needs_news(gate, &gate->ahead[i]);
	}
	if (count > 1 && gate->sessions.used >= FORESEE_SESSIONS)
		send_for_sessions(gate);
	return news;
}

static bool
may_follow_copies(const struct gate *gate, const struct foreseen *f)
{
	const struct session *s;

	/* Those of TLS begin connections, too: of the same ends, perhaps. */
	if (f->bad || !f->tls)
		return true;
	s = table_find_in(&gate->sessions, f->bucket,
			  segment_client(f->from, &f->seg),
			  segment_server(f->from, &f->seg));
	return s == NULL || s->marked != CLASS_OPAQUE || s->syn_again ||
	       session_is_over(s);
}

bool
gate_may_follow_copies(const struct gate *gate)
{
	for (uint32_t i = 0; i < gate->ahead_count; i++)
		if (may_follow_copies(gate, &gate->ahead[i]))
			return true;
	return false;
}

const struct foreseen *
gate_look_at(const struct gate *gate, const struct event *event,
	     struct foreseen *now)
{
	uint32_t n = event->foreseen;

	if (n != 0 && n <= gate->ahead_count &&
	    gate->ahead[n - 1].packet.data == event->packet.data &&
	    gate->ahead[n - 1].packet.len == event->packet.len)
		return &gate->ahead[n - 1];
	look_at(gate, event->packet, now);
	return now;
}
