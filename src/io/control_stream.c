/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Those who watch: what comes is put into their buffers, and leaves as they
 * read. */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include "io/control_state.h"

unsigned
control_watchers(const struct control *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		n += c->clients[i] != NULL &&
		     c->clients[i]->next == NEXT_EVENTS;
	return n;
}

bool
control_begin_watch(struct control *c, struct client *cl)
{
	char *out;

	if (control_watchers(c) == WATCHERS_MAX)
		return control_emit_error(cl, "too many clients watch");
	out = realloc(cl->out, STREAM_SIZE);
	if (out == NULL)
		return false;
	cl->out = out;
	cl->out_size = STREAM_SIZE;
	cl->next = NEXT_EVENTS;
	return control_emit(cl, json_pack("{s:f, s:s, s:s}", "time",
					  (double)time(NULL), "type", "note",
					  "reason", "watching"));
}

bool
control_stream_write(struct control *c, unsigned index)
{
	struct client *cl = c->clients[index];
	size_t had = cl->out_sent;

	if (cl->out_sent != cl->out_len && !control_send(c, cl))
		return false;
	if (cl->out_sent != had)
		cl->deadline_ms = control_now_ms() + PATIENCE_MS;
	if (cl->out_sent != cl->out_len)
		return true;
	cl->out_sent = cl->out_len = 0;
	cl->deadline_ms = UINT64_MAX;
	return control_listen(c->epoll, cl->fd, 0, index, EPOLL_CTL_MOD);
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
	cl->deadline_ms = control_now_ms() + PATIENCE_MS;
	return control_listen(c->epoll, cl->fd, EPOLLOUT, index, EPOLL_CTL_MOD);
}

void
control_publish(struct control *c, const char *line, size_t len)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (c->clients[i] != NULL &&
		    c->clients[i]->next == NEXT_EVENTS &&
		    !stream_add(c, i, line, len))
			control_drop(c, i);
}
