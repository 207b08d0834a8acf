/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What it costs to open one pinhole, in the namespace that it runs in, where the
 * shipped ruleset is loaded:
 *
 *	pinhole ROUNDS COUNT
 *
 * Each round opens COUNT in two ways and prints the nanoseconds of each: as the
 * daemon does it, from the packet with the 229 to the kernel's acknowledgement;
 * and the bare transaction, one element added.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "netfilter/fwset.h"
#include "netfilter/fwtx.h"
#include "trace.h"

#define SESSIONS 4096

static struct trace trace;
static struct policy policy;
static struct actions actions;
static struct gate *gate;
static struct fwset *fw;
static struct fwtx tx;

static void
must(int err, const char *what)
{
	if (err == 0)
		return;
	fprintf(stderr, "pinhole: %s: %s\n", what, strerror(-err));
	exit(1);
}

static uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Takes random steps until one opens a pinhole; returns what that one took. */
static uint64_t
open_as_daemon(void)
{
	static uint8_t packet[TRACE_BYTES];

	for (;;) {
		struct event event;
		uint64_t began;
		bool opens = false;

		trace_next(&trace, trace_random(&trace, SESSIONS), packet,
			   &event);
		began = now_ns();
		gate_step(gate, &event, &actions);
		for (uint32_t i = 0; i < actions.count; i++) {
			if (actions.list[i].kind != ACTION_OPEN ||
			    actions.list[i].opening.kind != OPENING_PINHOLE)
				continue;
			opens = true;
			must(fwset_add(fw, &actions.list[i]), "add");
		}
		if (!opens)
			continue;
		must(fwset_commit(fw), "commit");
		return now_ns() - began;
	}
}

static uint64_t
open_bare(void)
{
	struct fwtx_element e = { .set = "pin4", .len = 12, .timeout_s = 60 };
	static uint32_t count;
	uint64_t began;

	count++;
	memcpy(e.key, &count, sizeof(count));
	began = now_ns();
	fwtx_add(&tx, &e);
	must(fwtx_commit(&tx), "bare transaction");
	return now_ns() - began;
}

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

int
main(int argc, char **argv)
{
	static uint64_t ours[4096], bare[4096];
	static uint8_t packet[TRACE_BYTES];
	struct gate_limits limits;
	struct event event;

	if (argc != 3 || atoi(argv[2]) < 1 || atoi(argv[2]) > 4096)
		return 2;
	trace_open(&trace, SESSIONS, false);
	trace_policy(&policy);
	limits = trace_limits(&trace);
	gate = gate_init(aligned_alloc(64, (gate_size(&limits) + 63) / 64 * 64),
			 &limits, &policy, 0, 42, 0);
	must(fwset_open("pinholed", &fw), "nftables");
	must(fwtx_init(&tx, "pinholed"), "nftables");
	for (uint32_t i = 0; i < SESSIONS; i++)
		for (unsigned n = trace_setup_len(&trace, i); n > 0; n--) {
			trace_next(&trace, i, packet, &event);
			gate_step(gate, &event, &actions);
		}
	for (int rounds = atoi(argv[1]); rounds > 0; rounds--) {
		int count = atoi(argv[2]);

		for (int i = 0; i < count; i++) {
			ours[i] = open_as_daemon();
			bare[i] = open_bare();
		}
		qsort(ours, (size_t)count, sizeof(ours[0]), compare);
		qsort(bare, (size_t)count, sizeof(bare[0]), compare);
		printf("%lu %lu\n", (unsigned long)ours[count / 2],
		       (unsigned long)bare[count / 2]);
		must(fwset_flush(fw), "flush");
	}
	return 0;
}
