/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the daemon may do after its start. */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

/*
 * Becomes @user ("": stays who it is) and keeps CAP_NET_ADMIN alone, in every
 * thread that is started later; no program that it might run could ever gain
 * more. CAP_NET_ADMIN stays for life: nfnetlink asks for it with every message,
 * verdicts included. Started as an ordinary user with that capability (systemd's
 * AmbientCapabilities) it only drops the rest.
 * 0, -EPERM without CAP_NET_ADMIN, -ESRCH when there is no such user, or another
 * -errno. To be called once, after the sockets are open and before threads are
 * started.
 */
int privileges_drop(const char *user) __attribute__((warn_unused_result));

#endif
