/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * May this be opened? For one connection: pinholes, of sessions that can be read,
 * and windows, of those that cannot. All of them are made by add_pin(). Grants are
 * session_grant.c's; how each opening is counted and ends, opening_life.c's.
 */
#include "core/ftp_command.h"
#include "core/gate_state.h"

void
session_refuse(struct gate *gate, const struct session *s, enum reason reason,
	       struct span text)
{
	gate->counters.refused++;
	gate->refusal = reason;
	emit_note(gate, s, NOTE_WARN, reason, text);
}

void
session_refuse_readings(struct gate *gate, const struct session *s,
			struct span text, struct ftp_readings readings)
{
	struct action *a;

	gate->counters.refused++;
	a = emit_note(gate, s, NOTE_WARN, REASON_AMBIGUOUS, text);
	if (a == NULL)
		return;
	a->strict = readings.strict;
	a->lenient = readings.lenient;
}

/* --- pinholes ------------------------------------------------------------- */

/* A place in ->pins, or -1. */
static int
free_pin(const struct gate *gate, const struct session *s)
{
	uint32_t open = 0;
	int at = -1;

	for (int i = 0; i < SESSION_PINS_MAX; i++) {
		if (openings_get(&gate->openings, s->pins[i]) != NULL)
			open++;
		else if (at < 0)
			at = i;
	}
	return open < gate->policy->session_pinholes_max ? at : -1;
}

/* Whether ->pin is what it has. */
static bool
has_pin(const struct pending *p)
{
	return p->verb == FTP_PORT || p->verb == FTP_EPRT ||
	       p->verb == FTP_LPRT;
}

static void
place_pin(struct session *s, int at, uint32_t handle)
{
	s->pins[at] = handle;
	s->pins_confirmed &= ~(1u << at);
	/* Commands whose pinhole was there before have none any more. */
	for (unsigned i = 0; i < s->pending_count; i++) {
		struct pending *p = &s->pending[session_pending_at(s, i)];

		if (has_pin(p) && p->pin == at + 1)
			p->pin = 0;
	}
}

void
session_note_pin(struct session *s, struct pending *p, uint32_t handle)
{
	for (int i = 0; handle != 0 && i < SESSION_PINS_MAX; i++)
		if (s->pins[i] == handle)
			p->pin = (uint8_t)(i + 1);
}

uint32_t
session_pin_of(const struct session *s, const struct pending *p)
{
	return has_pin(p) && p->pin != 0 ? s->pins[p->pin - 1] : 0;
}

/* True when a PROT has no answer yet: a client that does not wait for replies may
 * mean it for what it announces now. */
static bool
prot_waits(const struct session *s)
{
	for (unsigned i = 0; i < s->pending_count; i++)
		if (s->pending[session_pending_at(s, i)].verb == FTP_PROT)
			return true;
	return false;
}

/* Whether a data connection that is announced now goes through pinholed-tls. */
static enum opening_kind
pin_kind(const struct gate *gate, const struct session *s)
{
	const struct policy_server *server =
		policy_server(gate->policy, &s->server.addr);
	/* Before TLS, PROT is refused (RFC 4217 section 9). */
	bool relay = s->protection != PROTECTION_CLEAR ||
		     (s->class != CLASS_CLEAR && prot_waits(s));

	if (s->origin == ORIGIN_STREAM)
		relay = relay && server->relay;
	else
		relay = relay && s->origin == ORIGIN_REQUESTS;
	return relay ? OPENING_RELAY : OPENING_PINHOLE;
}

/* The same pair announced the same port before: the newest owns it. */
static void
replace_pin(struct gate *gate, const struct session *s,
	    enum opening_kind kind, const struct addr *source,
	    const struct addr *destination, uint16_t port)
{
	struct opening_slot *slot = openings_find(&gate->openings, kind, source,
						  destination, port);

	if (slot != NULL)
		opening_close(gate, slot, s->class, REASON_REPLACED);
}

