/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the files, at start and at SIGHUP. */
#include "terminator/reload.h"

#include <stdlib.h>
#include <string.h>

#include "io/log.h"
#include "io/log_limit.h"
#include "io/notify.h"
#include "terminator/program.h"
#include "terminator/reader.h"

static void
log_lines(char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		log_err("%s", line);
}

/* pinholed's warnings are for pinholed's admin. */
static unsigned
load_pinholed(const char *path, struct conf *conf, FILE *errors)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	unsigned count = 1;

	if (stream != NULL) {
		count = conf_load(path, conf, stream);
		fclose(stream);
	}
	if (count != 0 && text != NULL)
		fputs(text, errors);
	free(text);
	return count;
}

bool
reload_conf(struct program *p, FILE *errors)
{
	struct tls_conf *conf = malloc(sizeof(*conf));
	struct conf *pinholed = malloc(sizeof(*pinholed));

	if (conf != NULL && pinholed != NULL &&
	    tls_conf_load(p->path, conf, errors) == 0 &&
	    load_pinholed(conf->pinholed_conf, pinholed, errors) == 0 &&
	    tls_conf_check(conf, p->path, &pinholed->policy, errors) == 0) {
		services_policy(conf, &pinholed->policy);
		p->conf = conf;
		p->pinholed = pinholed;
		return true;
	}
	free(conf);
	free(pinholed);
	return false;
}

static struct services *
load_services(const struct program *p, const struct tls_conf *conf,
	      FILE *errors)
{
	return services_load(conf, p->path, errors);
}

bool
reload_services(struct program *p)
{
	char *text = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&text, &size);

	if (errors != NULL) {
		p->services = load_services(p, p->conf, errors);
		fclose(errors);
	}
	if (text != NULL)
		log_lines(text);
	free(text);
	return p->services != NULL;
}

/* What only a restart can change stays as it is. */
static void
keep_fixed(struct program *new, const struct program *old)
{
	new->conf->port = old->conf->port;
	new->conf->max_sessions = old->conf->max_sessions;
	new->conf->sandbox = old->conf->sandbox;
	memcpy(new->conf->user, old->conf->user, sizeof(new->conf->user));
	memcpy(new->pinholed->terminator_path, old->pinholed->terminator_path,
	       sizeof(new->pinholed->terminator_path));
}

void
reload(struct program *p)
{
	struct program new = { .path = p->path };
	char *text = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&text, &size);
	bool good = errors != NULL && reload_conf(&new, errors);

	notify_reloading();
	if (good)
		new.services = load_services(&new, new.conf, errors);
	good = good && new.services != NULL;
	if (errors != NULL)
		fclose(errors);
	if (text != NULL)
		log_lines(text);
	free(text);
	if (!good) {
		free(new.conf);
		free(new.pinholed);
		log_err("%s was not loaded: everything stays as it is",
			p->path);
		notify_send("READY=1");
		return;
	}
	keep_fixed(&new, p);
	services_free(p->services);
	free(p->conf);
	p->conf = new.conf;
	p->services = new.services;
	{
		struct conf *old = p->pinholed;

		p->pinholed = new.pinholed;
		reader_policy(p);
		free(old);
	}
	log_init(p->conf->log_target,
		 p->debug ? LOG_LEVEL_DEBUG : p->conf->log_level);
	log_limit_set(p->conf->log_rate);
	services_warn(p->services, EXPIRY_DAYS);
	log_info("%s loaded", p->path);
	notify_send("READY=1");
}
