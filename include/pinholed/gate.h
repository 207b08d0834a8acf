/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The core's door: events in, actions out.
 *
 * A gate is one worker's whole state. It makes no system call, reads no clock
 * and takes no memory beyond what gate_init() was given. The kernel's queue hash
 * keeps all connections of one (client, server) pair in one worker, so grants
 * and pinholes never need a second gate.
 */
#ifndef PINHOLED_GATE_H
#define PINHOLED_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pinholed/action.h"
#include "pinholed/event.h"
#include "pinholed/policy.h"

struct gate;

/* Sizes fixed at start. Every number must be at least 1. */
struct gate_limits {
	uint32_t sessions;	  /* control connections */
	uint32_t openings;	  /* pinholes and grants together */
	uint32_t line_buffers;	  /* directions with half a line */
	uint32_t segment_buffers; /* directions with a gap */
};

/* X(name, help): what a gate counts, from 0 at start. */
#define GATE_COUNTERS(X) \
	X(packets, "control packets read") \
	X(packets_bad, "packets that could not be walked") \
	X(packets_other, "packets that belong to no control port") \
	X(sessions_started, "control connections first seen") \
	X(sessions_ended, "control connections gone") \
	X(sessions_refused, "control connections not followed: a limit was reached") \
	X(sessions_half_open, "control connections given up before their greeting: too many waited") \
	X(sessions_idle, "control connections given up as silent") \
	X(commands, "command lines read") \
	X(replies, "complete replies read") \
	X(tls_records, "TLS records framed") \
	X(pinholes_opened, "pinholes opened") \
	X(pinholes_used, "pinholes used by their data connection") \
	X(pinholes_expired, "pinholes that nobody used in time") \
	X(pinholes_withdrawn, "pinholes closed before they were used") \
	X(records_commands, "commands of encrypted sessions, by their records") \
	X(windows_opened, "windows opened: lengths that can be PASV and 227") \
	X(windows_used, "windows used by a data connection") \
	X(windows_unused, "windows that no data connection used") \
	X(windows_missed, "data connections let in without a window, to learn from") \
	X(windows_refused, "data connections refused because no window was open") \
	X(proofs_passed, "data connections that showed what they have to") \
	X(proofs_failed, "data connections cut because they did not") \
	X(proof_packets, "packets of data connections read") \
	X(grants_opened, "grants for encrypted sessions opened") \
	X(grants_closed, "grants closed") \
	X(data_connections, "data connections let in") \
	X(refused, "announcements that opened nothing") \
	X(pinholes_limited, "announcements refused because a limit of pinholes was reached") \
	X(commands_limited, "commands beyond the limit of those without a reply") \
	X(sessions_cut, "sessions that broke the rules of AUTH, cut by policy") \
	X(open_failed, "openings that the kernel refused") \
	X(streams_lost, "directions that lost their place") \
	X(segments_held, "segments that came out of order") \
	X(buffers_exhausted, "times no buffer was left") \
	X(notes_suppressed, "notes that did not fit into one step") \
	X(exposure_ms, "milliseconds that pinholes were open, added up")

struct gate_counters {
#define X(name, help) uint64_t name;
	GATE_COUNTERS(X)
#undef X
};

/* Bytes that gate_init() needs for these limits. */
size_t gate_size(const struct gate_limits *limits);

/*
 * Builds a gate in @memory: gate_size() bytes, aligned for any type, owned by
 * the caller, who frees it when done; there is nothing else to release.
 * @policy is borrowed until the next EVENT_POLICY. @worker, up to 65535, makes
 * session ids unique between gates. @seed must be random: it keeps strangers
 * from choosing hash collisions.
 */
struct gate *gate_init(void *memory, const struct gate_limits *limits,
		       const struct policy *policy, uint16_t worker,
		       uint64_t seed, uint64_t now_ns);

/*
 * Takes one event and writes to @out what follows from it, in order, replacing
 * what was there. Apply every action, openings first of all, before the
 * packet's verdict. That is "accept" unless an ACTION_VERDICT says otherwise: control
 * traffic is never held up by what the helper does not understand.
 */
void gate_step(struct gate *gate, const struct event *event,
	       struct actions *out);

/*
 * Says which packets the next steps will bring, in any order: their headers are
 * read here, all at once, and with many sessions the memory that those steps need
 * is on its way meanwhile. Nothing else follows from it, and other events may come
 * in between. @packets, up to FORESEE_MAX, are borrowed until they have been
 * stepped, each with its place here in .foreseen, or until the next call.
 *
 * True when one of them needs the news of connections (EVENT_FLOW_ENDED,
 * EVENT_DATA_BEGAN) stepped first. A SYN on ports that were in use makes conntrack
 * drop the connection before, and the news of that must not end the new one. And
 * while something is open, each line may close it or announce it again, and so may
 * an end: the news that it was used must find it as it was.
 */
#define FORESEE_MAX 64
bool gate_foresee(struct gate *gate, const struct span *packets, size_t count);

