/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests go out in order, and answers come back in the same. */
#include "terminator/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/log.h"
#include "pinholed/terminator.h"
#include "terminator/control.h"
#include "terminator/loop.h"
#include "terminator/program.h"
#include "terminator/table.h"

/* An answer is a commit in the kernel away: milliseconds. Who takes longer does
 * not answer at all, and the client waits for it. */
#define ANSWER_TIMEOUT_NS (3 * UINT64_C(1000000000))
#define WAITING_MAX	  65536

struct waiting {
	TAILQ_ENTRY(waiting) next;
	struct terminator_request request;
	uint64_t since_ns;
	bool sent;
	struct control *control; /* OPEN; NULL when it has gone */
	struct action action;	 /* OPEN */
	bool from_server;
};

TAILQ_HEAD(waiting_list, waiting);

struct link {
	struct program *p;
	int fd; /* -1: not connected */
	struct loop_source *readable, *writable;
	struct waiting_list list; /* sent and unanswered, then unsent */
	uint32_t count;
	uint64_t serial;
	bool complained; /* that there is no connection */
	bool resetting;
};

/* --- the queue ------------------------------------------------------------ */

static void
drop(struct link *l, struct waiting *w)
{
	TAILQ_REMOVE(&l->list, w, next);
	l->count--;
	free(w);
}

static bool
is_answered(const struct waiting *w)
{
	return w->request.kind == TERMINATOR_BEGIN ||
	       w->request.kind == TERMINATOR_OPEN;
}

static void
on_loss(struct control *c, void *arg)
{
	(void)arg;
	control_link_lost(c);
}

static void
lose(struct link *l, const char *why)
{
	struct waiting *w;

	if (l->fd < 0 || l->resetting)
		return;
	l->resetting = true;
	log_warn("the connection to pinholed is lost (%s): nothing opens "
		 "until it is back",
		 why);
	l->complained = true;
	l->p->counters.link_lost++;
	loop_drop(l->readable);
	loop_drop(l->writable);
	l->readable = l->writable = NULL;
	close(l->fd);
	l->fd = -1;
	while ((w = TAILQ_FIRST(&l->list)) != NULL) {
		struct waiting copy = *w;

		drop(l, w);
		if (copy.control != NULL)
			control_answered(copy.control, &copy.action,
					 copy.from_server, REASON_LINK_LOST, 0);
	}
	table_each_control(l->p->table, on_loss, NULL);
	l->resetting = false;
}

