/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Actions as JSON: which type each one is, and which members it has. */
#include "io/event_json.h"

#include <string.h>

#include "io/log.h"

/* Four characters for a byte at most, as log_action() writes them. */
#define TEXT_SIZE (4 * ACTION_TEXT_MAX + 1)

static bool
is_turn(enum reason reason)
{
	static const enum reason turns[] = {
		REASON_GREETED,	     REASON_LOGGED_IN,	  REASON_AUTH_SENT,
		REASON_AUTH_REFUSED, REASON_TLS_EXPLICIT, REASON_TLS_IMPLICIT,
		REASON_AUTH_OTHER,   REASON_CCC,	  REASON_NOT_FTP,
		REASON_RESYNC,	     REASON_REIN,
	};

	for (size_t i = 0; i < sizeof(turns) / sizeof(turns[0]); i++)
		if (turns[i] == reason)
			return true;
	return false;
}

static bool
is_refusal(const struct action *a)
{
	return a->level == NOTE_WARN && a->reason >= REASON_UNSOLICITED &&
	       a->reason <= REASON_KERNEL_REFUSED;
}

static const char *
note_type(const struct action *a)
{
	if (a->ends)
		return "end";
	if (a->reason == REASON_USED || a->reason == REASON_DATA)
		return "data";
	if (a->reason == REASON_SESSION_NEW || a->reason == REASON_PICKED_UP)
		return "session";
	if (a->reason == REASON_COMMAND || a->reason == REASON_REPLY ||
	    a->reason == REASON_REPLY_LINE)
		return NULL;
	return is_refusal(a) ? "refused" : is_turn(a->reason) ? "state" : "note";
}

static const char *
type_of(const struct action *a)
{
	switch (a->kind) {
	case ACTION_OPEN:
		/* One that failed is left at this level; what follows tells. */
		if (a->level == NOTE_DEBUG)
			return NULL;
		/* fall through */
	case ACTION_CLOSE:
		return log_opening_type(a->opening.kind);
	case ACTION_REFRESH:
	case ACTION_VERDICT:
	case ACTION_MARK:
		return NULL;
	case ACTION_NOTE:
		return note_type(a);
	}
	return NULL;
}

static void
put_text(json_t *object, const char *key, const char *text)
{
	json_object_set_new(object, key, json_string(text));
}

static void
put_number(json_t *object, const char *key, uint64_t number)
{
	json_object_set_new(object, key, json_integer((json_int_t)number));
}

static void
put_opening(json_t *object, const struct action *a)
{
	const struct opening *o = &a->opening;
	char addr[48];

	if (a->kind != ACTION_NOTE)
		put_text(object, "event",
			 a->kind == ACTION_OPEN ? "open" : "close");
	put_text(object,
		 a->reason == REASON_USED || a->reason == REASON_DATA ? "by" :
									"kind",
		 log_opening_kind(o->kind));
	put_text(object, "source", log_addr(&o->source, addr));
	put_text(object, "destination", log_addr(&o->destination, addr));
	if (opening_tells_port(o))
		put_number(object, "port", o->port);
	if (a->kind == ACTION_OPEN)
		put_number(object, "timeout_s", o->timeout_s);
	else
		put_number(object, "open_ms", o->open_ms);
}

static void
put_words(json_t *object, const struct action *a)
{
	char text[TEXT_SIZE];

	put_text(object, "text", log_action_text(a, text));
}

json_t *
event_json(const struct action *a, double time)
{
	const char *type = type_of(a);
	json_t *object = type != NULL ? json_object() : NULL;
	char text[56];

	if (object == NULL)
		return NULL;
	json_object_set_new(object, "time", json_real(time));
	put_text(object, "type", type);
	if (a->session != 0)
		put_text(object, "session", log_session_id(a->session, text));
	if (a->client.addr.family != ADDR_NONE)
		put_text(object, "client", log_endpoint(&a->client, text));
	if (a->server.addr.family != ADDR_NONE)
		put_text(object, "server", log_endpoint(&a->server, text));
	if (a->has_opening)
		put_opening(object, a);
	else if (a->class != CLASS_NONE)
		put_text(object, "class", class_name(a->class));
	put_text(object, "reason", reason_word(a->reason));
	if (a->ends) {
		put_number(object, "age_ms", a->age_ms);
		put_number(object, "exposed_ms", a->exposed_ms);
	}
	if (a->text_len != 0)
		put_words(object, a);
	return object;
}
