/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket's server.
 *
 * A client is in one of three states: its request is being read, its answer is
 * being written, or it watches. An answer is made in pieces, each as large as one
 * batch of views, and the next piece only when the last one has left: a client
 * that does not read costs one piece of memory until its time is up, and no work.
 * One that watches has a buffer of fixed size; what does not fit into it any more
 * ends it.
 */
#include "io/control_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "io/unix_listener.h"
#include "io/log.h"

#define CLIENTS_MAX 16
#define REQUEST_MAX 64
#define PATIENCE_MS 3000 /* for a request, and for each piece of an answer */
#define LINE_MAX_LEN 640 /* a session or an opening as JSON */
#define OUT_SIZE     (CONTROL_BATCH * LINE_MAX_LEN)
_Static_assert(OUT_SIZE >= CONTROL_FINDINGS * 2048, "findings must fit");
/* Who watches leaves room for questions, and may be behind by this much. */
#define WATCHERS_MAX 8
#define STREAM_SIZE  (256 * 1024)

/* What epoll names besides the clients' numbers. */
#define TAG_LISTENER CLIENTS_MAX
#define TAG_TIMER    (CLIENTS_MAX + 1)

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

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* --- answers -------------------------------------------------------------- */

/* Takes @object. False when there is no room or no memory. */
static bool
client_emit(struct client *cl, json_t *object)
{
	size_t room = cl->out_size - 1 - cl->out_len;
	size_t len = object == NULL ? 0
				    : json_dumpb(object, cl->out + cl->out_len,
						 room, JSON_COMPACT);

	json_decref(object);
	if (len == 0 || len > room)
		return false;
	cl->out_len += len;
	cl->out[cl->out_len++] = '\n';
	return true;
}

static bool
client_emit_error(struct client *cl, const char *message)
{
	cl->next = NEXT_NOTHING;
	return client_emit(cl, json_pack("{s:s, s:s}", "type", "error",
					 "message", message));
}

static bool
emit_sessions(struct control *c, struct client *cl)
{
	struct session_view views[CONTROL_BATCH];
	size_t count = c->source.sessions(c->source.arg, &cl->cursor, views);

	if (count == 0)
		cl->next = NEXT_END;
	for (size_t i = 0; i < count; i++)
		if (!client_emit(cl, control_session_json(&views[i])))
			return false;
	return true;
}

static bool
emit_openings(struct control *c, struct client *cl)
{
	struct opening_view views[CONTROL_BATCH];
	size_t count = c->source.openings(c->source.arg, &cl->cursor, views);

	if (count == 0)
		cl->next = NEXT_END;
	for (size_t i = 0; i < count; i++)
		if (!client_emit(cl, control_opening_json(&views[i])))
			return false;
	return true;
}

static bool
emit_servers(struct control *c, struct client *cl)
{
	struct server_view views[CONTROL_BATCH];
	size_t count = c->source.servers(c->source.arg, &cl->cursor, views);

	if (count == 0)
		cl->next = NEXT_END;
	for (size_t i = 0; i < count; i++)
		if (!client_emit(cl, control_server_json(&views[i])))
			return false;
	return true;
}

static bool
emit_findings(struct control *c, struct client *cl)
{
	struct control_finding found[CONTROL_FINDINGS];
	size_t count = c->source.findings(c->source.arg, &cl->cursor, found);

	if (count == 0)
		cl->next = NEXT_END;
	for (size_t i = 0; i < count; i++)
		if (!client_emit(cl, control_finding_json(&found[i])))
			return false;
	return true;
}

static bool
emit_status(struct control *c, struct client *cl)
{
	struct control_status status = { 0 };

	cl->next = NEXT_END;
	c->source.status(c->source.arg, &status);
	return client_emit(cl, control_status_json(&status));
}

/* Makes the next piece of the answer; it may be empty. */
static bool
client_refill(struct control *c, struct client *cl)
{
	cl->out_len = cl->out_sent = 0;
	cl->deadline_ms = now_ms() + PATIENCE_MS;
	switch (cl->next) {
	case NEXT_STATUS:
		return emit_status(c, cl);
	case NEXT_SESSIONS:
		return emit_sessions(c, cl);
	case NEXT_OPENINGS:
		return emit_openings(c, cl);
	case NEXT_SERVERS:
		return emit_servers(c, cl);
	case NEXT_FINDINGS:
		return emit_findings(c, cl);
	case NEXT_END:
		cl->next = NEXT_NOTHING;
		return client_emit(cl, json_pack("{s:s}", "type", "end"));
	case NEXT_NOTHING:
	case NEXT_EVENTS:
		return false;
	}
	return false;
}

/* --- clients -------------------------------------------------------------- */

