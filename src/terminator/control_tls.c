/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session's way into TLS and out of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "terminator/control.h"
#include "terminator/link.h"

#define TLS_RECORD_FIRST 20
#define TLS_RECORD_LAST	 23
#define TLS_HANDSHAKE	 22

static void
enter(struct control *c, enum control_phase phase)
{
	c->phase = phase;
	c->phase_ns = program_now_ns();
}

static bool
fail(struct control *c, enum note_level level, enum reason reason,
     const char *text)
{
	control_cut(c, level, reason, text);
	return false;
}

bool
control_connect(struct control *c)
{
	int err = wire_arrived(&c->wire[FROM_SERVER]);

	if (err == -EAGAIN)
		return false;
	if (err != 0)
		return fail(c, NOTE_WARN, REASON_SERVER_UNREACHABLE,
			    strerror(-err));
	if (c->implicit)
		return control_enter_tls(c);
	enter(c, PHASE_LINES);
	return true;
}

/* --- into TLS ------------------------------------------------------------- */

/*
 * Whoever can write into the clear part of a connection can put a command, or a
 * reply, behind AUTH or 234 that is read when TLS protects what comes ("STARTTLS
 * injection"). The client may be early with its hello, no more; the server has to
 * wait.
 */
static bool
has_injection(struct control *c, const char **who)
{
	int client = leg_peek(&c->wire[FROM_CLIENT].leg);
	int server = leg_peek(&c->wire[FROM_SERVER].leg);

	*who = "client";
	if (c->pipe[FROM_CLIENT].read != c->pipe[FROM_CLIENT].end ||
	    (client >= 0 && client != TLS_HANDSHAKE))
		return true;
	*who = "server";
	return c->pipe[FROM_SERVER].read != c->pipe[FROM_SERVER].end ||
	       server >= 0;
}

bool
control_check_clear(struct control *c)
{
	const char *who;

	if (!c->implicit && has_injection(c, &who))
		return fail(c, NOTE_WARN, REASON_AUTH_TRAILING, who);
	return true;
}

bool
control_enter_tls(struct control *c)
{
	if (!control_check_clear(c))
		return false;
	if (leg_start_client(&c->wire[FROM_CLIENT].leg, c->service->identity,
			     c->binding, false, true) != 0)
		return fail(c, NOTE_WARN, REASON_HANDSHAKE_FAILED,
			    "out of memory");
	enter(c, PHASE_HELLO);
	return true;
}

/* Some servers go on without it, some refuse later. */
static void
note_wanted(const struct control *c)
{
	if (c->wire[FROM_SERVER].leg.certificate_wanted)
		control_say(c, NOTE_WARN, REASON_CERTIFICATE_WANTED, NULL);
}

/* A handshake that did not come to its end. */
static bool
handshake_failed(struct control *c, enum control_from from)
{
	const struct leg *leg = &c->wire[from].leg;
	char text[ACTION_TEXT_MAX + 1];

	c->p->counters.handshakes_failed++;
	note_wanted(c);
	if (from == FROM_SERVER && leg_certificate_refused(leg))
		return fail(c, NOTE_WARN, REASON_CERTIFICATE_WRONG, NULL);
	snprintf(text, sizeof(text), "%s: %s",
		 from == FROM_SERVER ? "server" : "client", leg_error(leg));
	return fail(c, NOTE_WARN, REASON_HANDSHAKE_FAILED, text);
}

static void
secured(struct control *c)
{
	char text[ACTION_TEXT_MAX + 1];

	snprintf(text, sizeof(text), "client %s %s, server %s %s",
		 leg_version(&c->wire[FROM_CLIENT].leg),
		 leg_cipher(&c->wire[FROM_CLIENT].leg),
		 leg_version(&c->wire[FROM_SERVER].leg),
		 leg_cipher(&c->wire[FROM_SERVER].leg));
	c->was_tls = true;
	c->p->counters.sessions_tls++;
	c->pipe[FROM_CLIENT].stop = c->pipe[FROM_SERVER].stop = false;
	control_say(c, NOTE_INFO, REASON_TLS_BOTH, text);
	link_tell(c->p->link, c);
	enter(c, PHASE_LINES);
}

