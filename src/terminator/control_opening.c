/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session announced: asked for, answered, used up, withdrawn. */
#include <stdlib.h>

#include "io/log.h"
#include "terminator/control.h"
#include "terminator/link.h"
#include "terminator/reader.h"

static void
forget(struct announced *a)
{
	table_del_announced(a);
	LIST_REMOVE(a, in_control);
	free(a);
}

static struct announced *
find(const struct control *c, uint32_t handle)
{
	struct announced *a;

	LIST_FOREACH(a, &c->announced, in_control)
		if (a->opening.handle == handle)
			return a;
	return NULL;
}

void
control_opened(struct control *c, const struct action *action)
{
	struct announced *a = calloc(1, sizeof(*a));

	if (a == NULL || !link_open(c->p->link, c, action,
				    c->reading == FROM_SERVER)) {
		free(a);
		c->p->counters.opens_refused++;
		control_say(c, NOTE_WARN, REASON_LINK_LOST, NULL);
		reader_open_failed(c->p, action->opening.handle);
		return;
	}
	c->pipe[c->reading].waits++;
	a->control = c;
	a->opening = action->opening;
	a->reason = action->reason;
	LIST_INSERT_HEAD(&c->announced, a, in_control);
	table_add_announced(c->p->table, a);
}

void
control_answered(struct control *c, const struct action *action,
		 bool from_server, enum reason reason, uint32_t handle)
{
	struct announced *a = find(c, action->opening.handle);
	struct control_pipe *pipe =
		&c->pipe[from_server ? FROM_SERVER : FROM_CLIENT];

	if (--pipe->waits == 0) {
		pipe->ready = pipe->read;
		wire_again(&c->wire[from_server ? FROM_SERVER : FROM_CLIENT]);
	}
	if (reason == REASON_NONE) {
		log_action(action);
		if (a != NULL)
			a->handle = handle;
		else
			link_close(c->p->link, c, handle);
		return;
	}
	c->p->counters.opens_refused++;
	control_say(c, NOTE_WARN, reason, "pinholed");
	if (a != NULL)
		forget(a);
	reader_open_failed(c->p, action->opening.handle);
}

void
control_closed(struct control *c, const struct opening *opening)
{
	struct announced *a = find(c, opening->handle);

	if (a == NULL)
		return;
	if (a->handle != 0)
		link_close(c->p->link, c, a->handle);
	forget(a);
}

void
control_link_lost(struct control *c)
{
	struct announced *a;

	while ((a = LIST_FIRST(&c->announced)) != NULL) {
		uint32_t handle = a->opening.handle;

		forget(a);
		reader_open_failed(c->p, handle);
	}
}

void
control_used(struct control *c, struct announced *a)
{
	struct opening opening = a->opening;

	forget(a);
	reader_used(c->p, &opening);
}

void
control_forget(struct control *c)
{
	struct announced *a;

	while ((a = LIST_FIRST(&c->announced)) != NULL)
		forget(a);
}
