/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relayed data connection's birth and death. */
#include "terminator/relay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/log.h"
#include "terminator/sockets.h"

#define NS_PER_S  UINT64_C(1000000000)
#define LINGER_NS (30 * NS_PER_S)

static LIST_HEAD(, relay) all = LIST_HEAD_INITIALIZER(all);

static void
say(const struct relay *r, enum note_level level, enum reason reason,
    const char *text)
{
	struct action a = { .kind = ACTION_NOTE,
			    .level = level,
			    .reason = reason,
			    .class = CLASS_DATA_RELAY,
			    .session = r->session,
			    .client = r->client_end,
			    .server = r->server_end,
			    .has_opening = true,
			    .opening = r->opening };
	size_t len = text != NULL ? strlen(text) : 0;

	a.opening.open_ms = (program_now_ns() - r->started_ns) / 1000000;
	a.text_len = (uint8_t)(len < ACTION_TEXT_MAX ? len : ACTION_TEXT_MAX);
	memcpy(a.text, text != NULL ? text : "", a.text_len);
	log_action(&a);
}

/* --- death ---------------------------------------------------------------- */

static void
free_relay(struct mortal *m)
{
	struct relay *r = (struct relay *)m;

	free(r->flow[0].bytes);
	free(r->flow[1].bytes);
	free(r);
}

static void
finish(struct relay *r, bool reset)
{
	r->dead = true;
	for (int i = 0; i < 2; i++) {
		if (reset)
			wire_abort(&r->wire[i]);
		else
			wire_close(&r->wire[i]);
	}
	r->p->counters.bytes_up += r->flow[FROM_CLIENT].total;
	r->p->counters.bytes_down += r->flow[FROM_SERVER].total;
	loop_drop(r->timer);
	if (r->control != NULL)
		LIST_REMOVE(r, in_control);
	LIST_REMOVE(r, in_program);
	table_uncount(r->p->table, TABLE_DATA, &r->client_end.addr);
	service_drop(r->service);
	program_bury(r->p, &r->mortal, free_relay);
}

void
relay_cut(struct relay *r, enum note_level level, enum reason reason,
	  const char *text)
{
	if (r->dead)
		return;
	if (reason == REASON_TRUNCATED)
		r->p->counters.truncated++;
	say(r, level, reason, text);
	audit_end(r, false);
	finish(r, true);
}

void
relay_end(struct relay *r, bool reset)
{
	char text[ACTION_TEXT_MAX + 1];
	const struct leg *client = &r->wire[FROM_CLIENT].leg;
	const struct leg *server = &r->wire[FROM_SERVER].leg;

	if (r->dead)
		return;
	snprintf(text, sizeof(text),
		 "up %" PRIu64 " down %" PRIu64 " client %s%s server %s%s",
		 r->flow[FROM_CLIENT].total, r->flow[FROM_SERVER].total,
		 leg_version(client), leg_resumed(client) ? " resumed" : "",
		 leg_version(server), leg_resumed(server) ? " resumed" : "");
	say(r, NOTE_INFO, REASON_RELAYED, text);
	audit_end(r, !reset);
	finish(r, reset);
}

/* --- birth ---------------------------------------------------------------- */

/* Servers may take an early hello for an error, and some clients send theirs
 * only behind 150: so the server's handshake begins with 150. But a server might
 * want the handshake before it says 150. */
static void
on_timer(void *arg, bool readable, bool writable)
{
	struct relay *r = arg;

	(void)readable;
	(void)writable;
	r->go = true;
	if (relay_judge_doubtful(r))
		relay_turn(r);
}

static bool
taken(void *arg, const struct endpoint *from, const struct endpoint *to)
{
	(void)arg;
	(void)from;
	(void)to;
	return false;
}

