/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel tells: connections that were there, that ended, that an opening let
 * in, and openings that it did not take. */
#include "core/gate_state.h"

void
gate_flow_found(struct gate *gate, const struct event *event)
{
	struct session *s;

	/* Of a terminated one only pinholed-tls can tell. */
	if (!policy_is_control(gate->policy, event->flow.server.port) ||
	    event->flow.class > CLASS_NOT_FTP ||
	    event->flow.class == CLASS_TERMINATED ||
	    table_find(&gate->sessions, &event->flow.client,
		       &event->flow.server) != NULL)
		return;
	s = gate_add_session(gate, &event->flow.client, &event->flow.server,
			     NOTE_WARN);
	if (s == NULL) {
		gate_mark_refused(gate, &event->flow.client,
				  &event->flow.server);
		return;
	}
	session_pick_up(gate, s, event->flow.class);
	if (event->flow.owned) {
		s->claimed = true;
		session_update_grants(gate, s);
	}
	gate_settle_session(gate, s);
}

void
gate_flow_ended(struct gate *gate, const struct event *event)
{
	struct session *s = table_find(&gate->sessions, &event->flow.client,
				       &event->flow.server);

	if (s != NULL && s->origin != ORIGIN_REQUESTS)
		session_remove(gate, s, REASON_CONTROL_ENDED);
}

/* A pinhole is used up by its connection, in the kernel: nothing to close. */
static void
use_pinhole(struct gate *gate, struct opening_slot *slot)
{
	gate->counters.pinholes_used++;
	emit_opening(gate, ACTION_NOTE, slot,
		     slot->opening.kind == OPENING_RELAY ? CLASS_DATA_RELAY :
							   CLASS_DATA_PINHOLE,
		     NOTE_INFO, REASON_USED);
	opening_forget(gate, slot);
}

/* What let the connection of @event in, by the mark that the ruleset gave it. */
static struct opening_slot *
find_opening(struct gate *gate, const struct event *event)
{
	static const enum opening_kind kinds[][3] = {
		{ OPENING_PINHOLE, OPENING_PINHOLE, OPENING_PINHOLE },
		{ OPENING_RELAY, OPENING_RELAY, OPENING_RELAY },
		{ OPENING_GRANT_PASSIVE, OPENING_GRANT_ACTIVE,
		  OPENING_GRANT_FTP_DATA },
	};
	enum session_class class = event->data.class;
	const enum opening_kind *kind = kinds[class == CLASS_DATA_PINHOLE ? 0 :
					      class == CLASS_DATA_RELAY	  ? 1 :
									    2];
	struct opening_slot *slot = NULL;

	for (size_t i = 0; slot == NULL && i < 3; i++)
		slot = openings_find(&gate->openings, kind[i],
				     &event->data.source,
				     &event->data.destination,
				     opening_is_grant(kind[i]) ?
					     0 :
					     event->data.port);
	return slot;
}

void
gate_data_began(struct gate *gate, const struct event *event)
{
	struct opening_slot *slot = find_opening(gate, event);
	struct session *s;

	/* What windows let in was counted with its SYN. */
	if (slot == NULL || opening_is_window(slot->opening.kind) ||
	    slot->opening.kind == OPENING_ASK_PASSIVE)
		return;
	gate->counters.data_connections++;
	s = table_find(&gate->sessions, &slot->client, &slot->server);
	if (s != NULL)
		s->data_connections++;
	if (!opening_is_grant(slot->opening.kind)) {
		use_pinhole(gate, slot);
		return;
	}
	if (slot->opening.kind == OPENING_GRANT_PASSIVE)
		session_learn_port(gate, &event->data.destination,
				   event->data.port);
	emit_opening(gate, ACTION_NOTE, slot, CLASS_DATA_GRANT, NOTE_INFO,
		     REASON_DATA);
	gate->out->list[gate->out->count - 1].opening.port = event->data.port;
}

/* The kernel has it not: a pinhole is gone, a grant is tried again when its
 * refresh is due. */
void
gate_open_failed(struct gate *gate, uint32_t handle)
{
	struct opening_slot *slot = openings_get(&gate->openings, handle);

	gate->counters.open_failed++;
	if (slot == NULL)
		return;
	emit_opening(gate, ACTION_NOTE, slot, CLASS_NONE, NOTE_WARN,
		     REASON_KERNEL_REFUSED);
	if (!opening_is_grant(slot->opening.kind))
		opening_forget(gate, slot);
}
