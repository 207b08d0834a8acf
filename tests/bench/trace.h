/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mixed trace, the same in every run: sessions that log in and then go on for
 * as long as one likes, step by step, as events for a gate. */
#ifndef BENCH_TRACE_H
#define BENCH_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "pinholed/gate.h"

#define TRACE_BYTES 1600 /* most bytes of one packet */

struct trace_session;

struct trace {
	uint32_t sessions;
	bool idle_only; /* all clear, nothing opens: for the memory of a session */
	struct trace_session *list;
	uint64_t now_ns;
	uint64_t random;
};

void trace_open(struct trace *t, uint32_t sessions, bool idle_only);
void trace_close(struct trace *t);

/* What the trace itself takes. */
size_t trace_bytes(const struct trace *t);

/* Limits and policy that the trace fits into. */
struct gate_limits trace_limits(const struct trace *t);
void trace_policy(struct policy *policy);

/* The next event of session @index; @packet keeps its bytes. False: it is none of
 * the control connection's packets. */
bool trace_next(struct trace *t, uint32_t index,
		uint8_t packet[static TRACE_BYTES], struct event *out);

/* How many events make session @index one that is logged in and idle. */
unsigned trace_setup_len(const struct trace *t, uint32_t index);

/* Below @below, the same row in every run. */
uint32_t trace_random(struct trace *t, uint32_t below);

#endif