static void
arm_timer(struct control *c)
{
	struct itimerspec each_second = { .it_interval = { .tv_sec = 1 },
					  .it_value = { .tv_sec = 1 } };
	struct itimerspec never = { 0 };
	bool any = c->resting;

	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		any = any || c->clients[i] != NULL;
	timerfd_settime(c->timer, 0, any ? &each_second : &never, NULL);
}

static void
drop(struct control *c, unsigned index)
{
	if (c->clients[index] == NULL)
		return;
	close(c->clients[index]->fd);
	free(c->clients[index]->out);
	free(c->clients[index]);
	c->clients[index] = NULL;
	arm_timer(c);
}

static bool
watch(int epoll, int fd, uint32_t events, uint32_t tag, int op)
{
	struct epoll_event event = { .events = events, .data.u32 = tag };

	return epoll_ctl(epoll, op, fd, &event) == 0;
}

static struct client *
client_new(void)
{
	struct client *cl = calloc(1, sizeof(*cl));

	if (cl == NULL)
		return NULL;
	cl->out_size = OUT_SIZE;
	cl->out = malloc(cl->out_size);
	if (cl->out != NULL)
		return cl;
	free(cl);
	return NULL;
}

static void
rest(struct control *c)
{
	c->resting = c->starved = true;
	watch(c->epoll, c->listener, 0, TAG_LISTENER, EPOLL_CTL_MOD);
	arm_timer(c);
}

static void
take_timer(struct control *c)
{
	uint64_t expirations;

	if (read(c->timer, &expirations, sizeof(expirations)) < 0 ||
	    !c->resting)
		return;
	c->resting = false;
	watch(c->epoll, c->listener, EPOLLIN, TAG_LISTENER, EPOLL_CTL_MOD);
	arm_timer(c);
}

bool
control_is_starved(const struct control *c)
{
	return c->starved;
}

static void
admit(struct control *c)
{
	static const char busy[] =
		"{\"type\":\"error\",\"message\":\"too many clients\"}\n";
	int fd = accept4(c->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *cl;
	unsigned index = 0;

	if (fd < 0) {
		/* Without a descriptor for it, a client that waits would wake
		 * us again and again. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
		    errno == ENOBUFS)
			rest(c);
		return;
	}
	c->starved = false;
	while (index < CLIENTS_MAX && c->clients[index] != NULL)
		index++;
	cl = index < CLIENTS_MAX ? client_new() : NULL;
	if (cl == NULL || !watch(c->epoll, fd, EPOLLIN, index, EPOLL_CTL_ADD)) {
		send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (cl != NULL)
			free(cl->out);
		free(cl);
		close(fd);
		return;
	}
	cl->fd = fd;
	cl->reading = true;
	cl->deadline_ms = now_ms() + PATIENCE_MS;
	c->clients[index] = cl;
	arm_timer(c);
}

unsigned
control_watchers(const struct control *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		n += c->clients[i] != NULL &&
		     c->clients[i]->next == NEXT_EVENTS;
	return n;
}

/* The client watches from now on, and is told so. */
static bool
begin_watch(struct control *c, struct client *cl)
{
	char *out;

	if (control_watchers(c) == WATCHERS_MAX)
		return client_emit_error(cl, "too many clients watch");
	out = realloc(cl->out, STREAM_SIZE);
	if (out == NULL)
		return false;
	cl->out = out;
	cl->out_size = STREAM_SIZE;
	cl->next = NEXT_EVENTS;
	return client_emit(cl, json_pack("{s:f, s:s, s:s}", "time",
					 (double)time(NULL), "type", "note",
					 "reason", "watching"));
}

/* Turns the request line into what comes next. */
static bool
take_request(struct control *c, struct client *cl, size_t len)
{
	static const struct {
		const char *word;
		enum next next;
	} requests[] = { { "status", NEXT_STATUS },
			 { "sessions", NEXT_SESSIONS },
			 { "pinholes", NEXT_OPENINGS },
			 { "servers", NEXT_SERVERS },
			 { "explain", NEXT_FINDINGS },
			 { "watch", NEXT_EVENTS } };

	if (len != 0 && cl->in[len - 1] == '\r')
		len--;
	for (unsigned i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strlen(requests[i].word) == len &&
		    memcmp(requests[i].word, cl->in, len) == 0) {
			if (requests[i].next == NEXT_EVENTS)
				return begin_watch(c, cl);
			cl->next = requests[i].next;
			return true;
		}
	}
	return client_emit_error(cl, "unknown request; ask for status, "
				     "sessions, pinholes, servers, explain "
				     "or watch");
}

/* False: the client is to be dropped. */
static bool
client_read(struct control *c, unsigned index)
{
	struct client *cl = c->clients[index];
	ssize_t n = recv(cl->fd, cl->in + cl->in_len, REQUEST_MAX - cl->in_len,
			 MSG_DONTWAIT);
	const char *end;
	bool ok;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (n <= 0)
		return false;
	cl->in_len += (size_t)n;
	end = memchr(cl->in, '\n', cl->in_len);
	if (end == NULL && cl->in_len < REQUEST_MAX)
		return true;
	ok = end != NULL ? take_request(c, cl, (size_t)(end - cl->in))
			 : client_emit_error(cl, "the request is too long");
	cl->reading = false;
	return ok && watch(c->epoll, cl->fd, EPOLLOUT, index, EPOLL_CTL_MOD);
}

static bool
client_write(struct control *c, struct client *cl)
{
	ssize_t n;

	if (cl->out_sent == cl->out_len && !client_refill(c, cl))
		return false;
	n = send(cl->fd, cl->out + cl->out_sent, cl->out_len - cl->out_sent,
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	cl->out_sent += (size_t)n;
	return true;
}

/* --- who watches ---------------------------------------------------------- */

/* Sends what waits. At rest only a hang-up is waited for; what such a client
 * says is never read. */
static bool
stream_write(struct control *c, unsigned index)
{
	struct client *cl = c->clients[index];
	size_t had = cl->out_sent;

	if (cl->out_sent != cl->out_len && !client_write(c, cl))
		return false;
	if (cl->out_sent != had)
		cl->deadline_ms = now_ms() + PATIENCE_MS;
	if (cl->out_sent != cl->out_len)
		return true;
	cl->out_sent = cl->out_len = 0;
	cl->deadline_ms = UINT64_MAX;
	return watch(c->epoll, cl->fd, 0, index, EPOLL_CTL_MOD);
}

/* False when @cl is too far behind. */
static bool
stream_add(struct control *c, unsigned index, const char *line, size_t len)
{
	struct client *cl = c->clients[index];
	size_t waits = cl->out_len - cl->out_sent;

	if (len > cl->out_size - waits)
		return false;
	if (len > cl->out_size - cl->out_len) {
		memmove(cl->out, cl->out + cl->out_sent, waits);
		cl->out_sent = 0;
		cl->out_len = waits;
	}
	memcpy(cl->out + cl->out_len, line, len);
	cl->out_len += len;
	if (waits != 0)
		return true;
	cl->deadline_ms = now_ms() + PATIENCE_MS;
	return watch(c->epoll, cl->fd, EPOLLOUT, index, EPOLL_CTL_MOD);
}

void
control_publish(struct control *c, const char *line, size_t len)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i] != NULL &&
		    c->clients[i]->next == NEXT_EVENTS &&
		    !stream_add(c, i, line, len))
			drop(c, i);
}

