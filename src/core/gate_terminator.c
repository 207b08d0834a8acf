/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two events of the terminating mode. A gate sees one of them only:
 * EVENT_STREAM in pinholed-tls, which reads; EVENT_REQUEST in pinholed, which
 * does not trust it further than its policy goes. Whatever is asked for, it
 * opens only between the two ends of a session whose server the policy hands
 * over.
 */
#include <string.h>

#include "core/gate_state.h"

static bool
is_pair(const struct endpoint *client, const struct endpoint *server)
{
	return addr_len(client->addr.family) != 0 &&
	       client->addr.family == server->addr.family;
}

/* Whether the policy hands the sessions at @server over. */
static bool
is_terminated(const struct policy *policy, const struct endpoint *server)
{
	return policy_server(policy, &server->addr)->terminate &&
	       policy_is_control(policy, server->port);
}

static void
refuse(struct gate *gate, const struct event *event, enum reason reason)
{
	const struct session nobody = { .client = event->request.client,
					.server = event->request.server };

	session_refuse(gate, &nobody, reason, (struct span){ 0 });
}

/* --- EVENT_STREAM ---------------------------------------------------------- */

void
gate_stream(struct gate *gate, const struct event *event)
{
	const struct endpoint *client = &event->stream.client,
			      *server = &event->stream.server;
	struct session *s = table_find(&gate->sessions, client, server);

	gate->refusal = REASON_SESSION_UNKNOWN;
	if (s == NULL && is_pair(client, server)) {
		s = gate_add_session(gate, client, server, NOTE_WARN);
		if (s != NULL)
			session_start_stream(gate, s);
	}
	if (s == NULL || s->origin != ORIGIN_STREAM) {
		gate->out->answer.reason = gate->refusal;
		return;
	}
	session_read_stream(gate, s,
			    event->stream.from_server ? SIDE_SERVER :
							SIDE_CLIENT,
			    event->stream.bytes);
	gate_settle_session(gate, s);
}

/* --- EVENT_REQUEST --------------------------------------------------------- */

/* The place of @peer, or a free one with @peer 0; NULL: none. */
static uint32_t *
find_peer(struct gate *gate, uint32_t peer)
{
	for (unsigned i = 0; i < REQUEST_PEERS_MAX; i++)
		if (gate->peers[i] == peer)
			return &gate->peers[i];
	return NULL;
}

bool
gate_is_orphan(const struct gate *gate, const struct session *s)
{
	bool known = s->origin != ORIGIN_REQUESTS;

	for (unsigned i = 0; i < REQUEST_PEERS_MAX; i++)
		known |= gate->peers[i] == s->peer;
	return !known;
}

static bool
add_peer(struct gate *gate, uint32_t peer)
{
	uint32_t *place = find_peer(gate, peer);

	if (place == NULL)
		place = find_peer(gate, 0);
	if (place == NULL || peer == 0)
		return false;
	*place = peer;
	return true;
}

static void
lose_peer(struct gate *gate, uint32_t peer)
{
	uint32_t *place = find_peer(gate, peer);

	if (place == NULL || peer == 0)
		return;
	*place = 0;
	gate->orphans_at = 0;
}

/* The session that the request is about, or NULL after a refusal. */
static struct session *
find_begun(struct gate *gate, const struct event *event)
{
	struct session *s = table_find(&gate->sessions, &event->request.client,
				       &event->request.server);

	if (s != NULL && s->origin == ORIGIN_REQUESTS &&
	    s->peer == event->request.peer)
		return s;
	refuse(gate, event, REASON_SESSION_UNKNOWN);
	return NULL;
}