/* Adds @opening, which is not there yet, as one of @s's. NULL after a refusal that
 * has been noted. */
static struct opening_slot *
add_pin(struct gate *gate, struct session *s, const struct opening *opening,
	struct span text)
{
	uint64_t due = gate->now_ns + opening->timeout_s * NS_PER_S;
	struct client *client = clients_at(&gate->clients, s->client_entry);
	struct opening_slot *slot = NULL;
	int at;

	if (client->pinholes >= gate->policy->client_pinholes_max) {
		gate->counters.pinholes_limited++;
		session_refuse(gate, s, REASON_LIMIT_CLIENT, text);
		return NULL;
	}
	at = free_pin(gate, s);
	if (at >= 0 && emit_has_room(gate))
		slot = openings_add(&gate->openings, opening, due);
	if (slot == NULL) {
		gate->counters.pinholes_limited++;
		session_refuse(gate, s, REASON_LIMIT_PINHOLES, text);
		return NULL;
	}
	opening_begin(gate, s, slot);
	place_pin(s, at, slot->opening.handle);
	client->pinholes++;
	return slot;
}

static uint32_t
open_pin(struct gate *gate, struct session *s, enum reason reason,
	 const struct addr *source, const struct addr *destination,
	 uint16_t port, struct span text)
{
	struct opening opening = {
		.kind = pin_kind(gate, s),
		.source = *source,
		.destination = *destination,
		.port = port,
		.timeout_s = gate->policy->pinhole_timeout_s,
	};
	struct opening_slot *slot;

	replace_pin(gate, s, OPENING_PINHOLE, source, destination, port);
	replace_pin(gate, s, OPENING_RELAY, source, destination, port);
	slot = add_pin(gate, s, &opening, text);
	if (slot == NULL)
		return 0;
	gate->counters.pinholes_opened++;
	emit_opening(gate, ACTION_OPEN, slot, s->class, NOTE_INFO, reason);
	return slot->opening.handle;
}

bool
session_is_over(const struct session *s)
{
	return s->ended || stream_finished(&s->side[SIDE_CLIENT].stream) ||
	       stream_finished(&s->side[SIDE_SERVER].stream);
}

/* Whether announcements of this session can count at all. */
static enum reason
check_session(const struct session *s)
{
	if (session_is_over(s))
		return REASON_CONTROL_ENDED;
	if (!session_is_readable(s))
		return s->class == CLASS_GREETING ? REASON_NOT_GREETED :
						    REASON_STATE_CHANGED;
	if (!s->proven)
		return REASON_NOT_PROVEN;
	return s->login == LOGIN_NO ? REASON_NOT_LOGGED_IN : REASON_NONE;
}

static enum reason
check_port(const struct gate *gate, uint16_t port)
{
	if (policy_port_allowed(gate->policy, port))
		return REASON_NONE;
	return port < POLICY_PORT_MIN ? REASON_PORT_PRIVILEGED :
					REASON_PORT_DENIED;
}

static void
learn_announced(struct gate *gate, const struct session *s, uint16_t port)
{
	struct learned_server *server = servers_get(&gate->servers,
						    &s->server.addr);

	if (server != NULL)
		ports_seen_add(&server->announced, port);
}

void
session_learn_port(struct gate *gate, const struct addr *server, uint16_t port)
{
	struct learned_server *learned = servers_get(&gate->servers, server);

	if (learned != NULL)
		ports_seen_add(&learned->connected, port);
}

