/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read-only looks into a gate, for people and programs outside. */
#include <string.h>

#include "core/gate_state.h"
#include "core/gate_data.h"

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
count_pins(const struct gate *gate, const struct session *s, bool windows)
{
	const struct opening_slot *slot;
	uint32_t n = 0;

	for (int i = 0; i < SESSION_PINS_MAX; i++) {
		slot = openings_get(&gate->openings, s->pins[i]);
		n += slot != NULL &&
		     opening_is_window(slot->opening.kind) == windows;
	}
	return n;
}

/* What its openings have had open up to now, those included that still are. */
static uint64_t
exposed_ms(const struct gate *gate, const struct session *s, uint64_t now_ns)
{
	uint64_t sum = s->exposed_ms;
	const struct opening_slot *slot;

	for (int i = 0; i < SESSION_PINS_MAX; i++) {
		slot = openings_get(&gate->openings, s->pins[i]);
		if (slot != NULL)
			sum += meter_read(&slot->meter, now_ns);
	}
	for (int i = 0; i < 2; i++) {
		slot = openings_get(&gate->openings, s->grants[i]);
		if (slot != NULL)
			sum += meter_read(&slot->meter, now_ns);
	}
	return sum;
}

static uint32_t
range_ports(const struct gate *gate, const struct addr *server)
{
	return policy_range_ports(gate->policy,
				  policy_server(gate->policy, server)->passive);
}

void
gate_exposure(const struct gate *gate, uint64_t now_ns,
	      struct exposure sum[static OPENING_KINDS])
{
	for (int i = 0; i < OPENING_KINDS; i++) {
		sum[i].pairs += gate->meters[i].pairs;
		sum[i].pair_ms += meter_read(&gate->meters[i], now_ns);
	}
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
			.pinholes = count_pins(gate, s, false),
			.windows = count_pins(gate, s, true),
			.data_connections = s->data_connections,
			.exposed_ms = exposed_ms(gate, s, now_ns),
			.range_ports = range_ports(gate, &s->server.addr),
		};
		for (int i = 0; s->origin == ORIGIN_REQUESTS && i < 2; i++)
			if (s->side[i].kept != 0)
				memcpy(out->tls[i],
				       pool_at(&gate->lines, s->side[i].kept),
				       SESSION_TLS_MAX + 1);
		return true;
	}
	return false;
}

static struct opening_view
view_opening(const struct opening_slot *slot, uint64_t now_ns)
{
	return (struct opening_view){
		.session = slot->session,
		.opening = slot->opening,
		.holders = slot->holders,
		.age_ms = ms_between(slot->opened_ns, now_ns),
		.left_ms = ms_between(now_ns, slot->due_ns),
	};
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
		*out = view_opening(slot, now_ns);
		return true;
	}
	return false;
}

const uint64_t *
gate_tls_key(const struct gate *gate)
{
	return gate->tls_key;
}

bool
gate_tickets(const struct gate *gate, const struct endpoint *client,
	     const struct endpoint *server, struct tls_tickets *tickets)
{
	const struct session *s = table_find(&gate->sessions, client, server);

	if (s == NULL)
		return false;
	tls_resume_learn(tickets, &s->tls[SIDE_CLIENT], &s->tls[SIDE_SERVER]);
	return true;
}

bool
gate_server_next(const struct gate *gate, uint32_t *cursor,
		 struct server_view *out)
{
	while (*cursor < SERVERS_SLOTS) {
		const struct learned_server *s =
			&gate->servers.slots[(*cursor)++];

		if (s->addr.family == ADDR_NONE)
			continue;
		*out = (struct server_view){
			.addr = s->addr,
			.announced = s->announced,
			.connected = s->connected,
			.passive = s->passive.counts,
			.active = s->active.counts,
			.window = (uint8_t)gate_window_mode(gate, &s->addr,
							    &s->passive),
			.proof = policy_server(gate->policy, &s->addr)->proof,
			.configured =
				policy_server(gate->policy, &s->addr)->passive,
			.range_ports = range_ports(gate, &s->addr),
		};
		return true;
	}
	return false;
}

