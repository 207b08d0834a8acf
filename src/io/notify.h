/* SPDX-License-Identifier: GPL-3.0-or-later */
/* News for the service manager: sd_notify(3) without its library. */
#ifndef IO_NOTIFY_H
#define IO_NOTIFY_H

#include <stdint.h>

/*
 * Sends "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..." or several of them,
 * one per line, to $NOTIFY_SOCKET. 0, also when there is no such socket;
 * -errno. Nothing depends on the result.
 */
int notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "RELOADING=1" with the time that goes with it; send "READY=1" afterwards. */
int notify_reloading(void);

/* Send "WATCHDOG=1" at least this often, in nanoseconds: half of what the
 * service manager asks for. 0: no watchdog, or not for this process. */
uint64_t notify_watchdog_ns(void);

#endif
