/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a daemon may do after its start. */
#ifndef CONFINE_PRIVILEGES_H
#define CONFINE_PRIVILEGES_H

#include <stddef.h>

/*
 * Becomes @user ("": stays who it is) and keeps the capabilities @keep (numbers,
 * @count of them) alone, in every thread that is started later; no program that
 * it might run could ever gain more. Started as an ordinary user with those
 * capabilities (systemd's AmbientCapabilities) it only drops the rest.
 * 0, -EPERM without them, -ESRCH when there is no such user, or another -errno.
 * To be called once, after the sockets are open and before threads are started.
 */
int privileges_drop(const char *user, const unsigned *keep, size_t count) __attribute__((warn_unused_result));

#endif
