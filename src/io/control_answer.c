/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An answer, piece by piece. */
#include <errno.h>
#include <sys/socket.h>

#include "io/control_json.h"
#include "io/control_state.h"

bool
control_emit(struct client *cl, json_t *object)
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

bool
control_emit_error(struct client *cl, const char *message)
{
	cl->next = NEXT_NOTHING;
	return control_emit(cl, json_pack("{s:s, s:s}", "type", "error",
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
		if (!control_emit(cl, control_session_json(&views[i])))
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
		if (!control_emit(cl, control_opening_json(&views[i])))
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
		if (!control_emit(cl, control_server_json(&views[i])))
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
		if (!control_emit(cl, control_finding_json(&found[i])))
			return false;
	return true;
}

static bool
emit_status(struct control *c, struct client *cl)
{
	struct control_status status = { 0 };

	cl->next = NEXT_END;
	c->source.status(c->source.arg, &status);
	return control_emit(cl, control_status_json(&status));
}

/* Makes the next piece of the answer; it may be empty. */
static bool
refill(struct control *c, struct client *cl)
{
	cl->out_len = cl->out_sent = 0;
	cl->deadline_ms = control_now_ms() + PATIENCE_MS;
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
		return control_emit(cl, json_pack("{s:s}", "type", "end"));
	case NEXT_NOTHING:
	case NEXT_EVENTS:
		return false;
	}
	return false;
}

bool
control_send(struct control *c, struct client *cl)
{
	ssize_t n;

	if (cl->out_sent == cl->out_len && !refill(c, cl))
		return false;
	n = send(cl->fd, cl->out + cl->out_sent, cl->out_len - cl->out_sent,
		 MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	cl->out_sent += (size_t)n;
	return true;
}
