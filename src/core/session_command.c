/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session's command lines: each is queued until its reply comes, and PORT,
 * EPRT and LPRT open their pinhole at once.
 *
 * At once, because some servers connect before they answer. The reply decides
 * whether the pinhole stays (session_reply.c).
 */
#include "core/ftp_command.h"
#include "core/ftp_reading.h"
#include "core/gate_state.h"

/* Queues @verb. NULL when the queue is full: the command is counted, so that the
 * replies behind it still find theirs. */
static struct pending *
push_pending(struct gate *gate, struct session *s, enum ftp_verb verb)
{
	struct pending *p;
	unsigned at;

	if (s->pending_over != 0 ||
	    s->pending_count >= gate->policy->session_commands_max) {
		gate->counters.commands_limited++;
		if (s->pending_over++ == 0)
			emit_note(gate, s, NOTE_WARN, REASON_LIMIT_COMMANDS,
				  (struct span){ 0 });
		return NULL;
	}
	at = session_pending_at(s, s->pending_count++);
	p = &s->pending[at];
	*p = (struct pending){ .verb = (uint8_t)verb };
	return p;
}

/* PORT, EPRT, LPRT (RFC 959 section 4.1.2, RFC 2428 section 2, RFC 1639). */
static void
announce_active(struct gate *gate, struct session *s, struct pending *p,
		const struct ftp_line *line, const struct ftp_command *c,
		enum reason reason)
{
	ftp_parser *parse = reason == REASON_PORT ? ftp_parse_port :
			    reason == REASON_EPRT ? ftp_parse_eprt :
						    ftp_parse_lprt;
	struct endpoint announced;
	enum reason refusal;

	if (p == NULL)
		refusal = REASON_LIMIT_COMMANDS;
	else if (line->overlong)
		refusal = REASON_LINE_TOO_LONG;
	else if (c->ambiguous)
		refusal = REASON_AMBIGUOUS;
	else
		refusal = parse(c->argument, &announced);
	if (refusal == REASON_AMBIGUOUS)
		session_refuse_readings(gate, s, line->text,
					ftp_read_both(parse, c->argument,
						      c->ambiguous));
	else if (refusal != REASON_NONE)
		session_refuse(gate, s, refusal, line->text);
	else
		session_note_pin(s, p,
				 session_open_active(gate, s, reason,
						     &announced, line->text));
}

static void
take_auth(struct gate *gate, struct session *s, struct pending *p,
	  const struct ftp_command *c)
{
	if (p != NULL) {
		p->auth = ftp_auth_parse(c->argument) & 0xf;
		p->auth_first = s->class == CLASS_CLEAR &&
				s->login == LOGIN_NO;
		p->protection = session_auth_prot(c->argument) & 3;
	}
	/* A second one, inside TLS, changes nothing unless it is accepted. */
	if (s->class == CLASS_TERMINATED)
		return;
	if (session_is_readable(s) || s->class == CLASS_GREETING)
		session_set_class(gate, s, CLASS_TLS_WANTED, REASON_AUTH_SENT);
}

/*
 * What does not begin as FTP is not FTP: the first line must be a command that we
 * know, and before the login every line must at least look like one. That is
 * what tells a browser or a mail client that was sent here from an FTP client.
 */
static bool
is_ftp(const struct session *s, const struct ftp_command *c)
{
	if (!s->began)
		return c->verb != FTP_OTHER;
	return c->plausible || s->login != LOGIN_NO;
}

static void
trace(struct gate *gate, const struct session *s, const struct ftp_command *c)
{
	const char *name = ftp_verb_name(c->verb);
	struct span word = span_make(name, 3);

	if (!gate->trace)
		return;
	while (word.len < 5 && name[word.len] != 0)
		word.len++;
	emit_trace(gate, s, REASON_COMMAND, word, ftp_command_public(c));
}

void
session_command(struct gate *gate, struct session *s,
		const struct ftp_line *line)
{
	struct ftp_command c;
	struct pending *p;

	ftp_command_parse(line, &c);
	gate->counters.commands++;
	if (c.empty)
		return;
	if (!is_ftp(s, &c)) {
		session_not_ftp(gate, s);
		return;
	}
	s->began = true;
	trace(gate, s, &c);
	p = push_pending(gate, s, c.verb);
	/* Only verbs that announce something, or change what may be announced,
	 * need more than their place in the queue. */
	if (c.verb == FTP_PORT)
		announce_active(gate, s, p, line, &c, REASON_PORT);
	else if (c.verb == FTP_EPRT)
		announce_active(gate, s, p, line, &c, REASON_EPRT);
	else if (c.verb == FTP_LPRT)
		announce_active(gate, s, p, line, &c, REASON_LPRT);
	else if (c.verb == FTP_AUTH)
		take_auth(gate, s, p, &c);
	else if (c.verb == FTP_PROT && p != NULL)
		p->protection = (uint8_t)session_prot(c.argument);
	else if (c.verb == FTP_EPSV && p != NULL)
		p->epsv_all = ftp_epsv_parse(c.argument) == FTP_EPSV_ALL;
}
