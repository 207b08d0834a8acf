/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control socket's name in the file system, and who may connect to it. */
#ifndef IO_CONTROL_LISTEN_H
#define IO_CONTROL_LISTEN_H

#include <sys/un.h>

/* Listens at @address, mode 0660, for @group ("": our own), as control_open() says;
 * *@listener is the caller's own, also after an error, unless it is negative. 0 or
 * -errno. */
int control_listen(const struct sockaddr_un *address, const char *group,
		   int backlog, int *listener);

#endif
