/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The timeline as JSON: what io/event_json.c says of an action, and what only a
 * capture shows. */
#include <inttypes.h>

#include "io/event_json.h"
#include "io/log.h"
#include "replay/timeline.h"

const char *
timeline_tls_word(enum data_tls tls)
{
	switch (tls) {
	case DATA_TLS_UNKNOWN:
		return "unknown";
	case DATA_TLS_NONE:
		return "none";
	case DATA_TLS_SILENT:
		return "silent";
	case DATA_TLS_FULL:
		return "full";
	case DATA_TLS_REFUSED:
		return "refused";
	case DATA_TLS_RESUMED:
		return "resumed";
	case DATA_TLS_OTHER:
		return "other";
	}
	return "unknown";
}

const char *
timeline_hello_word(enum flow_hello hello)
{
	switch (hello) {
	case FLOW_HELLO_NONE:
		return NULL;
	case FLOW_HELLO_BEFORE_COMMAND:
		return "before-command";
	case FLOW_HELLO_BEFORE_REPLY:
		return "before-reply";
	case FLOW_HELLO_AFTER_REPLY:
		return "after-reply";
	}
	return NULL;
}

const char *
timeline_offer_word(enum tls_offer offer)
{
	switch (offer) {
	case TLS_OFFER_NONE:
		return NULL;
	case TLS_OFFER_SESSION_ID:
		return "session-id";
	case TLS_OFFER_TICKET:
		return "ticket";
	case TLS_OFFER_PSK:
		return "psk";
	}
	return NULL;
}

static void
put_text(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, key, json_string(text));
}

static void
put_number(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key, json_integer((json_int_t)number));
}

static double
seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static json_t *
begin(const struct moment *m, const char *type)
{
	json_t *object = json_object();
	char text[56];

	json_object_set_new(object, "time", json_real(seconds(m->time_ns)));
	put_text(object, "type", type);
	if (m->facts == NULL)
		return object;
	put_text(object, "session", log_session_id(m->facts->session, text));
	put_text(object, "client", log_endpoint(&m->facts->client, text));
	put_text(object, "server", log_endpoint(&m->facts->server, text));
	return object;
}

static json_t *
dialogue(const struct moment *m)
{
	char text[4 * ACTION_TEXT_MAX + 1];
	json_t *object = begin(m, "note");

	put_text(object, "reason", reason_word(m->action->reason));
	put_text(object, "text", log_action_text(m->action, text));
	return object;
}

static json_t *
action(const struct moment *m)
{
	const struct action *a = m->action;
	json_t *object;

	if (a->reason == REASON_COMMAND || a->reason == REASON_REPLY)
		return dialogue(m);
	/* Data connections are told by what is in the capture. */
	if (a->reason == REASON_USED || a->reason == REASON_DATA ||
	    (a->kind == ACTION_NOTE && a->session == 0))
		return NULL;
	object = event_json(a, seconds(m->time_ns));
	/* One "pinhole" or "grant" for each that opens. */
	if (object != NULL && a->kind == ACTION_CLOSE)
		put_text(object, "type", "note");
	else if (object != NULL && replay_is_refusal(a))
		put_text(object, "type", "refused");
	return object;
}

static const char *
version_word(uint16_t version)
{
	switch (version) {
	case 0x0301:
		return "1.0";
	case 0x0302:
		return "1.1";
	case 0x0303:
		return "1.2";
	case 0x0304:
		return "1.3";
	}
	return NULL;
}

static json_t *
data(const struct moment *m)
{
	const struct flow *f = m->flow;
	json_t *object = begin(m, "data");
	bool passed = f->fate != DATA_BLOCKED;
	char text[56];

	put_text(object, "source", log_endpoint(&f->source, text));
	put_text(object, "destination", log_endpoint(&f->destination, text));
	put_number(object, "port", f->destination.port);
	put_text(object, "mode", f->from_client ? "passive" : "active");
	json_object_set_new(object, "passed", json_boolean(passed));
	if (passed)
		put_text(object, "by", log_opening_kind(f->by));
	json_object_set_new(object, "began",
			    json_real(seconds(m->time_ns) -
				      seconds(f->heard_ns - f->began_ns)));
	json_object_set_new(object, "answered", json_boolean(f->answered));
	put_number(object, "client_bytes", f->bytes[0]);
	put_number(object, "server_bytes", f->bytes[1]);
	put_text(object, "tls", timeline_tls_word(m->seen.tls));
	put_text(object, "tls_version",
		 version_word(f->watch.side[1].tls.hello.version));
	put_text(object, "offered",
		 timeline_offer_word((enum tls_offer)m->resume.offer));
	put_text(object, "hello", timeline_hello_word(f->hello));
	json_object_set_new(object, "unprotected",
			    json_boolean(m->unprotected));
	json_object_set_new(object, "moved", json_boolean(m->seen.moved));
	return object;
}

static json_t *
total(const struct moment *m)
{
	const struct replay_total *t = m->total;
	json_t *object = begin(m, "note");

	put_text(object, "reason", "summary");
	put_number(object, "frames", t->frames);
	put_number(object, "not_ip", t->not_ip);
	put_number(object, "cut", t->cut);
	put_number(object, "fragments", t->fragments);
	put_number(object, "sessions", t->sessions);
	put_number(object, "pinholes", t->pinholes);
	put_number(object, "grants", t->grants);
	put_number(object, "refused", t->refused);
	put_number(object, "data", t->data);
	put_number(object, "passed", t->passed);
	put_number(object, "blocked", t->blocked);
	put_number(object, "commands", t->commands);
	put_number(object, "windows", t->windows);
	put_number(object, "windows_used", t->windows_used);
	put_number(object, "windows_unused", t->windows_unused);
	put_number(object, "windows_missed", t->windows_missed);
	put_number(object, "windows_refused", t->windows_refused);
	put_number(object, "unproven", t->unproven);
	put_number(object, "exposed_ms", t->exposed_ms);
	put_number(object, "range_ms", t->range_ms);
	return object;
}

static json_t *
object_of(const struct moment *m)
{
	switch (m->kind) {
	case MOMENT_ACTION:
		return action(m);
	case MOMENT_SYN:
		return NULL;
	case MOMENT_DATA:
		return data(m);
	case MOMENT_TOTAL:
		return total(m);
	}
	return NULL;
}

void
timeline_json(void *context, const struct moment *m)
{
	const struct timeline *t = context;
	json_t *object = object_of(m);

	if (object == NULL)
		return;
	put_number(object, "frame", m->frame);
	if (t->file != NULL)
		put_text(object, "file", t->file);
	json_dumpf(object, stdout, EVENT_JSON_FLAGS);
	putchar('\n');
	json_decref(object);
}