uint32_t
session_open_passive(struct gate *gate, struct session *s, enum reason reason,
		     const struct endpoint *announced, struct span text)
{
	enum reason refusal = check_session(s);

	if (refusal == REASON_NONE && s->epsv_all && reason != REASON_EPSV)
		refusal = REASON_EPSV_ALL;
	if (refusal == REASON_NONE)
		refusal = check_port(gate, announced->port);
	if (refusal != REASON_NONE) {
		session_refuse(gate, s, refusal, text);
		return 0;
	}
	/* Behind NAT the server often announces an address that is not the one
	 * we see, and clients go to the one they are connected to. */
	if (announced->addr.family != ADDR_NONE &&
	    !addr_equal(&announced->addr, &s->server.addr))
		emit_note(gate, s, NOTE_INFO, REASON_PASV_ADDRESS, text);
	learn_announced(gate, s, announced->port);
	return open_pin(gate, s, reason, &s->client.addr, &s->server.addr,
			announced->port, text);
}

uint32_t
session_open_active(struct gate *gate, struct session *s, enum reason reason,
		    const struct endpoint *announced, struct span text)
{
	const struct policy_server *server =
		policy_server(gate->policy, &s->server.addr);
	enum reason refusal = check_session(s);

	if (refusal == REASON_NONE && s->epsv_all)
		refusal = REASON_EPSV_ALL;
	if (refusal == REASON_NONE && !server->clear_active)
		refusal = REASON_ACTIVE_REFUSED;
	if (refusal == REASON_NONE &&
	    !addr_equal(&announced->addr, &s->client.addr))
		refusal = REASON_ADDRESS_FOREIGN;
	if (refusal == REASON_NONE)
		refusal = check_port(gate, announced->port);
	if (refusal != REASON_NONE) {
		session_refuse(gate, s, refusal, text);
		return 0;
	}
	return open_pin(gate, s, reason, &s->server.addr, &s->client.addr,
			announced->port, text);
}

/* --- windows -------------------------------------------------------------- */

void
session_open_window(struct gate *gate, struct session *s,
		    enum opening_kind kind, uint8_t length)
{
	bool passive = kind == OPENING_WINDOW_PASSIVE;
	struct opening opening = {
		.kind = kind,
		.source = passive ? s->client.addr : s->server.addr,
		.destination = passive ? s->server.addr : s->client.addr,
		.timeout_s = gate->policy->window_timeout_s,
	};
	struct opening_slot *slot;

	if (session_is_over(s))
		return;
	/* A transfer that is announced now takes the place of an earlier one. */
	session_close_pins(gate, s, REASON_REPLACED);
	while (opening.port < OPENING_LANES &&
	       openings_find(&gate->openings, kind, &opening.source,
			     &opening.destination, opening.port) != NULL)
		opening.port++;
	if (opening.port == OPENING_LANES) {
		session_refuse(gate, s, REASON_LIMIT_PINHOLES,
			       (struct span){ 0 });
		return;
	}
	slot = add_pin(gate, s, &opening, (struct span){ 0 });
	if (slot == NULL)
		return;
	slot->reply = length;
	gate->counters.windows_opened++;
	emit_opening(gate, ACTION_OPEN, slot, s->class, NOTE_INFO,
		     REASON_WINDOW);
}

void
session_confirm_pin(struct gate *gate, struct session *s, uint32_t handle)
{
	for (int i = 0; i < SESSION_PINS_MAX; i++) {
		if (s->pins[i] == handle)
			s->pins_confirmed |= 1u << i;
		else if ((s->pins_confirmed & 1u << i) != 0)
			session_close_pin(gate, s, s->pins[i],
					  REASON_REPLACED);
	}
}

void
session_close_pin(struct gate *gate, struct session *s, uint32_t handle,
		  enum reason reason)
{
	struct opening_slot *slot = openings_get(&gate->openings, handle);

	if (slot != NULL)
		opening_close(gate, slot, s->class, reason);
}

void
session_close_pins(struct gate *gate, struct session *s, enum reason reason)
{
	for (int i = 0; i < SESSION_PINS_MAX; i++) {
		session_close_pin(gate, s, s->pins[i], reason);
		s->pins[i] = 0;
	}
	s->pins_confirmed = 0;
}
