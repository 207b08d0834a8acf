/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * May this be opened? The one place that decides, opens and closes.
 *
 * Everything that opens passes through open_pin() or hold_grant() below, and
 * everything that ends through opening_forget(), most of it by opening_close().
 * So the openings table, the session's list and the actions cannot disagree.
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
opening_forget(struct gate *gate, struct opening_slot *slot)
{
	struct client *client;

	if (!opening_is_grant(slot->opening.kind)) {
		gate->counters.exposure_ms +=
			(gate->now_ns - slot->opened_ns) / NS_PER_MS;
		client = clients_find(&gate->clients, &slot->client.addr);
		if (client != NULL)
			client->pinholes--;
	} else {
		gate->counters.grants_closed++;
	}
	openings_remove(&gate->openings, slot);
}

void
opening_close(struct gate *gate, struct opening_slot *slot,
	      enum session_class class, enum reason reason)
{
	if (!opening_is_grant(slot->opening.kind))
		gate->counters.pinholes_withdrawn++;
	emit_opening(gate, ACTION_CLOSE, slot, class, NOTE_INFO, reason);
	opening_forget(gate, slot);
}

/* --- pinholes ------------------------------------------------------------- */

static struct pin *
free_pin(struct gate *gate, struct session *s)
{
	for (int i = 0; i < SESSION_PINS_MAX; i++) {
		if (openings_get(&gate->openings, s->pins[i].handle) == NULL)
			return &s->pins[i];
	}
	return NULL;
}

/* True when a PROT has no answer yet: a client that does not wait for replies may
 * mean it for what it announces now. */
static bool
prot_waits(const struct session *s)
{
	for (unsigned i = 0; i < s->pending_count; i++) {
		unsigned at = (s->pending_first + i) % SESSION_PENDING_MAX;

		if (s->pending[at].verb == FTP_PROT)
			return true;
	}
	return false;
}

/* Whether a data connection that is announced now goes through pinholed-tls. */
static enum opening_kind
pin_kind(const struct gate *gate, const struct session *s)
{
	const struct policy_server *server =
		policy_server(gate->policy, &s->server.addr);
	bool relay = s->protection != PROTECTION_CLEAR || prot_waits(s);

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
	uint64_t due = gate->now_ns + opening.timeout_s * NS_PER_S;
	struct client *client = clients_find(&gate->clients, &s->client.addr);
	struct opening_slot *slot = NULL;
	struct pin *pin;

	replace_pin(gate, s, OPENING_PINHOLE, source, destination, port);
	replace_pin(gate, s, OPENING_RELAY, source, destination, port);
	if (client->pinholes >= gate->policy->client_pinholes_max) {
		session_refuse(gate, s, REASON_LIMIT_CLIENT, text);
		return 0;
	}
	pin = free_pin(gate, s);
	if (pin != NULL && emit_has_room(gate))
		slot = openings_add(&gate->openings, &opening, due);
	if (slot == NULL) {
		session_refuse(gate, s, REASON_LIMIT_PINHOLES, text);
		return 0;
	}
	slot->session = s->id;
	slot->client = s->client;
	slot->server = s->server;
	slot->opened_ns = gate->now_ns;
	*pin = (struct pin){ .handle = slot->opening.handle };
	client->pinholes++;
	gate->counters.pinholes_opened++;
	emit_opening(gate, ACTION_OPEN, slot, s->class, NOTE_INFO, reason);
	return slot->opening.handle;
}

/* True when the connection is ending: nothing is announced on it any more. */
static bool
is_over(const struct session *s)
{
	return s->ended || stream_finished(&s->side[SIDE_CLIENT].stream) ||
	       stream_finished(&s->side[SIDE_SERVER].stream);
}

