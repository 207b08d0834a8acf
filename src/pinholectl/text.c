/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The daemon's answers as text for people. */
#include "pinholectl/text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "pinholed/gate.h"

/* A column: which member it shows, and how. */
struct column {
	const char *title, *key;
	enum { AS_TEXT, AS_NUMBER, AS_DURATION, AS_SECONDS,
	       AS_BOOL } form;
	bool optional; /* left out where no object has it */
};

/* Longer than any member that the daemon sends. */
#define CELL_SIZE 64
#define COLUMNS_MAX 16

char *
text_duration(uint64_t ms, char out[static 24])
{
	uint64_t s = ms / 1000;

	if (ms < 1000)
		snprintf(out, 24, "%" PRIu64 "ms", ms);
	else if (s < 60)
		snprintf(out, 24, "%" PRIu64 "s", s);
	else if (s < 3600)
		snprintf(out, 24, "%" PRIu64 "m %02" PRIu64 "s", s / 60,
			 s % 60);
	else if (s < 86400)
		snprintf(out, 24, "%" PRIu64 "h %02" PRIu64 "m", s / 3600,
			 s / 60 % 60);
	else
		snprintf(out, 24, "%" PRIu64 "d %02" PRIu64 "h", s / 86400,
			 s / 3600 % 24);
	return out;
}

static uint64_t
member_number(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static const char *
member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "-";
}

static const char *
cell(const json_t *object, const struct column *column,
     char out[static CELL_SIZE])
{
	const json_t *value = json_object_get(object, column->key);

	if (value == NULL)
		return strcpy(out, "-");
	switch (column->form) {
	case AS_TEXT:
		snprintf(out, CELL_SIZE, "%s",
			 member_text(object, column->key));
		break;
	case AS_NUMBER:
		snprintf(out, CELL_SIZE, "%" PRIu64,
			 member_number(object, column->key));
		break;
	case AS_DURATION:
		text_duration(member_number(object, column->key), out);
		break;
	case AS_SECONDS:
		snprintf(out, CELL_SIZE, "%.1f",
			 (double)member_number(object, column->key) / 1000);
		break;
	case AS_BOOL:
		strcpy(out, json_is_true(value) ? "yes" : "no");
		break;
	}
	return out;
}

/* Numbers and times to the right, the rest to the left, and no blanks behind
 * the last column. */
static void
print_cell(const struct column *column, const char *text, int width, bool last)
{
	bool right = column->form == AS_NUMBER ||
		     column->form == AS_DURATION || column->form == AS_SECONDS;

	if (right)
		printf("%*s", width, text);
	else
		printf("%-*s", last ? 0 : width, text);
	fputs(last ? "\n" : "  ", stdout);
}

/* Copies to @out the columns that are to be shown; how many. */
static size_t
choose_columns(const json_t *objects, const struct column *all, size_t count,
	       struct column out[static COLUMNS_MAX])
{
	const json_t *object;
	size_t shown = 0, i;

	for (size_t k = 0; k < count; k++) {
		bool show = !all[k].optional;

		json_array_foreach(objects, i, object)
			show |= json_object_get(object, all[k].key) != NULL;
		if (show)
			out[shown++] = all[k];
	}
	return shown;
}

static void
print_table(const json_t *objects, const struct column *all, size_t count,
	    const char *none)
{
	struct column columns[COLUMNS_MAX];
	int width[COLUMNS_MAX];
	char text[CELL_SIZE];
	const json_t *object;
	size_t i;

	if (json_array_size(objects) == 0) {
		puts(none);
		return;
	}
	count = choose_columns(objects, all, count, columns);
	for (size_t k = 0; k < count; k++) {
		width[k] = (int)strlen(columns[k].title);
		json_array_foreach(objects, i, object) {
			int len = (int)strlen(cell(object, &columns[k], text));

			if (len > width[k])
				width[k] = len;
		}
	}
	for (size_t k = 0; k < count; k++)
		print_cell(&columns[k], columns[k].title, width[k],
			   k + 1 == count);
	json_array_foreach(objects, i, object)
		for (size_t k = 0; k < count; k++)
			print_cell(&columns[k], cell(object, &columns[k], text),
				   width[k], k + 1 == count);
}

#define COUNT(columns) (sizeof(columns) / sizeof((columns)[0]))

void
text_print_sessions(const json_t *objects)
{
	static const struct column columns[] = {
		{ "SESSION", "id", AS_TEXT, false },
		{ "CLIENT", "client", AS_TEXT, false },
		{ "SERVER", "server", AS_TEXT, false },
		{ "CLASS", "class", AS_TEXT, false },
		{ "LOGIN", "logged_in", AS_BOOL, false },
		{ "PICKED UP", "picked_up", AS_BOOL, false },
		{ "AGE", "age_ms", AS_DURATION, false },
		{ "IDLE", "idle_ms", AS_DURATION, false },
		{ "PINHOLES", "pinholes", AS_NUMBER, false },
		{ "WINDOWS", "windows", AS_NUMBER, false },
		{ "DATA", "data_connections", AS_NUMBER, false },
		{ "EXPOSED", "exposed_ms", AS_SECONDS, false },
		{ "STATIC", "static_ms", AS_SECONDS, false },
		{ "CLIENT'S TLS", "client_tls", AS_TEXT, .optional = true },
		{ "SERVER'S TLS", "server_tls", AS_TEXT, .optional = true },
	};

	_Static_assert(COUNT(columns) <= COLUMNS_MAX, "too many columns");
	print_table(objects, columns, COUNT(columns), "no sessions");
}

