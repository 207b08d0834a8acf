/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What time does to a gate.
 *
 * It works through queues, each in the order in which its entries fall due:
 * pinholes and windows that expire, grants that need a refresh, sessions that have been
 * silent. A tick does what fits into one step; gate_deadline() is then still in
 * the past, and the caller sends the next tick at once. The walks that a new
 * policy or a lost ruleset ask for are worked off in the same pieces.
 */
#include "core/gate_state.h"

/* How long a connection may take to its greeting (RFC 959 has none; servers that
 * look up names take up to half a minute). */
#define GREETING_TIMEOUT_S 60

/* A tick stops here: what one more entry can say still fits. */
#define TICK_ACTIONS 32
/* Slots that a walk looks at in one step. */
#define WALK_SLOTS 4096

static bool
tick_has_room(const struct gate *gate)
{
	return gate->out->count < TICK_ACTIONS;
}

static void
expire(struct gate *gate, const struct openings_list *list)
{
	struct openings *o = &gate->openings;
	struct opening_slot *slot;

	while ((slot = openings_oldest(o, list)) != NULL &&
	       slot->due_ns <= gate->now_ns && tick_has_room(gate)) {
		if (opening_has_port(slot->opening.kind))
			gate->counters.pinholes_expired++;
		/* The kernel's own timer may be a moment behind ours. */
		emit_opening(gate, ACTION_CLOSE, slot, CLASS_NONE, NOTE_INFO,
			     REASON_EXPIRED);
		opening_forget(gate, slot);
	}
}

static void
refresh_grants(struct gate *gate)
{
	struct openings *o = &gate->openings;
	struct opening_slot *slot;

	while ((slot = openings_oldest(o, &o->grants)) != NULL &&
	       slot->due_ns <= gate->now_ns && tick_has_room(gate)) {
		emit_opening(gate, ACTION_REFRESH, slot, CLASS_OPAQUE,
			     NOTE_DEBUG, REASON_OPAQUE);
		openings_postpone(o, slot,
				  gate->now_ns + slot->opening.timeout_s *
							 NS_PER_S / 3);
	}
}

uint32_t
gate_idle_grace_s(const struct gate *gate)
{
	return gate->policy->idle_timeout_s / 64;
}

/* When the oldest of @list has been silent for too long. A running one can have
 * been heard later than its place in the list says, by the grace. */
static uint64_t
idle_due(const struct gate *gate, const struct table_list *list)
{
	const struct session *s = table_oldest(&gate->sessions, list);
	uint64_t life = gate->policy->idle_timeout_s;

	if (s == NULL)
		return UINT64_MAX;
	if (list == &gate->sessions.half_open)
		return s->heard_ns + GREETING_TIMEOUT_S * NS_PER_S;
	return (s->listed_s + 1 + life + gate_idle_grace_s(gate)) * NS_PER_S;
}

/* True when a session that is due goes on all the same. */
static bool
is_spared(struct gate *gate, const struct table_list *list, struct session *s)
{
	/* Its end is said. */
	if (s->origin == ORIGIN_REQUESTS)
		s->heard_ns = gate->now_ns;
	/* Behind a reload the grace can have been longer. */
	return s->origin == ORIGIN_REQUESTS ||
	       (list == &gate->sessions.running &&
		s->heard_ns + gate->policy->idle_timeout_s * NS_PER_S >
			gate->now_ns);
}

static void
end_idle_sessions(struct gate *gate, const struct table_list *list)
{
	for (uint32_t n = 0; n < WALK_SLOTS && tick_has_room(gate) &&
			     idle_due(gate, list) <= gate->now_ns;
	     n++) {
		struct session *s = table_oldest(&gate->sessions, list);

		if (is_spared(gate, list, s)) {
			table_touch(&gate->sessions, s, gate->now_ns, 0);
			continue;
		}
		gate->counters.sessions_idle++;
		session_remove(gate, s, REASON_IDLE);
	}
}

/* Says every opening again, with the time that it has left. */
static void
restore_openings(struct gate *gate)
{
	uint32_t end = gate->openings.count;

	for (uint32_t n = 0; gate->restore_at < end && n < WALK_SLOTS &&
			     tick_has_room(gate);
	     n++) {
		struct opening_slot *slot =
			&gate->openings.slots[gate->restore_at++];

		if (slot->in_use && slot->due_ns > gate->now_ns)
			emit_opening(gate, ACTION_REFRESH, slot, CLASS_NONE,
				     NOTE_DEBUG, REASON_RESTORED);
	}
}

/* Holds what is open, and who might have more, against a new policy. */
static void
review_policy(struct gate *gate)
{
	struct openings *o = &gate->openings;
	uint32_t n = 0;

	for (; gate->review_openings_at < o->count && n < WALK_SLOTS &&
	       tick_has_room(gate);
	     n++) {
		struct opening_slot *slot =
			&o->slots[gate->review_openings_at++];

		if (!slot->in_use)
			continue;
		opening_measure(gate, slot);
		if (opening_is_grant(slot->opening.kind) ||
		    opening_is_window(slot->opening.kind) ||
		    policy_port_allowed(gate->policy, slot->opening.port))
			continue;
		opening_close(gate, slot, CLASS_NONE, REASON_POLICY_CHANGED);
	}
	for (; gate->review_sessions_at < gate->sessions.count &&
	       n < WALK_SLOTS && tick_has_room(gate);
	     n++) {
		struct session *s =
			&gate->sessions.slots[gate->review_sessions_at++];

		if (s->in_use && s->claimed)
			session_update_grants(gate, s);
	}
}

/* Ends what pinholed-tls had begun before it went. */
static void
end_orphans(struct gate *gate)
{
	for (uint32_t n = 0; gate->orphans_at < gate->sessions.count &&
			     n < WALK_SLOTS && tick_has_room(gate);
	     n++) {
		struct session *s = &gate->sessions.slots[gate->orphans_at++];

		if (s->in_use && gate_is_orphan(gate, s))
			session_remove(gate, s, REASON_TERMINATOR_LOST);
	}
}

static bool
walk_is_left(const struct gate *gate)
{
	return gate->restore_at < gate->openings.count ||
	       gate->review_openings_at < gate->openings.count ||
	       gate->review_sessions_at < gate->sessions.count ||
	       gate->orphans_at < gate->sessions.count;
}

void
gate_tick(struct gate *gate)
{
	expire(gate, &gate->openings.pinholes);
	expire(gate, &gate->openings.windows);
	refresh_grants(gate);
	gate_forget_proofs(gate);
	end_idle_sessions(gate, &gate->sessions.half_open);
	end_idle_sessions(gate, &gate->sessions.running);
	end_orphans(gate);
	restore_openings(gate);
	review_policy(gate);
}

uint64_t
gate_deadline(const struct gate *gate)
{
	const struct openings *o = &gate->openings;
	const struct opening_slot *pinhole = openings_oldest(o, &o->pinholes);
	const struct opening_slot *grant = openings_oldest(o, &o->grants);
	const struct opening_slot *window = openings_oldest(o, &o->windows);
	uint64_t due[6] = {
		pinhole != NULL ? pinhole->due_ns : UINT64_MAX,
		window != NULL ? window->due_ns : UINT64_MAX,
		grant != NULL ? grant->due_ns : UINT64_MAX,
		idle_due(gate, &gate->sessions.half_open),
		idle_due(gate, &gate->sessions.running),
		gate_proof_due(gate),
	};
	uint64_t first = walk_is_left(gate) ? 0 : UINT64_MAX;

	for (int i = 0; i < 6; i++)
		first = due[i] < first ? due[i] : first;
	return first;
}
