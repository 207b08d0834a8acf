/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One control connection: its two streams, the commands that await a reply, and
 * its class.
 *
 * The class (pinholed/class.h) is the protocol state machine's state. What moves
 * it, and what may open in it:
 *
 *   greeting      from the SYN until the server's 220; nothing opens. A
 *                 connection that was already running and has no mark starts
 *                 here too and leaves with its first complete exchange.
 *   clear         lines both ways; exact pinholes by the pairing rules.
 *   tls-wanted    AUTH was sent; nothing opens. A refusal leads back to clear.
 *   opaque        234 and TLS records both ways, TLS from the first byte on an
 *                 implicit port, or another AUTH mechanism; grants by policy.
 *   clear-after-ccc  from opaque, by the first FTP line of a direction that left
 *                 TLS in the way CCC does (session_tls.c).
 *   terminated    234, or the greeting on an implicit port, where pinholed-tls
 *                 reads (EVENT_STREAM); and every session that it has begun
 *                 (EVENT_REQUEST). Exact pinholes. (session_layer.c)
 *   not-ftp       anything else, for the rest of the connection.
 *
 * The floors of a packet's way: session_tcp.c (segments, order, pick-up) ->
 * session_line.c (which reader) -> session_tls.c (records) or session_command.c
 * and session_reply.c (lines) -> session_state.c (turns) -> session_open.c and
 * session_grant.c (may it be opened?) -> opening_life.c. Each calls only those behind
 * it.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/ftp_line.h"
#include "core/ftp_reading.h"
#include "core/ftp_reply.h"
#include "core/packet.h"
#include "core/stream.h"
#include "core/tls.h"
#include "core/tls_length.h"
#include "pinholed/action.h"
#include "pinholed/addr.h"
#include "pinholed/class.h"
#include "pinholed/event.h"
#include "pinholed/policy.h"
#include "pinholed/reason.h"

struct gate;

/* Who speaks. */
enum side {
	SIDE_CLIENT,
	SIDE_SERVER,
};

