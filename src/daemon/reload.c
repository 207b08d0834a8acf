/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reloading: parse, write the kernel's part, hand the policy to the workers. */
#include "daemon/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/log.h"
#include "io/log_limit.h"
#include "io/notify.h"
#include "daemon/peers.h"
#include "daemon/ruleset.h"
#include "daemon/state.h"

/* Logs what was written to @text, line by line. */
static void
log_lines(char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		log_warn("%s", line);
}

/* The new configuration, or NULL after it was said what is wrong with it. */
static struct conf *
read_conf(const struct state *st)
{
	struct conf *conf = malloc(sizeof(*conf));
	char *text = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&text, &size);
	unsigned bad = 1;

	if (conf != NULL && errors != NULL) {
		bad = conf_load(st->path, conf, errors);
		if (bad == 0)
			conf_restart_needed(st->conf, conf, errors);
	}
	if (errors != NULL)
		fclose(errors);
	if (text != NULL)
		log_lines(text);
	free(text);
	if (bad == 0)
		return conf;
	free(conf);
	return NULL;
}

/* What only a restart can change stays as it is. */
static void
keep_fixed(struct conf *new, const struct conf *old)
{
	new->queue_first = old->queue_first;
	new->queue_count = old->queue_count;
	new->queue_length = old->queue_length;
	new->limits = old->limits;
	new->policy.shadow = old->policy.shadow;
	memcpy(new->table, old->table, sizeof(new->table));
	memcpy(new->socket_path, old->socket_path, sizeof(new->socket_path));
	memcpy(new->socket_group, old->socket_group, sizeof(new->socket_group));
	memcpy(new->user, old->user, sizeof(new->user));
	memcpy(new->terminator_path, old->terminator_path,
	       sizeof(new->terminator_path));
	memcpy(new->terminator_group, old->terminator_group,
	       sizeof(new->terminator_group));
	new->sandbox = old->sandbox;
}

void
reload(struct state *st)
{
	struct conf *old = st->conf, *new;
	struct event event = { .kind = EVENT_POLICY };
	int err;

	notify_reloading();
	new = read_conf(st);
	if (new == NULL) {
		log_err("%s was not loaded: the configuration is unchanged",
			st->path);
		notify_send("READY=1");
		return;
	}
	keep_fixed(new, old);
	err = ruleset_sync(st, &new->policy);
	if (err != 0) {
		log_err("%s was not loaded: ports and ranges cannot be "
			"written: %s",
			st->path, strerror(-err));
		free(new);
		notify_send("READY=1");
		return;
	}
	st->conf = new;
	log_init(new->log_target,
		 st->debug ? LOG_LEVEL_DEBUG : new->log_level);
	log_limit_set(new->log_rate);
	event.policy = &new->policy;
	for (uint16_t i = 0; i < st->worker_count; i++)
		worker_event(st->workers[i], &event);
	free(old);
	if (st->terminator == NULL && policy_terminates(&new->policy))
		log_warn("server: the first one with `terminate yes`; restart "
			 "so that pinholed-tls can ask");
	log_info("%s loaded", st->path);
	notify_send("READY=1");
}
