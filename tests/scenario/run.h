/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of one scenario: a gate in virtual time, and what it has said. */
#ifndef SCENARIO_RUN_H
#define SCENARIO_RUN_H

#include "bytes.h"
#include "io/conf.h"
#include "model.h"
#include "pinholed/gate.h"
#include "wire.h"

/* How a segment reaches the gate. */
enum run_cut {
	CUT_NONE,    /* as it stands */
	CUT_BYTES,   /* every byte in a segment of its own */
	CUT_SWAPPED, /* in halves, the second one first */
	CUT_TWICE,   /* twice */
	CUT_RANDOM,  /* in up to RUN_PIECES pieces in any order, some twice */
};

/* Fewer than a stream keeps beyond a gap. */
#define RUN_PIECES 5

/* One way to run a scenario. */
struct run_kind {
	const char *name;
	enum run_cut cut;
	/* Most sessions, openings and buffers. Below RUN_ROOM only the rules
	 * that always hold are checked. */
	uint32_t room;
	bool corrupt; /* change a byte behind the ports of some packets */
};

#define RUN_ROOM 64

struct held {
	char name[16];
	unsigned flow;
	enum side from;
	uint32_t seq;
	uint8_t flags;
	struct bytes *bytes;
};

/* Connections from pinholed-tls, numbered from 1. */
#define RUN_PEERS_MAX 9

#define RUN_HELD_MAX 64
#define RUN_SAID_MAX 8192
#define RUN_CONF_MAX 8192

/* An action of the block in hand. */
struct said {
	struct action action;
	uint64_t at_ns;
	bool expected;
};

struct run {
	const char *path;
	unsigned line;
	const struct run_kind *kind;
	uint32_t random; /* state of CUT_RANDOM */
	bool verbose;
	bool failed;

	char conf_text[RUN_CONF_MAX];
	bool conf_changed;
	struct conf conf[2]; /* the gate's and the next one */
	unsigned conf_used;

	void *memory;
	struct gate *gate;
	uint64_t start_ns, now_ns;
	uint32_t last_handle;

	struct flow flows[MODEL_FLOWS];
	unsigned flow_count, flow;
	struct held held[RUN_HELD_MAX];
	unsigned held_count;

	bool relay; /* streams: the policy of all servers */
	enum reason answer; /* to the newest request or stream */

	struct model model;
	struct said said[RUN_SAID_MAX];
	unsigned said_count;
	bool judged; /* an expectation has looked at the block */

	struct bytes payload; /* of the statement in hand */
};

/* Reports a failure at the line in hand with what the gate said since the last
 * expectations; the first one only. */
__attribute__((format(printf, 2, 3))) void run_fail(struct run *r,
						    const char *format, ...);

/* @run is zeroed; @path and @kind are borrowed. run_free() frees @run too. */
void run_init(struct run *r, const char *path, const struct run_kind *kind,
	      uint32_t seed);
void run_free(struct run *r);

/* A number below @limit, the same ones for the same seed. */
uint32_t run_random(struct run *r, uint32_t limit);

/* A statement that gives the gate something: before it, all that was opened and
 * closed must have been expected. Starts a new block, and the gate if there is
 * none yet. */
void run_begin_block(struct run *r);

/* Steps one event and every tick that is due then. */
void run_event(struct run *r, struct event *event);

/* Moves time to @to_ns with all the ticks on the way. */
void run_advance(struct run *r, uint64_t to_ns);

/* False when there is no room to follow the scenario: expectations mean nothing
 * then. */
static inline bool
run_is_judged(const struct run *r)
{
	return r->kind->room == RUN_ROOM;
}

/* Sends @payload as the kind of run has it. */
void run_segment(struct run *r, const struct flow *flow, enum side from,
		 uint32_t seq, uint8_t flags, struct span payload);

/* Steps decrypted bytes of @flow, cut as the kind of run has it. */
void run_stream(struct run *r, const struct flow *flow, enum side from,
		struct span payload);

/* One packet, whatever its bytes. */
void run_packet(struct run *r, const uint8_t *data, size_t len);

/* At the end: ends all connections; then nothing may be left. */
void run_finish(struct run *r);

/* The current flow; the default one where the scenario names none. */
struct flow *run_flow(struct run *r);

/* Adds a flow and makes it the current one. NULL: no room. */
struct flow *run_add_flow(struct run *r, const char *name,
			  const struct endpoint *client,
			  const struct endpoint *server);

/* Does what one line of a scenario says. */
void run_statement(struct run *r, char *line);

/* One `expect`; @words are what stands behind it. */
void run_expect(struct run *r, char *words);

#endif
