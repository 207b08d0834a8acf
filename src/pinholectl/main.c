/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinholectl: asks a running pinholed what it does. */
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pinholectl/ask.h"
#include "pinholectl/text.h"
#include "pinholectl/verbs.h"

/* A verb is a question whose answer is printed as it comes, or has a function of
 * its own. */
struct verb {
	const char *word;
	void (*print)(const json_t *objects);
	int (*run)(const struct options *options, int argc, char **argv);
	int arguments; /* at most */
};

static const struct verb verbs[] = {
	{ "status", text_print_status, NULL, 0 },
	{ "sessions", text_print_sessions, NULL, 0 },
	{ "pinholes", text_print_pinholes, NULL, 0 },
	{ "windows", NULL, verb_windows, 0 },
	{ "watch", NULL, verb_watch, 0 },
	{ "suggest", NULL, verb_suggest, 0 },
	{ "metrics", NULL, verb_metrics, 0 },
	{ "replay", NULL, verb_replay, INT_MAX - 1 },
	{ "explain", NULL, verb_explain, 2 },
};

static void
print_help(FILE *out)
{
	fputs("usage: pinholectl [--socket PATH] [--json] VERB\n"
	      "\n"
	      "  status      version, uptime, ruleset, exposure and all counters\n"
	      "  sessions    the control connections that are followed\n"
	      "  pinholes    what is open in the firewall now\n"
	      "  windows     how well each server's transfers are foreseen\n"
	      "  watch       all of that, live; with --json a stream of events\n"
	      "  suggest     the passive ranges that servers really use, as lines\n"
	      "              for pinholed.conf\n"
	      "  metrics     all numbers in Prometheus' text format\n"
	      "  replay FILE...\n"
	      "              plays captures (pcap, pcapng, directories of them) to\n"
	      "              the core: what would open, what would pass, and why\n"
	      "  explain [CLIENT] [SERVER]\n"
	      "              what went wrong with sessions, and what cures it\n"
	      "\n"
	      "  -s, --socket PATH  the daemon's control socket\n"
	      "                     (default " DEFAULT_SOCKET ")\n"
	      "  -j, --json         one JSON object per line\n"
	      "  -c, --config PATH  replay by this pinholed.conf (default: its\n"
	      "                     defaults)\n"
	      "  -r, --replay FILE  explain this capture instead of what the daemon\n"
	      "                     has seen\n"
	      "  -h, --help         this text\n"
	      "  -V, --version      the version\n",
	      out);
}

static int
ask_and_print(const struct verb *verb, const struct options *options)
{
	json_t *objects;
	int code;

	if (options->json)
		return ask_lines(options->path, verb->word);
	code = ask_objects(options->path, verb->word, &objects);
	if (code != EXIT_SUCCESS)
		return code;
	verb->print(objects);
	json_decref(objects);
	return ask_flush();
}

static int
run(const struct options *options, int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const struct verb *verb = &verbs[i];

		if (strcmp(argv[0], verb->word) != 0)
			continue;
		if (argc - 1 > verb->arguments) {
			fprintf(stderr,
				"pinholectl: %s does not take \"%s\"\n\n",
				verb->word, argv[verb->arguments + 1]);
			break;
		}
		if (verb->run != NULL)
			return verb->run(options, argc - 1, argv + 1);
		return ask_and_print(verb, options);
	}
	return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "socket", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "config", required_argument, NULL, 'c' },
		{ "replay", required_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = { .path = DEFAULT_SOCKET };
	int option, code = EXIT_USAGE;

	while ((option = getopt_long(argc, argv, "s:jc:r:hV", long_options,
				     NULL)) != -1) {
		switch (option) {
		case 's':
			options.path = optarg;
			break;
		case 'j':
			options.json = true;
			break;
		case 'c':
			options.config = optarg;
			break;
		case 'r':
			options.replay = optarg;
			break;
		case 'h':
			print_help(stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("pinholectl " PINHOLED_VERSION);
			return EXIT_SUCCESS;
		default:
			print_help(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		code = run(&options, argc - optind, argv + optind);
	if (code == EXIT_USAGE)
		print_help(stderr);
	return code;
}
