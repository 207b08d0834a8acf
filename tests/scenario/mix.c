/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shuffles the lines of scenarios into sessions that make no sense. */
#include <stdio.h>
#include <stdlib.h>

#include "mix.h"
#include "run.h"

#define LINES_MAX 8192
#define STEPS 200
#define SESSIONS 4

static const char *lines[LINES_MAX];
static unsigned line_count;

/* Lines that mean something in any session at any time. */
static bool
is_free(const char *line)
{
	static const char *const starts[] = {
		"C> ",	 "S> ",		"C!> ",	   "S!> ",    "C~> ",
		"S~> ",	 "C-",		"C+",	   "S-",      "S+",
		"login", "connect",	"syn",	   "encrypt", "tls ",
		"fin ",	 "rst ",	"ack ",	   "wait ",   "data ",
		"flow-", "open-failed", "restore", "raw ",    "reload",
	};

	/* A server that repeats a password does so behind the line that it
	 * does not understand, and is told nowhere else. */
	if (line[0] == 'S' && strstr(line, "hunter2") != NULL)
		return false;
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (strncmp(line, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

void
mix_add(char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL)
		if (is_free(line) && line_count < LINES_MAX)
			lines[line_count++] = line;
}

/* Four sessions: two of one pair, one of another client, one implicit. */
static void
add_sessions(struct run *r)
{
	static const char *const ends[SESSIONS][2] = {
		{ "10.0.0.2:40000", "192.0.2.1:21" },
		{ "10.0.0.2:40001", "192.0.2.1:21" },
		{ "10.0.0.3:40000", "192.0.2.1:21" },
		{ "[2001:db8::2]:40000", "[2001:db8:1::1]:990" },
	};

	for (int i = 0; i < SESSIONS; i++) {
		struct endpoint client, server;

		wire_parse_endpoint(ends[i][0], &client);
		wire_parse_endpoint(ends[i][1], &server);
		run_add_flow(r, "mixed", &client, &server);
	}
}

bool
mix_run(unsigned seed)
{
	const struct run_kind kind = {
		.name = "mixed lines",
		.cut = seed % 2 == 0 ? CUT_NONE : CUT_RANDOM,
		.room = 1 + seed % 5,
		.corrupt = seed % 4 == 1,
	};
	struct run *r = calloc(1, sizeof(*r));
	char conf[] = "conf server ::/0 passive-range 50000-50100 "
		      "opaque-active any",
	     conf4[] = "conf server 0.0.0.0/0 passive-range 50000-50100 "
		       "opaque-active ftp-data";
	unsigned played[STEPS][2], steps = 0;
	bool passed;

	if (r == NULL)
		abort();
	run_init(r, "mix", &kind, seed);
	add_sessions(r);
	run_statement(r, conf);
	run_statement(r, conf4);
	while (steps < STEPS && !r->failed) {
		unsigned at = run_random(r, line_count);
		/* Mostly the same session goes on. */
		unsigned flow = run_random(r, 4) == 0 ? run_random(r, SESSIONS)
						      : r->flow;
		char *copy = strdup(lines[at]);

		if (copy == NULL)
			abort();
		played[steps][0] = r->flow = flow;
		played[steps++][1] = at;
		r->line = steps;
		run_statement(r, copy);
		r->judged = true;
		free(copy);
	}
	if (!r->failed)
		run_finish(r);
	passed = !r->failed;
	for (unsigned i = 0; !passed && i < steps; i++)
		printf("    seed %u, session %u: %s\n", seed, played[i][0],
		       lines[played[i][1]]);
	run_free(r);
	return passed;
}