/* Sends what can be sent. */
static void
flush(struct link *l)
{
	struct waiting *w, *next;

	for (w = TAILQ_FIRST(&l->list); w != NULL; w = next) {
		next = TAILQ_NEXT(w, next);
		if (w->sent)
			continue;
		if (send(l->fd, &w->request, sizeof(w->request),
			 MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
			if (errno == EAGAIN)
				loop_arm(l->writable, 0);
			else
				lose(l, strerror(errno));
			return;
		}
		w->sent = true;
		w->since_ns = program_now_ns();
		if (!is_answered(w))
			drop(l, w);
	}
}

static struct waiting *
push(struct link *l, const struct control *c, enum terminator_kind kind)
{
	struct waiting *w;

	if (l->fd < 0)
		return NULL;
	w = l->count < WAITING_MAX ? calloc(1, sizeof(*w)) : NULL;
	if (w == NULL) {
		lose(l, "too much waits for it");
		return NULL;
	}
	w->request = (struct terminator_request){
		.version = TERMINATOR_VERSION,
		.kind = kind,
		.serial = ++l->serial,
		.client = c->client_end,
		.server = c->server_end,
	};
	w->since_ns = program_now_ns();
	TAILQ_INSERT_TAIL(&l->list, w, next);
	l->count++;
	return w;
}

/* --- answers -------------------------------------------------------------- */

/* The oldest that was sent and has not been answered. */
static struct waiting *
oldest(struct link *l)
{
	struct waiting *w = TAILQ_FIRST(&l->list);

	return w != NULL && w->sent ? w : NULL;
}

static bool
take_answer(struct link *l, const struct terminator_answer *a)
{
	struct waiting *w = oldest(l), copy;

	if (a->version != TERMINATOR_VERSION || w == NULL ||
	    a->serial != w->request.serial || a->reason >= REASON_COUNT)
		return false;
	copy = *w;
	drop(l, w);
	if (copy.request.kind == TERMINATOR_BEGIN) {
		if (a->reason != REASON_NONE)
			log_warn("pinholed does not take a session: %s",
				 reason_sentence((enum reason)a->reason));
		return true;
	}
	if (copy.control != NULL) {
		control_answered(copy.control, &copy.action, copy.from_server,
				 (enum reason)a->reason, a->handle);
		return true;
	}
	/* Nobody waits for it any more; END has closed it. */
	return true;
}

static void
on_readable(void *arg, bool readable, bool writable)
{
	struct link *l = arg;
	struct terminator_answer answer;
	int fd = l->fd;

	(void)readable;
	(void)writable;
	for (int i = 0; i < 64 && l->fd == fd; i++) {
		ssize_t n = recv(fd, &answer, sizeof(answer),
				 MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			lose(l, n == 0 ? "it hung up" : strerror(errno));
			return;
		}
		if (n != sizeof(answer) || !take_answer(l, &answer)) {
			lose(l, "it speaks another version: install both "
				"programs from one build");
			return;
		}
	}
}

static void
on_writable(void *arg, bool readable, bool writable)
{
	(void)readable;
	(void)writable;
	flush(arg);
}

/* --- the connection ------------------------------------------------------- */

static int
dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int err, fd = socket(AF_UNIX,
			     SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) ==
	    0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static void
begin_again(struct control *c, void *arg)
{
	link_begin(arg, c);
}

static void
try_connect(struct link *l)
{
	const char *path = l->p->pinholed->terminator_path;
	int fd = dial(path);

	if (fd < 0) {
		if (!l->complained)
			log_warn("%s: %s: nothing opens until pinholed "
				 "listens there",
				 path, strerror(-fd));
		l->complained = true;
		return;
	}
	l->fd = fd;
	l->readable = loop_add(l->p->loop, LOOP_READ, fd, on_readable, l);
	l->writable = loop_add(l->p->loop, LOOP_WRITE, fd, on_writable, l);
	if (l->readable == NULL || l->writable == NULL) {
		lose(l, "out of memory");
		return;
	}
	log_info("connected to pinholed at %s", path);
	l->complained = false;
	table_each_control(l->p->table, begin_again, l);
}

struct link *
link_new(struct program *p)
{
	struct link *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->p = p;
	l->fd = -1;
	TAILQ_INIT(&l->list);
	try_connect(l);
	return l;
}

void
link_free(struct link *l)
{
	struct waiting *w;

	if (l == NULL)
		return;
	while ((w = TAILQ_FIRST(&l->list)) != NULL)
		drop(l, w);
	if (l->fd >= 0) {
		loop_drop(l->readable);
		loop_drop(l->writable);
		close(l->fd);
	}
	free(l);
}

void
link_look(struct link *l)
{
	const struct waiting *w = oldest(l);

	if (l->fd < 0)
		try_connect(l);
	else if (w != NULL &&
		 program_now_ns() - w->since_ns > ANSWER_TIMEOUT_NS)
		lose(l, "it does not answer");
}

/* --- requests ------------------------------------------------------------- */

void
link_begin(struct link *l, const struct control *c)
{
	if (push(l, c, TERMINATOR_BEGIN) != NULL)
		flush(l);
	if (c->was_tls)
		link_tell(l, c);
}

void
link_tell(struct link *l, const struct control *c)
{
	struct waiting *w = push(l, c, TERMINATOR_TELL);

	if (w == NULL)
		return;
	for (int i = 0; i < 2; i++) {
		const struct leg *leg = &c->wire[i].leg;

		if (leg->tls_in || leg->tls_out)
			snprintf(w->request.tls[i], TERMINATOR_TLS_MAX,
				 "%s %s", leg_version(leg), leg_cipher(leg));
	}
	flush(l);
}

void
link_end(struct link *l, const struct control *c)
{
	link_forget(l, c);
	if (push(l, c, TERMINATOR_END) != NULL)
		flush(l);
}

bool
link_open(struct link *l, struct control *c, const struct action *action,
	  bool from_server)
{
	const struct opening *o = &action->opening;
	struct waiting *w = push(l, c, TERMINATOR_OPEN);

	if (w == NULL)
		return false;
	w->request.port = o->port;
	w->request.active = addr_equal(&o->source, &c->server_end.addr);
	/* Both ends can have one address; then the announcement tells. */
	w->request.active &= action->reason == REASON_PORT ||
			     action->reason == REASON_EPRT ||
			     action->reason == REASON_LPRT;
	w->request.relay = o->kind == OPENING_RELAY;
	w->request.reason = action->reason;
	w->control = c;
	w->action = *action;
	w->from_server = from_server;
	loop_again(l->writable); /* sent from the loop */
	return true;
}

void
link_close(struct link *l, const struct control *c, uint32_t handle)
{
	struct waiting *w = push(l, c, TERMINATOR_CLOSE);

	if (w == NULL)
		return;
	w->request.handle = handle;
	flush(l);
}

void
link_forget(struct link *l, const struct control *c)
{
	struct waiting *w;

	TAILQ_FOREACH(w, &l->list, next)
		if (w->control == c)
			w->control = NULL;
}