/*
 * Whether one of the packets that were foreseen last can have copies before it that
 * have not been read: all but records of sessions whose mark says that the ruleset
 * holds all that they say. (The first packet under that mark came behind AUTH, or
 * 234, before which all copies were read.)
 */
bool gate_may_follow_copies(const struct gate *gate);

/*
 * Whether commands and replies are told too, as debug notes: REASON_COMMAND,
 * REASON_REPLY and, inside the greeting and the answer to FEAT,
 * REASON_REPLY_LINE. What can hold a credential is left out of their text. Off
 * at first. They never take the room of other notes.
 */
void gate_trace(struct gate *gate, bool on);

/* When the next EVENT_TICK is due, in the events' clock; UINT64_MAX: never. */
uint64_t gate_deadline(const struct gate *gate);

const struct gate_counters *gate_counters(const struct gate *gate);

/*
 * The exposure meter counts (source, port) pairs: a pinhole is one pair, a passive
 * grant has one for each port of the server's range, an active one one for each
 * port of the client from 1024 on; ports on the deny-list are none.
 */
struct exposure {
	uint64_t pairs;	  /* open now */
	uint64_t pair_ms; /* since the start: pairs times milliseconds */
};

/* Adds to @sum[kind], by enum opening_kind, what has been open up to @now_ns. A
 * grant counts once, however many sessions it serves. */
void gate_exposure(const struct gate *gate, uint64_t now_ns,
		   struct exposure sum[static OPENING_KINDS]);

/* Adds to @sum[class] how many sessions are in it. */
void gate_classes(const struct gate *gate,
		  uint64_t sum[static CONTROL_CLASSES]);

/* A session as pinholectl shows it. */
struct session_view {
	uint64_t id;
	struct endpoint client, server;
	enum session_class class;
	bool logged_in;
	bool picked_up; /* it was running before we were */
	uint64_t age_ms, idle_ms;
	uint32_t pinholes; /* open now */
	uint32_t windows;  /* the same */
	uint32_t data_connections; /* let in so far */
	/* Pair-milliseconds (struct exposure) that were open for it, what is open
	 * now included; a grant counts for each session that holds it. */
	uint64_t exposed_ms;
	/* Ports of the server's passive range as configured: what a static rule
	 * would have open to everybody. 0: none is configured. */
	uint32_t range_ports;
	/* Terminated: protocol and cipher towards the client, and towards the
	 * server, as REQUEST_TELL has them; "": none. */
	char tls[2][SESSION_TLS_MAX + 1];
};

struct opening_view {
	uint64_t session; /* the newest of those that hold it */
	struct opening opening;
	uint32_t holders; /* sessions that a grant serves; 1 for a pinhole */
	uint64_t age_ms, left_ms;
};

/* Ports from which to which, of how many times; nothing while .count is 0. */
struct ports_seen {
	uint16_t low, high;
	uint64_t count;
};

/* A server for which something was opened, or whose session is encrypted. */
struct windows_view {
	uint64_t foreseen; /* transfers that used a window */
	uint64_t missed;   /* that had none */
	uint64_t unused;   /* windows that no transfer used */
	uint32_t streak;   /* foreseen since the last one that was missed */
};

struct server_view {
	struct addr addr;
	struct windows_view passive, active;
	uint8_t window; /* enum policy_window, as it works now */
	uint8_t proof;	/* enum policy_proof */
	struct ports_seen announced; /* in replies that could be read */
	struct ports_seen connected; /* to, by clients that had a grant */
	struct port_range configured;
	uint32_t range_ports; /* as in struct session_view */
};

/* Reply lengths that are learned of. */
#define LEARNED_LENGTHS 128

/* All that was learned of a server's windows, of passive or of active mode: what a
 * restart shall not forget. */
struct learned_view {
	struct addr addr;
	bool active;
	struct windows_view counts;
	struct {
		uint8_t used, unused; /* windows, up to 255 */
		bool outside; /* the grammar does not have this length */
	} replies[LEARNED_LENGTHS];
};

/* Takes what an earlier gate had learned, where it is more than what is known. */
void gate_learn(struct gate *gate, const struct learned_view *in);

/*
 * Walk the tables: start with *@cursor 0, call until false. A table may be
 * changed by steps in between; then entries can be missed, never invalid.
 */
bool gate_session_next(const struct gate *gate, uint64_t now_ns,
		       uint32_t *cursor, struct session_view *out);
bool gate_opening_next(const struct gate *gate, uint64_t now_ns,
		       uint32_t *cursor, struct opening_view *out);
bool gate_server_next(const struct gate *gate, uint32_t *cursor,
		      struct server_view *out);

bool gate_learned_next(const struct gate *gate, uint32_t *cursor,
		       struct learned_view *out);

/* Whether the connection between these ends is followed. */
bool gate_has_session(const struct gate *gate, const struct endpoint *client,
		      const struct endpoint *server);

#endif
