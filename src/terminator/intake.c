/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connections come: to a control port, or announced, or not for us. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io/log.h"
#include "terminator/loop.h"
#include "terminator/program.h"
#include "terminator/relay.h"
#include "terminator/sockets.h"
#include "terminator/table.h"

/* Connections that are taken before others have their turn. */
#define BATCH 64

static bool
is_control(const struct policy *policy, uint16_t port)
{
	return policy_is_explicit(policy, port) ||
	       policy_is_implicit(policy, port);
}

static void
refuse(struct program *p, int fd, enum reason reason,
       const struct endpoint *peer, const struct endpoint *local)
{
	struct action a = { .kind = ACTION_NOTE,
			    .level = NOTE_WARN,
			    .reason = reason,
			    .class = CLASS_DATA_RELAY,
			    .client = *peer,
			    .server = *local };

	p->counters.relays_refused++;
	log_action(&a);
	sockets_reset(fd);
}

static void
take(struct program *p, int fd, const struct endpoint *peer,
     const struct endpoint *local)
{
	struct announced *a;

	if (is_control(&p->pinholed->policy, local->port)) {
		control_begin(p, fd, peer, local);
		return;
	}
	a = table_announced(p->table, &peer->addr, local);
	if (a != NULL && a->opening.kind == OPENING_RELAY)
		relay_begin(p, fd, a, peer, local);
	else
		refuse(p, fd, REASON_UNANNOUNCED, peer, local);
}

/* No descriptor is left: with the spare one the connection is taken, only to be
 * refused; else it would wait, and the loop would turn round it. */
static void
refuse_for_want(struct program *p, int listener)
{
	struct endpoint peer, local;
	int fd;

	if (p->spare >= 0)
		close(p->spare);
	p->spare = -1;
	fd = sockets_accept(listener, &peer, &local);
	if (fd >= 0)
		refuse(p, fd, REASON_LIMIT_SESSIONS, &peer, &local);
	p->spare = fcntl(listener, F_DUPFD_CLOEXEC, 0);
}

static void
on_connection(struct program *p, int listener)
{
	struct endpoint peer, local;

	for (int i = 0; i < BATCH && !p->stopping; i++) {
		int fd = sockets_accept(listener, &peer, &local);

		if (fd == -EAGAIN)
			return;
		if (fd == -EMFILE || fd == -ENFILE)
			refuse_for_want(p, listener);
		else if (fd >= 0)
			take(p, fd, &peer, &local);
	}
}

static void
on_v4(void *arg, bool readable, bool writable)
{
	struct program *p = arg;

	(void)readable;
	(void)writable;
	on_connection(p, p->listeners[0]);
}

static void
on_v6(void *arg, bool readable, bool writable)
{
	struct program *p = arg;

	(void)readable;
	(void)writable;
	on_connection(p, p->listeners[1]);
}

int
intake_open(struct program *p)
{
	static const enum addr_family families[] = { ADDR_V4, ADDR_V6 };

	for (int i = 0; i < 2; i++) {
		int fd = sockets_listen(families[i], (uint16_t)p->conf->port);

		/* A machine without IPv6 has no IPv6 connections. */
		if (fd == -EAFNOSUPPORT && families[i] == ADDR_V6)
			continue;
		if (fd < 0)
			return fd;
		p->listeners[i] = fd;
		if (p->spare < 0)
			p->spare = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	}
	return 0;
}

int
intake_watch(struct program *p)
{
	for (int i = 0; i < 2; i++) {
		if (p->listeners[i] < 0)
			continue;
		p->listen_sources[i] = loop_add(p->loop, LOOP_READ,
						p->listeners[i],
						i == 0 ? on_v4 : on_v6, p);
		if (p->listen_sources[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

void
intake_close(struct program *p)
{
	for (int i = 0; i < 2; i++) {
		loop_drop(p->listen_sources[i]);
		p->listen_sources[i] = NULL;
		if (p->listeners[i] >= 0)
			close(p->listeners[i]);
		p->listeners[i] = -1;
	}
}
