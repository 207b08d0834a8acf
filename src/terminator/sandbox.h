/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which system calls and files are left to pinholed-tls after its start. */
#ifndef TERMINATOR_SANDBOX_H
#define TERMINATOR_SANDBOX_H

#include <stdbool.h>

#include "terminator/conf.h"

/*
 * From here on files can be read in the directories of @path, of pinholed.conf,
 * and of the certificates and keys of @conf; *@files as in confine_files(). Needs
 * sockets of TCP and of the machine itself, and no more. 0 or -errno; there is no
 * way back.
 */
int tls_sandbox_enter(const char *path, const struct tls_conf *conf, bool trap,
		      bool *files) __attribute__((warn_unused_result));

#endif
