/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * May this be opened? For as long as an encrypted session lives: grants, and
 * what asks, which several sessions of two addresses share. All of them are
 * made by hold_grant().
 */
#include "core/gate_state.h"

/* Joins the grant that other sessions of the pair have, or opens one. */
static void
hold_grant(struct gate *gate, struct session *s, int which,
	   enum opening_kind kind, const struct addr *source,
	   const struct addr *destination)
{
	struct opening opening = {
		.kind = kind,
		.source = *source,
		.destination = *destination,
		.timeout_s = gate->policy->grant_timeout_s,
	};
	uint64_t due = gate->now_ns + opening.timeout_s * NS_PER_S / 3;
	uint32_t *handle = &s->grants[which];
	struct opening_slot *slot =
		openings_find(&gate->openings, kind, source, destination, 0);

	if (slot != NULL) {
		slot->holders++;
		slot->session = s->id;
		*handle = slot->opening.handle;
		s->exposed_ms -= meter_read(&slot->meter, gate->now_ns);
		return;
	}
	if (emit_has_room(gate))
		slot = openings_add(&gate->openings, &opening, due);
	if (slot == NULL) {
		session_refuse(gate, s, REASON_LIMIT_GRANTS,
			       (struct span){ 0 });
		return;
	}
	opening_begin(gate, s, slot);
	*handle = slot->opening.handle;
	gate->counters.grants_opened++;
	emit_opening(gate, ACTION_OPEN, slot, s->class, NOTE_INFO,
		     REASON_OPAQUE);
}

static void
release_grant(struct gate *gate, struct session *s, int which,
	      enum reason reason)
{
	struct opening_slot *slot =
		openings_get(&gate->openings, s->grants[which]);

	s->grants[which] = 0;
	if (slot == NULL)
		return;
	s->exposed_ms += meter_read(&slot->meter, gate->now_ns);
	if (--slot->holders == 0)
		opening_close(gate, slot, s->class, reason);
}

void
session_release_grants(struct gate *gate, struct session *s, enum reason reason)
{
	for (int i = 0; i < 2; i++)
		release_grant(gate, s, i, reason);
	session_unpair(gate, s);
}

/* Makes one grant as @wanted: held with @kind, or not held. */
static void
update_grant(struct gate *gate, struct session *s, int which, bool wanted,
	     enum opening_kind kind, const struct addr *source,
	     const struct addr *destination)
{
	const struct opening_slot *slot =
		openings_get(&gate->openings, s->grants[which]);

	if (slot != NULL && (!wanted || slot->opening.kind != kind))
		release_grant(gate, s, which,
			      s->class == CLASS_OPAQUE ? REASON_POLICY_CHANGED
						       : REASON_STATE_CHANGED);
	if (wanted && openings_get(&gate->openings, s->grants[which]) == NULL)
		hold_grant(gate, s, which, kind, source, destination);
}

void
session_update_grants(struct gate *gate, struct session *s)
{
	const struct policy_server *server =
		policy_server(gate->policy, &s->server.addr);
	bool opaque = s->class == CLASS_OPAQUE && !session_is_over(s) &&
		      s->origin == ORIGIN_PACKETS;
	bool granted = server->opaque == POLICY_OPAQUE_GRANT;
	bool ranged = server->passive.high != 0;
	bool windows = server->window != POLICY_WINDOW_OFF;
	enum opening_kind active =
		windows ? OPENING_ASK_ACTIVE
		: server->opaque_active == POLICY_ACTIVE_FTP_DATA
			? OPENING_GRANT_FTP_DATA
			: OPENING_GRANT_ACTIVE;

	if (opaque)
		servers_get(&gate->servers, &s->server.addr);
	if (opaque && !granted)
		emit_note(gate, s, NOTE_WARN, REASON_OPAQUE_REFUSED,
			  (struct span){ 0 });
	else if (opaque && !ranged)
		emit_note(gate, s, NOTE_WARN, REASON_NO_RANGE,
			  (struct span){ 0 });
	update_grant(gate, s, 0, opaque && granted && ranged,
		     windows ? OPENING_ASK_PASSIVE : OPENING_GRANT_PASSIVE,
		     &s->client.addr, &s->server.addr);
	update_grant(gate, s, 1,
		     opaque && granted &&
			     server->opaque_active != POLICY_ACTIVE_REFUSE,
		     active, &s->server.addr, &s->client.addr);
	if (opaque && (s->grants[0] != 0 || s->grants[1] != 0))
		session_pair(gate, s);
	else
		session_unpair(gate, s);
}
