/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read-only looks into a gate, for people and programs outside. */
#include <string.h>

#include "core/gate_state.h"

const struct gate_counters *
gate_counters(const struct gate *gate)
{
	return &gate->counters;
}

static uint64_t
ms_between(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (to_ns - from_ns) / NS_PER_MS : 0;
}

static uint32_t
count_pins(const struct gate *gate, const struct session *s)
{
	uint32_t n = 0;

	for (int i = 0; i < SESSION_PINS_MAX; i++)
		n += openings_get(&gate->openings, s->pins[i].handle) != NULL;
	return n;
}

bool
gate_session_next(const struct gate *gate, uint64_t now_ns, uint32_t *cursor,
		  struct session_view *out)
{
	while (*cursor < gate->sessions.count) {
		const struct session *s = &gate->sessions.slots[(*cursor)++];

		if (!s->in_use || s->ended)
			continue;
		*out = (struct session_view){
			.id = s->id,
			.client = s->client,
			.server = s->server,
			.class = s->class,
			.logged_in = s->login == LOGIN_YES,
			.picked_up = s->picked_up,
			.age_ms = ms_between(s->started_ns, now_ns),
			.idle_ms = ms_between(s->heard_ns, now_ns),
			.pinholes = count_pins(gate, s),
			.data_connections = s->data_connections,
		};
		for (int i = 0; i < 2; i++)
			memcpy(out->tls[i], s->tls[i], s->tls_len[i]);
		return true;
	}
	return false;
}

bool
gate_opening_next(const struct gate *gate, uint64_t now_ns, uint32_t *cursor,
		  struct opening_view *out)
{
	while (*cursor < gate->openings.count) {
		const struct opening_slot *slot =
			&gate->openings.slots[(*cursor)++];

		if (!slot->in_use)
			continue;
		*out = (struct opening_view){
			.session = slot->session,
			.opening = slot->opening,
			.holders = slot->holders,
			.age_ms = ms_between(slot->opened_ns, now_ns),
			.left_ms = ms_between(now_ns, slot->due_ns),
		};
		return true;
	}
	return false;
}
