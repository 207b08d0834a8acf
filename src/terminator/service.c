/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Services: one for each `server` line, and one for what holds for the rest. */
#include "terminator/service.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/log.h"

struct services {
	struct tls_conf conf;
	/* In the order of .conf.servers; the last is for the rest. */
	struct service *list[TLS_CONF_SERVERS_MAX + 1];
};

static struct service *
load(const struct server_settings *s, const char *name, unsigned line,
     FILE *errors)
{
	struct service *service = calloc(1, sizeof(*service));
	char error[512] = "out of memory";

	if (service != NULL && identity_load(&s->tls, &service->identity, error,
					     sizeof(error)) == 0) {
		service->holders = 1;
		service->relay = s->relay;
		service->unclean = s->unclean;
		service->ccc = s->ccc;
		service->sscn = s->sscn;
		service->audit = s->audit;
		service->reuse = s->reuse;
		strcpy(service->deny, s->deny);
		strcpy(service->allow, s->allow);
		return service;
	}
	if (line != 0)
		fprintf(errors, "%s:%u: server: %s\n", name, line, error);
	else
		fprintf(errors, "%s: certificate: %s\n", name, error);
	free(service);
	return NULL;
}

struct services *
services_load(const struct tls_conf *conf, const char *name, FILE *errors)
{
	struct services *s = calloc(1, sizeof(*s));
	bool good = s != NULL;

	if (s != NULL)
		s->conf = *conf;
	for (unsigned i = 0; s != NULL && i < conf->server_count; i++) {
		const struct server_conf *server = &conf->servers[i];

		if (server->settings.tls.pair_count == 0)
			continue;
		s->list[i] =
			load(&server->settings, name, server->line, errors);
		good &= s->list[i] != NULL;
	}
	if (s != NULL && conf->fallback.tls.pair_count != 0) {
		s->list[TLS_CONF_SERVERS_MAX] =
			load(&conf->fallback, name, 0, errors);
		good &= s->list[TLS_CONF_SERVERS_MAX] != NULL;
	}
	if (good)
		return s;
	services_free(s);
	return NULL;
}

void
services_free(struct services *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i <= TLS_CONF_SERVERS_MAX; i++)
		service_drop(s->list[i]);
	free(s);
}

struct service *
services_take(const struct services *s, const struct addr *server)
{
	const struct server_conf *conf = tls_conf_server(&s->conf, server);
	size_t index = conf != NULL ? (size_t)(conf - s->conf.servers)
				    : TLS_CONF_SERVERS_MAX;
	struct service *service = s->list[index];

	if (service != NULL)
		service->holders++;
	return service;
}

void
service_drop(struct service *service)
{
	if (service == NULL || --service->holders != 0)
		return;
	identity_drop(service->identity);
	free(service);
}

/* What the log calls the service at @i, by its first certificate. */
static const char *
name_of(const struct services *s, unsigned i)
{
	const struct server_settings *settings =
		i < TLS_CONF_SERVERS_MAX ? &s->conf.servers[i].settings :
					   &s->conf.fallback;

	return settings->tls.pairs[0].certificate;
}

void
services_warn(const struct services *s, unsigned days)
{
	time_t now = time(NULL);

	for (unsigned i = 0; i <= TLS_CONF_SERVERS_MAX; i++) {
		time_t end;

		if (s->list[i] == NULL)
			continue;
		end = identity_expires(s->list[i]->identity);
		if (end < now)
			log_warn("%s has expired, or another of its server: "
				 "clients will refuse it",
				 name_of(s, i));
		else if (end - now < (time_t)days * 86400)
			log_warn("%s expires in %ld days, or another of its "
				 "server",
				 name_of(s, i), (long)(end - now) / 86400);
	}
}

void
services_log_days(const struct services *s)
{
	time_t now = time(NULL);
	char text[48];

	for (unsigned i = 0; i <= TLS_CONF_SERVERS_MAX; i++) {
		const struct server_conf *server = &s->conf.servers[i];
		long days;

		if (s->list[i] == NULL)
			continue;
		days = (long)(identity_expires(s->list[i]->identity) - now) /
		       86400;
		if (i == TLS_CONF_SERVERS_MAX)
			log_info("certificate days left, other servers: %ld",
				 days);
		else
			log_info("certificate days left, server %s/%u: %ld",
				 log_addr(&server->net, text), server->prefix,
				 days);
	}
}

/* An entry for exactly this network, a copy of what held for it before. */
static struct policy_server *
policy_entry(struct policy *policy, const struct server_conf *s)
{
	struct policy_server *entry;

	for (unsigned i = 0; i < policy->server_count; i++) {
		entry = &policy->servers[i];
		if (entry->prefix == s->prefix &&
		    addr_equal(&entry->net, &s->net))
			return entry;
	}
	if (policy->server_count == POLICY_SERVERS_MAX)
		return NULL;
	entry = &policy->servers[policy->server_count];
	*entry = *policy_server(policy, &s->net);
	entry->net = s->net;
	entry->prefix = s->prefix;
	policy->server_count++;
	return entry;
}

void
services_policy(const struct tls_conf *conf, struct policy *policy)
{
	policy->fallback.relay = conf->fallback.relay;
	for (unsigned i = 0; i < policy->server_count; i++) {
		struct policy_server *entry = &policy->servers[i];
		const struct server_conf *s =
			tls_conf_server(conf, &entry->net);

		entry->relay = s != NULL && s->prefix <= entry->prefix
				       ? s->settings.relay
				       : conf->fallback.relay;
	}
	for (unsigned i = 0; i < conf->server_count; i++) {
		struct policy_server *entry =
			policy_entry(policy, &conf->servers[i]);

		if (entry != NULL)
			entry->relay = conf->servers[i].settings.relay;
	}
}
