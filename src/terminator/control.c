/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A control connection's birth and death, and its words in the log. */
#include "terminator/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "io/log.h"
#include "terminator/link.h"
#include "terminator/reader.h"
#include "terminator/relay.h"
#include "terminator/sockets.h"

/* One end has ended: how long the other may take. */
#define LINGER_NS (10 * UINT64_C(1000000000))
#define NS_PER_S  UINT64_C(1000000000)

void
control_say(const struct control *c, enum note_level level, enum reason reason,
	    const char *text)
{
	struct action a = { .kind = ACTION_NOTE,
			    .level = level,
			    .reason = reason,
			    .class = c->class,
			    .session = c->id,
			    .client = c->client_end,
			    .server = c->server_end };
	size_t len = text != NULL ? strlen(text) : 0;

	a.text_len = (uint8_t)(len < ACTION_TEXT_MAX ? len : ACTION_TEXT_MAX);
	memcpy(a.text, text != NULL ? text : "", a.text_len);
	log_action(&a);
}

void
control_cut(struct control *c, enum note_level level, enum reason reason,
	    const char *text)
{
	if (c->phase == PHASE_DEAD)
		return;
	control_say(c, level, reason, text);
	control_end(c, true);
}

/* --- birth ---------------------------------------------------------------- */

static bool
taken(void *arg, const struct endpoint *from, const struct endpoint *to)
{
	return table_control(arg, from, to) != NULL;
}

static void
free_control(struct mortal *m)
{
	free(m);
}

/* Opens the way to the server. 0 or -errno. */
static int
connect_server(struct control *c)
{
	int fd = sockets_connect(&c->client_end, &c->server_end, taken,
				 c->p->table);

	if (fd < 0)
		return fd;
	return wire_open(&c->wire[FROM_SERVER], c->p->loop, fd, true,
			 control_turn, c);
}

static enum reason
prepare(struct control *c)
{
	struct program *p = c->p;

	c->service = services_take(p->services, &c->server_end.addr);
	if (c->service == NULL)
		return REASON_NO_CERTIFICATE;
	if (getrandom(c->binding, sizeof(c->binding), 0) !=
	    sizeof(c->binding))
		return REASON_LIMIT_SESSIONS;
	return REASON_NONE;
}

/* The new session with its client's end, or NULL; @fd is taken in any case. */
static struct control *
make(struct program *p, int fd, const struct endpoint *client,
     const struct endpoint *server)
{
	struct control *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		sockets_reset(fd);
		return NULL;
	}
	c->p = p;
	c->client_end = *client;
	c->server_end = *server;
	c->class = CLASS_GREETING;
	c->implicit = policy_is_implicit(&p->pinholed->policy, server->port);
	c->prot_known = !c->implicit;
	c->heard_ns = c->phase_ns = program_now_ns();
	c->pipe[0].urgent = c->pipe[1].urgent = -1;
	LIST_INIT(&c->announced);
	LIST_INIT(&c->relays);
	if (wire_open(&c->wire[FROM_CLIENT], p->loop, fd, false, control_turn,
		      c) != 0) {
		free(c);
		return NULL;
	}
	return c;
}

void
control_begin(struct program *p, int fd, const struct endpoint *client,
	      const struct endpoint *server)
{
	struct control *c = make(p, fd, client, server);
	enum reason reason;
	int err;

	if (c == NULL)
		return;
	reason = table_control(p->table, client, server) != NULL ?
			 REASON_LIMIT_SESSIONS :
			 prepare(c);
	if (reason == REASON_NONE &&
	    !table_count(p->table, TABLE_SESSIONS, &client->addr,
			 p->conf->max_sessions_per_client,
			 p->conf->max_sessions))
		reason = table_total(p->table, TABLE_SESSIONS) >=
					 p->conf->max_sessions ?
				 REASON_LIMIT_SESSIONS :
				 REASON_LIMIT_CLIENT;
	if (reason != REASON_NONE) {
		p->counters.sessions_refused++;
		control_say(c, NOTE_WARN, reason, NULL);
		wire_abort(&c->wire[FROM_CLIENT]);
		service_drop(c->service);
		program_bury(p, &c->mortal, free_control);
		return;
	}
	p->counters.sessions++;
	table_add_control(p->table, c);
	if (!reader_begin(c)) {
		control_end(c, true);
		return;
	}
	link_begin(p->link, c);
	err = connect_server(c);
	if (err != 0)
		control_cut(c, NOTE_WARN, REASON_SERVER_UNREACHABLE,
			    strerror(-err));
}

/* --- death ---------------------------------------------------------------- */

void
control_end(struct control *c, bool reset)
{
	if (c->phase == PHASE_DEAD)
		return;
	c->phase = PHASE_DEAD;
	for (int i = 0; i < 2; i++) {
		if (reset)
			wire_abort(&c->wire[i]);
		else
			wire_close(&c->wire[i]);
	}
	reader_end(c);
	control_forget(c);
	link_end(c->p->link, c);
	relay_orphan(c);
	table_del_control(c->p->table, c);
	table_uncount(c->p->table, TABLE_SESSIONS, &c->client_end.addr);
	tickets_clear(&c->tickets);
	service_drop(c->service);
	program_bury(c->p, &c->mortal, free_control);
}

/* --- time ----------------------------------------------------------------- */

void
control_look(struct control *c, uint64_t now)
{
	static const char *const waits_for[] = {
		[PHASE_CONNECTING] = "the server's connection",
		[PHASE_HELLO] = "the client's hello",
		[PHASE_SERVER] = "the handshake with the server",
		[PHASE_CLIENT] = "the handshake with the client",
		[PHASE_DEAD] = "nothing",
	};
	bool half = c->pipe[FROM_CLIENT].ended || c->pipe[FROM_SERVER].ended;

	/* Behind CCC a client may be silent, and go on without close_notify. */
	if (c->phase == PHASE_LINES || c->phase == PHASE_LEAVING) {
		if (half && now - c->heard_ns > LINGER_NS)
			control_end(c, false);
		return;
	}
	if (now - c->phase_ns > c->p->conf->handshake_timeout_s * NS_PER_S)
		control_cut(c, NOTE_WARN, REASON_TIMED_OUT,
			    waits_for[c->phase]);
}

void
control_class(struct control *c, enum session_class class)
{
	struct control_pipe *down = &c->pipe[FROM_SERVER];

	if (c->class == class || c->phase == PHASE_DEAD)
		return;
	c->class = class;
	if (class == CLASS_NOT_FTP) { /* the core has said why */
		control_end(c, true);
		return;
	}
	/* Behind the line that said so begins what it said. */
	if (class == CLASS_CLEAR_CCC ||
	    (class == CLASS_TERMINATED && !c->was_tls))
		down->stop = true;
	if (class == CLASS_TERMINATED && !c->was_tls)
		control_check_clear(c);
}
