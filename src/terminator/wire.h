/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A leg in the event loop: edges set what it can do, and its owner has a turn. */
#ifndef TERMINATOR_WIRE_H
#define TERMINATOR_WIRE_H

#include "terminator/loop.h"
#include "tls/leg.h"

struct wire {
	struct leg leg;
	struct loop_source *source;
	void (*turn)(void *owner);
	void *owner;
	bool connecting; /* the first edge says whether it is there */
};

/* Watches @fd, which the wire owns from now on, and calls @turn with each
 * edge. 0 or -ENOMEM; then @fd is closed. Zeroed is closed. */
int wire_open(struct wire *wire, struct loop *loop, int fd,
	      bool connecting, void (*turn)(void *owner), void *owner)
	__attribute__((warn_unused_result));

static inline bool
wire_is_open(const struct wire *wire)
{
	return wire->turn != NULL;
}

/* Gives the owner another turn, after others have had theirs. */
void wire_again(struct wire *wire);

/* For a connecting one that can be written: 0 when it is there, -EAGAIN while it
 * is not, or why it will not be. */
int wire_arrived(struct wire *wire);

void wire_close(struct wire *wire);

/* The same with RST. */
void wire_abort(struct wire *wire);

#endif
