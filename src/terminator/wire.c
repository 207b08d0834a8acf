/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edge-triggered: nothing has to be armed again while bytes flow. */
#include "terminator/wire.h"

#include <errno.h>
#include <unistd.h>

#include "terminator/sockets.h"

static void
on_edge(void *arg, bool readable, bool writable)
{
	struct wire *wire = arg;

	if (readable)
		wire->leg.can_read = true;
	if (writable)
		wire->leg.can_write = true;
	wire->turn(wire->owner);
}

int
wire_open(struct wire *wire, struct loop *loop, int fd, bool connecting,
	  void (*turn)(void *owner), void *owner)
{
	leg_open(&wire->leg, fd);
	wire->connecting = connecting;
	wire->owner = owner;
	wire->source = loop_add(loop, LOOP_EDGES, fd, on_edge, wire);
	if (wire->source == NULL) {
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
		loop_again(wire->source);
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
	loop_drop(wire->source);
	wire->source = NULL;
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
