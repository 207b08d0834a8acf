/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session's TCP side: start, pick-up, order, loss, end.
 *
 * How a stream finds its place. A connection seen from its SYN is in place from
 * the first byte. One that was already running, or that lost bytes (they passed
 * while no daemon was there, or no buffer was left), is picked up at the next
 * segment that begins like a line or like a TLS record: its sequence number
 * places this direction, and its acknowledgement number the other one, because
 * FTP is a dialogue: who sends has read all that was acknowledged.
 *
 * A place found that way is good enough to go on reading, not to open anything:
 * the session has to be proven first, by one complete command and reply. Only a
 * session whose conntrack mark says that we had read it before (a restart) is
 * taken as proven.
 */
#include <string.h>

#include "core/ftp_command.h"
#include "core/gate_state.h"

static void
stream_begin(struct gate *gate, struct direction *d, uint32_t next)
{
	stream_start(&d->stream, &gate->segments, next);
	ftp_line_reset(&d->lines, &gate->lines);
}

void
session_start(struct gate *gate, struct session *s, uint32_t syn)
{
	s->id = gate->next_session++;
	s->started_ns = s->heard_ns = gate->now_ns;
	s->class = s->marked = CLASS_GREETING; /* the ruleset marks a SYN */
	s->login = LOGIN_NO;
	s->proven = true;
	s->syn = syn;
	s->implicit = policy_is_implicit(gate->policy, s->server.port);
	s->claimed = true;
	if (s->implicit) {
		session_start_tls(gate, s, SIDE_CLIENT);
		session_start_tls(gate, s, SIDE_SERVER);
	}
	stream_begin(gate, &s->side[SIDE_CLIENT], syn + 1);
	gate->counters.sessions_started++;
	emit_note(gate, s, NOTE_DEBUG, REASON_SESSION_NEW, (struct span){ 0 });
}

void
session_pick_up(struct gate *gate, struct session *s, enum session_class class)
{
	s->id = gate->next_session++;
	s->started_ns = s->heard_ns = gate->now_ns;
	s->marked = class;
	s->class = class == CLASS_NONE ? CLASS_GREETING : (uint8_t)class;
	s->login = LOGIN_UNKNOWN;
	s->began = true;
	s->picked_up = true;
	s->proven = session_is_readable(s);
	s->implicit = policy_is_implicit(gate->policy, s->server.port);
	gate->counters.sessions_started++;
	emit_note(gate, s, NOTE_INFO, REASON_PICKED_UP, (struct span){ 0 });
}

/* RFC 8446 section 5.1: a type, and a version of the TLS family. */
static bool
begins_record(struct span p)
{
	return p.len >= 5 && p.data[0] >= TLS_CHANGE_CIPHER_SPEC &&
	       p.data[0] <= TLS_APPLICATION_DATA && p.data[1] == 3 &&
	       p.data[2] <= 4;
}

/* Whole lines, the first of which can only be a command or a reply. */
static bool
begins_line(enum side from, struct span p)
{
	struct ftp_line line = { .text = p };
	struct ftp_command c;

	if (p.len < 5 || p.data[p.len - 2] != '\r' || p.data[p.len - 1] != '\n')
		return false;
	if (from == SIDE_SERVER) {
		struct ftp_reply_reader r = { 0 };
		struct ftp_reply reply;

		return ftp_reply_read(&r, &line, &reply) != FTP_REPLY_NONE;
	}
	for (size_t i = 0; i < p.len; i++) {
		if (p.data[i] == '\r') {
			line.text.len = i;
			break;
		}
	}
	ftp_command_parse(&line, &c);
	return c.verb != FTP_OTHER && !c.ambiguous;
}

/* Puts @from in place at @next. In TLS what the hellos said stays true. */
static void
place(struct gate *gate, struct session *s, enum side from, uint32_t next,
      bool tls)
{
	struct direction *d = &s->side[from];
	struct tls_framer was = s->tls[from];

	if (d->stream.synced)
		return;
	stream_begin(gate, d, next);
	d->mode = tls ? DIRECTION_TLS : DIRECTION_LINES;
	d->close_shaped = d->left_tls = false;
	pool_give(&gate->lines, &d->kept);
	s->tls[from] = (struct tls_framer){
		.hello = was.hello,
		.any = was.any,
		.cipher_on = was.cipher_on,
		.application = was.application,
	};
}

/* True when @seg is a safe point to go on reading from. */
static bool
resync(struct gate *gate, struct session *s, enum side from,
       const struct segment *seg)
{
	bool tls = begins_record(seg->payload);

	if (!tls && !begins_line(from, seg->payload))
		return false;
	/* Clear bytes alone do not end TLS: only CCC does. */
	if (!tls && (s->class == CLASS_OPAQUE || s->implicit))
		return false;
	place(gate, s, from, seg->seq, tls);
	if ((seg->flags & TCP_ACK) != 0)
		place(gate, s, side_other(from), seg->ack, tls);
	emit_note(gate, s, NOTE_DEBUG, REASON_RESYNC, (struct span){ 0 });
	return true;
}

