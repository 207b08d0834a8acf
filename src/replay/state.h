/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replay's whole state, for the files of this folder that share it. */
#ifndef REPLAY_STATE_H
#define REPLAY_STATE_H

#include "core/packet.h"
#include "pinholed/gate.h"
#include "replay/order.h"
#include "replay/replay.h"
#include "replay/sessions.h"

/* Clients that were sent elsewhere lately, so that it is seen when they go. */
#define FOREIGN_MAX 64

struct foreign {
	uint64_t session; /* 0: none */
	struct addr client;
	struct endpoint end;
};

struct replay {
	const struct conf *conf;
	struct replay_sink sink;
	struct gate *gate;
	struct sessions sessions;
	struct flows flows;
	struct foreign foreign[FOREIGN_MAX];
	uint32_t next_foreign;
	struct order order;
	uint64_t first_ns, now_ns;
	bool began;
	struct replay_total total;
};

/* Steps the gate and passes on what it says. (replay.c) */
void replay_step(struct replay *r, struct event *event);

/* Steps a data connection's packet; the class that the gate gives it, CLASS_NONE:
 * none. *@by becomes what let it in, where something did. (replay.c) */
enum session_class replay_ask(struct replay *r, struct span ip,
			      enum opening_kind *by);

/* Tells @m, with time and frame set. (replay.c) */
void replay_tell(struct replay *r, struct moment *m);

/* The session has ended and nothing of it goes on: tells what is known, and
 * forgets it. (replay.c) */
void replay_close_session(struct replay *r, struct replay_session *s);

/* Whether it is on a control port. (control.c) */
bool replay_is_control(const struct replay *r, const struct segment *seg);

/* The session of a control packet, or NULL. (control.c) */
struct replay_session *replay_find_session(const struct replay *r,
					   const struct segment *seg);

/* A control packet that acknowledges what has not come by yet. (control.c) */
bool replay_is_early(const struct replay *r, const struct segment *seg);

void replay_control_packet(struct replay *r, struct span ip,
			   const struct segment *seg); /* (control.c) */

/* A packet that is on no control port. (data.c) */
void replay_data_packet(struct replay *r, struct span ip,
			const struct segment *seg);

/* Ends the flow here. (data.c) */
void replay_finish_flow(struct replay *r, struct flow *f);

#endif
