/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A unix socket that one group may connect to. */
#ifndef IO_UNIX_LISTENER_H
#define IO_UNIX_LISTENER_H

#define UNIX_LISTENER_PATH_MAX 108

/*
 * Listens at @path with a socket of @type, mode 0660, group @group ("": the
 * process's own), not blocking. A socket that a crash left behind is removed;
 * -EADDRINUSE when somebody listens there or it is no socket; -ESRCH when there
 * is no such group; else 0 or -errno.
 */
int unix_listener_open(const char *path, const char *group, int type, int *out)
	__attribute__((warn_unused_result));

/* Closes @fd, which may be -1, and removes @path, which may be "". */
void unix_listener_close(int fd, const char *path);

#endif
