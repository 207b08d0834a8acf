/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files: configuration, pinholed's configuration, certificates and keys. */
#ifndef TERMINATOR_RELOAD_H
#define TERMINATOR_RELOAD_H

#include <stdbool.h>
#include <stdio.h>

struct program;

/* Reads both configurations into @p. False after a complaint to @errors. */
bool reload_conf(struct program *p, FILE *errors);

/* Loads the certificates of the configuration in @p. False after it was logged
 * what is wrong. */
bool reload_services(struct program *p);

/* SIGHUP: all of it anew. Sessions that run keep what they began with. With a
 * mistake nothing changes, and the log says which it is. */
void reload(struct program *p);

#endif
