/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pinholed.conf(5): the defaults, the walk over the file, and what is done with
 * the whole table of directives: finding, printing, comparing.
 */
#include "io/conf.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "io/conf_file.h"
#include "io/conf_parser.h"
#include "io/log_limit.h"
#include "pinholed/terminator.h"

/* Words of one line behind the first: a full deny-list, and one to see that
 * there are too many. */
#define WORDS_MAX (POLICY_DENY_MAX + 1)

/* Services that listen at or above 1024 and that nobody must reach by way of an
 * announced data port. None is a port that FTP servers use for data. */
static const struct port_range deny_default[] = {
	{ 1433, 1434 },	  /* Microsoft SQL Server */
	{ 1521, 1521 },	  /* Oracle */
	{ 2049, 2049 },	  /* NFS */
	{ 2375, 2380 },	  /* Docker, etcd */
	{ 3128, 3128 },	  /* Squid */
	{ 3260, 3260 },	  /* iSCSI */
	{ 3306, 3306 },	  /* MySQL */
	{ 3389, 3389 },	  /* remote desktop */
	{ 5432, 5433 },	  /* PostgreSQL */
	{ 5666, 5666 },	  /* NRPE */
	{ 5900, 5910 },	  /* VNC */
	{ 5984, 5986 },	  /* CouchDB, WinRM */
	{ 6000, 6063 },	  /* X11 */
	{ 6379, 6379 },	  /* Redis */
	{ 6443, 6443 },	  /* Kubernetes */
	{ 8000, 8000 },	  /* web applications */
	{ 8080, 8081 },
	{ 8443, 8443 },
	{ 9000, 9000 },	  /* FastCGI */
	{ 9090, 9093 },	  /* Cockpit, Kafka, Prometheus */
	{ 9200, 9200 },	  /* Elasticsearch */
	{ 9300, 9300 },
	{ 10000, 10000 }, /* Webmin */
	{ 10250, 10250 }, /* kubelet */
	{ 11211, 11211 }, /* memcached */
	{ 27017, 27019 }, /* MongoDB */
};

_Static_assert(sizeof(deny_default) / sizeof(deny_default[0]) <=
		       POLICY_DENY_MAX,
	       "the default deny-list must fit");

void
conf_defaults(struct conf *conf)
{
	struct policy *policy = &conf->policy;

	memset(conf, 0, sizeof(*conf));
	policy->explicit_ports[0] = 21;
	policy->explicit_count = 1;
	policy->implicit_ports[0] = 990;
	policy->implicit_count = 1;
	memcpy(policy->deny, deny_default, sizeof(deny_default));
	policy->deny_count = sizeof(deny_default) / sizeof(deny_default[0]);
	policy->pinhole_timeout_s = 60;
	policy->window_timeout_s = 10;
	policy->grant_timeout_s = 60;
	policy->idle_timeout_s = 86400;
	policy->half_open_max = 4096;
	policy->client_sessions_max = 1024;
	policy->client_pinholes_max = 512;
	policy->session_pinholes_max = POLICY_SESSION_PINHOLES_MAX;
	policy->session_commands_max = POLICY_SESSION_COMMANDS_MAX;
	policy->fallback.opaque = POLICY_OPAQUE_GRANT;
	policy->fallback.opaque_active = POLICY_ACTIVE_REFUSE;
	policy->fallback.window = POLICY_WINDOW_LEARN;
	policy->fallback.clear_active = true;
	conf->queue_first = 2100;
	conf->queue_count = 1;
	conf->copies = 2100;
	conf->queue_length = 16384;
	conf->limits = (struct gate_limits){
		.sessions = 16384,
		.openings = 16384,
		.line_buffers = 2048,
		.segment_buffers = 256,
	};
	strcpy(conf->table, "pinholed");
	strcpy(conf->socket_path, "/run/pinholed/control.sock");
	strcpy(conf->terminator_path, TERMINATOR_DEFAULT_PATH);
	strcpy(conf->state_path, "/var/lib/pinholed/learned");
	conf->log_level = LOG_LEVEL_INFO;
	conf->log_target = LOG_TARGET_STDERR;
	conf->log_rate = LOG_LIMIT_DEFAULT;
	conf->sandbox = CONF_SANDBOX_ON;
}

/* --- messages ------------------------------------------------------------- */

__attribute__((format(printf, 4, 0))) static void
say(const struct conf_parser *p, unsigned line, const char *what,
    const char *format, va_list ap)
{
	fprintf(p->errors, "%s:%u: %s: %s", p->name, line, p->subject, what);
	vfprintf(p->errors, format, ap);
	fputc('\n', p->errors);
}

void
conf_complain(struct conf_parser *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(p, p->line, "", format, ap);
	va_end(ap);
	p->error_count++;
}

void
conf_warn_at(const struct conf_parser *p, unsigned line, const char *format,
	     ...)
{
	va_list ap;

	va_start(ap, format);
	say(p, line, "warning: ", format, ap);
	va_end(ap);
}

