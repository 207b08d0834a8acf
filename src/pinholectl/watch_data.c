/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live view's questions. A daemon that stops is asked again each second. */
#include "pinholectl/watch_data.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pinholectl/ask.h"

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void
watch_data_init(struct watch_data *d, const char *path)
{
	memset(d, 0, sizeof(*d));
	d->path = path;
	d->stream = -1;
}

static void
forget(struct watch_data *d)
{
	json_decref(d->status);
	json_decref(d->sessions);
	json_decref(d->pinholes);
	d->status = d->sessions = d->pinholes = NULL;
}

static void
close_stream(struct watch_data *d)
{
	if (d->stream >= 0)
		close(d->stream);
	d->stream = -1;
	d->watching = false;
	d->in_len = 0;
}

void
watch_data_fini(struct watch_data *d)
{
	close_stream(d);
	forget(d);
}

static uint64_t
counter_of(const json_t *status, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(
		json_object_get(json_array_get(status, 0), "counters"), name));
}

static double
rate(const json_t *before, const json_t *after, const char *name, double s)
{
	uint64_t from = counter_of(before, name), to = counter_of(after, name);

	return before == NULL || to < from || s <= 0 ? 0
						     : (double)(to - from) / s;
}

void
watch_data_ask(struct watch_data *d)
{
	uint64_t now = now_ms();
	double s = (double)(now - d->asked_ms) / 1000;
	json_t *status, *before = json_incref(d->status);

	forget(d);
	d->asked_ms = now;
	d->reachable = ask_some(d->path, "status", 1, &status) == EXIT_SUCCESS;
	if (d->reachable) {
		d->status = status;
		ask_some(d->path, "sessions", LISTED_MAX, &d->sessions);
		ask_some(d->path, "pinholes", LISTED_MAX, &d->pinholes);
		d->rates = (struct watch_rates){
			.packets = rate(before, status, "packets", s),
			.commands = rate(before, status, "commands", s),
			.opened = rate(before, status, "pinholes_opened", s) +
				  rate(before, status, "grants_opened", s),
			.data = rate(before, status, "data_connections", s),
			.refused = rate(before, status, "refused", s),
		};
		if (d->stream < 0)
			d->stream = ask_fd(d->path, "watch");
	} else {
		d->rates = (struct watch_rates){ 0 };
	}
	json_decref(before);
}

/* --- the stream ------------------------------------------------------------- */

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static void
take_event(struct watch_data *d, const json_t *event)
{
	time_t at = (time_t)json_number_value(json_object_get(event, "time"));
	const char *text = text_of(event, "text");
	char when[16] = "";
	struct tm tm;

	if (strcmp(text_of(event, "reason"), "watching") == 0)
		d->watching = true;
	if (strcmp(text_of(event, "type"), "refused") != 0)
		return;
	if (localtime_r(&at, &tm) != NULL)
		strftime(when, sizeof(when), "%H:%M:%S", &tm);
	snprintf(d->refusals[(d->first + d->count) % REFUSALS], REFUSAL_LEN,
		 "%s  %-16s  %s -> %s%s%s", when, text_of(event, "reason"),
		 text_of(event, "client"), text_of(event, "server"),
		 text[0] != '\0' ? "  " : "", text);
	if (d->count < REFUSALS)
		d->count++;
	else
		d->first = (d->first + 1) % REFUSALS;
}

void
watch_data_read(struct watch_data *d)
{
	ssize_t n = recv(d->stream, d->in + d->in_len, sizeof(d->in) - d->in_len,
			 MSG_DONTWAIT);
	char *line = d->in, *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_stream(d);
		return;
	}
	d->in_len += (size_t)n;
	while ((end = memchr(line, '\n',
			     d->in_len - (size_t)(line - d->in))) != NULL) {
		json_t *event = json_loadb(line, (size_t)(end - line), 0, NULL);

		take_event(d, event);
		json_decref(event);
		line = end + 1;
	}
	d->in_len -= (size_t)(line - d->in);
	memmove(d->in, line, d->in_len);
	if (d->in_len == sizeof(d->in)) /* no line of ours is so long */
		close_stream(d);
}
