/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The socket at which pinholed-tls asks for openings. */
#include "io/terminator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/unix_listener.h"

/* What epoll names besides the connections' numbers. */
#define TAG_LISTENER REQUEST_PEERS_MAX

struct connection {
	int fd; /* -1: free */
	struct terminator_peer peer;
};

struct terminator {
	struct terminator_handler handler;
	int epoll, listener;
	uint32_t next_id;
	struct connection connections[REQUEST_PEERS_MAX];
	char path[UNIX_LISTENER_PATH_MAX]; /* "": not bound */
};

/* --- messages -------------------------------------------------------------- */

/* Both are of one family, and written as struct addr says. */
static bool
are_ends(const struct terminator_request *r)
{
	enum addr_family family = (enum addr_family)r->client.addr.family;
	struct addr client = addr_make(family, r->client.addr.bytes);
	struct addr server = addr_make(family, r->server.addr.bytes);

	return addr_len(family) != 0 && r->client.port != 0 &&
	       r->server.port != 0 && addr_equal(&client, &r->client.addr) &&
	       addr_equal(&server, &r->server.addr);
}

static bool
is_open(const struct terminator_request *r)
{
	bool passive = r->reason == REASON_PASV || r->reason == REASON_EPSV ||
		       r->reason == REASON_LPSV;
	bool active = r->reason == REASON_PORT || r->reason == REASON_EPRT ||
		      r->reason == REASON_LPRT;

	return r->port != 0 && r->relay <= 1 &&
	       (r->active == 0 ? passive : r->active == 1 && active);
}

/* Nothing but the ends. */
static bool
is_plain(const struct terminator_request *r)
{
	return r->port == 0 && r->active == 0 && r->relay == 0 &&
	       r->reason == 0;
}

/* Printable, and NUL from the first one on. */
static bool
is_text(const char *text)
{
	size_t len = strnlen(text, TERMINATOR_TLS_MAX);

	for (size_t i = 0; i < TERMINATOR_TLS_MAX; i++)
		if (i < len ? text[i] < ' ' || text[i] > '~' : text[i] != '\0')
			return false;
	return len < TERMINATOR_TLS_MAX;
}

static bool
is_tls(const struct terminator_request *r)
{
	bool empty = r->tls[0][0] == '\0' && r->tls[1][0] == '\0';

	return is_text(r->tls[0]) && is_text(r->tls[1]) &&
	       (empty || r->kind == TERMINATOR_TELL);
}

static bool
find_kind(const struct terminator_request *r, enum request_kind *out)
{
	switch (r->kind) {
	case TERMINATOR_BEGIN:
		*out = REQUEST_BEGIN;
		return is_plain(r) && r->handle == 0;
	case TERMINATOR_OPEN:
		*out = REQUEST_OPEN;
		return is_open(r) && r->handle == 0;
	case TERMINATOR_CLOSE:
		*out = REQUEST_CLOSE;
		return is_plain(r);
	case TERMINATOR_END:
		*out = REQUEST_END;
		return is_plain(r) && r->handle == 0;
	case TERMINATOR_TELL:
		*out = REQUEST_TELL;
		return is_plain(r) && r->handle == 0;
	default: /* a number from outside */
		return false;
	}
}

bool
terminator_parse(struct span message, uint32_t peer, struct event *event,
		 uint64_t *serial, bool *answered)
{
	struct terminator_request r;
	enum request_kind kind;

	if (message.len != sizeof(r))
		return false;
	memcpy(&r, message.data, sizeof(r));
	if (r.version != TERMINATOR_VERSION || r.pad != 0 || !are_ends(&r) ||
	    !is_tls(&r) || !find_kind(&r, &kind))
		return false;
	*serial = r.serial;
	*answered = kind == REQUEST_BEGIN || kind == REQUEST_OPEN;
	*event = (struct event){ .kind = EVENT_REQUEST };
	event->request.kind = kind;
	event->request.peer = peer;
	event->request.client.addr = r.client.addr;
	event->request.client.port = r.client.port;
	event->request.server.addr = r.server.addr;
	event->request.server.port = r.server.port;
	event->request.port = r.port;
	event->request.active = r.active == 1;
	event->request.relay = r.relay == 1;
	event->request.reason = (enum reason)r.reason;
	event->request.handle = r.handle;
	for (size_t i = 0; i < 2; i++) {
		size_t at = offsetof(struct terminator_request, tls) +
			    i * TERMINATOR_TLS_MAX;

		event->request.tls[i] =
			span_make(message.data + at, strlen(r.tls[i]));
	}
	return true;
}

