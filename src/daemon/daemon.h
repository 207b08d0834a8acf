/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The running daemon: workers, control socket, signals, and the ruleset's watch. */
#ifndef DAEMON_H
#define DAEMON_H

#include "io/conf.h"

/*
 * Runs until SIGTERM or SIGINT. @conf, from the heap, is taken over; @path is
 * where SIGHUP reads it anew; @debug overrides its log level. Returns the exit status: 0 after a signal, 1 when
 * it could not start or go on, which has been logged.
 */
int daemon_run(const char *path, struct conf *conf, bool debug);

#endif