/* True when the server gets its hello now. */
static bool
begin_server(struct control *c)
{
	struct leg *server = &c->wire[FROM_SERVER].leg;

	if (leg_start_server(server, c->service->identity,
			     &c->wire[FROM_CLIENT].leg.hello, NULL,
			     &c->tickets, false) != 0)
		return fail(c, NOTE_WARN, REASON_HANDSHAKE_FAILED,
			    "out of memory");
	enter(c, PHASE_SERVER);
	return true;
}

bool
control_handshake(struct control *c)
{
	struct leg *client = &c->wire[FROM_CLIENT].leg;
	struct leg *server = &c->wire[FROM_SERVER].leg;
	enum control_from from = c->phase == PHASE_SERVER ? FROM_SERVER :
							    FROM_CLIENT;

	switch (leg_handshake(from == FROM_SERVER ? server : client)) {
	case LEG_AGAIN:
		return false;
	case LEG_HELLO:
		return begin_server(c);
	case LEG_DONE:
		if (from == FROM_CLIENT) {
			secured(c);
			return true;
		}
		note_wanted(c);
		leg_agreed(server, &c->agreed);
		leg_release_hello(client, &c->agreed);
		enter(c, PHASE_CLIENT);
		return true;
	case LEG_END:
	case LEG_TRUNCATED:
	case LEG_BROKEN:
		break;
	}
	return handshake_failed(c, from);
}

/* --- out of TLS ----------------------------------------------------------- */

/*
 * One leg's incoming direction. Its peer sends close_notify and goes on in clear
 * text, or goes on in clear text without it (curl does). A byte that begins no
 * record is clear text. False: the session has ended.
 */
static bool
leave_incoming(struct control *c, enum control_from from)
{
	struct leg *leg = &c->wire[from].leg;
	uint8_t bytes[512];
	size_t len;
	int byte;

	if (!leg->tls_in)
		return true;
	byte = leg_holds_bytes(leg) ? TLS_RECORD_LAST : leg_peek(leg);
	if (byte == -1)
		return true;
	if (byte == -3) {
		control_end(c, true);
		return false;
	}
	if (byte == -2 || byte < TLS_RECORD_FIRST || byte > TLS_RECORD_LAST) {
		leg_leave_tls(leg, true);
		return true;
	}
	switch (leg_read(leg, bytes, sizeof(bytes), &len)) {
	case LEG_AGAIN:
	case LEG_HELLO:
		return true;
	case LEG_END:
		leg_leave_tls(leg, true);
		return true;
	case LEG_DONE: /* protected bytes behind the end of protection */
		return fail(c, NOTE_WARN, REASON_TLS_BROKEN,
			    from == FROM_CLIENT ? "client" : "server");
	case LEG_TRUNCATED:
	case LEG_BROKEN:
		break;
	}
	control_end(c, true);
	return false;
}

static bool
leave_outgoing(struct control *c, enum control_from from)
{
	struct leg *leg = &c->wire[from].leg;

	if (!leg->tls_out)
		return true;
	switch (leg_say_end(leg)) {
	case LEG_DONE:
		leg_leave_tls(leg, false);
		return true;
	case LEG_AGAIN:
		return true;
	case LEG_HELLO:
	case LEG_END:
	case LEG_TRUNCATED:
	case LEG_BROKEN:
		break;
	}
	control_end(c, true);
	return false;
}

bool
control_leave_tls(struct control *c)
{
	const struct leg *client = &c->wire[FROM_CLIENT].leg;
	const struct leg *server = &c->wire[FROM_SERVER].leg;

	for (int from = 0; from < 2; from++)
		if (!leave_outgoing(c, (enum control_from)from) ||
		    !leave_incoming(c, (enum control_from)from))
			return false;
	/* A direction goes on when both its legs are out of TLS. */
	if (!client->tls_in && !server->tls_out)
		c->pipe[FROM_CLIENT].stop = false;
	if (!server->tls_in && !client->tls_out)
		c->pipe[FROM_SERVER].stop = false;
	if (!client->tls_in && !client->tls_out && !server->tls_in &&
	    !server->tls_out) {
		link_tell(c->p->link, c);
		enter(c, PHASE_LINES);
	}
	return true;
}