/*
 * A SYN for a session that we have: a retransmission, or new ends that happen to
 * use the same ports. A SYN alone proves nothing (anyone can send one); the
 * server's answer to it does.
 */
static void
take_syn(struct gate *gate, struct session *s, enum side from,
	 const struct segment *seg)
{
	if (from == SIDE_CLIENT) {
		s->syn_again |= seg->seq != s->syn;
		s->syn = seg->seq;
		return;
	}
	if (s->syn_again && seg->ack == s->syn + 1) {
		const struct session was = *s;

		session_close(gate, s, REASON_CONTROL_ENDED);
		gate->counters.sessions_ended++;
		if (!s->ended)
			emit_end(gate, s, REASON_CONTROL_ENDED);
		*s = (struct session){
			.client = was.client,
			.server = was.server,
			.hash_next = was.hash_next,
			.older = was.older,
			.newer = was.newer,
			.listed_half_open = was.listed_half_open,
			.counted = was.counted,
			.listed_s = was.listed_s,
			.client_entry = was.client_entry,
			.in_use = true,
			.syn = seg->ack - 1,
		};
		session_start(gate, s, s->syn);
	}
	if (!s->side[SIDE_SERVER].stream.synced)
		stream_begin(gate, &s->side[SIDE_SERVER], seg->seq + 1);
}

/* True when the peer has read bytes of @d that we never saw. */
static bool
acked_unseen(const struct direction *d, uint32_t ack)
{
	uint32_t seen = d->stream.next + (stream_finished(&d->stream) ? 1 : 0);

	return d->stream.synced && seq_before(seen, ack);
}

static void
take_payload(struct gate *gate, struct session *s, enum side from,
	     const struct segment *seg, uint32_t seq)
{
	struct direction *d = &s->side[from];
	struct span bytes;

	if (!d->stream.synced && !resync(gate, s, from, seg))
		return;
	switch (stream_insert(&d->stream, &gate->segments, seq, seg->payload,
			      &bytes)) {
	case STREAM_IN_ORDER:
		do
			session_read(gate, s, from, bytes);
		while (stream_take_held(&d->stream, &gate->segments, &bytes));
		break;
	case STREAM_HELD:
		gate->counters.segments_held++;
		break;
	case STREAM_OLD:
		break;
	case STREAM_LOST:
		session_lose(gate, s, from);
		break;
	}
}

/* A direction without a place has one again, at its end. */
static void
take_fin(struct gate *gate, struct direction *d, uint32_t fin)
{
	if (!d->stream.synced)
		stream_begin(gate, d, fin);
	stream_fin(&d->stream, fin);
}

bool
session_segment(struct gate *gate, struct session *s, enum side from,
		const struct segment *seg)
{
	struct direction *d = &s->side[from];
	struct direction *peer = &s->side[side_other(from)];
	uint32_t seq = seg->seq;

	s->heard_ns = gate->now_ns;
	if (!s->claimed) {
		s->claimed = true;
		session_update_grants(gate, s);
	}
	/*
	 * RFC 9293 section 3.10.7.4: a reset counts inside the window only.
	 * The other end may not take it (RFC 5961 section 3), or never get it;
	 * what goes on then must not be picked up as if it were new.
	 */
	if ((seg->flags & TCP_RST) != 0) {
		if (!d->stream.synced || seq - d->stream.next < STREAM_WINDOW)
			session_end(gate, s);
		return false;
	}
	if ((seg->flags & TCP_SYN) != 0) {
		take_syn(gate, s, from, seg);
		seq++;
		if (s->syn_again)
			return false;
	}
	if (s->ended)
		return false;
	if ((seg->flags & TCP_ACK) != 0 && acked_unseen(peer, seg->ack))
		session_lose(gate, s, side_other(from));
	if (seg->payload.len != 0 && s->class != CLASS_NOT_FTP)
		take_payload(gate, s, from, seg, seq);
	if ((seg->flags & TCP_FIN) != 0)
		take_fin(gate, d, seq + (uint32_t)seg->payload.len);
	if (!stream_finished(&d->stream))
		return false;
	/* Half closed: nothing will be announced on it any more, and what was
	 * announced and not used is not waited for. */
	session_close_pins(gate, s, REASON_CONTROL_ENDED);
	session_release_grants(gate, s, REASON_CONTROL_ENDED);
	return stream_finished(&peer->stream);
}
