/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which system calls and files are left to the daemon after its start. */
#ifndef DAEMON_SANDBOX_H
#define DAEMON_SANDBOX_H

#include <stdbool.h>

/*
 * From here on, in this thread and all that it starts: files can be read in the
 * directory of @conf_path and removed in those of @socket_path and @other_path
 * (NULL: none), everywhere else nothing (*@files is false where the kernel has no Landlock to hold us to it);
 * and a system call that the daemon has no use for kills the process. With
 * @trap its number is written to standard error first.
 * 0 or -errno. To be called once, after privileges_drop() and before threads
 * are started; there is no way back.
 */
int sandbox_enter(const char *conf_path, const char *socket_path,
		  const char *other_path, bool trap, bool *files)
	__attribute__((warn_unused_result));

#endif