static void
begin(struct gate *gate, const struct event *event)
{
	const struct endpoint *client = &event->request.client,
			      *server = &event->request.server;
	struct session *s = table_find(&gate->sessions, client, server);

	if (!is_pair(client, server)) {
		refuse(gate, event, REASON_FAMILY_UNKNOWN);
		return;
	}
	if (!is_terminated(gate->policy, server)) {
		refuse(gate, event, REASON_NOT_TERMINATED);
		return;
	}
	if (!add_peer(gate, event->request.peer)) {
		refuse(gate, event, REASON_LIMIT_SESSIONS);
		return;
	}
	/* An earlier connection of the same ports: its end has not come yet. */
	if (s != NULL)
		session_remove(gate, s, REASON_REPLACED);
	s = gate_add_session(gate, client, server, NOTE_WARN);
	if (s == NULL)
		return;
	session_start_requests(gate, s);
	s->peer = event->request.peer;
	gate_settle_session(gate, s);
}

/* True when the announcement @reason can be one of that direction. */
static bool
is_announcement(enum reason reason, bool active)
{
	if (active)
		return reason == REASON_PORT || reason == REASON_EPRT ||
		       reason == REASON_LPRT;
	return reason == REASON_PASV || reason == REASON_EPSV ||
	       reason == REASON_LPSV;
}

static uint32_t
open_for(struct gate *gate, const struct event *event)
{
	struct session *s = find_begun(gate, event);
	struct endpoint at = { .port = event->request.port };
	enum reason reason = event->request.reason;

	if (s == NULL)
		return 0;
	if (!is_terminated(gate->policy, &s->server)) {
		session_refuse(gate, s, REASON_NOT_TERMINATED,
			       (struct span){ 0 });
		return 0;
	}
	if (!is_announcement(reason, event->request.active)) {
		session_refuse(gate, s, REASON_MALFORMED, (struct span){ 0 });
		return 0;
	}
	s->heard_ns = gate->now_ns;
	gate_settle_session(gate, s);
	s->protection = event->request.relay ? PROTECTION_PRIVATE :
					       PROTECTION_CLEAR;
	at.addr = event->request.active ? s->client.addr : s->server.addr;
	return event->request.active ?
		       session_open_active(gate, s, reason, &at,
					   (struct span){ 0 }) :
		       session_open_passive(gate, s, reason, &at,
					    (struct span){ 0 });
}

static void
close_for(struct gate *gate, const struct event *event)
{
	struct session *s = find_begun(gate, event);
	struct opening_slot *slot = openings_get(&gate->openings,
						 event->request.handle);

	if (s != NULL && slot != NULL && slot->session == s->id)
		opening_close(gate, slot, s->class, REASON_WITHDRAWN);
}

static void
tell(struct gate *gate, const struct event *event)
{
	struct session *s = find_begun(gate, event);

	for (int i = 0; s != NULL && i < 2; i++) {
		struct span text = span_head(event->request.tls[i],
					     SESSION_TLS_MAX);

		pool_handle *kept = &s->side[i].kept;
		char *at;

		if (*kept == 0)
			*kept = pool_take(&gate->lines);
		if (*kept == 0) /* then it is not shown */
			return;
		at = pool_at(&gate->lines, *kept);
		memset(at, 0, SESSION_TLS_MAX + 1);
		if (text.len != 0)
			memcpy(at, text.data, text.len);
	}
}

static void
end(struct gate *gate, const struct event *event)
{
	struct session *s = find_begun(gate, event);

	if (s != NULL)
		session_remove(gate, s, REASON_CONTROL_ENDED);
}

void
gate_request(struct gate *gate, const struct event *event)
{
	gate->refusal = REASON_NONE;
	switch (event->request.kind) {
	case REQUEST_BEGIN:
		begin(gate, event);
		break;
	case REQUEST_OPEN:
		gate->out->answer.handle = open_for(gate, event);
		break;
	case REQUEST_CLOSE:
		close_for(gate, event);
		break;
	case REQUEST_END:
		end(gate, event);
		break;
	case REQUEST_TELL:
		tell(gate, event);
		break;
	case REQUEST_LOST:
		lose_peer(gate, event->request.peer);
		break;
	}
	gate->out->answer.reason = gate->refusal;
}