static struct relay *
make(struct control *c, const struct announced *a)
{
	struct relay *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->timer = loop_add(c->p->loop, LOOP_TIMER, -1, on_timer, r);
	if (r->timer == NULL) {
		free(r);
		return NULL;
	}
	r->p = c->p;
	r->control = c;
	r->service = c->service;
	r->service->holders++;
	r->client_end = c->client_end;
	r->server_end = c->server_end;
	r->session = c->id;
	r->opening = a->opening;
	r->active = a->reason == REASON_PORT || a->reason == REASON_EPRT ||
		    a->reason == REASON_LPRT;
	r->protected_p = c->prot_known && c->prot_p;
	r->go = c->transfer;
	r->started_ns = r->moved_ns = program_now_ns();
	LIST_INSERT_HEAD(&c->relays, r, in_control);
	LIST_INSERT_HEAD(&all, r, in_program);
	return r;
}

/* Both wires; 0 or -errno. @fd is taken. */
static int
connect_both(struct relay *r, int fd, const struct endpoint *peer,
	     const struct endpoint *local)
{
	enum control_from came = r->active ? FROM_SERVER : FROM_CLIENT;
	enum control_from goes = control_other(came);
	int err = wire_open(&r->wire[came], r->p->loop, fd, false, relay_turn,
			    r);

	if (err != 0)
		return err;
	fd = sockets_connect(peer, local, taken, r);
	if (fd < 0)
		return fd;
	return wire_open(&r->wire[goes], r->p->loop, fd, true, relay_turn, r);
}

void
relay_begin(struct program *p, int fd, struct announced *a,
	    const struct endpoint *peer, const struct endpoint *local)
{
	struct control *c = a->control;
	struct relay *r;
	int err;

	if (!table_count(p->table, TABLE_DATA, &c->client_end.addr,
			 p->conf->max_data_per_client, p->conf->max_data)) {
		p->counters.relays_refused++;
		control_say(c, NOTE_WARN, REASON_LIMIT_DATA, NULL);
		control_used(c, a);
		sockets_reset(fd);
		return;
	}
	r = make(c, a);
	control_used(c, a);
	if (r == NULL) {
		table_uncount(p->table, TABLE_DATA, &c->client_end.addr);
		sockets_reset(fd);
		return;
	}
	p->counters.relays++;
	audit_begin(c, r);
	err = connect_both(r, fd, peer, local);
	if (err != 0)
		relay_cut(r, NOTE_WARN,
			  r->active ? REASON_CLIENT_UNREACHABLE :
				      REASON_SERVER_UNREACHABLE,
			  strerror(-err));
}

void
relay_go(struct control *c)
{
	struct relay *r, *next;

	for (r = LIST_FIRST(&c->relays); r != NULL; r = next) {
		next = LIST_NEXT(r, in_control);
		audit_begin(c, r);
		if (r->go)
			continue;
		r->go = true;
		wire_again(&r->wire[FROM_SERVER]);
	}
}

void
relay_orphan(struct control *c)
{
	struct relay *r;

	while ((r = LIST_FIRST(&c->relays)) != NULL) {
		LIST_REMOVE(r, in_control);
		r->control = NULL;
		r->go = true;
		wire_again(&r->wire[FROM_SERVER]);
	}
}

/* --- time ----------------------------------------------------------------- */

static bool
is_open(const struct relay *r)
{
	return r->mode == RELAY_CLEAR ||
	       (r->wire[FROM_CLIENT].leg.ready &&
		r->wire[FROM_SERVER].leg.ready);
}

void
relay_look(struct program *p)
{
	uint64_t now = program_now_ns();
	struct relay *r, *next;

	for (r = LIST_FIRST(&all); r != NULL; r = next) {
		uint64_t still = now - r->moved_ns;

		next = LIST_NEXT(r, in_program);
		/* Between PASV and the transfer a client may take its time. */
		if (is_open(r) || r->mode == RELAY_UNDECIDED || !r->go) {
			if (still > p->conf->data_timeout_s * NS_PER_S)
				relay_cut(r, NOTE_WARN, REASON_TIMED_OUT, NULL);
			else if (r->flow[0].passed && r->flow[1].passed &&
				 still > LINGER_NS)
				relay_end(r, false);
		} else if (still > p->conf->handshake_timeout_s * NS_PER_S) {
			relay_cut(r, NOTE_WARN, REASON_TIMED_OUT, "handshake");
		}
	}
}
