/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connections come: to a control port, or announced, or not for us.
 *
 * The ruleset sends control connections to one port and data connections to the
 * next. So the first can close while sessions still run: what comes then finds
 * nobody, and the ruleset lets it go where it goes without pinholed-tls.
 */
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

/* Of the listeners: each kind has one for IPv4 and one for IPv6. */
enum { CONTROL_V4, CONTROL_V6, DATA_V4, DATA_V6 };
_Static_assert(DATA_V6 + 1 == INTAKE_LISTENERS, "INTAKE_LISTENERS");

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

	if (policy_is_control(&p->pinholed->policy, local->port)) {
		control_begin(p, fd, peer, local);
		return;
	}
	a = table_announced(p->table, &peer->addr, local);
	if (a != NULL && a->opening.kind == OPENING_RELAY)
		relay_begin(p, fd, a, peer, local);
	else
		refuse(p, fd, REASON_UNANNOUNCED, peer, local);
}

/* The spare descriptor is one of a listener, which it would keep open. */
static void
drop_spare(struct program *p)
{
	if (p->spare >= 0)
		close(p->spare);
	p->spare = -1;
}

/* No descriptor is left: with the spare one the connection is taken, only to be
 * refused; else it would wait, and the loop would turn round it. */
static void
refuse_for_want(struct program *p, int listener)
{
	struct endpoint peer, local;
	int fd;

	drop_spare(p);
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

#define X(name, which) \
	static void name(void *arg, bool readable, bool writable) \
	{ \
		struct program *p = arg; \
\
		(void)readable; \
		(void)writable; \
		on_connection(p, p->listeners[which]); \
	}
X(on_control_v4, CONTROL_V4)
X(on_control_v6, CONTROL_V6)
X(on_data_v4, DATA_V4)
X(on_data_v6, DATA_V6)
#undef X

int
intake_open(struct program *p)
{
	for (int i = 0; i < INTAKE_LISTENERS; i++) {
		bool v6 = i == CONTROL_V6 || i == DATA_V6;
		uint16_t port = (uint16_t)(p->conf->port + (i >= DATA_V4));
		int fd = sockets_listen(v6 ? ADDR_V6 : ADDR_V4, port);

		/* A machine without IPv6 has no IPv6 connections. */
		if (fd == -EAFNOSUPPORT && v6)
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
	static loop_callback *const callbacks[] = {
		[CONTROL_V4] = on_control_v4,
		[CONTROL_V6] = on_control_v6,
		[DATA_V4] = on_data_v4,
		[DATA_V6] = on_data_v6,
	};

	for (int i = 0; i < INTAKE_LISTENERS; i++) {
		if (p->listeners[i] < 0)
			continue;
		p->listen_sources[i] = loop_add(p->loop, LOOP_READ,
						p->listeners[i], callbacks[i],
						p);
		if (p->listen_sources[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

static void
close_listener(struct program *p, int i)
{
	loop_drop(p->listen_sources[i]);
	p->listen_sources[i] = NULL;
	if (p->listeners[i] >= 0)
		close(p->listeners[i]);
	p->listeners[i] = -1;
}

void
intake_drain(struct program *p)
{
	drop_spare(p);
	for (int i = CONTROL_V4; i <= CONTROL_V6; i++) {
		/* Who waits has been taken by the kernel already. */
		if (p->listeners[i] >= 0)
			on_connection(p, p->listeners[i]);
		close_listener(p, i);
	}
	for (int i = DATA_V4; i <= DATA_V6; i++)
		if (p->spare < 0 && p->listeners[i] >= 0)
			p->spare = fcntl(p->listeners[i], F_DUPFD_CLOEXEC, 0);
}

void
intake_close(struct program *p)
{
	drop_spare(p);
	for (int i = 0; i < INTAKE_LISTENERS; i++)
		close_listener(p, i);
}
