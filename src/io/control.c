/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket's server.
 *
 * A client is in one of two states: its request is being read, or its answer is
 * being written. An answer is made in pieces, each as large as one batch of
 * views, and the next piece only when the last one has left: a client that does
 * not read costs one piece of memory until its time is up, and no work.
 */
#include "io/control.h"

#include <errno.h>
#include <jansson.h>
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

/* What epoll names besides the clients' numbers. */
#define TAG_LISTENER CLIENTS_MAX
#define TAG_TIMER    (CLIENTS_MAX + 1)

/* What comes next in an answer. */
enum next { NEXT_STATUS, NEXT_SESSIONS, NEXT_OPENINGS, NEXT_END, NEXT_NOTHING };

struct client {
	int fd;
	bool reading;
	uint64_t deadline_ms;
	enum next next;
	struct control_cursor cursor;
	size_t in_len, out_len, out_sent;
	char in[REQUEST_MAX];
	char out[OUT_SIZE];
};

struct control {
	struct control_source source;
	int epoll, listener, timer;
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
	size_t room = OUT_SIZE - 1 - cl->out_len;
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

static json_t *
counters_json(const struct control_status *status)
{
	json_t *counters = json_object();

#define X(name, help) \
	json_object_set_new(counters, #name, \
			    json_integer((json_int_t)status->gate.name));
	GATE_COUNTERS(X)
#undef X
	for (unsigned i = 0; i < status->counter_count; i++)
		json_object_set_new(
			counters, status->counters[i].name,
			json_integer((json_int_t)status->counters[i].value));
	return counters;
}

static json_t *
status_json(const struct control *c)
{
	struct control_status status = { 0 };
	json_t *config;

	c->source.status(c->source.arg, &status);
	/* NULL for a path that is not UTF-8, which JSON cannot say. */
	config = status.config != NULL ? json_string(status.config) : NULL;
	return json_pack(
		"{s:s, s:s, s:o, s:I, s:i, s:[i,i], s:s, s:o}", "type",
		"status", "version", PINHOLED_VERSION, "config",
		config != NULL ? config : json_null(), "uptime_ms",
		(json_int_t)status.uptime_ms, "workers", (int)status.workers,
		"queues", (int)status.queue_first,
		status.queue_first + status.queue_count - 1, "ruleset",
		status.ruleset_loaded ? "loaded" : "missing", "counters",
		counters_json(&status));
}

static json_t *
session_json(const struct session_view *view)
{
	static const char *const legs[] = { "client_tls", "server_tls" };
	char id[24], client[56], server[56];
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:I}",
		"type", "session", "id", log_session_id(view->id, id),
		"client", log_endpoint(&view->client, client), "server",
		log_endpoint(&view->server, server), "class",
		class_name(view->class), "logged_in", view->logged_in,
		"picked_up", view->picked_up, "age_ms",
		(json_int_t)view->age_ms, "idle_ms", (json_int_t)view->idle_ms,
		"pinholes", (json_int_t)view->pinholes, "data_connections",
		(json_int_t)view->data_connections);

	for (int i = 0; object != NULL && i < 2; i++)
		if (view->tls[i][0] != '\0')
			json_object_set_new(object, legs[i],
					    json_string(view->tls[i]));
	return object;
}

static json_t *
opening_json(const struct opening_view *view)
{
	const struct opening *o = &view->opening;
	bool pinhole = !opening_is_grant(o->kind);
	char id[24], source[48], destination[48];
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "type",
		pinhole ? "pinhole" : "grant", "kind",
		log_opening_kind(o->kind), "session",
		log_session_id(view->session, id), "source",
		log_addr(&o->source, source), "destination",
		log_addr(&o->destination, destination), "age_ms",
		(json_int_t)view->age_ms, "left_ms", (json_int_t)view->left_ms,
		"holders", (json_int_t)view->holders);

	if (object != NULL && pinhole)
		json_object_set_new(object, "port", json_integer(o->port));
	return object;
}

static bool
emit_sessions(struct control *c, struct client *cl)
{
	struct session_view views[CONTROL_BATCH];
	size_t count = c->source.sessions(c->source.arg, &cl->cursor, views);

	if (count == 0)
		cl->next = NEXT_END;
	for (size_t i = 0; i < count; i++)
		if (!client_emit(cl, session_json(&views[i])))
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
		if (!client_emit(cl, opening_json(&views[i])))
			return false;
	return true;
}

/* Makes the next piece of the answer; it may be empty. */
static bool
client_refill(struct control *c, struct client *cl)
{
	cl->out_len = cl->out_sent = 0;
	cl->deadline_ms = now_ms() + PATIENCE_MS;
	switch (cl->next) {
	case NEXT_STATUS:
		cl->next = NEXT_END;
		return client_emit(cl, status_json(c));
	case NEXT_SESSIONS:
		return emit_sessions(c, cl);
	case NEXT_OPENINGS:
		return emit_openings(c, cl);
	case NEXT_END:
		cl->next = NEXT_NOTHING;
		return client_emit(cl, json_pack("{s:s}", "type", "end"));
	case NEXT_NOTHING:
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
	bool any = false;

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

static void
admit(struct control *c)
{
	static const char busy[] =
		"{\"type\":\"error\",\"message\":\"too many clients\"}\n";
	int fd = accept4(c->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct client *cl;
	unsigned index = 0;

	if (fd < 0)
		return;
	while (index < CLIENTS_MAX && c->clients[index] != NULL)
		index++;
	cl = index < CLIENTS_MAX ? calloc(1, sizeof(*cl)) : NULL;
	if (cl == NULL || !watch(c->epoll, fd, EPOLLIN, index, EPOLL_CTL_ADD)) {
		send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
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

/* Turns the request line into what comes next. */
static bool
take_request(struct client *cl, size_t len)
{
	static const struct {
		const char *word;
		enum next next;
	} requests[] = { { "status", NEXT_STATUS },
			 { "sessions", NEXT_SESSIONS },
			 { "pinholes", NEXT_OPENINGS } };

	if (len != 0 && cl->in[len - 1] == '\r')
		len--;
	for (unsigned i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strlen(requests[i].word) == len &&
		    memcmp(requests[i].word, cl->in, len) == 0) {
			cl->next = requests[i].next;
			return true;
		}
	}
	return client_emit_error(cl, "unknown request; ask for status, "
				     "sessions or pinholes");
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
	ok = end != NULL ? take_request(cl, (size_t)(end - cl->in))
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

void
control_step(struct control *c)
{
	struct epoll_event events[CLIENTS_MAX + 2];
	int count = epoll_wait(c->epoll, events, CLIENTS_MAX + 2, 0);
	uint64_t expirations;
	ssize_t n;

	for (int i = 0; i < count; i++) {
		uint32_t tag = events[i].data.u32;

		if (tag == TAG_LISTENER) {
			admit(c);
		} else if (tag == TAG_TIMER) {
			n = read(c->timer, &expirations, sizeof(expirations));
			(void)n;
		} else if (c->clients[tag] != NULL) {
			if (!(c->clients[tag]->reading
				      ? client_read(c, tag)
				      : client_write(c, c->clients[tag])))
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
