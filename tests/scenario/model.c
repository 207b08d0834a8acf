/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows the core's actions and checks what must always hold. */
#include <stdio.h>

#include "io/log.h"
#include "model.h"

const char *const model_kinds[OPENING_KINDS] = {
	[OPENING_PINHOLE] = "pinhole",
	[OPENING_RELAY] = "relay",
	[OPENING_GRANT_PASSIVE] = "grant-passive",
	[OPENING_GRANT_ACTIVE] = "grant-active",
	[OPENING_GRANT_FTP_DATA] = "grant-ftp-data",
	[OPENING_WINDOW_PASSIVE] = "window-passive",
	[OPENING_WINDOW_ACTIVE] = "window-active",
	[OPENING_WINDOW_FTP_DATA] = "window-ftp-data",
	[OPENING_ASK_PASSIVE] = "ask-passive",
	[OPENING_ASK_ACTIVE] = "ask-active",
};

char *
model_opening_text(const struct opening *opening, char out[static 160])
{
	char source[48], destination[48];
	int n = snprintf(out, 160, "%s %s %s", model_kinds[opening->kind],
			 log_addr(&opening->source, source),
			 log_addr(&opening->destination, destination));

	if (opening_has_port(opening->kind))
		snprintf(out + n, 160 - (size_t)n, " %u", opening->port);
	else if (opening->port != 0)
		snprintf(out + n, 160 - (size_t)n, "*%u", opening->port);
	return out;
}

static struct model_opening *
find(struct model *m, const struct opening *o)
{
	for (unsigned i = 0; i < m->count; i++) {
		struct model_opening *e = &m->open[i];

		if (e->opening.kind == o->kind && e->opening.port == o->port &&
		    addr_equal(&e->opening.source, &o->source) &&
		    addr_equal(&e->opening.destination, &o->destination))
			return e;
	}
	return NULL;
}

static bool
is_known_session(const struct model *m, const struct action *a)
{
	for (unsigned i = 0; i < m->flow_count; i++) {
		const struct flow *f = &m->flows[i];

		if (endpoint_equal(&a->client, &f->end[CLIENT]) &&
		    endpoint_equal(&a->server, &f->end[SERVER]))
			return true;
	}
	return false;
}

/* The policy's rule written a second time, so that an error in the core's copy
 * shows. */
static bool
port_is_allowed(const struct policy *policy, uint16_t port)
{
	for (unsigned i = 0; i < policy->deny_count; i++)
		if (port >= policy->deny[i].low && port <= policy->deny[i].high)
			return false;
	return port >= 1024;
}

static const char *
check_open(const struct model *m, const struct action *a)
{
	const struct opening *o = &a->opening;
	bool to_server = addr_equal(&o->source, &a->client.addr) &&
			 addr_equal(&o->destination, &a->server.addr);
	bool to_client = addr_equal(&o->source, &a->server.addr) &&
			 addr_equal(&o->destination, &a->client.addr);

	if (!is_known_session(m, a))
		return "an opening for a session that is not there";
	if (o->timeout_s == 0)
		return "an opening without a timeout";
	if (opening_is_grant(o->kind) && o->port != 0)
		return "a grant with a port";
	if (opening_is_window(o->kind) && o->port >= OPENING_LANES)
		return "a window in a lane that is not there";
	switch (o->kind) {
	case OPENING_PINHOLE:
	case OPENING_RELAY:
		if (!to_server && !to_client)
			return "a pinhole outside of the session's two ends";
		if (!port_is_allowed(m->policy, o->port))
			return "a pinhole to a forbidden port";
		return NULL;
	case OPENING_GRANT_PASSIVE:
	case OPENING_ASK_PASSIVE:
	case OPENING_WINDOW_PASSIVE:
		return to_server ? NULL
				 : "a passive grant that is not "
				   "client to server";
	case OPENING_GRANT_ACTIVE:
	case OPENING_GRANT_FTP_DATA:
	case OPENING_ASK_ACTIVE:
	case OPENING_WINDOW_ACTIVE:
	case OPENING_WINDOW_FTP_DATA:
		return to_client ? NULL
				 : "an active grant that is not "
				   "server to client";
	}
	return "an opening of unknown kind";
}

