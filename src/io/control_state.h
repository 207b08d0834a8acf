/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket's whole state, for the files that share it: control.c has the
 * socket and its clients, control_answer.c what they are told when they ask,
 * control_stream.c what they are told when they watch. */
#ifndef IO_CONTROL_STATE_H
#define IO_CONTROL_STATE_H

#include <jansson.h>

#include "io/control.h"
#include "io/unix_listener.h"

#define CLIENTS_MAX 16
#define REQUEST_MAX 64
#define PATIENCE_MS 3000 /* for a request, and for each piece of an answer */
#define LINE_MAX_LEN 640 /* a session or an opening as JSON */
#define OUT_SIZE     (CONTROL_BATCH * LINE_MAX_LEN)
_Static_assert(OUT_SIZE >= CONTROL_FINDINGS * 2048, "findings must fit");
/* Who watches leaves room for questions, and may be behind by this much. */
#define WATCHERS_MAX 8
#define STREAM_SIZE  (256 * 1024)

/* What comes next in an answer. */
enum next {
	NEXT_STATUS,
	NEXT_SESSIONS,
	NEXT_OPENINGS,
	NEXT_SERVERS,
	NEXT_FINDINGS,
	NEXT_END,
	NEXT_NOTHING,
	NEXT_EVENTS, /* whatever control_publish() brings */
};

struct client {
	int fd;
	bool reading;
	uint64_t deadline_ms;
	enum next next;
	struct control_cursor cursor;
	size_t in_len, out_len, out_sent;
	char in[REQUEST_MAX];
	size_t out_size;
	char *out;
};

struct control {
	struct control_source source;
	int epoll, listener, timer;
	bool resting; /* the listener is left alone until the next second */
	bool starved; /* the last client found no file descriptor */
	struct client *clients[CLIENTS_MAX];
	char path[UNIX_LISTENER_PATH_MAX]; /* "": not bound */
};

uint64_t control_now_ms(void);

/* What epoll @op has @tag wait for at @fd. (control.c) */
bool control_listen(int epoll, int fd, uint32_t events, uint32_t tag, int op);

/* (control.c) */
void control_drop(struct control *c, unsigned index);

/* Puts a line into the client's buffer; takes @object. False when there is no room
 * or no memory. (control_answer.c) */
bool control_emit(struct client *cl, json_t *object);

/* The same for an error, which ends the answer. (control_answer.c) */
bool control_emit_error(struct client *cl, const char *message);

/* Sends a piece of the answer. False: there is no more, or the client has gone.
 * (control_answer.c) */
bool control_send(struct control *c, struct client *cl);

/* The client watches from now on, and is told so. False without memory.
 * (control_stream.c) */
bool control_begin_watch(struct control *c, struct client *cl);

/* Sends what waits. At rest only a hang-up is waited for; what such a client says
 * is never read. False: it has gone. (control_stream.c) */
bool control_stream_write(struct control *c, unsigned index);

#endif
