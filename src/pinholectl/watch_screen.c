/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From top to bottom: what the daemon is and does, sessions, what is open, the
 * latest refusals, the keys. The three lists share the lines that there are; what
 * is too long or too wide is cut off, nothing wraps.
 */
#include "pinholectl/watch_screen.h"

#include <inttypes.h>
#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "pinholectl/text.h"

#define HEADER_LINES 4

bool
screen_open(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fputs("pinholectl: watch needs a terminal; with --json it "
		      "prints the events\n", stderr);
		return false;
	}
	if (newterm(NULL, stdout, stdin) == NULL) {
		fputs("pinholectl: this terminal is not known (TERM); with "
		      "--json watch prints the events\n", stderr);
		return false;
	}
	cbreak();
	noecho();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	return true;
}

void
screen_close(void)
{
	endwin();
}

bool
screen_keys(void)
{
	int key;

	while ((key = getch()) != ERR)
		if (key == 'q' || key == 'Q')
			return false;
	return true;
}

/* --- lines ------------------------------------------------------------------ */

/* A line at @y, cut to the width. */
__attribute__((format(printf, 2, 3))) static void
line(int y, const char *format, ...)
{
	char text[512];
	va_list ap;

	if (y < 0 || y >= LINES)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	/* The last cell of the last line would scroll. */
	mvaddnstr(y, 0, text, y == LINES - 1 ? COLS - 1 : COLS);
}

static void
title(int y, const char *text)
{
	attron(A_REVERSE);
	line(y, "%-*s", COLS, text);
	attroff(A_REVERSE);
}

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "-";
}

static uint64_t
number_of(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static double
seconds_of(const json_t *object, const char *kind, const char *key)
{
	return (double)number_of(json_object_get(object, kind), key) / 1000;
}

static void
draw_states(const json_t *status)
{
	json_t *classes = json_object_get(status, "sessions"), *value;
	uint64_t all = 0;
	char text[256] = "";
	size_t len = 0;
	const char *class;

	json_object_foreach(classes, class, value) {
		uint64_t n = (uint64_t)json_integer_value(value);

		all += n;
		if (n != 0 && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"  %s %" PRIu64, class, n);
	}
	line(1, "sessions %" PRIu64 "%s", all, text);
}

static void
draw_header(const struct watch_data *d)
{
	const json_t *status = json_array_get(d->status, 0);
	const json_t *exposure = json_object_get(status, "exposure");
	time_t now = time(NULL);
	char up[24], clock[16] = "";
	struct tm tm;

	if (localtime_r(&now, &tm) != NULL)
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	if (!d->reachable) {
		line(0, "pinholed cannot be reached at %s", d->path);
		return;
	}
	line(0, "pinholed %s  up %s  ruleset %s  workers %" PRIu64 "  %s",
	     text_of(status, "version"),
	     text_duration(number_of(status, "uptime_ms"), up),
	     text_of(status, "ruleset"), number_of(status, "workers"), clock);
	draw_states(status);
	line(2,
	     "per second  packets %.0f  commands %.0f  opened %.0f  "
	     "data %.0f  refused %.0f",
	     d->rates.packets, d->rates.commands, d->rates.opened,
	     d->rates.data, d->rates.refused);
	line(3, "port seconds  pinholes %.1f  grants %.1f  static ranges %.0f",
	     seconds_of(exposure, "pinholes", "pair_ms") +
		     seconds_of(exposure, "relays", "pair_ms"),
	     seconds_of(exposure, "passive_grants", "pair_ms") +
		     seconds_of(exposure, "active_grants", "pair_ms") +
		     seconds_of(exposure, "active_ftp_data_grants", "pair_ms"),
	     seconds_of(exposure, "static_range", "port_ms"));
}

/* --- lists ------------------------------------------------------------------ */

/* Columns that hold addresses: as wide as the terminal lets them be. */
static int
end_width(int fixed, int columns, int most)
{
	int width = (COLS - fixed) / columns;

	return width > most ? most : width < 8 ? 8 : width;
}

/* Short enough for its column. */
static const char *
class_of(const json_t *session)
{
	const char *class = text_of(session, "class");

	return strcmp(class, "clear-after-ccc") == 0 ? "after-ccc" : class;
}

static void
draw_sessions(const struct watch_data *d, int y, int lines)
{
	/* 80 columns hold all but long IPv6 addresses. */
	int width = end_width(38, 2, 47);
	const json_t *session;
	char head[256], age[24];
	size_t i;

	snprintf(head, sizeof(head), "%-*s  %-*s  %-10s %7s %5s %9s", width,
		 "CLIENT", width, "SERVER", "CLASS", "AGE", "DATA", "EXPOSED");
	title(y, head);
	json_array_foreach(d->sessions, i, session) {
		if ((int)i >= lines)
			break;
		line(y + 1 + (int)i,
		     "%-*.*s  %-*.*s  %-10.10s %7s %5" PRIu64 " %9.1f", width,
		     width, text_of(session, "client"), width, width,
		     text_of(session, "server"), class_of(session),
		     text_duration(number_of(session, "age_ms"), age),
		     number_of(session, "data_connections"),
		     (double)number_of(session, "exposed_ms") / 1000);
	}
}

static void
draw_open(const struct watch_data *d, int y, int lines)
{
	int width = end_width(36, 2, 39);
	const json_t *opening;
	char head[256], left[24];
	size_t i;

	snprintf(head, sizeof(head), "%-13s  %-*s  %-*s  %5s %8s", "OPEN",
		 width, "FROM", width, "TO", "PORT", "LEFT");
	title(y, head);
	json_array_foreach(d->pinholes, i, opening) {
		char port[24] = "range";

		if ((int)i >= lines)
			break;
		if (json_object_get(opening, "port") != NULL)
			snprintf(port, sizeof(port), "%" PRIu64,
				 number_of(opening, "port"));
		else if (strncmp(text_of(opening, "kind"), "active", 6) == 0)
			strcpy(port, "1024-");
		line(y + 1 + (int)i, "%-13.13s  %-*.*s  %-*.*s  %5s %8s",
		     text_of(opening, "kind"), width, width,
		     text_of(opening, "source"), width, width,
		     text_of(opening, "destination"), port,
		     text_duration(number_of(opening, "left_ms"), left));
	}
}

static void
draw_refusals(const struct watch_data *d, int y, int lines)
{
	/* Without the stream, none would not mean that there were none. */
	title(y, d->watching ? "LATEST REFUSALS"
			     : "LATEST REFUSALS: not heard of yet");
	for (int i = 0; i < lines && i < (int)d->count; i++)
		line(y + 1 + i, "%s",
		     d->refusals[(d->first + d->count - 1 - (unsigned)i) %
				 REFUSALS]);
}

void
screen_draw(const struct watch_data *d)
{
	/* Three titles and the line with the keys. */
	int body = LINES - HEADER_LINES - 4;
	int refusals = body / 4, open = body / 3, sessions;
	int y = HEADER_LINES;

	if (refusals < 1)
		refusals = 1;
	if (open < 1)
		open = 1;
	sessions = body - refusals - open;
	erase();
	draw_header(d);
	if (d->reachable) {
		draw_sessions(d, y, sessions);
		y += 1 + (sessions > 0 ? sessions : 0);
		draw_open(d, y, open);
		y += 1 + open;
		draw_refusals(d, y, refusals);
	}
	move(LINES - 1, 0);
	clrtoeol();
	line(LINES - 1, "q: leave");
	refresh();
}
