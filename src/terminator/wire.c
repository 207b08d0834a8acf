/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edge-triggered: nothing has to be armed again while bytes flow. */
#include "terminator/wire.h"

#include <errno.h>
#include <unistd.h>

#include "terminator/sockets.h"

static void
on_edge(evutil_socket_t fd, short what, void *arg)
{
	struct wire *wire = arg;

	(void)fd;
	if ((what & EV_READ) != 0)
		wire->leg.can_read = true;
	if ((what & EV_WRITE) != 0)
		wire->leg.can_write = true;
	wire->turn(wire->owner);
}

int
wire_open(struct wire *wire, struct event_base *base, int fd, bool connecting,
	  void (*turn)(void *owner), void *owner)
{
	leg_open(&wire->leg, fd);
	wire->connecting = connecting;
	wire->owner = owner;
	if (event_assign(&wire->event, base, fd,
			 EV_READ | EV_WRITE | EV_ET | EV_PERSIST, on_edge,
			 wire) != 0 ||
	    event_add(&wire->event, NULL) != 0) {
		close(fd);
		wire->leg.fd = -1;
		return -ENOMEM;
	}
	wire->turn = turn;
	return 0;
}

void
wire_again(struct wire *wire)
{
	if (wire_is_open(wire))
		event_active(&wire->event, 0, 0);
}

int
wire_arrived(struct wire *wire)
{
	int err;

	if (!wire->connecting)
		return 0;
	if (!wire->leg.can_write)
		return -EAGAIN;
	err = sockets_connected(wire->leg.fd);
	if (err == 0)
		wire->connecting = false;
	return err;
}

static void
unwatch(struct wire *wire)
{
	if (wire_is_open(wire))
		event_del(&wire->event);
	wire->turn = NULL;
}

void
wire_close(struct wire *wire)
{
	if (!wire_is_open(wire))
		return;
	unwatch(wire);
	leg_close(&wire->leg);
}

void
wire_abort(struct wire *wire)
{
	if (!wire_is_open(wire))
		return;
	unwatch(wire);
	leg_abort(&wire->leg);
}
