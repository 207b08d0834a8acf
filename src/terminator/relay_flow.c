/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes from one leg to the other, and the ends. */
#include <stdlib.h>

#include "terminator/loop.h"
#include "terminator/relay.h"

/* Bytes that make a write worth while, when there is more to come. */
#define WORTH_WRITING 16384
/* Then other connections have their turn. */
#define ROUNDS 16
/* How long the news of a killed client may take behind its data's end. */
#define DOUBT_US 200000

static bool
can_flow(const struct relay *r, enum control_from from)
{
	const struct wire *wire = &r->wire[from];

	return !wire->connecting &&
	       (r->mode == RELAY_CLEAR || wire->leg.ready);
}

/*
 * @from has gone: by FIN without a proper end, or (@reset) worse. Whether that
 * matters depends on what had been said before. False: the connection has ended.
 */
static bool
gone(struct relay *r, enum control_from from, bool reset)
{
	enum control_from to = control_other(from);
	struct relay_flow *mine = &r->flow[from], *theirs = &r->flow[to];

	if (mine->ended && (theirs->passed || theirs->total == 0)) {
		/* All that it had to say has been said, and it misses nothing
		 * but the other's goodbye. */
		mine->fin = theirs->deaf = true;
		if (mine->passed)
			leg_send_fin(&r->wire[to].leg);
		return true;
	}
	if (theirs->passed && mine->total == 0) {
		/* It has got a whole file, and just leaves: that goes on as it
		 * came. */
		mine->ended = mine->passed = mine->fin = true;
		theirs->deaf = true;
		if (reset)
			relay_end(r, true);
		else
			leg_send_fin(&r->wire[to].leg);
		return !reset;
	}
	if (!reset && r->service->unclean) {
		r->doubtful[from] = true;
		loop_arm(r->timer, DOUBT_US);
		return true;
	}
	relay_cut(r, NOTE_WARN, REASON_TRUNCATED,
		  from == FROM_SERVER ? "server" : "client");
	return false;
}

/*
 * By configuration an end without close_notify may pass. But a client, or a
 * server, that was killed has lost its control connection in the same moment: who
 * still has it has ended the file on purpose.
 */
bool
relay_judge_doubtful(struct relay *r)
{
	for (int i = 0; i < 2; i++) {
		struct relay_flow *f = &r->flow[i];

		if (!r->doubtful[i] || f->ended)
			continue;
		if (r->control == NULL || r->control->pipe[i].ended) {
			relay_cut(r, NOTE_WARN, REASON_TRUNCATED,
				  i == FROM_SERVER ? "server" : "client");
			return false;
		}
		f->ended = f->unclean = f->fin = true;
	}
	return true;
}

/* Reads until it is worth writing. False: the connection has ended. */
static bool
fill(struct relay *r, enum control_from from, bool *moved)
{
	struct relay_flow *f = &r->flow[from];
	struct leg *leg = &r->wire[from].leg;
	enum leg_status status = LEG_DONE;
	size_t len;

	if (!can_flow(r, from) || f->ended || r->doubtful[from])
		return true;
	if (!leg->can_read && !leg_holds_bytes(leg))
		return true;
	if (f->bytes == NULL) {
		f->bytes = malloc(RELAY_BUFFER);
		if (f->bytes == NULL)
			return true;
	}
	while (status == LEG_DONE && f->end < WORTH_WRITING) {
		status = leg_read(leg, f->bytes + f->end, RELAY_BUFFER - f->end,
				  &len);
		if (status != LEG_DONE)
			break;
		f->end += len;
		f->total += len;
		*moved = true;
	}
	switch (status) {
	case LEG_DONE:
	case LEG_AGAIN:
	case LEG_HELLO:
		return true;
	case LEG_END:
		f->ended = true;
		f->fin = r->mode == RELAY_CLEAR;
		*moved = true;
		return true;
	case LEG_TRUNCATED:
	case LEG_BROKEN:
		break;
	}
	return gone(r, from, status == LEG_BROKEN);
}