static bool
in_range(struct port_range range, uint16_t port)
{
	return range.high != 0 && port >= range.low && port <= range.high;
}

static bool
grant_admits(const struct gate *gate, enum opening_kind kind,
	     const struct endpoint *source, const struct endpoint *destination)
{
	const struct policy_server *server =
		policy_server(gate->policy, &destination->addr);

	if (kind == OPENING_GRANT_PASSIVE)
		return in_range(server->passive, destination->port);
	/* As nft/pinholed.nft has it. */
	return kind == OPENING_GRANT_ACTIVE || source->port == 20 ||
	       source->port == 989;
}

bool
gate_data_asks(const struct gate *gate, const struct endpoint *source,
	       const struct endpoint *destination)
{
	if (!policy_port_allowed(gate->policy, destination->port) ||
	    openings_find(&gate->openings, OPENING_PINHOLE, &source->addr,
			  &destination->addr, destination->port) != NULL)
		return false;
	return (openings_find(&gate->openings, OPENING_ASK_PASSIVE,
			      &source->addr, &destination->addr, 0) != NULL &&
		grant_admits(gate, OPENING_GRANT_PASSIVE, source,
			     destination)) ||
	       openings_find(&gate->openings, OPENING_ASK_ACTIVE,
			     &source->addr, &destination->addr, 0) != NULL;
}

bool
gate_data_opening(const struct gate *gate, const struct endpoint *source,
		  const struct endpoint *destination, struct opening_view *out)
{
	static const enum opening_kind kinds[] = {
		OPENING_PINHOLE,
		OPENING_GRANT_PASSIVE,
		OPENING_GRANT_ACTIVE,
		OPENING_GRANT_FTP_DATA,
	};

	if (!policy_port_allowed(gate->policy, destination->port))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint16_t port = kinds[i] == OPENING_PINHOLE ?
					destination->port :
					0;
		const struct opening_slot *slot =
			openings_find(&gate->openings, kinds[i], &source->addr,
				      &destination->addr, port);

		if (slot != NULL && (port != 0 || grant_admits(gate, kinds[i],
							       source,
							       destination))) {
			*out = view_opening(slot, gate->now_ns);
			return true;
		}
	}
	return false;
}

bool
gate_has_session(const struct gate *gate, const struct endpoint *client,
		 const struct endpoint *server)
{
	return table_find(&gate->sessions, client, server) != NULL;
}

void
gate_classes(const struct gate *gate, uint64_t sum[static CONTROL_CLASSES])
{
	for (int i = CLASS_NONE + 1; i < CONTROL_CLASSES; i++)
		sum[i] += gate->classes[i];
}

void
gate_learn(struct gate *gate, const struct learned_view *in)
{
	struct learned_server *server = addr_len(in->addr.family) != 0 ?
						servers_get(&gate->servers,
							    &in->addr) :
						NULL;

	if (server != NULL)
		learned_merge(in->active ? &server->active : &server->passive,
			      in);
}

/* Each server twice: passive, active. */
bool
gate_learned_next(const struct gate *gate, uint32_t *cursor,
		  struct learned_view *out)
{
	while (*cursor < 2 * SERVERS_SLOTS) {
		const struct learned_server *s =
			&gate->servers.slots[*cursor / 2];
		bool active = (*cursor)++ % 2 != 0;
		const struct learned_windows *w = active ? &s->active :
							   &s->passive;

		if (s->addr.family == ADDR_NONE ||
		    w->counts.foreseen + w->counts.missed +
				    w->counts.unused == 0)
			continue;
		*out = (struct learned_view){ .addr = s->addr,
					      .active = active };
		learned_show(w, out);
		return true;
	}
	return false;
}
