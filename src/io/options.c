/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both daemons take the same options. */
#include "io/options.h"

#include <getopt.h>
#include <stdio.h>

#define EXIT_USAGE 2

/* False for one that ends the program, with *@code. */
static bool
take(int option, const char *name, const char *usage,
     struct daemon_options *out, int *code)
{
	*code = 0;
	switch (option) {
	case 'c':
		out->path = optarg;
		return true;
	case 'n':
		out->check = true;
		return true;
	case 'T':
		out->print = true;
		return true;
	case 'd':
		out->debug = true;
		return true;
	case 'V':
		printf("%s %s\n", name, PINHOLED_VERSION);
		return false;
	case 'h':
		fputs(usage, stdout);
		return false;
	default:
		fprintf(stderr, "Try `%s --help`.\n", name);
		*code = EXIT_USAGE;
		return false;
	}
}

bool
options_read(int argc, char **argv, const char *name, const char *usage,
	     struct daemon_options *out, int *code)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 'n' },
		{ "print-config", no_argument, NULL, 'T' },
		{ "debug", no_argument, NULL, 'd' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:nTdVh", options, NULL)) !=
	       -1)
		if (!take(option, name, usage, out, code))
			return false;
	if (optind == argc)
		return true;
	fprintf(stderr, "%s: unexpected argument: %s\nTry `%s --help`.\n", name,
		argv[optind], name);
	*code = EXIT_USAGE;
	return false;
}
