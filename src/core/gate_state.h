/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gate's whole state, for the files of the core that share it. */
#ifndef CORE_GATE_STATE_H
#define CORE_GATE_STATE_H

#include "core/auth_memory.h"
#include "core/clients.h"
#include "core/openings.h"
#include "core/packet.h"
#include "core/pairs.h"
#include "core/pool.h"
#include "core/proofs.h"
#include "core/servers.h"
#include "core/table.h"
#include "pinholed/gate.h"

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

/* The ends of the connection in which @from sent @seg. */
static inline const struct endpoint *
segment_client(enum side from, const struct segment *seg)
{
	return from == SIDE_CLIENT ? &seg->source : &seg->destination;
}

static inline const struct endpoint *
segment_server(enum side from, const struct segment *seg)
{
	return from == SIDE_CLIENT ? &seg->destination : &seg->source;
}

/* A packet on its way to its session. */
struct foreseen {
	struct span packet;
	struct segment seg;
	bool bad;		/* no TCP segment: nothing else is set */
	uint8_t from;		/* enum side, by the ports alone */
	bool tls;		/* likely a record, not a line */
	bool opens;		/* likely a reply that announces: a record, or
				   227, 228, 229 */
	const uint32_t *bucket; /* of its session, if that is so */
};

struct gate {
	const struct policy *policy;
	uint64_t now_ns;	/* of the event in hand */
	struct actions *out;	/* of the event in hand */
	struct gate_counters counters;
	struct table sessions;
	struct clients clients;
	struct openings openings;
	struct pairs pairs;
	struct proofs proofs;
	struct auth_memory auths;
	struct pool lines, segments;
	struct meter meters[OPENING_KINDS]; /* of all openings of a kind */
	struct servers servers;
	uint32_t classes[CONTROL_CLASSES]; /* sessions in each, by .counted */
	uint64_t next_session;	/* id of the next one */
	enum reason refusal;	/* the last one's */
	bool trace;		/* commands and replies are told */
	uint64_t tls_key[2];	/* of fingerprints: tls_resume.h */
	/* Work that a policy change or a lost ruleset left: a walk over a table,
	 * a piece with each tick. The next slot, or the table's end. */
	uint32_t restore_at;	/* openings to say again */
	uint32_t review_openings_at, review_sessions_at;
	uint32_t orphans_at; /* sessions whose peer has gone */
	uint32_t peers[REQUEST_PEERS_MAX]; /* EVENT_REQUEST's; 0: free */
	struct foreseen ahead[FORESEE_MAX]; /* gate_foresee()'s */
	uint32_t ahead_count;
};

/*
 * Appends an action. There is always room for what closes and marks: notes and
 * openings stop early (emit_note, emit_has_room), so that one step fits into
 * ACTIONS_MAX. @s may be NULL. Never NULL.
 */
struct action *emit(struct gate *gate, enum action_kind kind,
		    const struct session *s, enum note_level level,
		    enum reason reason);

/* A note with an optional piece of @text. NULL when the step has said enough: it
 * is dropped and counted. */
struct action *emit_note(struct gate *gate, const struct session *s,
			 enum note_level level, enum reason reason,
			 struct span text);

/* The same at debug level for commands and replies, when the gate traces: @text
 * follows @word and a blank, where it may be shown. */
void emit_trace(struct gate *gate, const struct session *s, enum reason reason,
		struct span word, struct span text);

/* An action about @slot (ACTION_OPEN, ACTION_CLOSE, ACTION_REFRESH, or a note),
 * with the time that it has been open. */
void emit_opening(struct gate *gate, enum action_kind kind,
		  const struct opening_slot *slot, enum session_class class,
		  enum note_level level, enum reason reason);

/* A session's last note: how long it lasted, what was open for it. */
void emit_end(struct gate *gate, const struct session *s, enum reason reason);

/* Ends a session for good: closes what it holds, counts, and takes it out of the
 * table. (gate.c) */
void session_remove(struct gate *gate, struct session *s, enum reason reason);

