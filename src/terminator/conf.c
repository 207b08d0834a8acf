/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pinholed-tls.conf(5): the walk over the file, and the daemon's directives. */
#include "terminator/conf.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "io/conf_file.h"
#include "io/log_limit.h"
#include "terminator/conf_settings.h"

#define WORDS_MAX 128

static const char *const log_level_choices[] = { "err", "warn", "info", "debug",
						 NULL };
static const char *const log_target_choices[] = { "stderr", "syslog", NULL };
static const char *const sandbox_choices[] = { "on", "trap", "off", NULL };

enum value_form { FORM_NUMBER, FORM_CHOICE, FORM_NAME, FORM_PATH };

struct directive {
	const char *name;
	enum value_form form;
	size_t offset, size;
	uint32_t low, high;
	const char *const *choices;
};

#define FIELD(field)                                                           \
	offsetof(struct tls_conf, field), sizeof(((struct tls_conf *)0)->field)

static const struct directive directives[] = {
	{ "pinholed-conf", FORM_PATH, FIELD(pinholed_conf), 0, 0, NULL },
	{ "port", FORM_NUMBER, FIELD(port), 1, 65534, NULL },
	{ "user", FORM_NAME, FIELD(user), 0, 0, NULL },
	{ "max-sessions", FORM_NUMBER, FIELD(max_sessions), 1, 1048576, NULL },
	{ "max-sessions-per-client", FORM_NUMBER,
	  FIELD(max_sessions_per_client), 1, 1048576, NULL },
	{ "max-data", FORM_NUMBER, FIELD(max_data), 1, 1048576, NULL },
	{ "max-data-per-client", FORM_NUMBER, FIELD(max_data_per_client), 1,
	  1048576, NULL },
	{ "handshake-timeout", FORM_NUMBER, FIELD(handshake_timeout_s), 1, 600,
	  NULL },
	{ "data-timeout", FORM_NUMBER, FIELD(data_timeout_s), 1, 86400, NULL },
	{ "stop-timeout", FORM_NUMBER, FIELD(stop_timeout_s), 0, 86400, NULL },
	{ "log-level", FORM_CHOICE, FIELD(log_level), 0, 0, log_level_choices },
	{ "log-to", FORM_CHOICE, FIELD(log_target), 0, 0, log_target_choices },
	{ "log-rate", FORM_NUMBER, FIELD(log_rate), 1, 1000000, NULL },
	{ "sandbox", FORM_CHOICE, FIELD(sandbox), 0, 0, sandbox_choices },
};

#define DIRECTIVES (sizeof(directives) / sizeof(directives[0]))

static void
defaults(struct tls_conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	strcpy(conf->pinholed_conf, CONF_DEFAULT_PATH);
	conf->port = 2121;
	conf->max_sessions = 4096;
	conf->max_sessions_per_client = 256;
	conf->max_data = 4096;
	conf->max_data_per_client = 256;
	conf->handshake_timeout_s = 30;
	conf->data_timeout_s = 600;
	conf->stop_timeout_s = 30;
	conf->log_level = LOG_LEVEL_INFO;
	conf->log_target = LOG_TARGET_STDERR;
	conf->log_rate = LOG_LIMIT_DEFAULT;
	conf->sandbox = CONF_SANDBOX_ON;
	tls_settings_defaults(&conf->fallback);
}

void
tls_conf_complain(struct tls_conf_parser *p, const char *format, ...)
{
	va_list ap;

	fprintf(p->errors, "%s:%u: %s: ", p->name, p->line, p->subject);
	va_start(ap, format);
	vfprintf(p->errors, format, ap);
	va_end(ap);
	fputc('\n', p->errors);
	p->error_count++;
}

/* --- values --------------------------------------------------------------- */

static void
complain_choice(struct tls_conf_parser *p, const struct directive *d,
		struct span word)
{
	char shown[VALUE_SHOWN], list[80] = "";

	for (unsigned i = 0; d->choices[i] != NULL; i++) {
		strcat(list, i == 0 ? "" : d->choices[i + 1] ? ", " : " or ");
		strcat(list, d->choices[i]);
	}
	tls_conf_complain(p, "%s is unknown here; write %s",
			  value_show(word, shown), list);
}