static void
drop(struct model *m, struct model_opening *e)
{
	*e = m->open[--m->count];
}

static const char *
apply_opening(struct model *m, const struct action *a, uint64_t now_ns)
{
	struct model_opening *e = find(m, &a->opening);
	uint64_t due = now_ns + a->opening.timeout_s * UINT64_C(1000000000);

	switch (a->kind) {
	case ACTION_OPEN:
		if (e != NULL)
			return "opened twice";
		if (m->count == MODEL_OPENINGS)
			return "more open than the runner can hold";
		m->open[m->count++] = (struct model_opening){
			.opening = a->opening,
			.due_ns = due,
		};
		return check_open(m, a);
	case ACTION_REFRESH:
		if (e == NULL)
			return "refreshed but not open";
		e->due_ns = due;
		return NULL;
	case ACTION_CLOSE:
		if (e == NULL)
			return "closed but not open";
		drop(m, e);
		return NULL;
	case ACTION_NOTE:
		if (e != NULL && !opening_is_grant(a->opening.kind) &&
		    (a->reason == REASON_USED ||
		     a->reason == REASON_KERNEL_REFUSED))
			drop(m, e);
		return NULL;
	case ACTION_MARK:
	case ACTION_VERDICT:
		return "a mark with an opening";
	}
	return "an action of unknown kind";
}

const char *
model_apply(struct model *m, const struct actions *actions, uint64_t now_ns)
{
	const char *broken = NULL;

	if (actions->count > ACTIONS_MAX)
		return "more actions than there is room for";
	for (uint32_t i = 0; i < actions->count && broken == NULL; i++) {
		const struct action *a = &actions->list[i];

		if (a->reason >= REASON_COUNT)
			return "an unknown reason";
		if (a->text_len > ACTION_TEXT_MAX)
			return "a text that is too long";
		if (!m->corrupt &&
		    memmem(a->text, a->text_len, SECRET, strlen(SECRET)))
			return "a password in an action's text";
		if (a->has_opening)
			broken = apply_opening(m, a, now_ns);
		else if (a->kind != ACTION_NOTE && a->kind != ACTION_MARK &&
			 a->kind != ACTION_VERDICT)
			return "a change without an opening";
	}
	return broken;
}

enum session_class
model_admit(const struct model *m, const struct addr *source,
	    const struct addr *destination, uint16_t port)
{
	enum session_class class = CLASS_NONE;

	for (unsigned i = 0; i < m->count; i++) {
		const struct opening *o = &m->open[i].opening;

		if (!addr_equal(&o->source, source) ||
		    !addr_equal(&o->destination, destination) || port < 1024)
			continue;
		if (o->kind == OPENING_RELAY && o->port == port)
			return CLASS_DATA_RELAY;
		if (o->kind == OPENING_PINHOLE && o->port == port)
			class = CLASS_DATA_PINHOLE;
		else if (opening_is_grant(o->kind) &&
			 o->kind != OPENING_ASK_PASSIVE &&
			 o->kind != OPENING_ASK_ACTIVE && class == CLASS_NONE)
			class = CLASS_DATA_GRANT;
	}
	return class;
}

const char *
model_compare(const struct model *m, const struct gate *gate, uint64_t now_ns)
{
	struct opening_view view;
	struct model copy = *m;
	uint32_t cursor = 0;

	while (gate_opening_next(gate, now_ns, &cursor, &view)) {
		struct model_opening *e = find(&copy, &view.opening);

		if (e == NULL)
			return "the core has something open that no action "
			       "said";
		if (e->due_ns <= now_ns)
			return "the core holds something open that the kernel "
			       "has dropped";
		drop(&copy, e);
	}
	return copy.count == 0 ? NULL
			       : "something is open that the core has "
				 "forgotten";
}
