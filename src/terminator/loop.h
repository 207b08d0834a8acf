/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The event loop. Nobody but loop.c knows that it is libevent (whose `struct
 * event` is another than the core's). */
#ifndef TERMINATOR_LOOP_H
#define TERMINATOR_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_source;

enum loop_what {
	LOOP_EDGES, /* each change to readable or writable, once */
	LOOP_READ,  /* as long as it is readable */
	LOOP_WRITE, /* once, when writable; to be armed again */
	LOOP_TIMER, /* once, when armed; @fd: -1 */
	LOOP_TICK,  /* every second; @fd: -1 */
	LOOP_SIGNAL, /* @fd: its number */
};

typedef void loop_callback(void *arg, bool readable, bool writable);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Calls @callback(@arg) when it is time. NULL: no memory. LOOP_WRITE and
 * LOOP_TIMER wait to be armed. Owned by the caller: loop_drop(). */
struct loop_source *loop_add(struct loop *loop, enum loop_what what, int fd,
			     loop_callback *callback, void *arg);

/* LOOP_TIMER: in @us microseconds; LOOP_WRITE: when it can. */
void loop_arm(struct loop_source *source, uint32_t us);

/* Calls it once more, after others that are due. */
void loop_again(struct loop_source *source);

/* No callback comes any more. NULL is allowed. */
void loop_drop(struct loop_source *source);

#endif
