/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log: one line per event, put together here and written in one piece. */
#include "io/log.h"
#include "io/log_limit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
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

/* A line that grows up to its bound; what does not fit is cut off. */
struct line {
	size_t len;
	char text[1024];
};

static void line_add(struct line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

__attribute__((format(printf, 2, 0))) static void
line_vadd(struct line *line, const char *format, va_list ap)
{
	/* One byte stays free for the newline. */
	size_t left = sizeof(line->text) - 1 - line->len;
	int n = vsnprintf(line->text + line->len, left, format, ap);

	if (n > 0)
		line->len += (size_t)n < left ? (size_t)n : left - 1;
}

static void
line_add(struct line *line, const char *format, ...)
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

static void
line_begin(struct line *line, enum log_level level)
{
	struct timespec now;
	struct tm tm;

	line->len = 0;
	switch ((enum sink)atomic_load(&log_sink)) {
	case SINK_STAMPED:
		clock_gettime(CLOCK_REALTIME, &now);
		gmtime_r(&now.tv_sec, &tm);
		line_add(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ ",
			 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			 tm.tm_hour, tm.tm_min, tm.tm_sec,
			 (int)(now.tv_nsec / 1000000));
		break;
	case SINK_JOURNAL:
		line_add(line, "<%d>", syslog_priority(level));
		break;
	case SINK_SYSLOG:
		break;
	}
}

static void
line_end(struct line *line, enum log_level level)
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
	n = poll(&ready, 1, 0) > 0 ?
		    write(STDERR_FILENO, line->text, line->len) :
		    -1;
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

	return stream != NULL &&
	       sscanf(stream, "%ju:%ju", &dev, &ino) == 2 &&
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
	struct line line;

	if (!log_enabled(level))
		return;
	line_begin(&line, level);
	line_vadd(&line, format, ap);
	line_end(&line, level);
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

const char *
log_opening_kind(enum opening_kind kind)
{
	switch (kind) {
	case OPENING_PINHOLE:
		return "pinhole";
	case OPENING_RELAY:
		return "relay";
	case OPENING_GRANT_PASSIVE:
		return "passive-grant";
	case OPENING_GRANT_ACTIVE:
		return "active-grant";
	case OPENING_GRANT_FTP_DATA:
		return "active-ftp-data-grant";
	case OPENING_WINDOW_PASSIVE:
		return "passive-window";
	case OPENING_WINDOW_ACTIVE:
		return "active-window";
	case OPENING_WINDOW_FTP_DATA:
		return "active-ftp-data-window";
	case OPENING_ASK_PASSIVE:
		return "passive-watch";
	case OPENING_ASK_ACTIVE:
		return "active-watch";
	}
	return "unknown";
}

char *
log_session_id(unsigned long long id, char out[static 24])
{
	snprintf(out, 24, "%llu-%llu", id >> 48, id & ((1ULL << 48) - 1));
	return out;
}

char *
log_addr(const struct addr *addr, char out[static 48])
{
	int family = addr->family == ADDR_V6 ? AF_INET6 : AF_INET;

	if (addr_len((enum addr_family)addr->family) == 0 ||
	    inet_ntop(family, addr->bytes, out, 48) == NULL)
		strcpy(out, "-");
	return out;
}

char *
log_endpoint(const struct endpoint *endpoint, char out[static 56])
{
	char addr[48];
	bool v6 = endpoint->addr.family == ADDR_V6;

	log_addr(&endpoint->addr, addr);
	snprintf(out, 56, v6 ? "[%s]:%u" : "%s:%u", addr, endpoint->port);
	return out;
}

static const char *
action_verb(enum action_kind kind)
{
	switch (kind) {
	case ACTION_OPEN:
		return "open";
	case ACTION_CLOSE:
		return "close";
	case ACTION_REFRESH:
		return "refresh";
	case ACTION_MARK:
		return "mark";
	case ACTION_ADMIT:
		return "admit";
	case ACTION_NOTE:
		return "note";
	}
	return "unknown";
}

static enum log_level
action_level(const struct action *action)
{
	if (action->kind == ACTION_REFRESH || action->kind == ACTION_MARK ||
	    action->kind == ACTION_ADMIT)
		return LOG_LEVEL_DEBUG;
	switch (action->level) {
	case NOTE_WARN:
		return LOG_LEVEL_WARN;
	case NOTE_INFO:
		return LOG_LEVEL_INFO;
	case NOTE_DEBUG:
		return LOG_LEVEL_DEBUG;
	}
	return LOG_LEVEL_WARN;
}

static void
line_add_opening(struct line *line, const struct action *action)
{
	const struct opening *o = &action->opening;
	char addr[48];

	line_add(line, " %s", log_opening_kind(o->kind));
	line_add(line, " source=%s", log_addr(&o->source, addr));
	line_add(line, " destination=%s", log_addr(&o->destination, addr));
	if (o->port != 0 && !opening_is_window(o->kind))
		line_add(line, " port=%u", o->port);
	if (action->kind == ACTION_OPEN || action->kind == ACTION_REFRESH)
		line_add(line, " timeout=%" PRIu32 "s", o->timeout_s);
	else
		line_add(line, " open=%" PRIu64 "ms", o->open_ms);
}

char *
log_action_text(const struct action *action,
		char out[static 4 * ACTION_TEXT_MAX + 1])
{
	char *at = out;

	for (size_t i = 0; i < action->text_len && i < ACTION_TEXT_MAX; i++) {
		uint8_t byte = action->text[i];

		if (byte >= ' ' && byte < 127 && byte != '"' && byte != '\\')
			*at++ = (char)byte;
		else
			at += sprintf(at, "\\x%02x", byte);
	}
	*at = '\0';
	return out;
}

static void
line_add_text(struct line *line, const struct action *action)
{
	char text[4 * ACTION_TEXT_MAX + 1];

	line_add(line, " text=\"%s\"", log_action_text(action, text));
}

static void
line_add_reading(struct line *line, const char *name, const struct endpoint *e)
{
	char text[56];

	line_add(line, " %s=%s", name,
		 e->port != 0 ? log_endpoint(e, text) : "nothing");
}

/* Strangers decide how many actions there are: see log_limit.h. */
static bool
admit(void)
{
	struct timespec now;
	uint64_t missed;
	bool admitted;

	clock_gettime(CLOCK_MONOTONIC, &now);
	admitted = log_limit_admit((uint64_t)now.tv_sec, &missed);
	if (missed != 0)
		log_warn("%" PRIu64 " lines were left out: see log-rate in "
			 "pinholed.conf(5)",
			 missed);
	return admitted;
}

void
log_action(const struct action *action)
{
	enum log_level level = action_level(action);
	struct line line;
	char text[56];

	if (!log_enabled(level) || !admit())
		return;
	line_begin(&line, level);
	line_add(&line, "%s %s",
		 action->session != 0 ? log_session_id(action->session, text)
				      : "-",
		 action_verb(action->kind));
	if (action->has_opening)
		line_add_opening(&line, action);
	line_add(&line, " reason=%s", reason_word(action->reason));
	if ((action->kind == ACTION_MARK || action->kind == ACTION_NOTE ||
	     action->kind == ACTION_ADMIT) &&
	    action->class != CLASS_NONE)
		line_add(&line, " class=%s", class_name(action->class));
	if (action->client.addr.family != ADDR_NONE)
		line_add(&line, " client=%s",
			 log_endpoint(&action->client, text));
	if (action->server.addr.family != ADDR_NONE)
		line_add(&line, " server=%s",
			 log_endpoint(&action->server, text));
	if (action->reason == REASON_AMBIGUOUS) {
		line_add_reading(&line, "strict", &action->strict);
		line_add_reading(&line, "lenient", &action->lenient);
	}
	if (action->text_len != 0)
		line_add_text(&line, action);
	line_end(&line, level);
}
