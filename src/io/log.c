/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log: one line per event, put together here and written in one piece. */
#include "io/log_line.h"
#include "io/log_limit.h"

#include <errno.h>
#include <stdarg.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* How a line leaves: with what in front, and where to. */
enum sink { SINK_STAMPED, SINK_JOURNAL, SINK_SYSLOG };

/* Read by every thread, changed by a reload. */
static atomic_int log_sink = SINK_STAMPED;
static const char *log_ident = "pinholed"; /* set before threads start */
static atomic_int log_threshold = LOG_LEVEL_INFO;

__attribute__((format(printf, 2, 0))) static void
line_vadd(struct log_line *line, const char *format, va_list ap)
{
	/* One byte stays free for the newline. */
	size_t left = sizeof(line->text) - 1 - line->len;
	int n = vsnprintf(line->text + line->len, left, format, ap);

	if (n > 0)
		line->len += (size_t)n < left ? (size_t)n : left - 1;
}

void
log_line_add(struct log_line *line, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	line_vadd(line, format, ap);
	va_end(ap);
}

static int
syslog_priority(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERR:
		return LOG_ERR;
	case LOG_LEVEL_WARN:
		return LOG_WARNING;
	case LOG_LEVEL_INFO:
		return LOG_INFO;
	case LOG_LEVEL_DEBUG:
		return LOG_DEBUG;
	}
	return LOG_ERR;
}

void
log_line_begin(struct log_line *line, enum log_level level)
{
	struct timespec now;
	struct tm tm;

	line->len = 0;
	switch ((enum sink)atomic_load(&log_sink)) {
	case SINK_STAMPED:
		clock_gettime(CLOCK_REALTIME, &now);
		gmtime_r(&now.tv_sec, &tm);
		log_line_add(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ ",
			     tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			     tm.tm_hour, tm.tm_min, tm.tm_sec,
			     (int)(now.tv_nsec / 1000000));
		break;
	case SINK_JOURNAL:
		log_line_add(line, "<%d>", syslog_priority(level));
		break;
	case SINK_SYSLOG:
		break;
	}
}

void
log_line_end(struct log_line *line, enum log_level level)
{
	struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t n;

	/* A file name or a server's words may hold a newline: one event must
	 * not be able to look like two. */
	for (size_t i = 0; i < line->len; i++)
		if ((unsigned char)line->text[i] < ' ' || line->text[i] == 127)
			line->text[i] = '?';
	if (atomic_load(&log_sink) == SINK_SYSLOG) {
		syslog(syslog_priority(level), "%.*s", (int)line->len,
		       line->text);
		return;
	}
	line->text[line->len++] = '\n';
	/* Who reads the log may be stuck; packets must not wait for that. */
	n = poll(&ready, 1, 0) > 0 ? write(STDERR_FILENO, line->text, line->len)
				   : -1;
	if (n < 0)
		log_limit_lost();
}

/* sd-daemon(3): the journal listens on standard error only when it is the very
 * file that $JOURNAL_STREAM names; a redirection is not. */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	return stream != NULL && sscanf(stream, "%ju:%ju", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev &&
	       st.st_ino == ino;
}

void
log_name(const char *name)
{
	log_ident = name;
}

void
log_init(enum log_target target, enum log_level level)
{
	enum sink sink = SINK_STAMPED;

	if (target == LOG_TARGET_SYSLOG) {
		sink = SINK_SYSLOG;
		openlog(log_ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	} else if (stderr_is_journal()) {
		sink = SINK_JOURNAL;
	}
	atomic_store(&log_sink, sink);
	atomic_store(&log_threshold, level);
}

bool
log_enabled(enum log_level level)
{
	return (int)level <= atomic_load(&log_threshold);
}

__attribute__((format(printf, 2, 0))) static void
log_text(enum log_level level, const char *format, va_list ap)
{
	int saved = errno;
	struct log_line line;

	if (!log_enabled(level))
		return;
	log_line_begin(&line, level);
	line_vadd(&line, format, ap);
	log_line_end(&line, level);
	errno = saved;
}

void
log_err(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_text(LOG_LEVEL_ERR, format, ap);
	va_end(ap);
}

void
log_warn(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_text(LOG_LEVEL_WARN, format, ap);
	va_end(ap);
}

void
log_info(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_text(LOG_LEVEL_INFO, format, ap);
	va_end(ap);
}

void
log_debug(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	log_text(LOG_LEVEL_DEBUG, format, ap);
	va_end(ap);
}