/* A session of these two ends, which must not be in the table, or NULL after a
 * refusal that has been noted at @level. (gate.c) */
struct session *gate_add_session(struct gate *gate,
				 const struct endpoint *client,
				 const struct endpoint *server,
				 enum note_level level);

/* A running connection that is not followed must not be picked up later, in the
 * middle of what it says, when there is room again. (At its SYN there is no mark to
 * write yet: the first packet with something in it comes here.) (gate.c) */
void gate_mark_refused(struct gate *gate, const struct endpoint *client,
		       const struct endpoint *server);

/* After each event: what the session's new class asks for. (gate.c) */
void gate_settle_session(struct gate *gate, struct session *s);

/* A running session may be given up as silent that much later than the policy
 * says: see table_touch(). (gate_time.c) */
uint32_t gate_idle_grace_s(const struct gate *gate);
/* A packet of a data connection (gate_proof.c), and what time does to them. */
void gate_data_packet(struct gate *gate, const struct segment *seg);
void gate_forget_proofs(struct gate *gate);
uint64_t gate_proof_due(const struct gate *gate);

/* The session that @p's connection belongs to; NULL when it has ended.
 * (proof_judge.c) */
struct session *proof_session(const struct gate *gate, const struct proof *p);

/* Sets what @p has to show, by the policy and by what its session's earlier
 * connections did. (proof_judge.c) */
void proof_demand(struct gate *gate, struct proof *p);

/* What @p's connection has shown so far comes to. (proof_judge.c) */
enum proof_state proof_judge(const struct gate *gate, const struct proof *p,
			     const struct tls_tickets *tickets);

/* Keeps what it has shown, for those behind it. @pair may be NULL.
 * (proof_judge.c) */
void proof_remember(const struct gate *gate, const struct proof *p,
		    struct pair *pair);

/* How windows of this server work now: a server that is known well is strict.
 * @w may be NULL. (gate_proof.c) */
enum policy_window gate_window_mode(const struct gate *gate,
				    const struct addr *server,
				    const struct learned_windows *w);

/* The packet of EVENT_PACKET, as gate_foresee() has read it, or read now, into
 * *@now. (gate_foresee.c) */
const struct foreseen *gate_look_at(const struct gate *gate,
				    const struct event *event,
				    struct foreseen *now);

/* EVENT_FLOW_FOUND, EVENT_FLOW_ENDED, EVENT_DATA_BEGAN, EVENT_OPEN_FAILED
 * (gate_news.c) */
void gate_flow_found(struct gate *gate, const struct event *event);
void gate_flow_ended(struct gate *gate, const struct event *event);
void gate_data_began(struct gate *gate, const struct event *event);
void gate_open_failed(struct gate *gate, uint32_t handle);

/* EVENT_TICK (gate_time.c) */
void gate_tick(struct gate *gate);

/* EVENT_STREAM, EVENT_REQUEST (gate_terminator.c) */
void gate_stream(struct gate *gate, const struct event *event);
void gate_request(struct gate *gate, const struct event *event);

/* True for a session of pinholed-tls's that nobody looks after any more.
 * (gate_terminator.c) */
bool gate_is_orphan(const struct gate *gate, const struct session *s);

/* A new opening, in the tables since now, is @s's. (opening_life.c) */
void opening_begin(struct gate *gate, const struct session *s,
		   struct opening_slot *slot);

/* Takes @slot out of the tables, with all that is counted; what the kernel has is
 * the caller's business. (opening_life.c) */
void opening_forget(struct gate *gate, struct opening_slot *slot);

/* Makes @slot's pairs as many as the policy says now. (opening_life.c) */
void opening_measure(struct gate *gate, struct opening_slot *slot);

/* Closes @slot before its time, in the kernel too. @class: its session's, for the
 * log. (opening_life.c) */
void opening_close(struct gate *gate, struct opening_slot *slot,
		   enum session_class class, enum reason reason);

/* True while this step may still open something. */
bool emit_has_room(const struct gate *gate);

#endif
