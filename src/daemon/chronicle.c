/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chronicle: session numbers grow, so their place is their number's rest. */
#include "daemon/chronicle.h"

#include <stdlib.h>

struct chronicle {
	struct chronicle_entry entries[CHRONICLE_SLOTS];
};

struct chronicle *
chronicle_new(void)
{
	return calloc(1, sizeof(struct chronicle));
}

void
chronicle_free(struct chronicle *c)
{
	free(c);
}

/* The entry of the action's session; NULL when it has none, or not any more. */
static struct chronicle_entry *
entry_of(struct chronicle *c, const struct policy *policy,
	 const struct action *a, uint64_t now_ns)
{
	struct chronicle_entry *e = &c->entries[a->session % CHRONICLE_SLOTS];

	if (e->facts.session == a->session)
		return e;
	/* A SYN alone is worth no place: there can be very many. */
	if (a->reason == REASON_SESSION_NEW || a->session < e->facts.session ||
	    a->ends)
		return NULL;
	*e = (struct chronicle_entry){ .began_ns = now_ns };
	facts_begin(&e->facts, a->session, &a->client, &a->server,
		    policy_server(policy, &a->server.addr));
	/* Its SYN was the client's. One that was picked up may have been heard
	 * on either side before. */
	facts_hear(&e->facts, true, false);
	if (a->reason == REASON_PICKED_UP)
		facts_hear(&e->facts, false, false);
	return e;
}

static void
hear(struct facts *f, const struct action *a)
{
	if (a->reason == REASON_COMMAND)
		facts_hear(f, true, true);
	if (a->reason == REASON_REPLY || a->reason == REASON_REPLY_LINE)
		facts_hear(f, false, true);
	if (a->class == CLASS_OPAQUE) {
		facts_hear(f, true, true);
		facts_hear(f, false, true);
	}
}

/* A data connection that a pinhole or a grant let in. */
static void
take_data(struct facts *f, const struct action *a)
{
	struct data_seen seen = {
		.source.addr = a->opening.source,
		.destination.addr = a->opening.destination,
		/* A window's is not known here. */
		.destination.port = opening_is_window(a->opening.kind) ?
					    0 :
					    a->opening.port,
		.fate = a->reason == REASON_USED &&
					!opening_is_window(a->opening.kind) ?
				DATA_BY_PINHOLE :
				DATA_BY_GRANT,
	};

	facts_take_syn(f, &seen);
}

void
chronicle_take(struct chronicle *c, const struct policy *policy,
	       const struct action *a, uint64_t now_ns)
{
	struct chronicle_entry *e;

	if (a->session == 0 || a->kind != ACTION_NOTE)
		return;
	e = entry_of(c, policy, a, now_ns);
	if (e == NULL)
		return;
	e->heard_ns = now_ns;
	e->ended |= a->ends;
	if (a->has_opening &&
	    (a->reason == REASON_USED || a->reason == REASON_DATA)) {
		take_data(&e->facts, a);
		return;
	}
	hear(&e->facts, a);
	facts_take_action(&e->facts, a);
}

bool
chronicle_next(const struct chronicle *c, uint32_t *cursor,
	       struct chronicle_entry *out)
{
	while (*cursor < CHRONICLE_SLOTS) {
		const struct chronicle_entry *e = &c->entries[(*cursor)++];

		if (e->facts.session == 0)
			continue;
		*out = *e;
		return true;
	}
	return false;
}
