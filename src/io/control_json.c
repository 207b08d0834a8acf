/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Views and counters as JSON. */
#include "io/control_json.h"

#include "io/log.h"

static json_t *
counters_json(const struct control_status *status)
{
	json_t *counters = json_object();

#define X(name, help) \
	json_object_set_new(counters, #name, \
			    json_integer((json_int_t)status->gate.name));
	GATE_COUNTERS(X)
#undef X
	for (unsigned i = 0; i < status->counter_count; i++)
		json_object_set_new(
			counters, status->counters[i].name,
			json_integer((json_int_t)status->counters[i].value));
	return counters;
}

static json_t *
classes_json(const struct control_status *status)
{
	json_t *object = json_object();

	for (int i = CLASS_NONE + 1; i < CONTROL_CLASSES; i++)
		json_object_set_new(
			object, class_name((enum session_class)i),
			json_integer((json_int_t)status->classes[i]));
	return object;
}

/* By enum opening_kind. */
static const char *const exposure_names[OPENING_KINDS] = {
	[OPENING_PINHOLE] = "pinholes",
	[OPENING_RELAY] = "relays",
	[OPENING_GRANT_PASSIVE] = "passive_grants",
	[OPENING_GRANT_ACTIVE] = "active_grants",
	[OPENING_GRANT_FTP_DATA] = "active_ftp_data_grants",
	[OPENING_WINDOW_PASSIVE] = "passive_windows",
	[OPENING_WINDOW_ACTIVE] = "active_windows",
	[OPENING_WINDOW_FTP_DATA] = "active_ftp_data_windows",
	/* What only asks opens nothing. */
};

static json_t *
exposure_json(const struct control_status *status)
{
	json_t *object = json_object();

	for (int i = 0; i < OPENING_KINDS; i++) {
		if (exposure_names[i] == NULL)
			continue;
		json_object_set_new(
			object, exposure_names[i],
			json_pack("{s:I, s:I}", "pairs",
				  (json_int_t)status->exposure[i].pairs,
				  "pair_ms",
				  (json_int_t)status->exposure[i].pair_ms));
	}
	json_object_set_new(
		object, "static_range",
		json_pack("{s:I, s:I, s:I}", "servers",
			  (json_int_t)status->range_servers, "ports",
			  (json_int_t)status->range_ports, "port_ms",
			  (json_int_t)(status->range_ports *
				       status->uptime_ms)));
	return object;
}

json_t *
control_status_json(const struct control_status *status)
{
	json_t *config;

	/* NULL for a path that is not UTF-8, which JSON cannot say. */
	config = status->config != NULL ? json_string(status->config) : NULL;
	return json_pack(
		"{s:s, s:s, s:o, s:I, s:i, s:[i,i], s:s, s:o, s:o, s:o}", "type",
		"status", "version", PINHOLED_VERSION, "config",
		config != NULL ? config : json_null(), "uptime_ms",
		(json_int_t)status->uptime_ms, "workers", (int)status->workers,
		"queues", (int)status->queue_first,
		status->queue_first + status->queue_count - 1, "ruleset",
		status->ruleset_loaded ? "loaded" : "missing", "counters",
		counters_json(status), "sessions", classes_json(status),
		"exposure", exposure_json(status));
}

json_t *
control_session_json(const struct session_view *view)
{
	static const char *const legs[] = { "client_tls", "server_tls" };
	char id[24], client[56], server[56];
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		"type", "session", "id", log_session_id(view->id, id),
		"client", log_endpoint(&view->client, client), "server",
		log_endpoint(&view->server, server), "class",
		class_name(view->class), "logged_in", view->logged_in,
		"picked_up", view->picked_up, "age_ms",
		(json_int_t)view->age_ms, "idle_ms", (json_int_t)view->idle_ms,
		"pinholes", (json_int_t)view->pinholes, "windows",
		(json_int_t)view->windows, "data_connections",
		(json_int_t)view->data_connections, "exposed_ms",
		(json_int_t)view->exposed_ms, "range_ports",
		(json_int_t)view->range_ports, "static_ms",
		(json_int_t)(view->range_ports * view->age_ms));

	for (int i = 0; object != NULL && i < 2; i++)
		if (view->tls[i][0] != '\0')
			json_object_set_new(object, legs[i],
					    json_string(view->tls[i]));
	return object;
}

json_t *
control_opening_json(const struct opening_view *view)
{
	const struct opening *o = &view->opening;
	char id[24], source[48], destination[48];
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "type",
		log_opening_type(o->kind), "kind", log_opening_kind(o->kind),
		"session",
		log_session_id(view->session, id), "source",
		log_addr(&o->source, source), "destination",
		log_addr(&o->destination, destination), "age_ms",
		(json_int_t)view->age_ms, "left_ms", (json_int_t)view->left_ms,
		"holders", (json_int_t)view->holders);

	if (object != NULL && opening_tells_port(o))
		json_object_set_new(object, "port", json_integer(o->port));
	return object;
}

/* What was seen of some ports: nothing, or from which to which and how often. */
static json_t *
seen_json(const struct ports_seen *seen)
{
	if (seen->count == 0)
		return json_null();
	return json_pack("{s:i, s:i, s:I}", "low", (int)seen->low, "high",
			 (int)seen->high, "count", (json_int_t)seen->count);
}

static json_t *
windows_json(const struct windows_view *w)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "foreseen",
			 (json_int_t)w->foreseen, "missed",
			 (json_int_t)w->missed, "unused",
			 (json_int_t)w->unused, "streak",
			 (json_int_t)w->streak);
}

static const char *
window_word(uint8_t window)
{
	switch ((enum policy_window)window) {
	case POLICY_WINDOW_OFF:
		return "off";
	case POLICY_WINDOW_LEARN:
		return "learn";
	case POLICY_WINDOW_STRICT:
		return "strict";
	}
	return "unknown";
}

static const char *
proof_word(uint8_t proof)
{
	switch ((enum policy_proof)proof) {
	case POLICY_PROOF_AUTO:
		return "auto";
	case POLICY_PROOF_NONE:
		return "none";
	case POLICY_PROOF_TLS:
		return "tls";
	case POLICY_PROOF_RESUME:
		return "resume";
	}
	return "unknown";
}

json_t *
control_server_json(const struct server_view *view)
{
	char addr[48];

	return json_pack("{s:s, s:s, s:[i,i], s:I, s:o, s:o, s:s, s:s, s:o, s:o}",
			 "type", "server", "server", log_addr(&view->addr, addr),
			 "configured", (int)view->configured.low,
			 (int)view->configured.high, "range_ports",
			 (json_int_t)view->range_ports, "announced",
			 seen_json(&view->announced), "connected",
			 seen_json(&view->connected), "window",
			 window_word(view->window), "proof",
			 proof_word(view->proof), "passive",
			 windows_json(&view->passive), "active",
			 windows_json(&view->active));
}

json_t *
control_finding_json(const struct control_finding *f)
{
	char id[24], client[56], server[56];
	json_t *object = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "type", "finding",
		"finding", f->word, "sentence", f->sentence, "client",
		log_endpoint(&f->client, client), "server",
		log_endpoint(&f->server, server), "evidence", f->evidence,
		"gateway", f->gateway, "peer", f->peer);

	if (object == NULL || f->session == 0)
		return object;
	json_object_set_new(object, "session",
			    json_string(log_session_id(f->session, id)));
	json_object_set_new(object, "ended", json_boolean(f->ended));
	json_object_set_new(object, "ago_ms",
			    json_integer((json_int_t)f->ago_ms));
	return object;
}