static void
parse_value(struct tls_conf_parser *p, const struct directive *d,
	    struct span word)
{
	char *field = (char *)p->conf + d->offset, shown[VALUE_SHOWN];
	uint32_t number;
	int choice;

	switch (d->form) {
	case FORM_NUMBER:
		if (value_number(word, d->low, d->high, &number))
			memcpy(field, &number, sizeof(number));
		else
			tls_conf_complain(
				p, "%s is not a whole number from %u to %u",
				value_show(word, shown), d->low, d->high);
		break;
	case FORM_CHOICE:
		choice = value_choice(word, d->choices);
		if (choice >= 0)
			memcpy(field, &choice, sizeof(choice));
		else
			complain_choice(p, d, word);
		break;
	case FORM_NAME:
		if (!value_name(word, field, d->size))
			tls_conf_complain(
				p,
				"%s is not a name; write letters, digits, "
				"'_', '-' and '.', a letter first, %zu at "
				"most",
				value_show(word, shown), d->size - 1);
		break;
	case FORM_PATH:
		if (!value_path(word, field, d->size))
			tls_conf_complain(
				p,
				"%s is not a usable path; write one that "
				"begins with '/', of printable characters, "
				"%zu at most",
				value_show(word, shown), d->size - 1);
		break;
	}
}

static void
print_value(const struct directive *d, const struct tls_conf *conf, FILE *out)
{
	const char *field = (const char *)conf + d->offset;
	uint32_t number;

	switch (d->form) {
	case FORM_NUMBER:
		memcpy(&number, field, sizeof(number));
		fprintf(out, "%s %u\n", d->name, number);
		break;
	case FORM_CHOICE:
		memcpy(&number, field, sizeof(number));
		fprintf(out, "%s %s\n", d->name, d->choices[number]);
		break;
	case FORM_NAME:
	case FORM_PATH:
		if (field[0] != '\0')
			fprintf(out, "%s %s\n", d->name, field);
		break;
	}
}

/* --- the walk ------------------------------------------------------------- */

static const struct directive *
find_directive(struct tls_conf_parser *p, struct span word)
{
	const char *nearest = NULL;
	unsigned least = 3, distance;
	char shown[VALUE_SHOWN];

	for (size_t i = 0; i < DIRECTIVES; i++) {
		distance = value_distance(word, directives[i].name);
		if (distance == 0)
			return &directives[i];
		if (distance < least) {
			least = distance;
			nearest = directives[i].name;
		}
	}
	for (size_t i = 0; i < tls_setting_count; i++) {
		distance = value_distance(word, tls_settings[i].name);
		if (distance < least) {
			least = distance;
			nearest = tls_settings[i].name;
		}
	}
	snprintf(p->subject, sizeof(p->subject), "%s", value_show(word, shown));
	if (nearest != NULL)
		tls_conf_complain(p, "no such directive; did you mean %s?",
				  nearest);
	else
		tls_conf_complain(p, "no such directive; pinholed-tls.conf(5) "
				     "lists them all");
	return NULL;
}

/* True when the directive of @index may stand here: it does so once. */
static bool
first_time(struct tls_conf_parser *p, size_t index)
{
	if (p->seen[index] != 0) {
		tls_conf_complain(p,
				  "line %u gives it already; keep one of "
				  "them",
				  p->seen[index]);
		return false;
	}
	p->seen[index] = p->line;
	return true;
}

/* @words (@count of them) behind the name of @row. */
static void
parse_setting(struct tls_conf_parser *p, const struct tls_setting *row,
	      const struct span *words, unsigned count)
{
	const struct tls_setting *tail = NULL;

	snprintf(p->subject, sizeof(p->subject), "%s", row->name);
	if (count > row->words && value_is(words[row->words], "passphrase-file"))
		tail = tls_setting_find(words[row->words]);
	if (count != row->words + (tail != NULL ? 1 + tail->words : 0)) {
		tls_conf_complain(p, "%s; write: %s %s",
				  count < row->words || tail != NULL
					  ? "a value is missing"
					  : "too many values",
				  row->name, row->usage);
		return;
	}
	if (!tls_setting_repeats(row) &&
	    !first_time(p, DIRECTIVES + (size_t)(row - tls_settings)))
		return;
	if (row->parse(p, row, words, &p->conf->fallback) && tail != NULL)
		tail->parse(p, tail, &words[row->words + 1],
			    &p->conf->fallback);
}

