/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinholed.conf(5): text in, a policy and the daemon's settings out. */
#ifndef IO_CONF_H
#define IO_CONF_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "io/log.h"
#include "pinholed/gate.h"
#include "pinholed/policy.h"
#include "pinholed/span.h"

#define CONF_DEFAULT_PATH "/etc/pinholed/pinholed.conf"
#define CONF_QUEUES_MAX	  64

/* Every packet is held until it is read. */
#define CONF_NO_COPIES (-1)

/* What becomes of a system call that the daemon has no use for. */
enum conf_sandbox {
	CONF_SANDBOX_ON,   /* the end */
	CONF_SANDBOX_TRAP, /* its number on standard error, then the end */
	CONF_SANDBOX_OFF,  /* nothing: there is no sandbox */
};

struct conf {
	struct policy policy;
	uint16_t queue_first, queue_count; /* NFQUEUEs; one worker each */
	int copies; /* NFLOG group, or CONF_NO_COPIES */
	uint32_t queue_length;		   /* packets that may wait in one */
	struct gate_limits limits;	   /* per worker */
	char table[64];			   /* nftables table, family inet */
	char socket_path[108];
	char socket_group[33];		   /* may ask; "": the process's own */
	/* Where pinholed-tls asks, and who that may be; used where a server has
	 * `terminate yes`. */
	char terminator_path[108];
	char terminator_group[33];
	char state_path[108];		   /* what is learned; "": nowhere */
	char user[33];			   /* run as; "" to stay */
	enum log_level log_level;
	enum log_target log_target;
	uint32_t log_rate; /* lines per second that actions may take */
	enum conf_sandbox sandbox;
};

/* The defaults, as in pinholed.conf(5). */
void conf_defaults(struct conf *conf);

/*
 * Parses @text over the defaults into *@conf. @name is used in messages. Every
 * error is written to @errors as `NAME:LINE: DIRECTIVE: reason` with the cure
 * where there is one; all of them, not only the first. Returns the number of
 * errors; *@conf is to be used only when it is 0. Never fails otherwise,
 * whatever the bytes.
 */
unsigned conf_parse(const char *name, struct span text, struct conf *conf,
		    FILE *errors);

/* Reads the file and parses it. A file that cannot be read is one error. */
unsigned conf_load(const char *path, struct conf *conf, FILE *errors);

/* The effective configuration in the file's own language: parsing it again
 * gives the same struct. */
void conf_print(const struct conf *conf, FILE *out);

/* Explains what a reload from @old to @new cannot change without a restart
 * (queues, limits, table, sockets, user, sandbox); one line each to @errors. Returns how
 * many there are. */
unsigned conf_restart_needed(const struct conf *old, const struct conf *new,
			     FILE *errors);

#endif
