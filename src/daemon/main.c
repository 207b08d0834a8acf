/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinholed(8): the command line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/conf.h"
#include "io/log.h"
#include "daemon/daemon.h"

static const char usage[] =
	"Usage: pinholed [OPTION]...\n"
	"Watch FTP control connections and open nftables for exactly the data\n"
	"connections that belong to them. Runs in the foreground.\n"
	"\n"
	"  -c, --config FILE   read FILE instead of " CONF_DEFAULT_PATH "\n"
	"  -n, --check         check the configuration and exit\n"
	"  -T, --print-config  print the effective configuration and exit\n"
	"  -d, --debug         log every decision\n"
	"  -V, --version       print the version and exit\n"
	"  -h, --help          print this help and exit\n"
	"\n"
	"SIGHUP loads the configuration anew; SIGTERM and SIGINT stop.\n"
	"See pinholed(8), pinholed.conf(5) and pinholectl(1).\n";

int
main(int argc, char **argv)
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
	const char *path = CONF_DEFAULT_PATH;
	bool check = false, print = false, debug = false;
	struct conf *conf;
	int option;

	while ((option = getopt_long(argc, argv, "c:nTdVh", options, NULL)) !=
	       -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'n':
			check = true;
			break;
		case 'T':
			print = true;
			break;
		case 'd':
			debug = true;
			break;
		case 'V':
			puts("pinholed " PINHOLED_VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs("Try `pinholed --help`.\n", stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "pinholed: unexpected argument: %s\n"
				"Try `pinholed --help`.\n", argv[optind]);
		return 2;
	}
	conf = malloc(sizeof(*conf));
	if (conf == NULL) {
		perror("pinholed");
		return 1;
	}
	if (conf_load(path, conf, stderr) != 0) {
		free(conf);
		return 1;
	}
	if (print)
		conf_print(conf, stdout);
	if (check || print) {
		free(conf);
		return 0;
	}
	return daemon_run(path, conf, debug);
}
