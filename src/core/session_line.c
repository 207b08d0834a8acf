/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session's bytes in order: which reader gets them, and where CCC ends TLS. */
#include "core/ftp_command.h"
#include "core/gate_state.h"

/*
 * The first line behind the end of TLS. CCC leads back to FTP (RFC 4217 section
 * 12.3); whatever else comes there is not a session that we know.
 */
static bool
is_ftp_after_ccc(enum side from, const struct ftp_line *line)
{
	struct ftp_command c;
	struct ftp_reply_reader r = { 0 };
	struct ftp_reply reply;

	if (from == SIDE_SERVER)
		return ftp_reply_read(&r, line, &reply) != FTP_REPLY_NONE;
	ftp_command_parse(line, &c);
	return c.verb != FTP_OTHER;
}

static void
enter_clear_after_ccc(struct gate *gate, struct session *s)
{
	if (s->class != CLASS_OPAQUE)
		return;
	session_forget_pending(gate, s, REASON_STATE_CHANGED);
	s->replies = (struct ftp_reply_reader){ 0 };
	s->login = LOGIN_UNKNOWN;
	s->proven = true;
	session_set_class(gate, s, CLASS_CLEAR_CCC, REASON_CCC);
}

static void
read_line(struct gate *gate, struct session *s, enum side from,
	  struct span *bytes)
{
	struct direction *d = &s->side[from];
	struct ftp_line line;
	bool bare_lf;

	switch (ftp_line_read(&d->lines, &gate->lines, bytes, &line)) {
	case FTP_LINE_MORE:
		return;
	case FTP_LINE_NO_BLOCK:
		gate->counters.buffers_exhausted++;
		emit_note(gate, s, NOTE_WARN, REASON_LIMIT_BUFFERS,
			  (struct span){ 0 });
		session_lose(gate, s, from);
		return;
	case FTP_LINE_DONE:
		break;
	}
	/* To a strict reader this one is still the line before. */
	bare_lf = line.bare_lf;
	line.bare_lf |= d->behind_lf;
	d->behind_lf = bare_lf;
	if (d->left_tls) {
		if (!is_ftp_after_ccc(from, &line)) {
			session_not_ftp(gate, s);
			return;
		}
		d->left_tls = false;
		enter_clear_after_ccc(gate, s);
	}
	/* Lines of another security mechanism (RFC 2228: MIC, ENC, 63x). */
	if (s->class == CLASS_OPAQUE)
		return;
	if (from == SIDE_CLIENT)
		session_command(gate, s, &line);
	else
		session_reply(gate, s, &line);
}

/* A client that does not wait for 234 before its hello: only at a line's start,
 * and only with what no FTP line can begin with. */
static bool
begins_tls_early(const struct session *s, enum side from, struct span bytes)
{
	return s->origin == ORIGIN_PACKETS && s->class == CLASS_TLS_WANTED &&
	       from == SIDE_CLIENT &&
	       ftp_line_at_start(&s->side[from].lines) &&
	       bytes.data[0] == TLS_HANDSHAKE;
}

/*
 * A line of a terminated session that ended a layer, or began one: what stands
 * behind it has to come through the new one. Whoever put it here wants it to be
 * taken for something that came there.
 */
static bool
is_injected(const struct session *s, enum session_class was, struct span rest)
{
	return s->origin == ORIGIN_STREAM && rest.len != 0 &&
	       ((was == CLASS_TLS_WANTED && s->class == CLASS_TERMINATED) ||
		(was == CLASS_TERMINATED && s->class == CLASS_CLEAR_CCC));
}

void
session_read(struct gate *gate, struct session *s, enum side from,
	     struct span bytes)
{
	struct direction *d = &s->side[from];

	while (bytes.len != 0 && s->class != CLASS_NOT_FTP &&
	       d->stream.synced) {
		enum session_class was = s->class;

		if (d->mode == DIRECTION_LINES &&
		    begins_tls_early(s, from, bytes))
			session_start_tls(gate, s, from);
		switch ((enum direction_mode)d->mode) {
		case DIRECTION_LINES:
			read_line(gate, s, from, &bytes);
			if (is_injected(s, was, bytes)) {
				emit_note(gate, s, NOTE_WARN,
					  REASON_AUTH_TRAILING,
					  (struct span){ 0 });
				session_not_ftp(gate, s);
			}
			break;
		case DIRECTION_TLS:
			session_records(gate, s, from, &bytes);
			break;
		case DIRECTION_EARLY:
			session_keep_early(gate, s, bytes);
			return;
		}
	}
}
