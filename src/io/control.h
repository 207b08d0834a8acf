/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket: read-only questions of pinholectl(1), answered with JSON
 * lines as docs/control-protocol.md says. Never blocks and never waits for a
 * client: one that does not send, does not read or sends too much is dropped.
 */
#ifndef IO_CONTROL_H
#define IO_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pinholed/gate.h"

/* Views that a source is asked for at once. */
#define CONTROL_BATCH 64

/* Counters beside the gate's own: queues, sets, news lost ... */
#define CONTROL_COUNTERS_MAX 32

struct control_counter {
	const char *name; /* static text, as in JSON: "queue_overruns" */
	uint64_t value;
};

struct control_status {
	const char *config; /* path of the configuration file in force */
	uint64_t uptime_ms;
	unsigned workers;
	uint16_t queue_first, queue_count;
	bool ruleset_loaded;
	struct gate_counters gate; /* all workers' added up */
	uint64_t classes[CONTROL_CLASSES]; /* sessions in each, the same */
	struct exposure exposure[OPENING_KINDS]; /* the same */
	/* Servers for which something was opened, and the ports of their passive
	 * ranges added up: what static rules would have open to everybody. */
	uint64_t range_servers, range_ports;
	unsigned counter_count;
	struct control_counter counters[CONTROL_COUNTERS_MAX];
};

/* A place in a walk over all workers' tables. All zero at the start; after that
 * it is the source's own. */
struct control_cursor {
	uint32_t worker;
	uint32_t entry; /* gate_session_next()'s or gate_opening_next()'s */
};

/* Something that is wrong, what was seen of it, and what cures it: texts that can
 * be printed. */
#define CONTROL_FINDINGS 16
struct control_finding {
	uint64_t session; /* 0: belongs to none */
	struct endpoint client, server;
	bool ended;
	uint64_t ago_ms; /* since the session was last heard */
	const char *word, *sentence;
	char evidence[400], gateway[200], peer[800];
};

/*
 * What the daemon answers with. Called from within control_step() only. Each
 * function may take the lock of one worker for the time of one call; none may
 * call back into the control socket.
 */
struct control_source {
	void *arg;
	/* @out is all zero. */
	void (*status)(void *arg, struct control_status *out);
	/* Fill up to CONTROL_BATCH views, move *@cursor on and return how many;
	 * 0 only when the last table has been walked. */
	size_t (*sessions)(void *arg, struct control_cursor *cursor,
			   struct session_view out[static CONTROL_BATCH]);
	size_t (*openings)(void *arg, struct control_cursor *cursor,
			   struct opening_view out[static CONTROL_BATCH]);
	/* A server may come once from each worker. */
	size_t (*servers)(void *arg, struct control_cursor *cursor,
			  struct server_view out[static CONTROL_BATCH]);
	size_t (*findings)(void *arg, struct control_cursor *cursor,
			   struct control_finding out[static CONTROL_FINDINGS]);
};

struct control;

/*
 * Listens at @path, mode 0660, group @group ("": the process's own). A socket
 * that a crash left behind is removed; -EADDRINUSE when somebody listens there
 * or it is no socket; -ESRCH when there is no such group; else 0 or -errno.
 * @source is copied; what it points to must outlive *@out, which is owned by
 * the caller: control_close().
 */
int control_open(const char *path, const char *group,
		 const struct control_source *source, struct control **out)
	__attribute__((warn_unused_result));

/* Drops all clients and removes the socket. NULL is allowed. */
void control_close(struct control *c);

/* For poll(): readable when control_step() has something to do; its own
 * timeouts are in it too. */
int control_fd(const struct control *c);

/* Does what can be done now: a bounded piece of work for each client. */
void control_step(struct control *c);

/* How many clients watch; control_publish() does nothing while it is 0. */
unsigned control_watchers(const struct control *c);

/* Gives @line, of @len bytes with a newline at the end, to all who watch. Never
 * waits: one who is too far behind is dropped. */
void control_publish(struct control *c, const char *line, size_t len);

#endif
