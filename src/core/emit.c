/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one way out of the core: actions, and the bound on how many there are. */
#include <assert.h>
#include <string.h>

#include "core/gate_state.h"

/* A step may open until it has said OPENS_MAX things. After that only closings
 * of what one session can hold (SESSION_PINS_MAX and two grants), two ends, one
 * mark and one verdict can follow, or, in a tick, what the tick itself bounds. */
#define NOTES_MAX 32
#define OPENS_MAX 48

_Static_assert(OPENS_MAX + 1 + SESSION_PINS_MAX + 2 + 4 <= ACTIONS_MAX,
	       "closings must always find room");

/* Of the notes, what tracing leaves to the rest. */
#define TRACES_MAX (NOTES_MAX / 2)

struct action *
emit(struct gate *gate, enum action_kind kind, const struct session *s,
     enum note_level level, enum reason reason)
{
	struct action *a;

	/* Our bug, not an input: see the bounds above. */
	assert(gate->out->count < ACTIONS_MAX);
	a = &gate->out->list[gate->out->count++];
	memset(a, 0, sizeof(*a));
	a->kind = kind;
	a->level = level;
	a->reason = reason;
	if (s != NULL) {
		a->class = s->class;
		a->session = s->id;
		a->client = s->client;
		a->server = s->server;
	}
	return a;
}

struct action *
emit_note(struct gate *gate, const struct session *s, enum note_level level,
	  enum reason reason, struct span text)
{
	struct action *a;

	if (gate->out->count >= NOTES_MAX) {
		gate->counters.notes_suppressed++;
		return NULL;
	}
	a = emit(gate, ACTION_NOTE, s, level, reason);
	text = span_head(text, ACTION_TEXT_MAX);
	if (text.len != 0)
		memcpy(a->text, text.data, text.len);
	a->text_len = (uint8_t)text.len;
	return a;
}

void
emit_end(struct gate *gate, const struct session *s, enum reason reason)
{
	struct action *a = emit(gate, ACTION_NOTE, s, NOTE_DEBUG, reason);

	a->ends = true;
	a->age_ms = (gate->now_ns - s->started_ns) / NS_PER_MS;
	a->exposed_ms = s->exposed_ms;
}

void
emit_trace(struct gate *gate, const struct session *s, enum reason reason,
	   struct span word, struct span text)
{
	uint8_t both[ACTION_TEXT_MAX];
	size_t len;

	if (!gate->trace || gate->out->count >= TRACES_MAX)
		return;
	word = span_head(word, sizeof(both));
	if (word.len != 0)
		memcpy(both, word.data, word.len);
	len = word.len;
	if (text.len != 0 && len != 0 && len < sizeof(both))
		both[len++] = ' ';
	text = span_head(text, sizeof(both) - len);
	if (text.len != 0)
		memcpy(both + len, text.data, text.len);
	emit_note(gate, s, NOTE_DEBUG, reason,
		  span_make(both, len + text.len));
}

void
emit_opening(struct gate *gate, enum action_kind kind,
	     const struct opening_slot *slot, enum session_class class,
	     enum note_level level, enum reason reason)
{
	struct action *a = emit(gate, kind, NULL, level, reason);

	a->class = class;
	a->session = slot->session;
	a->client = slot->client;
	a->server = slot->server;
	a->has_opening = true;
	a->opening = slot->opening;
	a->opening.open_ms = (gate->now_ns - slot->opened_ns) / NS_PER_MS;
}

bool
emit_has_room(const struct gate *gate)
{
	return gate->out->count < OPENS_MAX;
}
