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
#include "io/control_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "io/unix_listener.h"

/* What epoll names besides the clients' numbers. */
#define TAG_LISTENER CLIENTS_MAX
#define TAG_TIMER    (CLIENTS_MAX + 1)

uint64_t
control_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
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

void
control_drop(struct control *c, unsigned index)
{
	if (c->clients[index] == NULL)
		return;
	close(c->clients[index]->fd);
	free(c->clients[index]->out);
	free(c->clients[index]);
	c->clients[index] = NULL;
	arm_timer(c);
}

bool
control_listen(int epoll, int fd, uint32_t events, uint32_t tag, int op)
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
	control_listen(c->epoll, c->listener, 0, TAG_LISTENER, EPOLL_CTL_MOD);
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
	control_listen(c->epoll, c->listener, EPOLLIN, TAG_LISTENER, EPOLL_CTL_MOD);
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
	if (cl == NULL ||
	    !control_listen(c->epoll, fd, EPOLLIN, index, EPOLL_CTL_ADD)) {
		send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (cl != NULL)
			free(cl->out);
		free(cl);
		close(fd);
		return;
	}
	cl->fd = fd;
	cl->reading = true;
	cl->deadline_ms = control_now_ms() + PATIENCE_MS;
	c->clients[index] = cl;
	arm_timer(c);
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
				return control_begin_watch(c, cl);
			cl->next = requests[i].next;
			return true;
		}
	}
	return control_emit_error(cl, "unknown request; ask for status, "
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
			 : control_emit_error(cl, "the request is too long");
	cl->reading = false;
	return ok && control_listen(c->epoll, cl->fd, EPOLLOUT, index, EPOLL_CTL_MOD);
}

static bool
client_step(struct control *c, unsigned index, uint32_t events)
{
	struct client *cl = c->clients[index];

	if (cl->reading)
		return client_read(c, index);
	if (cl->next != NEXT_EVENTS)
		return control_send(c, cl);
	return (events & (EPOLLHUP | EPOLLERR)) == 0 && control_stream_write(c, index);
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
			control_drop(c, tag);
		}
	}
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i] != NULL &&
		    c->clients[i]->deadline_ms <= control_now_ms())
			control_drop(c, i);
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
	if (!control_listen(c->epoll, c->listener, EPOLLIN, TAG_LISTENER,
			    EPOLL_CTL_ADD) ||
	    !control_listen(c->epoll, c->timer, EPOLLIN, TAG_TIMER,
			    EPOLL_CTL_ADD)) {
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
		control_drop(c, i);
	unix_listener_close(c->listener, c->path);
	if (c->timer >= 0)
		close(c->timer);
	if (c->epoll >= 0)
		close(c->epoll);
	free(c);
}