static inline enum side
side_other(enum side side)
{
	return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

/* How a direction's bytes are read. */
enum direction_mode {
	DIRECTION_LINES,
	DIRECTION_TLS,
	DIRECTION_EARLY, /* the client, in clear text before the server's
			    close_notify came: kept unread (session_tls.c) */
};

struct direction {
	struct stream stream;
	struct ftp_line_reader lines;
	pool_handle kept;   /* a line block. TLS: the place in a hello of which
			       only a part has come (struct tls_hello_walk);
			       EARLY: the bytes; ORIGIN_REQUESTS: what
			       REQUEST_TELL said of this leg, NUL behind */
	uint16_t early_len; /* EARLY: how many bytes */
	uint8_t mode : 2;   /* enum direction_mode */
	bool close_shaped : 1; /* TLS: the last record can be a close_notify */
	bool behind_lf : 1; /* LINES: the line before ended in LF alone */
	bool left_tls : 1;  /* LINES: no line has been read since TLS ended */
};

/* Commands that may await their reply at once. */
#define SESSION_PENDING_MAX POLICY_SESSION_COMMANDS_MAX

/* Pinholes of one session that may be open at once. One is the rule; the rest
 * is for clients that send the next PORT before the last one was answered. */
#define SESSION_PINS_MAX POLICY_SESSION_PINHOLES_MAX

/* Who reads the connection. */
enum session_origin {
	ORIGIN_PACKETS,	 /* we do, from the queue */
	ORIGIN_STREAM,	 /* we do, in pinholed-tls: EVENT_STREAM */
	ORIGIN_REQUESTS, /* pinholed-tls does: EVENT_REQUEST; no packet and no
			    news of conntrack counts */
};

/* What the next data connection will be (RFC 2228 section 3, PROT). */
enum session_protection {
	PROTECTION_CLEAR,
	PROTECTION_PRIVATE,
	PROTECTION_UNKNOWN, /* servers differ */
};

/* A command whose final reply has not come. Each field belongs to some verbs:
 * to others it says nothing. */
struct pending {
	uint8_t verb; /* enum ftp_verb */
	union {
		/* PORT, EPRT, LPRT: its place in ->pins, plus 1; 0: nothing of
		 * it is open. See session_pin_of(). */
		uint8_t pin;
		struct {
			uint8_t auth : 4; /* AUTH: enum ftp_auth */
			/* PROT, AUTH: enum session_protection, once it has been
			 * accepted */
			uint8_t protection : 2;
			/* AUTH: sent where a server that knows it has no reason
			 * to refuse it: neither logged in nor back from TLS */
			bool auth_first : 1;
			bool epsv_all : 1; /* EPSV ALL: its 2xx opens nothing */
		};
	};
};

/* Commands of an encrypted session that may await their reply at once. */
#define EXCHANGE_PENDING_MAX 8

/* What an encrypted session's records tell (session_window.c). */
struct exchange {
	uint8_t count;		 /* of ->lengths */
	bool paired : 1;	 /* ->pair is valid */
	bool tls_shown : 1;	 /* a data connection of it was TLS, */
	bool resume_shown : 1;	 /* and resumed its session, */
	bool name_shown : 1;	 /* and named the same server */
	bool prot_since : 1;	 /* since then a command came that can be PROT */
	bool pbsz : 1;		 /* the latest command can be PBSZ, */
	bool prot_known : 1;	 /* and one behind such a one has been PROT */
	struct tls_padding padding[2]; /* by enum side */
};

enum session_login {
	LOGIN_NO,
	LOGIN_YES,
	LOGIN_UNKNOWN, /* it happened where we could not read */
};

/*
 * There may be a million of these. What an idle one does not need is in blocks
 * that it takes and gives back (pool.h). The parts are in the order in which a
 * packet needs them, a cache line each: to find the session; to put the segment
 * in order; then to read a record, or a line; the last one when something is
 * opened or ends. table.c holds it to that.
 */
struct session {
	struct endpoint client, server;
	uint32_t hash_next; /* table.c's */
	uint32_t listed_s;  /* the same: when it became the newest of its list */
	union {
		uint32_t pending_over; /* see below */
		uint32_t pair;	       /* while .paired: in the pairs table */
	};
	uint8_t class : 4;  /* enum session_class */
	uint8_t marked : 4; /* the class in the conntrack mark */
	uint8_t counted : 4; /* the class that it is counted under */
	uint8_t login : 2;  /* enum session_login */
	uint8_t origin : 2; /* enum session_origin */
	uint8_t protection : 2; /* enum session_protection */
	bool in_use : 1;
	bool listed_half_open : 1; /* table.c's */
	bool implicit : 1;  /* TLS is expected from the first byte */
	bool picked_up : 1; /* it was running before we were */
	bool claimed : 1;   /* its packets come to this gate */
	bool proven : 1;    /* line boundaries are known: by the greeting, by
			       our own mark, or by a complete exchange */
	bool ended : 1;	    /* reset: see session_end() */
	bool cut : 1;	    /* the ruleset resets it: see session_cut() */
	bool epsv_all : 1;  /* RFC 2428 section 4 */
	bool began : 1;	    /* the client has sent a line that is FTP */
	bool syn_again : 1; /* a new SYN on the same ports: `syn` */
	uint64_t heard_ns;

	struct direction side[2]; /* by enum side */

	struct tls_framer tls[2]; /* the same */

	uint64_t id;
	struct ftp_reply_reader replies;
	/* Commands that await their reply. Lines, in the order of their replies,
	 * from .pending_first on, round and round; .pending_over more behind
	 * those are known by number only: their replies are counted and open
	 * nothing. While the exchange is .paired, records, the oldest first; then
	 * no line waits and .pending_count stays 0. */
	uint8_t pending_first, pending_count;
	union {
		struct pending pending[SESSION_PENDING_MAX];
		struct tls_length lengths[EXCHANGE_PENDING_MAX];
	};
	struct exchange exchange;

	uint64_t started_ns;
	uint32_t older, newer; /* table.c's */
	union {
		uint32_t syn;  /* sequence number of the (newest) SYN */
		uint32_t peer; /* ORIGIN_REQUESTS: who began it */
	};
	uint32_t data_connections;
	/* Pinholes: handles in the openings table, 0 or one that has gone: none;
	 * and a bit for each that the server agreed to: it answered 227 or
	 * accepted PORT. */
	uint32_t pins[SESSION_PINS_MAX];
	uint32_t pins_confirmed : SESSION_PINS_MAX;
	uint32_t client_entry : 28; /* in the table of clients */
	uint32_t opaque_s;  /* when it was paired */
	uint32_t grants[2]; /* handles: passive, active; 0: not held */
	/* Pair-milliseconds of all that it held, less what the meters of those
	 * grants that it holds showed when it came. */
	uint64_t exposed_ms;
};

/* Where in ->pending the command is that has @older ones before it. */
static inline unsigned
session_pending_at(const struct session *s, unsigned older)
{
	return (s->pending_first + older) % SESSION_PENDING_MAX;
}

/* --- session_tcp.c ------------------------------------------------------- */

/* Makes the session in @s, whose ends are set, a new one: at its SYN, which had
 * sequence number @syn. */
void session_start(struct gate *gate, struct session *s, uint32_t syn);

/* The same for a connection that was already running; @class comes from its
 * mark (CLASS_NONE: it had none). An opaque one gets its grants with its next
 * segment. */
void session_pick_up(struct gate *gate, struct session *s,
		     enum session_class class);

/* Takes a segment that @from sent. True: the connection has ended and the
 * session must be removed. */
bool session_segment(struct gate *gate, struct session *s, enum side from,
		     const struct segment *seg);

/* --- session_line.c ------------------------------------------------------ */

/* Reads in-order bytes of @from, lines or TLS records as the mode says. */
void session_read(struct gate *gate, struct session *s, enum side from,
		  struct span bytes);

/* Whether the session's lines can be read and may announce something. */
static inline bool
session_is_readable(const struct session *s)
{
	return s->class == CLASS_CLEAR || s->class == CLASS_CLEAR_CCC ||
	       s->class == CLASS_TERMINATED;
}

/* --- session_command.c, session_reply.c ---------------------------------- */

void session_command(struct gate *gate, struct session *s,
		     const struct ftp_line *line);
void session_reply(struct gate *gate, struct session *s,
		   const struct ftp_line *line);

/* --- session_tls.c ------------------------------------------------------- */

/* Consumes records from *@bytes until they are used up or the direction's mode
 * changes. */
void session_records(struct gate *gate, struct session *s, enum side from,
		     struct span *bytes);

/* Keeps @bytes of a client that is early, or gives up on it. */
void session_keep_early(struct gate *gate, struct session *s,
			struct span bytes);

/* --- session_window.c ---------------------------------------------------- */

/* Takes a record of an opaque session: what it can mean, by its length. */
void session_take_length(struct gate *gate, struct session *s, enum side from,
			 const struct tls_record *record);

/* The connection that PORT announced has come before its reply: that reply opens
 * nothing any more. */
void session_active_came(struct session *s, const struct addr *client);

/* The session has become opaque and holds a grant, or does so no more. */
void session_pair(struct gate *gate, struct session *s);
void session_unpair(struct gate *gate, struct session *s);

/* --- session_layer.c ----------------------------------------------------- */

/* Makes the session in @s, whose ends are set, one that is fed with
 * EVENT_STREAM. */
void session_start_stream(struct gate *gate, struct session *s);

/* Reads the next @bytes of such a session. */
void session_read_stream(struct gate *gate, struct session *s, enum side from,
			 struct span bytes);

/* The same as session_start_stream(), for one that pinholed-tls has begun. */
void session_start_requests(struct gate *gate, struct session *s);

/* The server has accepted @auth, or greeted on an implicit port (@auth is NULL),
 * in a session of ORIGIN_STREAM. */
void session_enter_layer(struct gate *gate, struct session *s,
			 const struct pending *auth);

/* The server has accepted CCC. */
void session_leave_layer(struct gate *gate, struct session *s);

/* What PROT and AUTH with @argument make of data connections, where the server
 * accepts them: enum session_protection. */
enum session_protection session_prot(struct span argument);
enum session_protection session_auth_prot(struct span argument);

/* --- session_state.c ----------------------------------------------------- */

/* Changes the class, says so, and closes what the new one does not allow. */
void session_set_class(struct gate *gate, struct session *s,
		       enum session_class class, enum reason reason);

/* @from goes on as TLS, from its next byte; nothing where it has begun. */
void session_start_tls(struct gate *gate, struct session *s, enum side from);

/* Forgets all commands that await a reply; pinholes that depended on one are
 * withdrawn. */
void session_forget_pending(struct gate *gate, struct session *s,
			    enum reason reason);

/* Nothing of the connection counts any more. */
void session_not_ftp(struct gate *gate, struct session *s);

/* The session broke the rules of AUTH, which has been noted: where the policy says
 * so, the ruleset resets it from here on. */
void session_cut(struct gate *gate, struct session *s);

/* Bytes of @from passed unseen: the streams wait for a safe point, and what was
 * opened without the server's word is withdrawn. */
void session_lose(struct gate *gate, struct session *s, enum side from);

/* The connection has been reset, as far as we can see: nothing of it is read any
 * more. The session stays until its conntrack entry has gone. */
void session_end(struct gate *gate, struct session *s);

/* Closes everything the session holds open and gives its buffers back. */
void session_close(struct gate *gate, struct session *s, enum reason reason);

/* --- session_open.c ------------------------------------------------------ */

/* True when the connection is ending: nothing is announced on it any more. */
bool session_is_over(const struct session *s);

/* Opens a pinhole for what @reason (PASV, EPSV, ...) announced, if every rule
 * allows it; @text is the announcement, for the log. Returns the pinhole's
 * handle, or 0 after a refusal that has been noted. */
uint32_t session_open_passive(struct gate *gate, struct session *s,
			      enum reason reason,
			      const struct endpoint *announced,
			      struct span text);
uint32_t session_open_active(struct gate *gate, struct session *s,
			     enum reason reason,
			     const struct endpoint *announced,
			     struct span text);

/* Keeps with @p, which is PORT, EPRT or LPRT, which pinhole it opened, and finds it
 * again: its handle, or 0, as for all other commands. */
void session_note_pin(struct session *s, struct pending *p, uint32_t handle);
uint32_t session_pin_of(const struct session *s, const struct pending *p);

/* The server accepted: older pinholes of the session have no use any more. */
void session_confirm_pin(struct gate *gate, struct session *s,
			 uint32_t handle);

/* Opens a window of @kind, because a reply of @length can announce a data port,
 * and closes the session's earlier one. */
void session_open_window(struct gate *gate, struct session *s,
			 enum opening_kind kind, uint8_t length);

/* Closes one pinhole of the session; a handle that is gone is no error. */
void session_close_pin(struct gate *gate, struct session *s, uint32_t handle,
		       enum reason reason);
void session_close_pins(struct gate *gate, struct session *s,
			enum reason reason);

/* Learns that a client that has a grant used @server's passive @port. */
void session_learn_port(struct gate *gate, const struct addr *server,
			uint16_t port);

/* Says that an announcement opens nothing. */
void session_refuse(struct gate *gate, const struct session *s,
		    enum reason reason, struct span text);

/* The same for REASON_AMBIGUOUS, with what there was to choose from. */
void session_refuse_readings(struct gate *gate, const struct session *s,
			     struct span text, struct ftp_readings readings);

/* --- session_grant.c ----------------------------------------------------- */

/* The grants of an opaque session, as the policy has them now: opens what is
 * missing, releases what is not allowed. */
void session_update_grants(struct gate *gate, struct session *s);
void session_release_grants(struct gate *gate, struct session *s,
			    enum reason reason);

#endif