/* --- connections ----------------------------------------------------------- */

static bool
watch(const struct terminator *t, int fd, uint32_t tag)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = tag };

	return epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void
drop(struct terminator *t, struct connection *c, const char *why)
{
	close(c->fd);
	c->fd = -1;
	t->handler.left(t->handler.arg, &c->peer, why);
}

static void
admit(struct terminator *t)
{
	int fd = accept4(t->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct ucred who;
	socklen_t len = sizeof(who);
	struct connection *c;
	uint32_t tag = 0;

	if (fd < 0)
		return;
	while (tag < REQUEST_PEERS_MAX && t->connections[tag].fd >= 0)
		tag++;
	if (tag == REQUEST_PEERS_MAX ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 ||
	    !watch(t, fd, tag)) {
		close(fd);
		return;
	}
	c = &t->connections[tag];
	c->fd = fd;
	c->peer = (struct terminator_peer){
		.id = t->next_id++,
		.pid = who.pid,
		.uid = who.uid,
	};
	t->handler.arrived(t->handler.arg, &c->peer);
}

static bool
answer(const struct connection *c, uint64_t serial, enum reason reason,
       uint32_t handle)
{
	struct terminator_answer a = {
		.version = TERMINATOR_VERSION,
		.reason = reason,
		.serial = serial,
		.handle = handle,
	};

	return send(c->fd, &a, sizeof(a), MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       sizeof(a);
}

/* One request. False: the connection has been dropped, or has nothing more. */
static bool
take_request(struct terminator *t, struct connection *c)
{
	/* One byte more, so that what is too long is seen to be. */
	uint8_t bytes[sizeof(struct terminator_request) + 1];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	struct event event;
	enum reason reason;
	uint32_t handle = 0;
	uint64_t serial;
	bool answered;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		drop(t, c, "it hung up");
		return false;
	}
	if (!terminator_parse(span_make(bytes, (size_t)n), c->peer.id, &event,
			      &serial, &answered)) {
		drop(t, c, "it sent what is no request of this version");
		return false;
	}
	reason = t->handler.request(t->handler.arg, &event, &handle);
	if (answered && !answer(c, serial, reason, handle)) {
		drop(t, c, "it does not take its answers");
		return false;
	}
	return true;
}

void
terminator_step(struct terminator *t)
{
	struct epoll_event events[REQUEST_PEERS_MAX + 1];
	int count = epoll_wait(t->epoll, events, REQUEST_PEERS_MAX + 1, 0);

	for (int i = 0; i < count; i++) {
		struct connection *c;

		if (events[i].data.u32 == TAG_LISTENER) {
			admit(t);
			continue;
		}
		c = &t->connections[events[i].data.u32];
		for (int n = 0; n < TERMINATOR_BATCH && c->fd >= 0; n++)
			if (!take_request(t, c))
				break;
	}
}

int
terminator_fd(const struct terminator *t)
{
	return t->epoll;
}

int
terminator_open(const char *path, const char *group,
		const struct terminator_handler *handler,
		struct terminator **out)
{
	struct terminator *t = calloc(1, sizeof(*t));
	int rc;

	if (t == NULL)
		return -ENOMEM;
	t->handler = *handler;
	t->listener = -1;
	t->next_id = 1;
	for (int i = 0; i < REQUEST_PEERS_MAX; i++)
		t->connections[i].fd = -1;
	t->epoll = epoll_create1(EPOLL_CLOEXEC);
	rc = t->epoll < 0 ? -errno :
			    unix_listener_open(path, group, SOCK_SEQPACKET,
					  &t->listener);
	if (rc == 0) {
		strcpy(t->path, path);
		rc = watch(t, t->listener, TAG_LISTENER) ? 0 : -errno;
	}
	if (rc != 0) {
		terminator_close(t);
		return rc;
	}
	*out = t;
	return 0;
}

void
terminator_close(struct terminator *t)
{
	if (t == NULL)
		return;
	for (int i = 0; i < REQUEST_PEERS_MAX; i++)
		if (t->connections[i].fd >= 0)
			drop(t, &t->connections[i], "pinholed stops");
	unix_listener_close(t->listener, t->path);
	if (t->epoll >= 0)
		close(t->epoll);
	free(t);
}
