/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinholed-tls(8): the command line. */
#include <stdio.h>
#include <stdlib.h>

#include "io/options.h"
#include "terminator/conf.h"
#include "terminator/program.h"
#include "terminator/service.h"

static const char usage[] =
	"Usage: pinholed-tls [OPTION]...\n"
	"Stand between FTP clients and servers with the server's own certificate,\n"
	"read their encrypted control connections, and ask pinholed to open what\n"
	"they announce. Runs in the foreground.\n"
	"\n"
	"  -c, --config FILE   read FILE instead of " TLS_CONF_DEFAULT_PATH "\n"
	"  -n, --check         check the configuration and certificates and exit\n"
	"  -T, --print-config  print the effective configuration and exit\n"
	"  -d, --debug         log every decision\n"
	"  -V, --version       print the version and exit\n"
	"  -h, --help          print this help and exit\n"
	"\n"
	"SIGHUP loads configuration and certificates anew. SIGTERM stops when what runs\n"
	"has ended (stop-timeout), a second one or SIGINT at once.\n"
	"See pinholed-tls(8), pinholed-tls.conf(5) and pinholed(8).\n";

/* -n and -T; the exit status. */
static int
inspect(const char *path, bool check, bool print)
{
	struct tls_conf *conf = malloc(sizeof(*conf));
	struct conf *pinholed = malloc(sizeof(*pinholed));
	struct services *services = NULL;
	unsigned errors = 1;

	if (conf == NULL || pinholed == NULL) {
		perror("pinholed-tls");
		goto out;
	}
	errors = tls_conf_load(path, conf, stderr);
	if (errors == 0 && print)
		tls_conf_print(conf, stdout);
	if (errors != 0 || !check)
		goto out;
	errors = conf_load(conf->pinholed_conf, pinholed, stderr);
	if (errors == 0)
		errors = tls_conf_check(conf, path, &pinholed->policy, stderr);
	services = services_load(conf, path, stderr);
	if (services == NULL)
		errors++;
out:
	services_free(services);
	free(pinholed);
	free(conf);
	return errors == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct daemon_options o = { .path = TLS_CONF_DEFAULT_PATH };
	int code;

	if (!options_read(argc, argv, "pinholed-tls", usage, &o, &code))
		return code;
	if (o.check || o.print)
		return inspect(o.path, o.check, o.print);
	return program_run(o.path, o.debug);
}
