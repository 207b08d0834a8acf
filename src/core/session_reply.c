/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session's replies: each final reply answers the oldest command that waits
 * (RFC 959 section 5.4), and only as that answer does it count.
 */
#include "core/ftp_command.h"
#include "core/ftp_reading.h"
#include "core/gate_state.h"

static bool
is_positive(const struct ftp_reply *r)
{
	return r->code >= 200 && r->code < 300;
}

/* The server's first reply (RFC 959 section 5.4, "Connection Establishment"):
 * 220, or 421 before it hangs up. */
static void
take_greeting(struct gate *gate, struct session *s, const struct ftp_reply *r)
{
	if (r->code == 220 && s->implicit && s->origin == ORIGIN_STREAM)
		session_enter_layer(gate, s, NULL);
	else if (r->code == 220)
		session_set_class(gate, s, CLASS_CLEAR, REASON_GREETED);
	else if (r->code < 400 || r->code >= 600)
		session_not_ftp(gate, s);
}

/*
 * AUTH was accepted: both directions go on as TLS. The client had to wait for
 * that (RFC 4217 section 4); a clear line that it sent behind AUTH would be read
 * by some servers as if it had come encrypted.
 */
static void
begin_handshake(struct gate *gate, struct session *s,
		const struct pending *auth)
{
	const struct direction *client = &s->side[SIDE_CLIENT];

	if (s->pending_count != 0 || s->pending_over != 0 ||
	    (client->mode == DIRECTION_LINES &&
	     !ftp_line_at_start(&client->lines))) {
		emit_note(gate, s, NOTE_WARN, REASON_AUTH_TRAILING,
			  (struct span){ 0 });
		session_cut(gate, s);
		session_not_ftp(gate, s);
		return;
	}
	emit_note(gate, s, NOTE_DEBUG, REASON_AUTH_ACCEPTED,
		  (struct span){ 0 });
	if (s->origin == ORIGIN_STREAM) {
		session_enter_layer(gate, s, auth);
		return;
	}
	session_start_tls(gate, s, SIDE_CLIENT);
	session_start_tls(gate, s, SIDE_SERVER);
}

/* True when another AUTH or ADAT has no answer yet. */
static bool
auth_waits(const struct session *s)
{
	for (unsigned i = 0; i < s->pending_count; i++) {
		const struct pending *p = &s->pending[session_pending_at(s, i)];

		if (p->verb == FTP_AUTH || p->verb == FTP_ADAT)
			return true;
	}
	return false;
}

/* RFC 4217 section 4.2, RFC 2228 section 3. */
static void
take_auth(struct gate *gate, struct session *s, const struct pending *p,
	  const struct ftp_reply *r)
{
	/* TLS inside of TLS: we could not follow. */
	if (s->class == CLASS_TERMINATED && is_positive(r))
		session_not_ftp(gate, s);
	if (s->class != CLASS_TLS_WANTED)
		return;
	if (r->code == 234 && p->auth != FTP_AUTH_OTHER) {
		auth_memory_add(&gate->auths, &s->server, p->auth);
		begin_handshake(gate, s, p);
		return;
	}
	if (r->code == 234 || r->code == 235) {
		session_set_class(gate, s, CLASS_OPAQUE, REASON_AUTH_OTHER);
		return;
	}
	/* 334 and 335 ask for more: ADAT will follow. */
	if (r->code == 334 || r->code == 335)
		return;
	if (!auth_waits(s))
		session_set_class(gate, s, CLASS_CLEAR, REASON_AUTH_REFUSED);
	/* Somebody in between may want to read on (RFC 4217 section 15). */
	if (p->auth_first &&
	    (auth_memory_get(&gate->auths, &s->server) & p->auth) != 0) {
		emit_note(gate, s, NOTE_WARN, REASON_AUTH_STRIPPED,
			  r->text);
		session_cut(gate, s);
	}
}

