/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A line's way: what this program must know of it, and the core.
 *
 * What the policy does not let through goes on under a verb that no server
 * knows. So the server itself refuses it, at the right place among its replies.
 */
#include <string.h>

#include "core/ftp_command.h"
#include "terminator/control.h"
#include "terminator/reader.h"
#include "terminator/relay.h"

/* In place of a refused command's first letter. */
#define NO_VERB 'Q'

/* Behind the line's end, or NULL. */
static uint8_t *
line_end(struct control_pipe *pipe)
{
	uint8_t *lf = memchr(pipe->bytes + pipe->read, '\n',
			     pipe->end - pipe->read);

	return lf != NULL ? lf + 1 : NULL;
}

/* --- commands ------------------------------------------------------------- */

static void
push_pending(struct control *c, enum ftp_verb verb, bool p)
{
	unsigned at;

	if (c->pending_over != 0 || c->pending_count == CONTROL_PENDING) {
		c->pending_over++;
		return;
	}
	at = (c->pending_first + c->pending_count++) % CONTROL_PENDING;
	c->pending[at] = (uint8_t)verb;
	c->pending_p[at] = p;
}

static bool
allowed(const struct control *c, const struct ftp_command *command)
{
	if (!commands_allow(c->service->deny, c->service->allow,
			    command->word))
		return false;
	switch ((int)command->verb) {
	case FTP_AUTH: /* a second one would be TLS inside TLS */
		return c->class == CLASS_CLEAR || c->class == CLASS_GREETING;
	case FTP_CCC:
		return c->service->ccc;
	case FTP_SSCN:
	case FTP_CPSV:
		return c->service->sscn;
	default:
		return true;
	}
}

/* A client's line; @text is without its end. */
static void
take_command(struct control *c, struct control_pipe *pipe, struct span text)
{
	struct ftp_line line = { .text = text };
	struct ftp_command command;
	struct span rest = text;
	bool refused;

	/* Telnet commands in front of ABOR (RFC 959 section 4.1.3). */
	while (rest.len >= 2 && rest.data[0] == 0xff)
		span_skip(&rest, 2);
	line.text = rest;
	ftp_command_parse(&line, &command);
	if (command.empty)
		return;
	refused = !allowed(c, &command);
	audit_command(c, &command, refused);
	if (refused) {
		control_say(c, NOTE_WARN, REASON_COMMAND_REFUSED,
			    ftp_verb_name(command.verb));
		pipe->bytes[command.word.data - pipe->bytes] = NO_VERB;
		command.verb = FTP_OTHER;
	}
	push_pending(c, command.verb,
		     command.argument.len != 0 &&
			     (command.argument.data[0] | 0x20) == 'p');
	/* What follows must not be read before its answer is. */
	if (command.verb == FTP_AUTH ||
	    (command.verb == FTP_CCC && c->class == CLASS_TERMINATED))
		pipe->stop = true;
}

/* --- replies -------------------------------------------------------------- */

static enum ftp_verb
pop_pending(struct control *c, bool *p)
{
	enum ftp_verb verb = FTP_OTHER;

	*p = false;
	if (c->pending_count != 0) {
		verb = (enum ftp_verb)c->pending[c->pending_first];
		*p = c->pending_p[c->pending_first];
		c->pending_first = (c->pending_first + 1) % CONTROL_PENDING;
		c->pending_count--;
	} else if (c->pending_over != 0) {
		c->pending_over--;
	}
	return verb;
}

static void
take_answer(struct control *c, enum ftp_verb verb, bool p, uint16_t code)
{
	bool positive = code >= 200 && code < 300;

	switch ((int)verb) {
	case FTP_PROT:
		if (positive) {
			c->prot_known = true;
			c->prot_p = p;
		}
		break;
	case FTP_REIN:
		if (positive)
			c->prot_known = false;
		break;
	case FTP_AUTH: /* some servers protect data from here on, some not */
		if (positive)
			c->prot_known = false;
		break;
	case FTP_RETR:
	case FTP_STOR:
	case FTP_STOU:
	case FTP_APPE:
	case FTP_LIST:
	case FTP_NLST:
	case FTP_MLSD:
		c->transfer = false;
		break;
	default:
		break;
	}
}

static void
take_reply(struct control *c, struct span text)
{
	struct ftp_line line = { .text = text };
	struct ftp_reply reply;
	enum ftp_verb verb;
	bool p;

	switch (ftp_reply_read(&c->replies, &line, &reply)) {
	case FTP_REPLY_PRELIMINARY:
		c->transfer = true;
		relay_go(c);
		break;
	case FTP_REPLY_FINAL:
		verb = pop_pending(c, &p);
		take_answer(c, verb, p, reply.code);
		audit_answer(c, verb, reply.code);
		/* AUTH or CCC was refused: the client may go on. */
		if (c->pending_count == 0 && c->pending_over == 0 &&
		    !c->pipe[FROM_SERVER].stop)
			c->pipe[FROM_CLIENT].stop = false;
		break;
	case FTP_REPLY_PART:
	case FTP_REPLY_NONE:
		break;
	}
}

/* --- the way -------------------------------------------------------------- */

static struct span
without_end(struct span line)
{
	while (line.len != 0 && (line.data[line.len - 1] == '\n' ||
				 line.data[line.len - 1] == '\r'))
		line.len--;
	return line;
}

/* One line, or the piece of one that fills the buffer. */
static void
judge_line(struct control *c, enum control_from from, size_t len, bool whole)
{
	struct control_pipe *pipe = &c->pipe[from];
	struct span line = span_make(pipe->bytes + pipe->read, len);
	bool first = !pipe->middle;

	pipe->middle = !whole;
	if (first && from == FROM_CLIENT)
		take_command(c, pipe, without_end(line));
	pipe->read += len;
	reader_line(c, from, line);
	if (c->phase == PHASE_DEAD)
		return;
	if (first && from == FROM_SERVER)
		take_reply(c, without_end(line));
	if (pipe->waits == 0)
		pipe->ready = pipe->read;
}

bool
control_judge(struct control *c, enum control_from from)
{
	struct control_pipe *pipe = &c->pipe[from];
	uint8_t *end;
	size_t len;

	while (c->phase != PHASE_DEAD && pipe->waits == 0 && !pipe->stop &&
	       pipe->read < pipe->end) {
		end = line_end(pipe);
		len = (end != NULL ? (size_t)(end - pipe->bytes) : pipe->end) -
		      pipe->read;
		/* Half a line waits for its rest, unless it is too long, or
		 * its rest will not come. */
		if (end == NULL && len < CONTROL_BUFFER && !pipe->ended)
			break;
		judge_line(c, from, len, end != NULL);
	}
	return c->phase != PHASE_DEAD;
}