static bool
flush(struct relay *r, enum control_from from, bool *moved)
{
	struct relay_flow *f = &r->flow[from];
	enum control_from to = control_other(from);
	struct leg *leg = &r->wire[to].leg;
	enum leg_status status = LEG_DONE;
	size_t len;

	if (!can_flow(r, to))
		return true;
	if (f->start < f->end && r->mode == RELAY_TLS)
		leg_gather(leg);
	while (f->start < f->end && leg->can_write && status == LEG_DONE) {
		status = leg_write(leg, f->bytes + f->start, f->end - f->start,
				   &len);
		if (status != LEG_DONE)
			break;
		f->start += len;
		*moved = true;
	}
	if (f->start == f->end)
		f->start = f->end = 0;
	if (status == LEG_BROKEN || status == LEG_TRUNCATED ||
	    status == LEG_END) {
		/* Who does not want the rest: the sender must not think that
		 * it has arrived. */
		relay_cut(r, NOTE_WARN, REASON_TRUNCATED,
			  to == FROM_SERVER ? "server" : "client");
		return false;
	}
	return true;
}

/* @from has ended properly and all of it has gone on: the receiver is told. */
static bool
pass_end(struct relay *r, enum control_from from, bool *moved)
{
	struct relay_flow *f = &r->flow[from];
	enum control_from to = control_other(from);
	struct leg *leg = &r->wire[to].leg;

	if (!f->ended || f->passed || f->start != f->end || !can_flow(r, to))
		return true;
	if (!f->deaf && !f->unclean && leg_say_end(leg) == LEG_AGAIN)
		return true;
	/* A goodbye that cannot be said is no loss: whether the peer has gone
	 * too early, its own direction tells. */
	f->passed = true;
	*moved = true;
	if (f->fin)
		leg_send_fin(leg);
	return true;
}

/* Behind close_notify: FIN goes on, too. Before it has come nothing is closed,
 * for bytes that arrive at a closed socket make it send a reset, and that would
 * take away what the peer has not read. */
static bool
pass_fin(struct relay *r, enum control_from from)
{
	struct relay_flow *f = &r->flow[from];

	if (!f->passed || f->fin)
		return true;
	switch (leg_drain(&r->wire[from].leg)) {
	case LEG_AGAIN:
		return true;
	case LEG_END:
		f->fin = true;
		leg_send_fin(&r->wire[control_other(from)].leg);
		return true;
	case LEG_DONE:
	case LEG_HELLO:
	case LEG_TRUNCATED:
	case LEG_BROKEN:
		break;
	}
	return gone(r, from, true);
}

static bool
pump(struct relay *r, enum control_from from, bool *moved)
{
	return fill(r, from, moved) && flush(r, from, moved) &&
	       pass_end(r, from, moved) && pass_fin(r, from);
}

/* What was gathered leaves. False: the connection has ended. */
static bool
flush_leg(struct relay *r, enum control_from to)
{
	switch (leg_flush(&r->wire[to].leg)) {
	case LEG_DONE:
	case LEG_AGAIN:
	case LEG_HELLO:
		return true;
	case LEG_END:
	case LEG_TRUNCATED:
	case LEG_BROKEN:
		break;
	}
	return gone(r, to, true);
}

/* Who sends nothing now needs no buffer. */
static void
give_back(struct relay_flow *f)
{
	if (f->start != f->end || f->bytes == NULL)
		return;
	free(f->bytes);
	f->bytes = NULL;
}

void
relay_pump(struct relay *r)
{
	bool moved = true, ever = false;

	for (int i = 0; moved && i < ROUNDS; i++) {
		moved = false;
		if (!pump(r, FROM_CLIENT, &moved) ||
		    !pump(r, FROM_SERVER, &moved))
			return;
		ever |= moved;
	}
	if (!flush_leg(r, FROM_CLIENT) || !flush_leg(r, FROM_SERVER))
		return;
	if (ever)
		r->moved_ns = program_now_ns();
	if (moved)
		wire_again(&r->wire[FROM_CLIENT]);
	give_back(&r->flow[FROM_CLIENT]);
	give_back(&r->flow[FROM_SERVER]);
	if (r->flow[0].fin && r->flow[1].fin && r->flow[0].passed &&
	    r->flow[1].passed)
		relay_end(r, false);
}

void
relay_turn(void *arg)
{
	struct relay *r = arg;

	if (!r->dead && relay_prepare(r) && !r->dead)
		relay_pump(r);
}
