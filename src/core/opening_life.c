/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The life of an opening, of whatever kind: measured from its first moment to
 * its last. All that ends passes through opening_forget(), most of it by
 * opening_close(): so the openings table, the session's list and the actions
 * cannot disagree.
 */
#include "core/gate_state.h"

static uint32_t
count_pairs(const struct gate *gate, const struct opening *o)
{
	const struct port_range high = { POLICY_PORT_MIN, UINT16_MAX };

	switch (o->kind) {
	case OPENING_PINHOLE:
	case OPENING_RELAY:
		return 1;
	case OPENING_ASK_PASSIVE:
	case OPENING_ASK_ACTIVE:
		return 0;
	case OPENING_GRANT_PASSIVE:
	case OPENING_WINDOW_PASSIVE:
		return policy_range_ports(
			gate->policy,
			policy_server(gate->policy, &o->destination)->passive);
	case OPENING_GRANT_ACTIVE:
	case OPENING_GRANT_FTP_DATA:
	case OPENING_WINDOW_ACTIVE:
	case OPENING_WINDOW_FTP_DATA:
		return policy_range_ports(gate->policy, high);
	}
	return 0;
}

static void
set_pairs(struct gate *gate, struct opening_slot *slot, uint32_t pairs)
{
	struct meter *all = &gate->meters[slot->opening.kind];

	meter_set(all, all->pairs - slot->meter.pairs + pairs, gate->now_ns);
	meter_set(&slot->meter, pairs, gate->now_ns);
}

void
opening_measure(struct gate *gate, struct opening_slot *slot)
{
	set_pairs(gate, slot, count_pairs(gate, &slot->opening));
}

void
opening_begin(struct gate *gate, const struct session *s,
	      struct opening_slot *slot)
{
	slot->session = s->id;
	slot->client = s->client;
	slot->server = s->server;
	slot->opened_ns = gate->now_ns;
	opening_measure(gate, slot);
}

/* A pinhole leaves its session and is counted for it; a grant by
 * release_grant(). */
static void
leave_session(struct gate *gate, const struct opening_slot *slot)
{
	struct session *s =
		table_find(&gate->sessions, &slot->client, &slot->server);

	gate->counters.exposure_ms +=
		(gate->now_ns - slot->opened_ns) / NS_PER_MS;
	if (s == NULL || s->id != slot->session)
		return;
	s->exposed_ms += meter_read(&slot->meter, gate->now_ns);
	for (int i = 0; i < SESSION_PINS_MAX; i++)
		if (s->pins[i] == slot->opening.handle)
			s->pins[i] = 0;
}

/* Nobody came through a window: its length means less. */
static void
count_unused(struct gate *gate, const struct opening_slot *slot)
{
	struct learned_server *server =
		servers_get(&gate->servers, &slot->server.addr);

	gate->counters.windows_unused++;
	if (server != NULL)
		learned_unused(slot->opening.kind == OPENING_WINDOW_PASSIVE
				       ? &server->passive
				       : &server->active,
			       slot->reply);
}

void
opening_forget(struct gate *gate, struct opening_slot *slot)
{
	struct client *client;

	set_pairs(gate, slot, 0);
	if (!opening_is_grant(slot->opening.kind)) {
		leave_session(gate, slot);
		client = clients_find(&gate->clients, &slot->client.addr);
		if (client != NULL)
			client->pinholes--;
		/* Without a holder it was used. */
		if (opening_is_window(slot->opening.kind) && slot->holders != 0)
			count_unused(gate, slot);
	} else {
		gate->counters.grants_closed++;
	}
	openings_remove(&gate->openings, slot);
}

void
opening_close(struct gate *gate, struct opening_slot *slot,
	      enum session_class class, enum reason reason)
{
	if (opening_has_port(slot->opening.kind))
		gate->counters.pinholes_withdrawn++;
	emit_opening(gate, ACTION_CLOSE, slot, class, NOTE_INFO, reason);
	opening_forget(gate, slot);
}
