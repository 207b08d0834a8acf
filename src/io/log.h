/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line per event, to standard error or syslog. */
#ifndef IO_LOG_H
#define IO_LOG_H

#include <stdbool.h>

#include "pinholed/action.h"

/* err: the operator must act; warn: something was refused or is degraded; info:
 * openings, closings, start and stop; debug: the steps of each decision. */
enum log_level {
	LOG_LEVEL_ERR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};
enum log_target { LOG_TARGET_STDERR, LOG_TARGET_SYSLOG };

/* The program's name in syslog; a literal. "pinholed" where nobody says. */
void log_name(const char *name);

/* May be called again (reload). On standard error each line starts with the
 * journal's <N> priority when JOURNAL_STREAM is set (sd-daemon(3)), with a UTC
 * time stamp otherwise. Before the first call: standard error, info. */
void log_init(enum log_target target, enum log_level level);

bool log_enabled(enum log_level level);

/* A line of free text (printf); a newline is added. Keeps errno. Any thread. */
void log_err(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * One line for an action of the core, at the action's own level:
 *   SESSION verb key=value ... reason=WORD
 * e.g. `0-42 open pinhole source=10.0.0.2 destination=192.0.2.1 port=50001
 * timeout=60s reason=pasv client=10.0.0.2:40000 server=192.0.2.1:21`.
 * The verb is open, close, refresh (debug level), mark (debug level) or note.
 * Its text comes last as text="...", with everything but printable ASCII, and
 * quote and backslash, written \xHH. docs/log.md has the whole form.
 */
void log_action(const struct action *action);

/* The action's text as the log has it, without quotes. @out holds four characters
 * for each byte and the end. Returns @out. */
char *log_action_text(const struct action *action,
		      char out[static 4 * ACTION_TEXT_MAX + 1]);

/* In JSON, "pinhole", "window" or "grant": what an opening of @kind is for whoever
 * need not know more. Never NULL. */
const char *log_opening_type(enum opening_kind kind);

/* "pinhole", "passive-grant", "active-grant" or "active-ftp-data-grant", in the
 * log and in JSON. Never NULL. */
const char *log_opening_kind(enum opening_kind kind);

/* "0-42" for (worker << 48 | 42); @out of 24 bytes. Returns @out. */
char *log_session_id(unsigned long long id, char out[static 24]);

/* "192.0.2.1" or "2001:db8::1"; @out of 48 bytes. Returns @out. */
char *log_addr(const struct addr *addr, char out[static 48]);

/* "192.0.2.1:21" or "[2001:db8::1]:21"; @out of 56 bytes. Returns @out. */
char *log_endpoint(const struct endpoint *endpoint, char out[static 56]);

#endif