/* 227, 228, 229: @reply is the one that @p asked for. */
static void
take_passive(struct gate *gate, struct session *s, const struct ftp_line *line,
	     const struct ftp_reply *r, enum reason reason)
{
	ftp_parser *parse = reason == REASON_PASV ? ftp_parse_227 :
			    reason == REASON_EPSV ? ftp_parse_229 :
						    ftp_parse_228;
	bool odd = line->bare_lf || line->bare_cr || line->had_nul ||
		   line->had_telnet || r->multi_line;
	struct endpoint announced;
	enum reason refusal;
	uint32_t handle;

	if (line->overlong)
		refusal = REASON_LINE_TOO_LONG;
	else if (odd)
		refusal = REASON_AMBIGUOUS;
	else
		refusal = parse(r->text, &announced);
	if (refusal == REASON_AMBIGUOUS) {
		session_refuse_readings(gate, s, line->text,
					ftp_read_both(parse, r->text, odd));
		return;
	}
	if (refusal != REASON_NONE) {
		session_refuse(gate, s, refusal, line->text);
		return;
	}
	handle = session_open_passive(gate, s, reason, &announced, line->text);
	if (handle != 0)
		session_confirm_pin(gate, s, handle);
}

/* The announcement that a reply with this code makes: REASON_PASV, REASON_LPSV,
 * REASON_EPSV, or REASON_NONE. */
static enum reason
announced_by_code(uint16_t code)
{
	return code == 227 ? REASON_PASV :
	       code == 228 ? REASON_LPSV :
	       code == 229 ? REASON_EPSV :
			     REASON_NONE;
}

/* The announcement that a command asks for. CPSV is PASV with the TLS roles
 * exchanged (draft-murray-auth-ftp-ssl). */
static enum reason
announced_by_verb(const struct pending *p)
{
	return p->verb == FTP_PASV || p->verb == FTP_CPSV ? REASON_PASV :
	       p->verb == FTP_LPSV			   ? REASON_LPSV :
	       p->verb == FTP_EPSV && !p->epsv_all	   ? REASON_EPSV :
							     REASON_NONE;
}

/* What a final reply means for the command that it answers. */
static void
take_answer(struct gate *gate, struct session *s, const struct pending *p,
	    const struct ftp_reply *r)
{
	if (p->verb == FTP_PORT || p->verb == FTP_EPRT ||
	    p->verb == FTP_LPRT) {
		if (is_positive(r))
			session_confirm_pin(gate, s, session_pin_of(s, p));
		else
			session_close_pin(gate, s, session_pin_of(s, p),
					  REASON_PORT_REJECTED);
	} else if (p->verb == FTP_EPSV && p->epsv_all) {
		s->epsv_all |= is_positive(r);
	} else if (p->verb == FTP_USER || p->verb == FTP_PASS ||
		   p->verb == FTP_ACCT) {
		/* RFC 959 section 5.4: 230, or 202 for a needless ACCT;
		 * 232 is RFC 2228's. */
		if (is_positive(r) && s->login != LOGIN_YES) {
			s->login = LOGIN_YES;
			emit_note(gate, s, NOTE_DEBUG, REASON_LOGGED_IN,
				  (struct span){ 0 });
		}
	} else if (p->verb == FTP_AUTH || p->verb == FTP_ADAT) {
		take_auth(gate, s, p, r);
	} else if (p->verb == FTP_PROT && is_positive(r)) {
		s->protection = p->protection;
		emit_note(gate, s, NOTE_DEBUG, REASON_PROTECTION,
			  (struct span){ 0 });
	} else if (p->verb == FTP_CCC && is_positive(r)) {
		session_leave_layer(gate, s);
	} else if (p->verb == FTP_REIN && is_positive(r)) {
		s->login = LOGIN_NO;
		s->epsv_all = false;
		/* RFC 4217 section 11 ends TLS; servers keep it, and PROT or
		 * not. */
		if (s->class == CLASS_TERMINATED)
			s->protection = PROTECTION_UNKNOWN;
		session_close_pins(gate, s, REASON_REIN);
		emit_note(gate, s, NOTE_INFO, REASON_REIN, (struct span){ 0 });
	} else if (p->verb == FTP_QUIT && is_positive(r)) {
		session_close_pins(gate, s, REASON_CONTROL_ENDED);
	}
}

/* Takes the oldest command that waits. A command that was only counted
 * (SESSION_PENDING_MAX) comes out as FTP_OTHER. */
