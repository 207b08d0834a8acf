/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many lines per second strangers can make us write. */
#ifndef IO_LOG_LIMIT_H
#define IO_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* Lines per second from now on; the default is LOG_LIMIT_DEFAULT. */
#define LOG_LIMIT_DEFAULT 1000
void log_limit_set(uint32_t lines_per_s);

/*
 * Counts one line. False: it is too many for this second, leave it out. *@missed
 * is how many were left out in the seconds before, to be said once, or 0. Any
 * thread.
 */
bool log_limit_admit(uint64_t now_s, uint64_t *missed);

/* Counts a line that could not be written. */
void log_limit_lost(void);

/* All lines that were left out or lost since the start. */
uint64_t log_limit_total(void);

#endif
