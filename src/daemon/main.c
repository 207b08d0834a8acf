/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinholed(8): the command line. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "io/conf.h"
#include "io/options.h"

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
	struct daemon_options o = { .path = CONF_DEFAULT_PATH };
	struct conf *conf;
	int code;

	if (!options_read(argc, argv, "pinholed", usage, &o, &code))
		return code;
	conf = malloc(sizeof(*conf));
	if (conf == NULL) {
		perror("pinholed");
		return 1;
	}
	if (conf_load(o.path, conf, stderr) != 0) {
		free(conf);
		return 1;
	}
	if (o.print)
		conf_print(conf, stdout);
	if (o.check || o.print) {
		free(conf);
		return 0;
	}
	return daemon_run(o.path, conf, o.debug);
}
