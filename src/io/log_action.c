/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the log says of an action: docs/log.md has the form. */
#include "io/log_line.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "io/log_limit.h"

const char *
log_opening_type(enum opening_kind kind)
{
	return opening_has_port(kind)  ? "pinhole" :
	       opening_is_window(kind) ? "window" :
					 "grant";
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
	case ACTION_VERDICT:
		return "verdict";
	case ACTION_NOTE:
		return "note";
	}
	return "unknown";
}

static enum log_level
action_level(const struct action *action)
{
	if (action->kind == ACTION_REFRESH || action->kind == ACTION_MARK ||
	    action->kind == ACTION_VERDICT)
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
line_add_opening(struct log_line *line, const struct action *action)
{
	const struct opening *o = &action->opening;
	char addr[48];

	log_line_add(line, " %s", log_opening_kind(o->kind));
	log_line_add(line, " source=%s", log_addr(&o->source, addr));
	log_line_add(line, " destination=%s", log_addr(&o->destination, addr));
	if (opening_tells_port(o))
		log_line_add(line, " port=%u", o->port);
	if (action->kind == ACTION_OPEN || action->kind == ACTION_REFRESH)
		log_line_add(line, " timeout=%" PRIu32 "s", o->timeout_s);
	else
		log_line_add(line, " open=%" PRIu64 "ms", o->open_ms);
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
line_add_text(struct log_line *line, const struct action *action)
{
	char text[4 * ACTION_TEXT_MAX + 1];

	log_line_add(line, " text=\"%s\"", log_action_text(action, text));
}

static void
line_add_reading(struct log_line *line, const char *name,
		 const struct endpoint *e)
{
	char text[56];

	log_line_add(line, " %s=%s", name,
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
	struct log_line line;
	char text[56];

	if (!log_enabled(level) || !admit())
		return;
	log_line_begin(&line, level);
	log_line_add(&line, "%s %s",
		     action->session != 0
			     ? log_session_id(action->session, text)
			     : "-",
		     action_verb(action->kind));
	if (action->has_opening)
		line_add_opening(&line, action);
	log_line_add(&line, " reason=%s", reason_word(action->reason));
	if ((action->kind == ACTION_MARK || action->kind == ACTION_NOTE ||
	     action->kind == ACTION_VERDICT) &&
	    action->class != CLASS_NONE)
		log_line_add(&line, " class=%s", class_name(action->class));
	if (action->client.addr.family != ADDR_NONE)
		log_line_add(&line, " client=%s",
			     log_endpoint(&action->client, text));
	if (action->server.addr.family != ADDR_NONE)
		log_line_add(&line, " server=%s",
			     log_endpoint(&action->server, text));
	if (action->reason == REASON_AMBIGUOUS) {
		line_add_reading(&line, "strict", &action->strict);
		line_add_reading(&line, "lenient", &action->lenient);
	}
	if (action->text_len != 0)
		line_add_text(&line, action);
	log_line_end(&line, level);
}
