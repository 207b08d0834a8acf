/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes from leg to leg, as long as there are any and there is room. */
#include <string.h>

#include "terminator/control.h"

/* Then others have their turn. */
#define ROUNDS 32

static void
compact(struct control_pipe *pipe)
{
	size_t start = pipe->start;

	if (start == 0 || (pipe->end != CONTROL_BUFFER && start != pipe->end))
		return;
	memmove(pipe->bytes, pipe->bytes + start, pipe->end - start);
	pipe->start = 0;
	pipe->ready -= start;
	pipe->read -= start;
	pipe->end -= start;
	if (pipe->urgent >= 0)
		pipe->urgent -= (ssize_t)start;
}

/* The peer of @leg cannot be reached any more. */
static bool
lost(struct control *c)
{
	control_end(c, true);
	return false;
}

/* Sends what may go on. Sets *@moved; false: the session has ended. */
static bool
flush(struct control *c, enum control_from from, bool *moved)
{
	struct control_pipe *pipe = &c->pipe[from];
	struct leg *leg = &c->wire[control_other(from)].leg;
	enum leg_status status = LEG_DONE;
	size_t len;

	while (pipe->start < pipe->ready && status == LEG_DONE) {
		size_t count = pipe->ready - pipe->start;
		bool urgent = pipe->urgent >= (ssize_t)pipe->start &&
			      pipe->urgent < (ssize_t)pipe->ready;

		if (urgent)
			count = (size_t)pipe->urgent + 1 - pipe->start;
		status = (urgent ? leg_write_urgent : leg_write)(
			leg, pipe->bytes + pipe->start, count, &len);
		if (status != LEG_DONE)
			break;
		pipe->start += len;
		*moved = true;
		if (urgent && len == count)
			pipe->urgent = -1;
	}
	if (status == LEG_BROKEN || status == LEG_TRUNCATED)
		return lost(c);
	compact(pipe);
	return true;
}

static enum leg_status
read_some(struct control_pipe *pipe, struct leg *leg, size_t *len)
{
	size_t room = CONTROL_BUFFER - pipe->end;
	bool urgent = false;
	enum leg_status status;

	if (leg->tls_in)
		return leg_read(leg, pipe->bytes + pipe->end, room, len);
	status = leg_read_line(leg, pipe->bytes + pipe->end, room, len,
			       &urgent);
	if (status == LEG_DONE && urgent)
		pipe->urgent = (ssize_t)pipe->end;
	return status;
}

static bool
fill(struct control *c, enum control_from from, bool *moved)
{
	struct control_pipe *pipe = &c->pipe[from];
	struct leg *leg = &c->wire[from].leg;
	size_t len = 0;

	if (pipe->ended || pipe->stop || pipe->end == CONTROL_BUFFER ||
	    (pipe->waits != 0 && !leg->tls_in))
		return true;
	switch (read_some(pipe, leg, &len)) {
	case LEG_DONE:
		pipe->end += len;
		c->heard_ns = program_now_ns();
		*moved = true;
		return true;
	case LEG_AGAIN:
	case LEG_HELLO:
		return true;
	case LEG_END:
	case LEG_TRUNCATED: /* many hang up without a word, and lose nothing */
		pipe->ended = true;
		*moved = true;
		return true;
	case LEG_BROKEN:
		break;
	}
	return lost(c);
}

/* All of @from has gone on and no more will come: the other end is told. */
static bool
pass_end(struct control *c, enum control_from from, bool *moved)
{
	struct control_pipe *pipe = &c->pipe[from];
	struct leg *leg = &c->wire[control_other(from)].leg;

	if (!pipe->ended || pipe->passed_end || pipe->start != pipe->end)
		return true;
	switch (leg_say_end(leg)) {
	case LEG_AGAIN:
		return true;
	case LEG_DONE:
	case LEG_HELLO:
	case LEG_END:
		break;
	case LEG_TRUNCATED:
	case LEG_BROKEN:
		return lost(c);
	}
	leg_send_fin(leg);
	pipe->passed_end = true;
	*moved = true;
	if (!c->pipe[control_other(from)].passed_end)
		return true;
	control_end(c, false);
	return false;
}

static bool
pump(struct control *c, enum control_from from, bool *moved)
{
	return flush(c, from, moved) && fill(c, from, moved) &&
	       control_judge(c, from) && flush(c, from, moved) &&
	       pass_end(c, from, moved);
}

/* A direction in which both legs are in clear text, or both inside TLS. */
static bool
is_through(const struct control *c, enum control_from from)
{
	return c->wire[from].leg.tls_in ==
	       c->wire[control_other(from)].leg.tls_out;
}

static bool
pump_both(struct control *c)
{
	bool moved = true;
	int i;

	for (i = 0; moved && i < ROUNDS; i++) {
		moved = false;
		for (int from = 0; from < 2; from++)
			if (is_through(c, (enum control_from)from) &&
			    !pump(c, (enum control_from)from, &moved))
				return false;
	}
	if (moved)
		wire_again(&c->wire[FROM_CLIENT]);
	return true;
}

static void
enter(struct control *c, enum control_phase phase)
{
	c->phase = phase;
	c->phase_ns = program_now_ns();
}

/* The server's line that changes TLS has gone on to the client. */
static bool
turn_over(struct control *c)
{
	struct control_pipe *down = &c->pipe[FROM_SERVER];

	if (!down->stop || down->start != down->read)
		return true;
	if (c->class == CLASS_CLEAR_CCC) {
		/* Protected commands behind CCC must not go on unprotected. */
		if (c->pipe[FROM_CLIENT].read != c->pipe[FROM_CLIENT].end) {
			control_cut(c, NOTE_WARN, REASON_TLS_BROKEN, "client");
			return false;
		}
		enter(c, PHASE_LEAVING);
		return true;
	}
	return control_enter_tls(c);
}

void
control_turn(void *arg)
{
	struct control *c = arg;
	enum control_phase before;

	do {
		bool alive = false;

		before = c->phase;
		switch (before) {
		case PHASE_CONNECTING:
			alive = control_connect(c);
			break;
		case PHASE_LINES:
			alive = pump_both(c) && turn_over(c);
			break;
		case PHASE_HELLO:
		case PHASE_SERVER:
		case PHASE_CLIENT:
			alive = control_handshake(c);
			break;
		case PHASE_LEAVING:
			alive = control_leave_tls(c) && pump_both(c);
			break;
		case PHASE_DEAD:
			break;
		}
		if (!alive)
			return;
	} while (c->phase != before);
}