static bool
client_step(struct control *c, unsigned index, uint32_t events)
{
	struct client *cl = c->clients[index];

	if (cl->reading)
		return client_read(c, index);
	if (cl->next != NEXT_EVENTS)
		return client_write(c, cl);
	return (events & (EPOLLHUP | EPOLLERR)) == 0 && stream_write(c, index);
}

void
control_step(struct control *c)
{
	struct epoll_event events[CLIENTS_MAX + 2];
	int count = epoll_wait(c->epoll, events, CLIENTS_MAX + 2, 0);

	for (int i = 0; i < count; i++) {
		uint32_t tag = events[i].data.u32;

		if (tag == TAG_LISTENER) {
			admit(c);
		} else if (tag == TAG_TIMER) {
			take_timer(c);
		} else if (c->clients[tag] != NULL &&
			   !client_step(c, tag, events[i].events)) {
			drop(c, tag);
		}
	}
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i] != NULL &&
		    c->clients[i]->deadline_ms <= now_ms())
			drop(c, i);
}

int
control_fd(const struct control *c)
{
	return c->epoll;
}

/* --- the socket itself ---------------------------------------------------- */

int
control_open(const char *path, const char *group,
	     const struct control_source *source, struct control **out)
{
	struct control *c = calloc(1, sizeof(*c));
	int rc = -ENOMEM;

	if (c == NULL)
		return rc;
	/* Now: for its first object it would open /dev/urandom. */
	json_object_seed(0);
	c->source = *source;
	c->listener = c->timer = -1;
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	c->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (c->epoll < 0 || c->timer < 0) {
		rc = -errno;
		goto fail;
	}
	rc = unix_listener_open(path, group, SOCK_STREAM, &c->listener);
	if (rc != 0)
		goto fail;
	strcpy(c->path, path);
	if (!watch(c->epoll, c->listener, EPOLLIN, TAG_LISTENER,
		   EPOLL_CTL_ADD) ||
	    !watch(c->epoll, c->timer, EPOLLIN, TAG_TIMER, EPOLL_CTL_ADD)) {
		rc = -errno;
		goto fail;
	}
	*out = c;
	return 0;
fail:
	control_close(c);
	return rc;
}

void
control_close(struct control *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		drop(c, i);
	unix_listener_close(c->listener, c->path);
	if (c->timer >= 0)
		close(c->timer);
	if (c->epoll >= 0)
		close(c->epoll);
	free(c);
}