static const struct conf_directive *
find_directive(struct conf_parser *p, struct span word)
{
	const char *nearest = NULL;
	unsigned least = 3; /* further away is another word */
	char shown[VALUE_SHOWN];

	for (size_t i = 0; i < conf_directive_count; i++) {
		const char *name = conf_directives[i].name;
		unsigned distance = value_distance(word, name);

		if (distance == 0)
			return &conf_directives[i];
		if (distance < least) {
			least = distance;
			nearest = name;
		}
	}
	snprintf(p->subject, sizeof(p->subject), "%s", value_show(word, shown));
	if (nearest != NULL)
		conf_complain(p, "no such directive; did you mean %s?",
			      nearest);
	else
		conf_complain(p, "no such directive; pinholed.conf(5) lists "
				 "them all");
	return NULL;
}

static void
parse_line(struct conf_parser *p, struct span line)
{
	struct span words[WORDS_MAX], word = value_word(&line);
	const struct conf_directive *d;
	unsigned count = 0;
	size_t index;

	if (word.len == 0)
		return;
	d = find_directive(p, word);
	if (d == NULL)
		return;
	snprintf(p->subject, sizeof(p->subject), "%s", d->name);
	while ((word = value_word(&line)).len != 0 && count < WORDS_MAX)
		words[count++] = word;
	if (count < d->min_words || count > d->max_words) {
		conf_complain(p, "%s; write: %s %s",
			      count < d->min_words ? "a value is missing"
						   : "too many values",
			      d->name, d->usage);
		return;
	}
	index = (size_t)(d - conf_directives);
	if (d->parse != conf_server_parse && p->seen[index] != 0) {
		conf_complain(p, "line %u gives it already; keep one of them",
			      p->seen[index]);
		return;
	}
	p->seen[index] = p->line;
	d->parse(p, d, words, count);
}

/* --- the whole ------------------------------------------------------------ */

/* Sets the subject and line of what follows to directive @name. */
static void
turn_to(struct conf_parser *p, const char *name)
{
	snprintf(p->subject, sizeof(p->subject), "%s", name);
	for (size_t i = 0; i < conf_directive_count; i++)
		if (strcmp(conf_directives[i].name, name) == 0)
			p->line = p->seen[i];
}

static void
check_ports(struct conf_parser *p)
{
	const struct policy *policy = &p->conf->policy;
	uint16_t all[2 * POLICY_PORTS_MAX];
	unsigned count = 0;

	turn_to(p, "implicit-ports");
	if (p->line == 0)
		turn_to(p, "ports");
	if (policy->explicit_count + policy->implicit_count == 0 &&
	    p->error_count == 0)
		conf_complain(p, "no control port is left; write ports 21");
	for (unsigned i = 0; i < policy->explicit_count; i++)
		all[count++] = policy->explicit_ports[i];
	for (unsigned i = 0; i < policy->implicit_count; i++)
		all[count++] = policy->implicit_ports[i];
	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < i; k++)
			if (all[i] == all[k])
				conf_complain(
					p,
					"port %u stands twice in ports and "
					"implicit-ports; keep one of them",
					all[i]);
}

unsigned
conf_parse(const char *name, struct span text, struct conf *conf, FILE *errors)
{
	struct conf_parser p = { .name = name, .errors = errors, .conf = conf };
	struct span line;

	conf_defaults(conf);
	while (conf_file_line(&text, &line)) {
		p.line++;
		parse_line(&p, line);
	}
	check_ports(&p);
	conf_server_finish(&p);
	turn_to(&p, "passive-range");
	conf_server_check(&p, p.line, &conf->policy.fallback);
	return p.error_count;
}

unsigned
conf_load(const char *path, struct conf *conf, FILE *errors)
{
	struct conf_file file = conf_file_read(path, errors);
	unsigned count = 1;

	if (file.data != NULL)
		count = conf_parse(path, span_make(file.data, file.len), conf,
				   errors);
	free(file.data);
	return count;
}

void
conf_print(const struct conf *conf, FILE *out)
{
	for (size_t i = 0; i < conf_directive_count; i++)
		conf_directives[i].print(&conf_directives[i], conf, out);
}

/* The directive as the file would have it, without its newline; "" when it has
 * nothing to say. */
static void
print_directive(const struct conf_directive *d, const struct conf *conf,
		char *out, size_t size)
{
	FILE *stream = fmemopen(out, size, "w");

	memset(out, 0, size);
	if (stream == NULL)
		return;
	d->print(d, conf, stream);
	fclose(stream);
	out[strcspn(out, "\n")] = '\0';
}

unsigned
conf_restart_needed(const struct conf *old, const struct conf *new,
		    FILE *errors)
{
	char before[256], after[256];
	unsigned count = 0;

	for (size_t i = 0; i < conf_directive_count; i++) {
		const struct conf_directive *d = &conf_directives[i];

		if (!d->restart)
			continue;
		print_directive(d, old, before, sizeof(before));
		print_directive(d, new, after, sizeof(after));
		if (strcmp(before, after) == 0)
			continue;
		fprintf(errors,
			"%s: changed from `%s` to `%s`; restart to make "
			"it so\n",
			d->name, before, after);
		count++;
	}
	return count;
}
