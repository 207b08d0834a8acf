/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session's turns: changes of class and mode, loss, and the end. Whoever reads
 * the streams decides; here it is done, with all that belongs to it. */
#include "core/gate_state.h"

void
session_set_class(struct gate *gate, struct session *s,
		  enum session_class class, enum reason reason)
{
	enum note_level level = reason == REASON_GREETED ? NOTE_DEBUG :
							   NOTE_INFO;
	bool was_opaque = s->class == CLASS_OPAQUE;

	if (s->class == class)
		return;
	s->class = class;
	emit_note(gate, s, level, reason, (struct span){ 0 });
	if (was_opaque ||
	    (!session_is_readable(s) && class != CLASS_TLS_WANTED))
		session_close_pins(gate, s, REASON_STATE_CHANGED);
	session_update_grants(gate, s);
}

void
session_start_tls(struct gate *gate, struct session *s, enum side from)
{
	struct direction *d = &s->side[from];

	if (d->mode == DIRECTION_TLS)
		return;
	d->mode = DIRECTION_TLS;
	s->tls[from] = (struct tls_framer){ 0 };
	pool_give(&gate->lines, &d->kept);
	d->close_shaped = d->left_tls = false;
}

void
session_forget_pending(struct gate *gate, struct session *s,
		       enum reason reason)
{
	if (s->exchange.paired)
		return;
	for (unsigned i = 0; i < s->pending_count; i++) {
		const struct pending *p = &s->pending[session_pending_at(s, i)];

		session_close_pin(gate, s, session_pin_of(s, p), reason);
	}
	s->pending_count = 0;
	s->pending_over = 0;
}

static void
forget_stream(struct gate *gate, struct direction *d)
{
	stream_reset(&d->stream, &gate->segments);
	ftp_line_reset(&d->lines, &gate->lines);
	pool_give(&gate->lines, &d->kept);
	if (d->mode == DIRECTION_EARLY)
		d->mode = DIRECTION_TLS;
}

static void
forget_streams(struct gate *gate, struct session *s)
{
	forget_stream(gate, &s->side[SIDE_CLIENT]);
	forget_stream(gate, &s->side[SIDE_SERVER]);
}

void
session_not_ftp(struct gate *gate, struct session *s)
{
	session_forget_pending(gate, s, REASON_STATE_CHANGED);
	session_set_class(gate, s, CLASS_NOT_FTP,
			  s->cut ? REASON_CUT : REASON_NOT_FTP);
	forget_streams(gate, s);
}

void
session_cut(struct gate *gate, struct session *s)
{
	if (!gate->policy->starttls_cut)
		return;
	s->cut = true;
	gate->counters.sessions_cut++;
	session_not_ftp(gate, s);
}

void
session_close(struct gate *gate, struct session *s, enum reason reason)
{
	session_close_pins(gate, s, reason);
	session_release_grants(gate, s, reason);
	forget_streams(gate, s);
}

void
session_lose(struct gate *gate, struct session *s, enum side from)
{
	struct span who = from == SIDE_CLIENT ? span_make("client", 6) :
						span_make("server", 6);

	/* pinholed-tls has the bytes, but we do not: nobody can go on. */
	if (s->origin == ORIGIN_STREAM) {
		session_not_ftp(gate, s);
		return;
	}
	session_forget_pending(gate, s, REASON_STREAM_LOST);
	s->proven = false;
	forget_stream(gate, &s->side[SIDE_CLIENT]);
	/* A client can lose its own bytes on purpose. It must not choose with
	 * that where the server's next line begins. */
	if (from == SIDE_SERVER || !session_is_readable(s)) {
		forget_stream(gate, &s->side[SIDE_SERVER]);
		s->replies = (struct ftp_reply_reader){ 0 };
	}
	gate->counters.streams_lost++;
	emit_note(gate, s, NOTE_WARN, REASON_STREAM_LOST, who);
}

void
session_end(struct gate *gate, struct session *s)
{
	session_forget_pending(gate, s, REASON_CONTROL_ENDED);
	session_close(gate, s, REASON_CONTROL_ENDED);
	if (!s->ended)
		emit_end(gate, s, REASON_CONTROL_ENDED);
	s->ended = true;
	/* In the mark it keeps the rest out of the queue, also when the session
	 * itself has been forgotten. */
	s->class = CLASS_NOT_FTP;
}