static bool
pop_pending(struct session *s, struct pending *out)
{
	*out = (struct pending){ .verb = FTP_OTHER };
	if (s->pending_count != 0) {
		*out = s->pending[s->pending_first];
		s->pending_first = (uint8_t)session_pending_at(s, 1);
		s->pending_count--;
		return true;
	}
	if (s->pending_over == 0)
		return false;
	s->pending_over--;
	return true;
}

/*
 * RFC 959 section 4.1.3 wants two replies to ABOR in a transfer, the transfer's and
 * its own, 225 or 226. Where the transfer was over just then, some servers say one.
 * So another positive reply is for the command behind that ABOR, where it can be.
 */
static void
skip_abort(struct session *s, const struct ftp_reply *r)
{
	unsigned next = session_pending_at(s, 1);
	struct pending abort;

	if (s->pending_count > 1 && r->code >= 200 && r->code < 400 &&
	    r->code != 225 && r->code != 226 &&
	    s->pending[s->pending_first].verb == FTP_ABOR &&
	    announced_by_verb(&s->pending[next]) == announced_by_code(r->code))
		pop_pending(s, &abort);
}

/* A complete exchange was read: line boundaries are known for good. */
static void
prove(struct gate *gate, struct session *s)
{
	s->proven = true;
	if (s->class == CLASS_GREETING || s->class == CLASS_TLS_WANTED)
		session_set_class(gate, s, CLASS_CLEAR, REASON_RESYNC);
}

static void
take_final(struct gate *gate, struct session *s, const struct ftp_line *line,
	   const struct ftp_reply *r)
{
	enum reason announced = announced_by_code(r->code);
	struct pending p;
	bool answers;

	if (s->class == CLASS_GREETING && !s->picked_up) {
		take_greeting(gate, s, r);
		return;
	}
	/* RFC 2228 section 4: the reply's content is protected. */
	if (r->code >= 631 && r->code <= 633) {
		session_set_class(gate, s, CLASS_OPAQUE, REASON_AUTH_OTHER);
		return;
	}
	skip_abort(s, r);
	answers = pop_pending(s, &p);
	if (announced != REASON_NONE &&
	    (!answers || announced_by_verb(&p) != announced))
		session_refuse(gate, s, REASON_UNSOLICITED, line->text);
	else if (announced != REASON_NONE)
		take_passive(gate, s, line, r, announced);
	if (!answers)
		return;
	take_answer(gate, s, &p, r);
	if (!s->proven && p.verb != FTP_AUTH)
		prove(gate, s);
}

/* Tells the line; its text only where the command that it belongs to cannot have
 * brought a credential into it. */
static void
trace(struct gate *gate, const struct session *s, enum ftp_reply_status status,
      const struct ftp_line *line)
{
	bool greeting = s->class == CLASS_GREETING && !s->picked_up;
	enum ftp_verb verb = FTP_OTHER;
	struct span text = line->text;

	if (!gate->trace || status == FTP_REPLY_NONE)
		return;
	if (s->pending_count != 0)
		verb = (enum ftp_verb)s->pending[s->pending_first].verb;
	if (status == FTP_REPLY_PART && !greeting && verb != FTP_FEAT)
		return;
	if (!greeting && !ftp_verb_is_public(verb))
		text = span_head(text, 3);
	emit_trace(gate, s,
		   status == FTP_REPLY_PART ? REASON_REPLY_LINE : REASON_REPLY,
		   text, (struct span){ 0 });
}

void
session_reply(struct gate *gate, struct session *s,
	      const struct ftp_line *line)
{
	enum ftp_reply_status status;
	struct ftp_reply r;

	status = ftp_reply_read(&s->replies, line, &r);
	trace(gate, s, status, line);
	switch (status) {
	case FTP_REPLY_PART:
	case FTP_REPLY_PRELIMINARY:
		return;
	case FTP_REPLY_NONE:
		if (s->class == CLASS_GREETING && !s->picked_up)
			session_not_ftp(gate, s);
		return;
	case FTP_REPLY_FINAL:
		gate->counters.replies++;
		take_final(gate, s, line, &r);
		return;
	}
}
