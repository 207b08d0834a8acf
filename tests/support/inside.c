/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks into the gate's tables and pools. */
#include "core/gate_state.h"
#include "inside.h"

uint32_t
inside_openings(const struct gate *gate)
{
	return gate->openings.used;
}

/* What is counted for a session's client is what is there, within its limits. */
static const char *
check_client(const struct gate *gate, const struct session *s)
{
	const struct client *client =
		clients_find(&gate->clients, &s->client.addr);
	uint32_t sessions = 0, pinholes = 0;

	if (client == NULL)
		return "a session whose client is not counted";
	for (uint32_t i = 0; i < gate->sessions.count; i++) {
		const struct session *other = &gate->sessions.slots[i];

		sessions += other->in_use &&
			    addr_equal(&other->client.addr, &client->addr);
	}
	for (uint32_t i = 0; i < gate->openings.count; i++) {
		const struct opening_slot *slot = &gate->openings.slots[i];

		pinholes += slot->in_use &&
			    slot->opening.kind == OPENING_PINHOLE &&
			    addr_equal(&slot->client.addr, &client->addr);
	}
	if (client->sessions != sessions || client->pinholes != pinholes)
		return "a client's count is not what is there";
	if (sessions > gate->policy->client_sessions_max ||
	    pinholes > gate->policy->client_pinholes_max)
		return "a client has more than one may have";
	return NULL;
}

const char *
inside_check(const struct gate *gate)
{
	if (gate->sessions.half_open.count > gate->policy->half_open_max)
		return "more half-open sessions than the limit";
	for (uint32_t i = 0; i < gate->sessions.count; i++) {
		const struct session *s = &gate->sessions.slots[i];

		if (s->in_use && check_client(gate, s) != NULL)
			return check_client(gate, s);
		for (int g = 0; g < 2; g++)
			if (s->in_use && s->grants[g] != 0 &&
			    openings_get(&gate->openings, s->grants[g]) == NULL)
				return "a grant closed under its session";
	}
	return NULL;
}

const char *
inside_check_empty(const struct gate *gate)
{
	return gate->sessions.used != 0 ? "a session is left" :
	       gate->openings.used != 0 ? "an opening is left" :
	       gate->lines.used != 0	? "a line buffer is left" :
	       gate->segments.used != 0 ? "a segment buffer is left" :
					  NULL;
}
