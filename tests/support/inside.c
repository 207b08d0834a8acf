/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks into the gate's tables and pools. */
#include "core/gate_state.h"
#include "inside.h"

struct inside_count
inside_count(const struct gate *gate, const struct addr *client)
{
	struct inside_count n = {
		.openings = gate->openings.used,
		.sessions = gate->sessions.used,
		.half_open = gate->sessions.half_open.count,
	};

	for (uint32_t i = 0; client != NULL && i < gate->sessions.count; i++) {
		const struct session *s = &gate->sessions.slots[i];

		n.client += s->in_use && addr_equal(&s->client.addr, client);
	}
	return n;
}

/* What is counted for a session's client is what is there. */
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
	return NULL;
}

/* What is counted as it goes along is what is there. */
static const char *
check_sums(const struct gate *gate)
{
	uint64_t pairs[OPENING_KINDS] = { 0 };
	uint32_t classes[CONTROL_CLASSES] = { 0 };

	for (uint32_t i = 0; i < gate->openings.count; i++) {
		const struct opening_slot *slot = &gate->openings.slots[i];

		if (slot->in_use)
			pairs[slot->opening.kind] += slot->meter.pairs;
	}
	for (int i = 0; i < OPENING_KINDS; i++)
		if (gate->meters[i].pairs != pairs[i])
			return "the meter's pairs are not what is open";
	for (uint32_t i = 0; i < gate->sessions.count; i++) {
		const struct session *s = &gate->sessions.slots[i];

		if (s->in_use)
			classes[s->counted]++;
	}
	for (int i = CLASS_NONE + 1; i < CONTROL_CLASSES; i++)
		if (gate->classes[i] != classes[i])
			return "a class's count is not what is there";
	return NULL;
}

const char *
inside_check(const struct gate *gate)
{
	if (check_sums(gate) != NULL)
		return check_sums(gate);
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
	return gate->sessions.used != 0	  ? "a session is left"
	       : gate->openings.used != 0 ? "an opening is left"
	       : gate->lines.used != 0	  ? "a line buffer is left"
	       : gate->segments.used != 0 ? "a segment buffer is left"
					  : NULL;
}