static void
parse_line(struct tls_conf_parser *p, struct span line)
{
	struct span words[WORDS_MAX], word = value_word(&line);
	const struct tls_setting *row = tls_setting_find(word);
	const struct directive *d;
	char shown[VALUE_SHOWN];
	unsigned count = 0;

	p->pair = NULL;
	if (word.len == 0)
		return;
	while (count < WORDS_MAX && (words[count] = value_word(&line)).len != 0)
		count++;
	if (value_word(&line).len != 0) {
		snprintf(p->subject, sizeof(p->subject), "%s",
			 value_show(word, shown));
		tls_conf_complain(p, "more than %d values", WORDS_MAX);
		return;
	}
	if (value_is(word, "server")) {
		strcpy(p->subject, "server");
		tls_conf_parse_server(p, words, count);
		return;
	}
	if (row != NULL) {
		parse_setting(p, row, words, count);
		return;
	}
	d = find_directive(p, word);
	if (d == NULL)
		return;
	snprintf(p->subject, sizeof(p->subject), "%s", d->name);
	if (count != 1)
		tls_conf_complain(p, "%s",
				  count == 0 ? "a value is missing"
					     : "too many values");
	else if (first_time(p, (size_t)(d - directives)))
		parse_value(p, d, words[0]);
}

unsigned
tls_conf_parse(const char *name, struct span text, struct tls_conf *conf,
	       FILE *errors)
{
	struct tls_conf_parser p = { .name = name,
				     .errors = errors,
				     .conf = conf };
	struct span line;

	_Static_assert(DIRECTIVES + 24 <= sizeof(p.seen) / sizeof(p.seen[0]),
		       "seen[] is too short");
	defaults(conf);
	while (conf_file_line(&text, &line)) {
		p.line++;
		parse_line(&p, line);
	}
	for (unsigned i = 0; i < conf->server_count; i++)
		tls_settings_inherit(&conf->servers[i].settings,
				     conf->servers[i].given, &conf->fallback);
	return p.error_count;
}

unsigned
tls_conf_load(const char *path, struct tls_conf *conf, FILE *errors)
{
	struct conf_file file = conf_file_read(path, errors);
	unsigned count = 1;

	if (file.data != NULL)
		count = tls_conf_parse(path, span_make(file.data, file.len),
				       conf, errors);
	free(file.data);
	return count;
}

static void
print_settings(const struct server_settings *s, const char *before,
	       const char *behind, FILE *out)
{
	for (size_t i = 0; i < tls_setting_count; i++) {
		const struct tls_setting *row = &tls_settings[i];

		if (!tls_setting_shows(row, s))
			continue;
		fputs(before, out);
		row->print(row, s, out);
		fputs(behind, out);
	}
}

void
tls_conf_print(const struct tls_conf *conf, FILE *out)
{
	char text[48];

	for (size_t i = 0; i < DIRECTIVES; i++)
		print_value(&directives[i], conf, out);
	/* Each pair is a line of its own. */
	for (unsigned i = 0; i < conf->fallback.tls.pair_count; i++) {
		tls_conf_print_pair("certificate",
				    &conf->fallback.tls.pairs[i], out);
		fputc('\n', out);
	}
	for (size_t i = 1; i < tls_setting_count; i++) {
		if (!tls_setting_shows(&tls_settings[i], &conf->fallback))
			continue;
		tls_settings[i].print(&tls_settings[i], &conf->fallback, out);
		fputc('\n', out);
	}
	for (unsigned i = 0; i < conf->server_count; i++) {
		const struct server_conf *s = &conf->servers[i];

		fprintf(out, "server %s/%u", log_addr(&s->net, text),
			s->prefix);
		print_settings(&s->settings, " ", "", out);
		fputc('\n', out);
	}
}
