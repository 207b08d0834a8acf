/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `metrics`: the answer to `status` in Prometheus' text exposition format. */
#include <inttypes.h>
#include <string.h>

#include "pinholectl/text.h"
#include "pinholectl/verbs.h"

static void
print_head(const char *name, const char *type, const char *help)
{
	printf("# HELP pinholed_%s %s\n# TYPE pinholed_%s %s\n", name, help,
	       name, type);
}

static void
print_gauge(const char *name, const char *help, double value)
{
	print_head(name, "gauge", help);
	printf("pinholed_%s %.15g\n", name, value);
}

static double
number_of(const json_t *object, const char *key)
{
	return (double)json_integer_value(json_object_get(object, key));
}

static void
print_counters(json_t *counters)
{
	const char *name, *help;
	json_t *value;

	json_object_foreach(counters, name, value) {
		char total[64];

		/* The meter has it in seconds. */
		if (strcmp(name, "exposure_ms") == 0)
			continue;
		snprintf(total, sizeof(total), "%s_total", name);
		help = text_counter_help(name);
		print_head(total, "counter", help != NULL ? help : name);
		printf("pinholed_%s %" JSON_INTEGER_FORMAT "\n", total,
		       json_integer_value(value));
	}
}

static void
print_sessions(json_t *sessions)
{
	const char *class;
	json_t *value;

	print_head("sessions", "gauge", "control connections by class");
	json_object_foreach(sessions, class, value)
		printf("pinholed_sessions{class=\"%s\"} %" JSON_INTEGER_FORMAT
		       "\n",
		       class, json_integer_value(value));
}

static void
print_exposure(const json_t *exposure)
{
	static const char *const kinds[][2] = {
		{ "pinholes", "pinhole" },
		{ "passive_grants", "passive-grant" },
		{ "active_grants", "active-grant" },
		{ "active_ftp_data_grants", "active-ftp-data-grant" },
	};
	const json_t *range = json_object_get(exposure, "static_range");

	print_head("exposed_pairs", "gauge",
		   "(source, port) pairs that are open now");
	for (size_t i = 0; i < 4; i++)
		printf("pinholed_exposed_pairs{kind=\"%s\"} %.15g\n",
		       kinds[i][1],
		       number_of(json_object_get(exposure, kinds[i][0]),
				 "pairs"));
	print_head("exposed_pair_seconds_total", "counter",
		   "(source, port) pairs times the seconds that they were open");
	for (size_t i = 0; i < 4; i++)
		printf("pinholed_exposed_pair_seconds_total{kind=\"%s\"} "
		       "%.15g\n",
		       kinds[i][1],
		       number_of(json_object_get(exposure, kinds[i][0]),
				 "pair_ms") / 1000);
	print_gauge("static_range_servers",
		    "servers for which something was opened",
		    number_of(range, "servers"));
	print_gauge("static_range_ports",
		    "ports that static rules would have open to everybody",
		    number_of(range, "ports"));
	print_gauge("static_range_port_seconds",
		    "these ports times the seconds since the start",
		    number_of(range, "port_ms") / 1000);
}

static void
print_metrics(const json_t *status)
{
	const char *version =
		json_string_value(json_object_get(status, "version"));
	const char *ruleset =
		json_string_value(json_object_get(status, "ruleset"));

	print_head("info", "gauge", "the daemon's version");
	printf("pinholed_info{version=\"%s\"} 1\n",
	       version != NULL ? version : "");
	print_gauge("uptime_seconds", "seconds since the start",
		    number_of(status, "uptime_ms") / 1000);
	print_gauge("workers", "worker threads", number_of(status, "workers"));
	print_gauge("ruleset_loaded", "1 while pinholed's nftables table is there",
		    ruleset != NULL && strcmp(ruleset, "loaded") == 0);
	print_sessions(json_object_get(status, "sessions"));
	print_exposure(json_object_get(status, "exposure"));
	print_counters(json_object_get(status, "counters"));
}

int
verb_metrics(const struct options *options, int argc, char **argv)
{
	json_t *objects;
	int code;

	(void)argc;
	(void)argv;
	if (options->json)
		return ask_lines(options->path, "status");
	code = ask_objects(options->path, "status", &objects);
	if (code != EXIT_SUCCESS)
		return code;
	print_metrics(json_array_get(objects, 0));
	json_decref(objects);
	return ask_flush();
}
