/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinholed-tls.conf(5): text in, settings out. */
#ifndef TERMINATOR_CONF_H
#define TERMINATOR_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "io/conf.h"
#include "pinholed/addr.h"
#include "pinholed/span.h"
#include "terminator/commands.h"
#include "tls/identity.h"

#define TLS_CONF_DEFAULT_PATH "/etc/pinholed/pinholed-tls.conf"
#define TLS_CONF_SERVERS_MAX  256

/* Whether a client's data connection must resume its control connection's
 * session. */
enum reuse {
	REUSE_OFF,     /* it cannot */
	REUSE_PREFER,  /* it may */
	REUSE_REQUIRE, /* it must */
};

/* What holds for a server; a directive of its own each, or said in `server`. */
struct server_settings {
	struct identity_settings tls;
	bool relay; /* protected data connections end here, too; else they go
		       end to end */
	enum reuse reuse;
	bool unclean; /* an end without close_notify goes on as it came; else it
			 makes the other side end with a reset */
	bool ccc;  /* the client may end TLS */
	char deny[COMMANDS_MAX], allow[COMMANDS_MAX]; /* commands */
	bool audit; /* a line in the log for each command and transfer */
	bool sscn; /* SSCN and CPSV: TLS roles exchanged, server to server */
};

struct server_conf {
	struct addr net;
	uint8_t prefix;
	unsigned line;
	uint32_t given; /* bits: rows of the table of settings */
	struct server_settings settings;
};

struct tls_conf {
	char pinholed_conf[108]; /* its ports and policy are ours, too */
	uint32_t port;		 /* where the ruleset sends control
				    connections; data: the next one */
	char user[33];		 /* run as; "" to stay */
	uint32_t max_sessions, max_sessions_per_client;
	uint32_t max_data, max_data_per_client; /* relayed data connections */
	uint32_t handshake_timeout_s; /* for a connection's TLS to begin */
	uint32_t stop_timeout_s; /* for what runs at SIGTERM; 0: none */
	uint32_t data_timeout_s; /* a data connection on which nothing moves */
	enum log_level log_level;
	enum log_target log_target;
	uint32_t log_rate;
	enum conf_sandbox sandbox;
	struct server_settings fallback;
	unsigned server_count;
	struct server_conf servers[TLS_CONF_SERVERS_MAX];
};

/* As conf_parse(), conf_load() and conf_print() (io/conf.h) for this file. */
unsigned tls_conf_parse(const char *name, struct span text,
			struct tls_conf *conf, FILE *errors);
unsigned tls_conf_load(const char *path, struct tls_conf *conf, FILE *errors);
void tls_conf_print(const struct tls_conf *conf, FILE *out);

/* The servers that pinholed.conf terminates and this file has no certificate
 * for; a line each to @errors. */
unsigned tls_conf_check(const struct tls_conf *conf, const char *name,
			const struct policy *policy, FILE *errors);

/* The entry with the longest matching prefix; NULL: none. */
const struct server_conf *tls_conf_server(const struct tls_conf *conf,
					  const struct addr *server);

#endif