void
text_print_pinholes(const json_t *objects)
{
	static const struct column columns[] = {
		{ "KIND", "kind", AS_TEXT, false },
		{ "SOURCE", "source", AS_TEXT, false },
		{ "DESTINATION", "destination", AS_TEXT, false },
		{ "PORT", "port", AS_NUMBER, false },
		{ "AGE", "age_ms", AS_DURATION, false },
		{ "LEFT", "left_ms", AS_DURATION, false },
		{ "HOLDERS", "holders", AS_NUMBER, false },
		{ "SESSION", "session", AS_TEXT, false },
	};

	_Static_assert(COUNT(columns) <= COLUMNS_MAX, "too many columns");
	print_table(objects, columns, COUNT(columns), "nothing is open");
}

void
text_print_windows(const json_t *objects)
{
	static const struct column columns[] = {
		{ "SERVER", "server", AS_TEXT, false },
		{ "MODE", "mode", AS_TEXT, false },
		{ "WINDOW", "window", AS_TEXT, false },
		{ "PROOF", "proof", AS_TEXT, false },
		{ "FORESEEN", "foreseen", AS_NUMBER, false },
		{ "MISSED", "missed", AS_NUMBER, false },
		{ "UNUSED", "unused", AS_NUMBER, false },
		{ "IN A ROW", "streak", AS_NUMBER, false },
	};

	_Static_assert(COUNT(columns) <= COLUMNS_MAX, "too many columns");
	print_table(objects, columns, COUNT(columns), "no windows yet");
}

/* What a counter counts; NULL for one that this program does not know. */
const char *
text_counter_help(const char *name)
{
	static const struct {
		const char *name, *help;
	} counters[] = {
#define X(name, help) { #name, help },
		GATE_COUNTERS(X)
#undef X
		{ "queue_overruns", "times a queue was full: packets unread" },
		{ "packets_copied", "packets read that were not held" },
		{ "copy_overruns", "times copies were lost, or read too late" },
		{ "verdict_errors", "verdicts that the kernel refused" },
		{ "transactions", "changes of the nftables sets" },
		{ "transactions_failed", "of these refused by the kernel" },
		{ "marks_failed", "conntrack marks that were not written" },
		{ "news_lost", "times conntrack news was lost" },
		{ "log_lines_lost", "log lines left out or not written" },
	};

	for (size_t i = 0; i < COUNT(counters); i++)
		if (strcmp(counters[i].name, name) == 0)
			return counters[i].help;
	return NULL;
}

static void
print_counters(json_t *counters)
{
	int name_width = 0, value_width = 0, len;
	const char *name, *help;
	json_t *value;

	json_object_foreach(counters, name, value) {
		len = (int)strlen(name);
		name_width = len > name_width ? len : name_width;
		len = snprintf(NULL, 0, "%" JSON_INTEGER_FORMAT,
			       json_integer_value(value));
		value_width = len > value_width ? len : value_width;
	}
	json_object_foreach(counters, name, value) {
		help = text_counter_help(name);
		printf("  %-*s  %*" JSON_INTEGER_FORMAT "%s%s\n", name_width,
		       name, value_width, json_integer_value(value),
		       help != NULL ? "  " : "", help != NULL ? help : "");
	}
}

/* A line of the exposure meter: what was open to one source each. */
static void
print_exposed(const char *title, const json_t *exposed)
{
	printf("  %-21s  %15.1f  %" PRIu64 " open now\n", title,
	       (double)member_number(exposed, "pair_ms") / 1000,
	       member_number(exposed, "pairs"));
}

static void
print_exposure(const json_t *exposure)
{
	const json_t *range = json_object_get(exposure, "static_range");

	if (exposure == NULL)
		return;
	puts("exposure: ports times seconds, each open to one source only");
	print_exposed("pinholes", json_object_get(exposure, "pinholes"));
	print_exposed("relays", json_object_get(exposure, "relays"));
	print_exposed("passive grants",
		      json_object_get(exposure, "passive_grants"));
	print_exposed("active grants",
		      json_object_get(exposure, "active_grants"));
	print_exposed("active from ftp-data",
		      json_object_get(exposure, "active_ftp_data_grants"));
	print_exposed("passive windows",
		      json_object_get(exposure, "passive_windows"));
	print_exposed("active windows",
		      json_object_get(exposure, "active_windows"));
	print_exposed("  from ftp-data",
		      json_object_get(exposure, "active_ftp_data_windows"));
	printf("  %-21s  %15.1f  open to everybody: %" PRIu64
	       " ports of %" PRIu64 " server%s\n",
	       "static ranges instead",
	       (double)member_number(range, "port_ms") / 1000,
	       member_number(range, "ports"), member_number(range, "servers"),
	       member_number(range, "servers") == 1 ? "" : "s");
}

void
text_print_status(const json_t *objects)
{
	const json_t *status = json_array_get(objects, 0);
	const json_t *queues = json_object_get(status, "queues");
	uint64_t first =
		(uint64_t)json_integer_value(json_array_get(queues, 0));
	uint64_t last = (uint64_t)json_integer_value(json_array_get(queues, 1));
	char up[24];

	printf("pinholed %s, up %s\n", member_text(status, "version"),
	       text_duration(member_number(status, "uptime_ms"), up));
	printf("  configuration  %s\n", member_text(status, "config"));
	printf("  ruleset        %s\n", member_text(status, "ruleset"));
	printf("  workers        %" PRIu64 " (queue%s %" PRIu64,
	       member_number(status, "workers"), first != last ? "s" : "",
	       first);
	if (first != last)
		printf("-%" PRIu64, last);
	puts(")");
	print_exposure(json_object_get(status, "exposure"));
	puts("counters");
	print_counters(json_object_get(status, "counters"));
}