/* Whether announcements of this session can count at all. */
static enum reason
check_session(const struct session *s)
{
	if (is_over(s))
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

void
session_confirm_pin(struct gate *gate, struct session *s, uint32_t handle)
{
	for (int i = 0; i < SESSION_PINS_MAX; i++) {
		struct pin *pin = &s->pins[i];

		if (pin->handle == handle)
			pin->confirmed = true;
		else if (pin->confirmed)
			session_close_pin(gate, s, pin->handle,
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
		session_close_pin(gate, s, s->pins[i].handle, reason);
		s->pins[i] = (struct pin){ 0 };
	}
}

/* --- grants --------------------------------------------------------------- */

/* Joins the grant that other sessions of the pair have, or opens one. */
static void
hold_grant(struct gate *gate, struct session *s, uint32_t *handle,
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
	struct opening_slot *slot = openings_find(&gate->openings, kind, source,
						  destination, 0);

	if (slot != NULL) {
		slot->holders++;
		slot->session = s->id;
		*handle = slot->opening.handle;
		return;
	}
	if (emit_has_room(gate))
		slot = openings_add(&gate->openings, &opening, due);
	if (slot == NULL) {
		session_refuse(gate, s, REASON_LIMIT_GRANTS,
			       (struct span){ 0 });
		return;
	}
	slot->session = s->id;
	slot->client = s->client;
	slot->server = s->server;
	slot->opened_ns = gate->now_ns;
	*handle = slot->opening.handle;
	gate->counters.grants_opened++;
	emit_opening(gate, ACTION_OPEN, slot, s->class, NOTE_INFO,
		     REASON_OPAQUE);
}

static void
release_grant(struct gate *gate, struct session *s, uint32_t *handle,
	      enum reason reason)
{
	struct opening_slot *slot = openings_get(&gate->openings, *handle);

	*handle = 0;
	if (slot != NULL && --slot->holders == 0)
		opening_close(gate, slot, s->class, reason);
}

void
session_release_grants(struct gate *gate, struct session *s,
		       enum reason reason)
{
	for (int i = 0; i < 2; i++)
		release_grant(gate, s, &s->grants[i], reason);
}

/* Makes one grant as @wanted: held with @kind, or not held. */
static void
update_grant(struct gate *gate, struct session *s, uint32_t *handle,
	     bool wanted, enum opening_kind kind, const struct addr *source,
	     const struct addr *destination)
{
	const struct opening_slot *slot = openings_get(&gate->openings,
						       *handle);

	if (slot != NULL && (!wanted || slot->opening.kind != kind))
		release_grant(gate, s, handle,
			      s->class == CLASS_OPAQUE ? REASON_POLICY_CHANGED :
							 REASON_STATE_CHANGED);
	if (wanted && openings_get(&gate->openings, *handle) == NULL)
		hold_grant(gate, s, handle, kind, source, destination);
}

void
session_update_grants(struct gate *gate, struct session *s)
{
	const struct policy_server *server =
		policy_server(gate->policy, &s->server.addr);
	bool opaque = s->class == CLASS_OPAQUE && !is_over(s) &&
		      s->origin == ORIGIN_PACKETS;
	bool granted = server->opaque == POLICY_OPAQUE_GRANT;
	bool ranged = server->passive.high != 0;
	enum opening_kind active =
		server->opaque_active == POLICY_ACTIVE_FTP_DATA ?
			OPENING_GRANT_FTP_DATA :
			OPENING_GRANT_ACTIVE;

	if (opaque && !granted)
		emit_note(gate, s, NOTE_WARN, REASON_OPAQUE_REFUSED,
			  (struct span){ 0 });
	else if (opaque && !ranged)
		emit_note(gate, s, NOTE_WARN, REASON_NO_RANGE,
			  (struct span){ 0 });
	update_grant(gate, s, &s->grants[0], opaque && granted && ranged,
		     OPENING_GRANT_PASSIVE, &s->client.addr, &s->server.addr);
	update_grant(gate, s, &s->grants[1],
		     opaque && granted &&
			     server->opaque_active != POLICY_ACTIVE_REFUSE,
		     active, &s->server.addr, &s->client.addr);
}
