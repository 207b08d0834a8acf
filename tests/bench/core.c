/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The core alone:
 *
 *	core speed ROUNDS SESSIONS...	nanoseconds per packet, per number of
 *					sessions, each round all of them in turn
 *	core memory SESSIONS...		resident bytes per idle session
 *	core count PACKETS		steps through a fixed trace, for callgrind
 *
 * Prints one line of numbers per result.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "trace.h"

#define SIZES_MAX 8
#define BATCH 64
#define ROUND_EVENTS 200000

struct world {
	struct trace trace;
	struct gate *gate;
	struct policy policy;
	struct actions actions;
	void *memory;
	size_t size;
};

static uint64_t
cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static size_t
resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long size, resident = 0;

	if (f == NULL || fscanf(f, "%lu %lu", &size, &resident) != 2)
		exit(1);
	fclose(f);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* The gate gets its memory as the daemon gives it (daemon/worker.c). */
static void
open_world(struct world *w, uint32_t sessions, bool idle_only)
{
	struct gate_limits limits;

	trace_open(&w->trace, sessions, idle_only);
	trace_policy(&w->policy);
	limits = trace_limits(&w->trace);
	w->size = gate_size(&limits);
	w->memory = mmap(NULL, w->size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w->memory == MAP_FAILED) {
		perror("core: mmap");
		exit(1);
	}
	madvise(w->memory, w->size, MADV_HUGEPAGE);
	w->gate = gate_init(w->memory, &limits, &w->policy, 0, 42, 0);
	gate_trace(w->gate, true);
}

/* A trace that the gate does not follow measures nothing. */
static void
check_world(const struct world *w)
{
	const struct gate_counters *c = gate_counters(w->gate);

	if (c->pinholes_used == 0 || c->windows_used == 0 || c->refused != 0 ||
	    c->commands_limited != 0 || c->streams_lost != 0 ||
	    c->sessions_ended != 0 || c->packets_bad != 0) {
		fprintf(stderr, "core: the trace went wrong\n");
		exit(1);
	}
}

static void
close_world(struct world *w)
{
	munmap(w->memory, w->size);
	trace_close(&w->trace);
}

/* @on: each session goes on to some place in its loop. */
static void
log_in_all(struct world *w, bool on)
{
	uint8_t packet[TRACE_BYTES];
	struct event event;

	for (uint32_t i = 0; i < w->trace.sessions; i++) {
		unsigned n = trace_setup_len(&w->trace, i);

		for (n += on ? trace_random(&w->trace, 16) : 0; n > 0; n--) {
			trace_next(&w->trace, i, packet, &event);
			gate_step(w->gate, &event, &w->actions);
		}
	}
}

/* The next packet of some session. What comes of data connections is stepped at
 * once. */
static void
next_packet(struct world *w, uint8_t packet[static TRACE_BYTES],
	    struct event *out)
{
	for (;;) {
		if (trace_next(&w->trace,
			       trace_random(&w->trace, w->trace.sessions),
			       packet, out))
			return;
		gate_step(w->gate, out, &w->actions);
	}
}

/* Packets as they come from the queue. */
struct batch {
	uint8_t packets[BATCH][TRACE_BYTES];
	struct event events[BATCH];
	struct span spans[BATCH];
};

/* Packets of random sessions. */
static void
next_batch(struct world *w, struct batch *b)
{
	for (uint32_t i = 0; i < BATCH; i++) {
		next_packet(w, b->packets[i], &b->events[i]);
		b->events[i].foreseen = i + 1;
		b->spans[i] = b->events[i].packet;
	}
}

/* Separate from its callers, so that callgrind can be told to count here. */
static __attribute__((noinline)) void
step_batch(struct world *w, const struct batch *b)
{
	gate_foresee(w->gate, b->spans, BATCH);
	for (int i = 0; i < BATCH; i++)
		gate_step(w->gate, &b->events[i], &w->actions);
}

/* Steps @count packets; returns the time that the gate took. */
static uint64_t
step_some(struct world *w, unsigned count)
{
	static struct batch b;
	uint64_t spent = 0, before;

	for (; count >= BATCH; count -= BATCH) {
		next_batch(w, &b);
		before = cpu_ns();
		step_batch(w, &b);
		spent += cpu_ns() - before;
	}
	return spent;
}

static void
measure_speed(unsigned rounds, const uint32_t *sizes, int count)
{
	static struct world worlds[SIZES_MAX];

	for (int i = 0; i < count; i++) {
		open_world(&worlds[i], sizes[i], false);
		log_in_all(&worlds[i], true);
		step_some(&worlds[i], ROUND_EVENTS); /* warm */
	}
	for (unsigned round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			printf("%" PRIu32 " %.1f\n", sizes[i],
			       (double)step_some(&worlds[i], ROUND_EVENTS) /
				       ROUND_EVENTS);
	for (int i = 0; i < count; i++) {
		check_world(&worlds[i]);
		close_world(&worlds[i]);
	}
}

/* What the process has grown by, the trace's own list left out. */
static void
measure_memory(uint32_t sessions)
{
	static struct world w;
	size_t before = resident_bytes(), after;

	open_world(&w, sessions, true);
	log_in_all(&w, false);
	after = resident_bytes() - trace_bytes(&w.trace);
	printf("%" PRIu32 " %.1f\n", sessions,
	       (double)(after - before) / sessions);
	close_world(&w);
}

/* Of step_batch() callgrind counts what is in it. */
static void
count_instructions(unsigned count)
{
	static struct world w;

	open_world(&w, 1000, false);
	log_in_all(&w, true);
	step_some(&w, count);
	check_world(&w);
	close_world(&w);
}

int
main(int argc, char **argv)
{
	uint32_t sizes[SIZES_MAX];
	int count = 0, first = argc > 1 && strcmp(argv[1], "speed") == 0 ? 3 : 2;

	for (int i = first; i < argc && count < SIZES_MAX; i++)
		sizes[count++] = (uint32_t)strtoul(argv[i], NULL, 10);
	if (count == 0) {
		fprintf(stderr, "core: see its first lines\n");
		return 2;
	}
	if (strcmp(argv[1], "speed") == 0)
		measure_speed((unsigned)atoi(argv[2]), sizes, count);
	else if (strcmp(argv[1], "memory") == 0)
		for (int i = 0; i < count; i++)
			measure_memory(sizes[i]);
	else
		count_instructions(sizes[0]);
	return 0;
}
