/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line of a daemon. */
#ifndef IO_OPTIONS_H
#define IO_OPTIONS_H

#include <stdbool.h>

struct daemon_options {
	const char *path; /* of the configuration */
	bool check, print, debug;
};

/*
 * Reads it into *@out, whose path is the default one before. @name: the program's;
 * @usage: what --help prints. True: go on. False: nothing is left to do but to
 * exit with *@code; what there was to say has been said.
 */
bool options_read(int argc, char **argv, const char *name, const char *usage,
		  struct daemon_options *out, int *code);

#endif
