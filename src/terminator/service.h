/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server as its sessions use it: its certificates, loaded, and what holds. */
#ifndef TERMINATOR_SERVICE_H
#define TERMINATOR_SERVICE_H

#include "terminator/conf.h"

/* Counted: a session that runs keeps the one that it began with. */
struct service {
	unsigned holders;
	struct identity *identity;
	bool relay, unclean, ccc, sscn, audit;
	enum reuse reuse;
	char deny[COMMANDS_MAX], allow[COMMANDS_MAX]; /* commands */
};

struct services;

/* Loads the certificates of all servers of @conf. NULL after a complaint for
 * each mistake to @errors. Owned by the caller: services_free(). */
struct services *services_load(const struct tls_conf *conf, const char *name,
			       FILE *errors);

/* NULL is allowed. */
void services_free(struct services *services);

/* The service of @server, held for the caller, or NULL. */
struct service *services_take(const struct services *services,
			      const struct addr *server);

void service_drop(struct service *service);

/* Warns in the log of certificates that expire within @days. */
void services_warn(const struct services *services, unsigned days);

/* For each server, into the log: for how many days more the first of its
 * certificates to expire is good; below 0, how long it is not. */
void services_log_days(const struct services *services);

/* pinholed's policy as the core here is to have it: what holds for the relaying
 * of data is said in our own file. */
void services_policy(const struct tls_conf *conf, struct policy *policy);

#endif
