/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket at which pinholed-tls asks for openings: requests become events,
 * what comes of them goes back. Never blocks: who does not read its answers,
 * or sends what cannot be a request, is dropped.
 */
#ifndef IO_TERMINATOR_H
#define IO_TERMINATOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pinholed/event.h"
#include "pinholed/reason.h"
#include "pinholed/span.h"
#include "pinholed/terminator.h"

/* Requests of one connection that one step takes. */
#define TERMINATOR_BATCH 64

/* Who the kernel says it is. */
struct terminator_peer {
	uint32_t id; /* of this connection; EVENT_REQUEST's .peer */
	pid_t pid;
	uid_t uid;
};

/* What is done about it. Called from within terminator_step() and
 * terminator_close() only; none may call back. */
struct terminator_handler {
	void *arg;
	void (*arrived)(void *arg, const struct terminator_peer *peer);
	/* @event is EVENT_REQUEST, all but its time. Returns why not, or
	 * REASON_NONE, when it is done and in the kernel; *@handle names what
	 * was opened, else it stays 0. */
	enum reason (*request)(void *arg, struct event *event,
			       uint32_t *handle);
	/* @why: static text. Its sessions must end. */
	void (*left)(void *arg, const struct terminator_peer *peer,
		     const char *why);
};

struct terminator;

/* Listens at @path as unix_listener_open() says. @handler is copied; what it points
 * to must outlive *@out, which is owned by the caller: terminator_close(). 0 or
 * -errno. */
int terminator_open(const char *path, const char *group,
		    const struct terminator_handler *handler,
		    struct terminator **out)
	__attribute__((warn_unused_result));

/* Drops all connections and removes the socket. NULL is allowed. */
void terminator_close(struct terminator *t);

/* For poll(): readable when terminator_step() has something to do. */
int terminator_fd(const struct terminator *t);

/* Does what can be done now: a bounded piece of work for each connection. */
void terminator_step(struct terminator *t);

/*
 * A message as an event of @peer's, all but its time, which borrows from it;
 * false for bytes that no pinholed-tls of this version sends. *@serial becomes what the answer must
 * repeat, *@answered whether there must be one.
 */
bool terminator_parse(struct span message, uint32_t peer, struct event *event,
		      uint64_t *serial, bool *answered);

#endif
