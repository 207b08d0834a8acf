/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the main thread owns; its files share it, nobody else sees it. */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include "io/conf.h"
#include "io/control.h"
#include "io/terminator.h"
#include "netfilter/fwset.h"
#include "daemon/worker.h"

struct state {
	const char *path;  /* of the configuration file */
	struct conf *conf; /* in force; from the heap */
	struct fwset *fw;  /* for the sets that come from the configuration */
	struct control *control;
	struct terminator *terminator; /* NULL: no server is terminated */
	struct findings *findings;
	struct learned *learned; /* NULL: nothing is kept */
	struct worker *workers[CONF_QUEUES_MAX];
	uint16_t worker_count;	  /* opened */
	uint16_t workers_running; /* started */
	int signals;		  /* signalfd */
	int feed_wake;		  /* eventfd: a worker's feed has something */
	uint64_t started_ns;
	uint64_t table_handle; /* of the ruleset that we wrote to */
	bool ruleset_loaded;
	bool tls; /* pinholed-tls is to have connections, or had some */
	bool out_of_descriptors; /* the log has said so */
	bool debug; /* from the command line: beats the file */
};

#endif
