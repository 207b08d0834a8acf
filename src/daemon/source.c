/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the control socket, each worker locked for one call at a time. */
#include "daemon/source.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/findings.h"
#include "daemon/state.h"
#include "io/log_limit.h"

static void
add_counter(struct control_status *out, const char *name, uint64_t value)
{
	out->counters[out->counter_count++] = (struct control_counter){
		.name = name,
		.value = value,
	};
}

struct ranged {
	struct addr addr;
	uint32_t ports;
};

static int
compare_ranged(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct addr));
}

/* Each server's passive range, once, whichever workers have met it. */
static void
add_ranges(struct state *st, struct control_status *out)
{
	struct server_view views[CONTROL_BATCH];
	struct ranged *all = NULL, *more;
	size_t count = 0, n;

	for (uint16_t i = 0; i < st->worker_count; i++) {
		uint32_t entry = 0;

		while ((n = worker_servers(st->workers[i], &entry, views))) {
			more = realloc(all, (count + n) * sizeof(*all));
			if (more == NULL)
				break;
			all = more;
			for (size_t k = 0; k < n; k++)
				all[count++] = (struct ranged){
					.addr = views[k].addr,
					.ports = views[k].range_ports,
				};
		}
	}
	if (count != 0)
		qsort(all, count, sizeof(*all), compare_ranged);
	for (size_t k = 0; k < count; k++) {
		if (k != 0 && addr_equal(&all[k].addr, &all[k - 1].addr))
			continue;
		out->range_servers++;
		out->range_ports += all[k].ports;
	}
	free(all);
}

static void
give_status(void *arg, struct control_status *out)
{
	struct state *st = arg;
	struct worker_counters sum = { 0 };

	for (uint16_t i = 0; i < st->worker_count; i++)
		worker_add_counters(st->workers[i], &sum);
	out->config = st->path;
	out->uptime_ms = (clock_now_ns() - st->started_ns) / 1000000u;
	out->workers = st->worker_count;
	out->queue_first = st->conf->queue_first;
	out->queue_count = st->conf->queue_count;
	out->ruleset_loaded = st->ruleset_loaded;
	out->gate = sum.gate;
	memcpy(out->classes, sum.classes, sizeof(out->classes));
	memcpy(out->exposure, sum.exposure, sizeof(out->exposure));
	add_ranges(st, out);
	add_counter(out, "queue_overruns", sum.queue_overruns);
	add_counter(out, "packets_copied", sum.packets_copied);
	add_counter(out, "copy_overruns", sum.copy_overruns);
	add_counter(out, "verdict_errors", sum.verdict_errors);
	add_counter(out, "transactions", sum.transactions);
	add_counter(out, "transactions_failed", sum.transactions_failed);
	add_counter(out, "marks_failed", sum.marks_failed);
	add_counter(out, "news_lost", sum.news_lost);
	add_counter(out, "log_lines_lost", log_limit_total());
}

static size_t
give_sessions(void *arg, struct control_cursor *cursor,
	      struct session_view out[static CONTROL_BATCH])
{
	struct state *st = arg;
	size_t n = 0;

	while (n == 0 && cursor->worker < st->worker_count) {
		n = worker_sessions(st->workers[cursor->worker],
				    &cursor->entry, out);
		if (n == 0)
			*cursor = (struct control_cursor){
				.worker = cursor->worker + 1,
			};
	}
	return n;
}

static size_t
give_openings(void *arg, struct control_cursor *cursor,
	      struct opening_view out[static CONTROL_BATCH])
{
	struct state *st = arg;
	size_t n = 0;

	while (n == 0 && cursor->worker < st->worker_count) {
		n = worker_openings(st->workers[cursor->worker],
				    &cursor->entry, out);
		if (n == 0)
			*cursor = (struct control_cursor){
				.worker = cursor->worker + 1,
			};
	}
	return n;
}

static size_t
give_servers(void *arg, struct control_cursor *cursor,
	     struct server_view out[static CONTROL_BATCH])
{
	struct state *st = arg;
	size_t n = 0;

	while (n == 0 && cursor->worker < st->worker_count) {
		n = worker_servers(st->workers[cursor->worker], &cursor->entry,
				   out);
		if (n == 0)
			*cursor = (struct control_cursor){
				.worker = cursor->worker + 1,
			};
	}
	return n;
}

static size_t
give_findings(void *arg, struct control_cursor *cursor,
	      struct control_finding out[static CONTROL_FINDINGS])
{
	return findings_next(arg, cursor, out);
}

struct control_source
source_make(struct state *st)
{
	return (struct control_source){
		.arg = st,
		.status = give_status,
		.sessions = give_sessions,
		.openings = give_openings,
		.servers = give_servers,
		.findings = give_findings,
	};
}
